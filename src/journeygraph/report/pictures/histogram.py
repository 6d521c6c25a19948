"""How long something takes: a histogram on a logarithmic axis of time, labelled in seconds, minutes, hours and days.

A bar's area is its share of the waits, so that wide classes don't look fuller than they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from journeygraph.report import formats

WIDTH, TOP, FLOOR = 330.0, 8.0, 92.0
_MARGIN = 8.0
#: Labels closer than this would run into each other.
_APART = 34.0
_TICKS: Final = ((1, "1 s"), (60, "1 min"), (3_600, "1 h"), (86_400, "1 d"), (7 * 86_400, "7 d"), (30 * 86_400, "30 d"))
_FINE: Final = (10, 600, 6 * 3_600)


@dataclass(frozen=True)
class TimeAxis:
    """The waits from `low` to `high` seconds on `WIDTH` units, logarithmically; shorter ones stand at its left end."""

    low: float
    high: float

    def x(self, seconds: float) -> float:
        """Position of a wait."""
        place = math.log(max(seconds, self.low) / self.low) / math.log(self.high / self.low)
        return round(_MARGIN + min(place, 1.0) * (WIDTH - 2 * _MARGIN), 1)

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Round waits within the axis, with their names.

        >>> [name for _, name in TimeAxis(30, 7200).ticks]
        ['1 min', '10 min', '1 h']
        """
        within = [(seconds, name) for seconds, name in _TICKS if self.low <= seconds <= self.high]
        if len(within) < 4:
            within += [(each, formats.duration(each)) for each in _FINE if self.low <= each <= self.high]
        apart: list[tuple[float, str]] = []
        for seconds, name in sorted(within):
            if not apart or self.x(seconds) - apart[-1][0] >= _APART:
                apart.append((self.x(seconds), name))
        return tuple(apart)


@dataclass(frozen=True)
class Class:
    """The waits between two bounds, as a bar."""

    x: float
    width: float
    y: float
    height: float
    title: str


@dataclass(frozen=True)
class Histogram:
    """Bars with the places of the median and the 90th percentile."""

    bars: tuple[Class, ...]
    median_x: float
    p90_x: float
    box: tuple[float, float]
    axis: TimeAxis


def time_axis(edges: Sequence[float], counts: Sequence[Sequence[int]]) -> TimeAxis:
    """An axis for all of these distributions over the same classes.

    >>> time_axis([0, 1, 60, 3600], [[0, 0, 3, 0]])
    TimeAxis(low=60, high=3600)
    """
    used = [place for place in range(len(edges)) if any(line[place] for line in counts)] or [0]
    bounds = _bounds(edges)
    return TimeAxis(bounds[used[0]][0], bounds[used[-1]][1])


def histogram(
    edges: Sequence[float], counts: Sequence[int], quantiles: tuple[float, float, float, float], axis: TimeAxis
) -> Histogram:
    """The distribution of waits in classes that begin at `edges`; quantiles: 25 %, 50 %, 75 % and 90 %."""
    total = sum(counts)
    spans = [(axis.x(low), axis.x(high)) for low, high in _bounds(edges)]
    heights = [
        count / (right - left) if right > left else 0.0 for count, (left, right) in zip(counts, spans, strict=True)
    ]
    scale = (FLOOR - TOP) / (max(heights) or 1.0)
    p25, median, p75, p90 = (axis.x(each) for each in quantiles)
    return Histogram(
        bars=tuple(
            Class(
                x=left,
                width=round(max(right - left - 1, 0.5), 1),
                y=round(FLOOR - height * scale, 1),
                height=round(height * scale, 1),
                title=f"{_span(edges, place)}: {formats.count(count)} of {formats.count(total)} "
                f"({formats.percent(count / total)})",
            )
            for place, (count, height, (left, right)) in enumerate(zip(counts, heights, spans, strict=True))
            if count
        ),
        median_x=median,
        p90_x=p90,
        box=(p25, p75),
        axis=axis,
    )


def _bounds(edges: Sequence[float]) -> list[tuple[float, float]]:
    """What each class covers on the axis: no logarithm of nothing, and an end to the last."""
    lows = [edges[1] / 2 if place == 0 and not edge else edge for place, edge in enumerate(edges)]
    return list(zip(lows, [*edges[1:], edges[-1] * 2], strict=True))


def _span(edges: Sequence[float], place: int) -> str:
    if place + 1 == len(edges):
        return f"{formats.duration(edges[place])} and more"
    if not edges[place]:
        return f"less than {formats.duration(edges[place + 1])}"
    return f"{formats.duration(edges[place])} to {formats.duration(edges[place + 1])}"
