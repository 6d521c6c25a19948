"""How long mining may take, how much memory it may use, and whom it tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

_MEGABYTE = 1 << 20


def _nobody(_done: int, _total: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class Budget:
    """Limits of a search; None: none.  The clock runs from when this is made.

    `progress` is called with the first items done and all of them; at the end both are the same.

    >>> Budget().left(), Budget(megabytes=1).bytes
    (inf, 1048576)
    """

    seconds: float | None = None
    megabytes: float | None = None
    progress: Callable[[int, int], None] = _nobody
    started: float = field(default_factory=monotonic)

    @property
    def bytes(self) -> float:
        """Bytes that the search may use."""
        return float("inf") if self.megabytes is None else self.megabytes * _MEGABYTE

    def left(self) -> float:
        """Seconds that are left; never below zero."""
        return float("inf") if self.seconds is None else max(0.0, self.started + self.seconds - monotonic())

    def out_of_time(self) -> str:
        """What to say when time is up."""
        return f"The time of {self.seconds or 0:g} s was up: these are not all patterns, but their figures are right."

    def out_of_memory(self) -> str:
        """What to say when the memory is used up."""
        return f"The memory of {self.megabytes:g} MB was full: these are not all patterns, but their figures are right."
