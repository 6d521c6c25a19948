"""The step graph as a drawing: steps as boxes, transitions as arrows as wide as they are common, findings as marks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journeygraph.report.pictures.node_layout import BOX_HEIGHT, BOX_WIDTH, Box, Pair, place
from journeygraph.schema import OTHER

_THIN, _THICK = 1.0, 9.0
_BOW = 0.13
_BADGE: Final = 10.0
#: Places along an arrow where a mark may stand, the best first.
_ALONG: Final = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8)
Point = tuple[float, float]


@dataclass(frozen=True)
class Badge:
    """The number of a finding where it belongs."""

    x: float
    y: float
    rank: int


@dataclass(frozen=True)
class Arrow:
    """A transition: its line, the head of it, and how wide it is."""

    pair: Pair
    line: str
    head: str
    width: float
    hot: bool
    rest: bool


@dataclass(frozen=True)
class StepGraph:
    """The drawing."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    badges: tuple[Badge, ...]
    hot: frozenset[str]
    width: float
    height: float
    box_width: float = BOX_WIDTH
    box_height: float = BOX_HEIGHT


def arrow_width(journeys: int, most: int) -> float:
    """Width of an arrow.

    >>> arrow_width(10, 10), arrow_width(0, 10)
    (9.0, 1.0)
    """
    return round(_THIN + (_THICK - _THIN) * journeys / most, 1)


def step_graph(
    positions: Mapping[str, float],
    journeys: Mapping[Pair, int],
    on_steps: Mapping[str, Sequence[int]],
    on_pairs: Mapping[Pair, Sequence[int]],
) -> StepGraph:
    """Steps by their mean position, transitions by their journeys; findings by number on steps and transitions.

    >>> drawing = step_graph({"view": 1.0, "cart": 2.0}, {("view", "cart"): 5}, {"cart": [1]}, {("view", "cart"): [2]})
    >>> sorted(badge.rank for badge in drawing.badges), drawing.arrows[0].hot
    ([1, 2], True)
    """
    boxes = place(positions, journeys)
    most = max(journeys.values(), default=1)
    curves = {pair: _curve(boxes[pair[0]], boxes[pair[1]]) for pair in sorted(journeys)}
    badges = [
        Badge(round(box.x + BOX_WIDTH / 2 - 6 - 2 * _BADGE * number, 1), round(box.y - BOX_HEIGHT / 2 - 4, 1), rank)
        for name, box in boxes.items()
        for number, rank in enumerate(on_steps.get(name, ()))
    ]
    for pair in sorted(on_pairs):
        for rank in on_pairs[pair]:
            badges.append(_free(curves[pair], rank, list(boxes.values()), badges))
    width = max(box.x for box in boxes.values()) + BOX_WIDTH / 2 + 4
    return StepGraph(
        boxes=tuple(boxes.values()),
        arrows=tuple(
            _arrow(pair, curves[pair], arrow_width(journeys[pair], most), hot=pair in on_pairs)
            for pair in sorted(journeys, key=lambda pair: (pair in on_pairs, journeys[pair], pair))
        ),
        badges=tuple(badges),
        hot=frozenset(on_steps),
        width=width,
        height=round(max(box.y for box in boxes.values()) + BOX_HEIGHT / 2 + 22, 1),
    )


def _curve(source: Box, target: Box) -> tuple[Point, Point, Point]:
    """Begin, control point and end of a line that bows to its right, so that the way there and back lie apart."""
    if source.name == target.name:
        top = source.y - BOX_HEIGHT / 2
        return (source.x - 26, top), (source.x, top - 34), (source.x + 26, top - 3)
    dx, dy = target.x - source.x, target.y - source.y
    bow = _BOW if source.column != target.column else 0.55
    middle = ((source.x + target.x) / 2 - dy * bow, (source.y + target.y) / 2 + dx * bow)
    return source.border(*middle), middle, target.border(*middle, room=5.0)


def _arrow(pair: Pair, curve: tuple[Point, Point, Point], width: float, *, hot: bool) -> Arrow:
    (x0, y0), (x1, y1), (x2, y2) = curve
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    size = 7.0 + width * 0.6
    bx, by = x2 - ux * size, y2 - uy * size
    half = size * 0.5
    head = f"M{x2:.1f},{y2:.1f}L{bx - uy * half:.1f},{by + ux * half:.1f}L{bx + uy * half:.1f},{by - ux * half:.1f}Z"
    return Arrow(pair, f"M{x0:.1f},{y0:.1f}Q{x1:.1f},{y1:.1f} {bx:.1f},{by:.1f}", head, width, hot, OTHER in pair)


def _free(curve: tuple[Point, Point, Point], rank: int, boxes: list[Box], badges: list[Badge]) -> Badge:
    """A mark on the line where it hides neither a box nor another mark, if there is such a place."""
    spots = [_at(curve, along) for along in _ALONG]
    free = (
        (x, y)
        for x, y in spots
        if not any(box.covers(x, y, _BADGE) for box in boxes)
        and not any(math.hypot(x - badge.x, y - badge.y) < 2 * _BADGE + 1 for badge in badges)
    )
    x, y = next(free, spots[rank % len(spots)])
    return Badge(round(x, 1), round(y, 1), rank)


def _at(curve: tuple[Point, Point, Point], along: float) -> Point:
    (x0, y0), (x1, y1), (x2, y2) = curve
    back = 1 - along
    return (
        back * back * x0 + 2 * back * along * x1 + along * along * x2,
        back * back * y0 + 2 * back * along * y1 + along * along * y2,
    )
