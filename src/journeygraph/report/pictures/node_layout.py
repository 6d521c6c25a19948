"""Where the boxes of a step graph stand: in columns by how early the step comes, ordered so that lines cross little."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from journeygraph.schema import END, OTHER, START

BOX_WIDTH, BOX_HEIGHT = 122.0, 40.0
COLUMN, PITCH, TOP = 152.0, 80.0, 20.0
#: Boxes in a column at most.
TALL: Final = 5
_SWEEPS = 6
Pair = tuple[str, str]


@dataclass(frozen=True)
class Box:
    """A step's place: the centre of its box."""

    name: str
    column: int
    x: float
    y: float

    def border(self, x: float, y: float, room: float = 3.0) -> tuple[float, float]:
        """Where a line from the centre towards a point leaves the box."""
        dx, dy = x - self.x, y - self.y
        reach = min(
            (BOX_WIDTH / 2 + room) / abs(dx) if dx else math.inf, (BOX_HEIGHT / 2 + room) / abs(dy) if dy else math.inf
        )
        return self.x + dx * min(reach, 0.49), self.y + dy * min(reach, 0.49)

    def covers(self, x: float, y: float, room: float) -> bool:
        """Whether a point lies in the box or closer to it than `room`."""
        return abs(x - self.x) < BOX_WIDTH / 2 + room and abs(y - self.y) < BOX_HEIGHT / 2 + room


def place(positions: Mapping[str, float], weights: Mapping[Pair, int]) -> dict[str, Box]:
    """Boxes for steps with their mean position in the journey; `weights` say how strongly two are connected.

    `(start)` stands before the first column, `(end)` after the last, `(other)` below all.

    >>> boxes = place({"cart": 2.0, "view": 1.0}, {("view", "cart"): 3})
    >>> [(box.name, box.column) for box in boxes.values()]
    [('view', 1), ('cart', 2)]
    """
    outer = (START, END, OTHER)
    inner = sorted((name for name in positions if name not in outer), key=lambda name: (positions[name], name))
    first, last = ([name] if name in positions else [] for name in (START, END))
    ordered = _ordered([first, *_columns(inner), last], weights)
    tallest = max(len(names) for names in ordered)
    boxes: dict[str, Box] = {}
    for column, names in enumerate(ordered):
        above = (tallest - len(names)) * PITCH / 2
        for row, name in enumerate(names):
            y = TOP + BOX_HEIGHT / 2 + above + PITCH * row + (column % 2) * PITCH / 4
            boxes[name] = Box(name, column, BOX_WIDTH / 2 + 4 + COLUMN * column, y)
    if OTHER in positions:  # at no place in the journey: below all of them
        middle, below = (len(ordered) - 1) / 2, TOP + BOX_HEIGHT / 2 + PITCH * (tallest + 0.1)
        boxes[OTHER] = Box(OTHER, -1, BOX_WIDTH / 2 + 4 + COLUMN * middle, below)
    return boxes


def _columns(names: Sequence[str]) -> list[list[str]]:
    """Names in their order, split into columns of about the same height."""
    amount = max(math.ceil(len(names) / TALL), min(len(names), 3), 1)
    bounds = [round(len(names) * k / amount) for k in range(amount + 1)]
    return [list(names[low:high]) for low, high in pairwise(bounds)]


def _ordered(columns: list[list[str]], weights: Mapping[Pair, int]) -> list[list[str]]:
    """Each column in the order of what its members are connected with, swept to and fro."""
    neighbours: dict[str, list[tuple[str, int]]] = {}
    for (source, target), weight in sorted(weights.items()):
        neighbours.setdefault(source, []).append((target, weight))
        neighbours.setdefault(target, []).append((source, weight))
    height = {name: (row + 0.5) / len(names) for names in columns for row, name in enumerate(names)}
    for sweep in range(_SWEEPS):
        for names in columns if sweep % 2 == 0 else reversed(columns):
            wanted = {name: _mean(name, neighbours, height) for name in names}
            names.sort(key=lambda name: (wanted[name], name))
            height |= {name: (row + 0.5) / len(names) for row, name in enumerate(names)}
    return columns


def _mean(name: str, neighbours: Mapping[str, list[tuple[str, int]]], height: Mapping[str, float]) -> float:
    near = [(height[other], weight) for other, weight in neighbours.get(name, ()) if other in height and other != name]
    total = sum(weight for _, weight in near)
    return round(sum(place * weight for place, weight in near) / total, 9) if total else height[name]
