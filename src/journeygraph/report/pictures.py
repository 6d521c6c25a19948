"""Small pictures as geometry; the templates draw them, so that every text in them is escaped like any other."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise


@dataclass(frozen=True)
class Bar:
    """A share with its interval, where it has one, drawn to a scale that its neighbours have too."""

    label: str
    share: float
    text: str
    tone: str
    low: float | None = None
    high: float | None = None
    note: str = ""
    href: str = ""


def bar_scale(bars: tuple[Bar, ...]) -> float:
    """The value at the right end of the bars' track: what the longest needs and a little more.

    >>> bar_scale((Bar("a", 0.2, "", "observed", 0.1, 0.3), Bar("b", 0.05, "", "expected")))
    0.33
    """
    longest = max((max(bar.share, bar.high or 0.0) for bar in bars), default=0.0)
    return round(longest * 1.1, 4) if longest > 0 else 1.0


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval on an axis that shows `reference`, where there would be nothing to find."""

    low: float
    value: float
    high: float
    reference: float
    caption: str
    text: str
    show: Callable[[float], str]

    WIDTH = 400.0
    MARGIN = 14.0

    @cached_property
    def _ends(self) -> tuple[float, float]:
        low, high = min(self.low, self.reference, self.value), max(self.high, self.reference, self.value)
        room = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
        return low - room, high + room

    def x(self, value: float) -> float:
        """Position of a value."""
        low, high = self._ends
        return round(self.MARGIN + (value - low) / (high - low) * (self.WIDTH - 2 * self.MARGIN), 1)

    def anchor(self, value: float) -> str:
        """How a label stands at its tick, so that none is cut off at an edge."""
        place = self.x(value)
        return "start" if place < 3 * self.MARGIN else "end" if place > self.WIDTH - 3 * self.MARGIN else "middle"

    @property
    def ticks(self) -> tuple[float, ...]:
        """Three to six round values within the axis.

        >>> Interval(0.12, 0.16, 0.21, 0.0, "", "", str).ticks
        (0.0, 0.1, 0.2)
        """
        low, high = self._ends
        rough = (high - low) / 4
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
        first = math.ceil(low / step)
        last = math.floor(high / step)
        return tuple(round(step * index, 10) + 0.0 for index in range(first, last + 1))


@dataclass(frozen=True)
class Spot:
    """A named box."""

    label: str
    x: float
    y: float


@dataclass(frozen=True)
class Cycle:
    """Steps that lead back to the first: boxes on an ellipse (or beside each other) and the arrows between them."""

    spots: tuple[Spot, ...]
    arrows: tuple[str, ...]
    width: float
    height: float

    BOX_WIDTH = 132.0
    BOX_HEIGHT = 30.0


def cycle(steps: tuple[str, ...]) -> Cycle:
    """A drawing of the cycle through these steps, each named once.

    >>> drawing = cycle(("cart", "coupon"))
    >>> [spot.label for spot in drawing.spots], len(drawing.arrows)
    (['cart', 'coupon'], 2)
    """
    if len(steps) < 3:
        return _pair(steps)
    width, height = 400.0, 110.0 + 24.0 * len(steps)
    centre_x, centre_y = width / 2, height / 2
    radius_x, radius_y = width / 2 - Cycle.BOX_WIDTH / 2 - 6, height / 2 - Cycle.BOX_HEIGHT / 2 - 8
    angles = [2 * math.pi * index / len(steps) - math.pi / 2 for index in range(len(steps))]
    spots = tuple(
        Spot(step, round(centre_x + radius_x * math.cos(angle), 1), round(centre_y + radius_y * math.sin(angle), 1))
        for step, angle in zip(steps, angles, strict=True)
    )
    arrows = tuple(_straight(spots[index], spots[(index + 1) % len(spots)]) for index in range(len(spots)))
    return Cycle(spots, arrows, width, height)


def _pair(steps: tuple[str, ...]) -> Cycle:
    width, height, y = 400.0, 96.0, 48.0
    if len(steps) == 1:
        spot = Spot(steps[0], width / 2, y + 16)
        return Cycle(
            (spot,),
            (f"M{spot.x + 40},{spot.y - 15}C{spot.x + 40},2 {spot.x - 40},2 {spot.x - 40},{y - 2}",),
            width,
            height,
        )
    left, right = Spot(steps[0], 72, y), Spot(steps[1], 328, y)
    there = f"M{left.x + 50},{y - 15}C{left.x + 90},6 {right.x - 90},6 {right.x - 50},{y - 17}"
    back = f"M{right.x - 50},{y + 15}C{right.x - 90},90 {left.x + 90},90 {left.x + 50},{y + 17}"
    return Cycle((left, right), (there, back), width, height)


def _straight(source: Spot, target: Spot) -> str:
    """A line from border to border of two boxes."""
    x0, y0 = _border(source, target)
    x1, y1 = _border(target, source)
    return f"M{x0:.1f},{y0:.1f}L{x1:.1f},{y1:.1f}"


def _border(box: Spot, towards: Spot) -> tuple[float, float]:
    dx, dy = towards.x - box.x, towards.y - box.y
    half_width, half_height = Cycle.BOX_WIDTH / 2 + 5, Cycle.BOX_HEIGHT / 2 + 5
    reach = min(half_width / abs(dx) if dx else math.inf, half_height / abs(dy) if dy else math.inf)
    return box.x + dx * min(reach, 0.45), box.y + dy * min(reach, 0.45)


@dataclass(frozen=True)
class ChainLink:
    """An arrow between two boxes, crossed out where no way leads."""

    x0: float
    x1: float
    cut: bool

    @property
    def middle(self) -> float:
        """Where it is crossed out."""
        return (self.x0 + self.x1) / 2


@dataclass(frozen=True)
class ChainSpot:
    """A box of a chain; a hot one is what the finding is about."""

    label: str
    x: float
    hot: bool


@dataclass(frozen=True)
class Chain:
    """Boxes in a row with the arrows between them."""

    spots: tuple[ChainSpot, ...]
    links: tuple[ChainLink, ...]
    box_width: float
    letters: int


def chain(labels: tuple[str, ...], hot: int, *, cut: bool) -> Chain:
    """Two or three boxes in a row; box `hot` is marked, and with `cut` no way leads along the arrows.

    >>> drawing = chain(("form", "(goal)"), 0, cut=True)
    >>> [spot.label for spot in drawing.spots], [link.cut for link in drawing.links]
    (['form', '(goal)'], [True])
    """
    width = 132.0 if len(labels) < 3 else 106.0
    first, last = width / 2 + 2, 398 - width / 2
    places = [first + (last - first) * index / (len(labels) - 1) for index in range(len(labels))]
    spots = tuple(
        ChainSpot(label, x, index == hot) for index, (label, x) in enumerate(zip(labels, places, strict=True))
    )
    links = tuple(ChainLink(left + width / 2 + 4, right - width / 2 - 4, cut) for left, right in pairwise(places))
    return Chain(spots, links, width, 19 if len(labels) < 3 else 15)
