"""Where the path picture's nodes and ribbons lie: a layered layout, computed here so that the page needs no script.

A node is a step at a level; its height is the number of journeys that pass it.  Within a level, nodes are ordered
by where their journeys come from (the barycentre of their sources), which keeps ribbons from crossing; `(other)` comes
below the named steps, and what starts with `(end)` at the bottom.  Nothing is dropped: the ribbons into a node add up
to its height, and so do the ribbons out of it, save in the last column and for `(end)`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from journeygraph.schema import END, OTHER

NODE_WIDTH = 14.0
LABEL_WIDTH = 150.0
TOP = 30.0
NODE_GAP = 16.0
#: Ribbons thinner than this are drawn paler: many of them together say little.
THIN = 2.5

Key = tuple[int, str]


@dataclass(frozen=True)
class Flow:
    """Journeys that go from a step at `level` to a step at the next level."""

    source: str
    target: str
    level: int
    journeys: int


@dataclass(frozen=True)
class Node:
    """A step at a level, as a box."""

    step: str
    level: int
    journeys: int
    x: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        """Height of its label."""
        return round(self.y + self.height / 2, 1)


@dataclass(frozen=True)
class Ribbon:
    """A flow as a filled path; `d` is SVG path data, `share` its part of the source's journeys."""

    flow: Flow
    share: float
    thin: bool
    d: str


@dataclass(frozen=True)
class Picture:
    """The whole drawing in user units; `columns` are the levels' x positions."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]
    columns: tuple[float, ...]


def layout(flows: Iterable[Flow], *, height: float = 560.0, column_width: float = 210.0) -> Picture | None:
    """Place nodes and ribbons; None where there are no flows.

    >>> picture = layout([Flow("(start)", "view", 0, 9), Flow("view", "cart", 1, 4), Flow("view", "(end)", 1, 5)])
    >>> [(node.step, node.journeys) for node in picture.nodes]
    [('(start)', 9), ('view', 9), ('cart', 4), ('(end)', 5)]
    """
    kept = sorted(
        (flow for flow in flows if flow.journeys > 0), key=lambda flow: (flow.level, flow.source, flow.target)
    )
    if not kept:
        return None
    sizes = _sizes(kept)
    levels = _ordered(kept, sizes)
    scale = min((height - NODE_GAP * (len(keys) - 1)) / sum(sizes[key] for key in keys) for keys in levels.values())
    scale = max(scale, 0.0) or height / max(sizes.values())
    first = min(levels)
    boxes = {
        node_key: node
        for level, keys in levels.items()
        for node_key, node in _column(level, keys, sizes, scale, x=4 + (level - first) * column_width).items()
    }
    lowest = max(node.y + node.height for node in boxes.values())
    columns = tuple(4 + (level - first) * column_width for level in sorted(levels))
    return Picture(
        width=columns[-1] + NODE_WIDTH + LABEL_WIDTH,
        height=round(lowest + NODE_GAP, 1),
        nodes=tuple(boxes[key] for level in sorted(levels) for key in levels[level]),
        ribbons=tuple(_ribbons(kept, boxes, scale)),
        columns=columns,
    )


def _sizes(flows: Iterable[Flow]) -> dict[Key, int]:
    inflow: dict[Key, int] = defaultdict(int)
    outflow: dict[Key, int] = defaultdict(int)
    for flow in flows:
        outflow[flow.level, flow.source] += flow.journeys
        inflow[flow.level + 1, flow.target] += flow.journeys
    return {key: max(inflow[key], outflow[key]) for key in {*inflow, *outflow}}


def _ordered(flows: Iterable[Flow], sizes: Mapping[Key, int]) -> dict[int, list[Key]]:
    """Keys of each level from top to bottom."""
    into: dict[Key, list[Flow]] = defaultdict(list)
    for flow in flows:
        into[flow.level + 1, flow.target].append(flow)
    place: dict[Key, float] = {}
    levels: dict[int, list[Key]] = {}
    for level in sorted({level for level, _ in sizes}):
        keys = [key for key in sizes if key[0] == level]
        centre = {key: _barycentre(into[key], place) for key in keys}
        keys.sort(key=lambda key: (key[1].startswith(END), key[1] == OTHER, centre[key], -sizes[key], key[1]))
        total, seen = sum(sizes[key] for key in keys), 0.0
        for key in keys:
            place[key] = (seen + sizes[key] / 2) / total
            seen += sizes[key]
        levels[level] = keys
    return levels


def _barycentre(flows: Iterable[Flow], place: Mapping[Key, float]) -> float:
    weighted = [(flow.journeys, place.get((flow.level, flow.source), 0.0)) for flow in flows]
    total = sum(weight for weight, _ in weighted)
    return sum(weight * position for weight, position in weighted) / total if total else 0.0


def _column(level: int, keys: list[Key], sizes: Mapping[Key, int], scale: float, x: float) -> dict[Key, Node]:
    nodes: dict[Key, Node] = {}
    y = TOP
    for key in keys:
        tall = max(sizes[key] * scale, 1.0)
        nodes[key] = Node(key[1], level, sizes[key], x, round(y, 1), round(tall, 1))
        y += tall + NODE_GAP
    return nodes


def _ribbons(flows: list[Flow], boxes: Mapping[Key, Node], scale: float) -> Iterable[Ribbon]:
    """Ribbons leave and arrive in the vertical order of what they connect, so that they don't twist."""
    leave: dict[Key, float] = defaultdict(float)
    arrive: dict[Key, float] = defaultdict(float)
    starts: dict[Flow, float] = {}
    for flow in sorted(flows, key=lambda flow: boxes[flow.level + 1, flow.target].y):
        starts[flow] = leave[flow.level, flow.source]
        leave[flow.level, flow.source] += flow.journeys * scale
    for flow in sorted(flows, key=lambda flow: (flow.level, boxes[flow.level, flow.source].y)):
        source, target = boxes[flow.level, flow.source], boxes[flow.level + 1, flow.target]
        y0, y1 = source.y + starts[flow], target.y + arrive[flow.level + 1, flow.target]
        arrive[flow.level + 1, flow.target] += flow.journeys * scale
        thick = flow.journeys * scale
        d = _band(source.x + NODE_WIDTH, y0, target.x, y1, max(thick, 0.6))
        yield Ribbon(flow, flow.journeys / source.journeys, thick < THIN, d)


def _band(x0: float, y0: float, x1: float, y1: float, thick: float) -> str:
    middle = (x0 + x1) / 2
    return (
        f"M{x0:.1f},{y0:.1f}C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
        f"V{y1 + thick:.1f}C{middle:.1f},{y1 + thick:.1f} {middle:.1f},{y0 + thick:.1f} {x0:.1f},{y0 + thick:.1f}Z"
    )
