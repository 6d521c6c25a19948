"""An estimate with its interval on an axis."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property


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
