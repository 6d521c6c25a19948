"""Shares as bars, with the interval where there is one."""

from __future__ import annotations

from dataclasses import dataclass


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
