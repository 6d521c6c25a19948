"""How long mining may take, how much memory it may use, and whom it tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic

import psutil

_MEGABYTE = 1 << 20
#: What a search takes of the memory that is free, where nobody says how much it may use.
SHARE_OF_FREE = 0.7


def _nobody(_done: int, _total: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class Budget:
    """Limits of a search; None: no limit in time, and 70 % of the memory that is free when a search first wants more.

    The clock runs from when this is made.

    `progress` is called with the first items done and all of them; at the end both are the same.

    >>> Budget().left(), Budget(megabytes=1).bytes
    (inf, 1048576)
    >>> Budget().bytes > Budget(megabytes=1).bytes
    True
    """

    seconds: float | None = None
    megabytes: float | None = None
    patterns: int | None = None  # the search ends once it knows that there are more
    progress: Callable[[int, int], None] = _nobody
    started: float = field(default_factory=monotonic)

    @cached_property
    def bytes(self) -> float:
        """Bytes that the search may use."""
        if self.megabytes is None:
            return SHARE_OF_FREE * psutil.virtual_memory().available
        return self.megabytes * _MEGABYTE

    def left(self) -> float:
        """Seconds that are left; never below zero."""
        return float("inf") if self.seconds is None else max(0.0, self.started + self.seconds - monotonic())

    def out_of_time(self) -> str:
        """What to say when time is up."""
        return f"The time of {self.seconds or 0:g} s was up: these are not all patterns, but their figures are right."

    def out_of_memory(self) -> str:
        """What to say when the memory is used up."""
        megabytes = self.bytes / _MEGABYTE
        return f"The memory of {megabytes:,.0f} MB was full: these are not all patterns, but their figures are right."

    def too_many(self, patterns: int) -> bool:
        """Whether this is more than was asked for."""
        return self.patterns is not None and patterns > self.patterns

    def out_of_patterns(self) -> str:
        """What to say when there are more patterns than anybody wants."""
        return f"There are more than {self.patterns:,} patterns: these are not all, but their figures are right."
