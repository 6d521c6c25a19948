"""A finding from report to report: its share as a dot with its interval, the shape of the dot its status."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH, TOP, FLOOR, LEFT = 400.0, 12.0, 92.0, 52.0
#: Outline of each status about (0, 0): told apart by shape as well as by colour.
OUTLINES: Final = {
    "new": "m-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0Z",
    "worse": "m0,-6l6,10.5h-12Z",
    "better": "m0,6l6,-10.5h-12Z",
    "same": "m-4,-4h8v8h-8Z",
    "closed": "m-5,-5l10,10m0,-10l-10,10",
}


@dataclass(frozen=True)
class Dot:
    """A report: where its dot stands, from where to where the whisker goes, and what they say."""

    x: float
    y: float
    whisker: tuple[float, float] | None
    status: str
    outline: str
    title: str


@dataclass(frozen=True)
class Axis:
    """A label below the picture."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Drawing:
    """Dots from the earliest report to this one, the line between them, and the labels."""

    dots: tuple[Dot, ...]
    line: str
    labels: tuple[Axis, ...]
    bottom: float
    top: float


def drawing(
    shares: Sequence[tuple[float, float, float] | None],
    statuses: Sequence[str],
    days: Sequence[str],
    titles: Sequence[str],
) -> Drawing:
    """Low, share and high of each report (None: the finding was closed), evenly spaced.

    The axis begins at nothing, or where all shares are far from it, closer to them.

    >>> picture = drawing([(0.1, 0.2, 0.3), None], ["new", "closed"], ["2026-01-01", "2026-02-01"], ["", ""])
    >>> [(dot.y, dot.status) for dot in picture.dots], picture.bottom, picture.top
    ([(38.7, 'new'), (92.0, 'closed')], 0.0, 0.3)
    """
    bottom, top = _axis([each for each in shares if each])
    room = (WIDTH - LEFT - 36) / max(len(shares) - 1, 1)
    places = [round(LEFT + 18 + room * number, 1) for number in range(len(shares))]
    dots = tuple(
        _dot(x, each, status, title, bottom, top)
        for x, each, status, title in zip(places, shares, statuses, titles, strict=True)
    )
    return Drawing(
        dots=dots,
        line=_line(dots),
        labels=tuple(_labels(places, days)),
        bottom=bottom,
        top=top,
    )


def _axis(shares: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """Where the axis begins and ends, in whole percent where it does not begin at nothing."""
    low, high = min((each[0] for each in shares), default=0.0), max((each[2] for each in shares), default=1.0) or 1.0
    if low < 0.4 * high:
        return 0.0, high
    room = max(high - low, 0.05)
    return max(math.floor(100 * (low - 0.5 * room)) / 100, 0.0), min(math.ceil(100 * (high + 0.2 * room)) / 100, 1.0)


def _dot(x: float, share: tuple[float, float, float] | None, status: str, title: str, bottom: float, top: float) -> Dot:
    def height(value: float) -> float:
        return round(FLOOR - (FLOOR - TOP) * (value - bottom) / (top - bottom), 1)

    outline = OUTLINES.get(status, OUTLINES["new"])
    if share is None:
        return Dot(x, FLOOR, None, status, f"M{x},{FLOOR}{outline}", title)
    low, value, high = share
    return Dot(x, height(value), (height(low), height(high)), status, f"M{x},{height(value)}{outline}", title)


def _line(dots: Sequence[Dot]) -> str:
    """From dot to dot, with a gap where the finding was closed."""
    parts, down = [], False
    for dot in dots:
        if dot.whisker:
            parts.append(f"{'L' if down else 'M'}{dot.x},{dot.y}")
        down = dot.whisker is not None
    return "".join(parts)


def _labels(places: Sequence[float], days: Sequence[str]) -> list[Axis]:
    """A day below each dot where there is room, else below the first and the last."""
    shown = range(len(days)) if len(days) <= 4 else (0, len(days) - 1)
    return [
        Axis(
            places[k] - 18 if k == 0 else WIDTH if k == len(days) - 1 else places[k],
            days[k],
            "start" if k == 0 else "end" if k == len(days) - 1 else "middle",
        )
        for k in shown
    ]
