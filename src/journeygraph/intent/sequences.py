"""Sequences of items as two integer arrays, and what an engine is told and answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

#: A pattern: codes of items, in order.
Codes = tuple[int, ...]
#: A pattern and the sequences that hold it (indices, ascending).
Found = tuple[Codes, NDArray[np.int64]]


@dataclass
class Limits:
    """What an engine may leave out.  `minimum_support` may rise while it runs: patterns below it are of no more use."""

    minimum_support: int
    max_length: int | None = None
    max_gap: int | None = None  # items between neighbours
    max_gap_seconds: float | None = None  # between neighbours; needs times
    max_span_seconds: float | None = None  # from the first to the last; needs times
    excluded: frozenset[int] = frozenset()  # codes that no pattern has

    @property
    def free(self) -> bool:
        """Whether anything may lie between neighbours."""
        return self.max_gap is None and not self.timed

    @property
    def timed(self) -> bool:
        """Whether a limit is in time."""
        return self.max_gap_seconds is not None or self.max_span_seconds is not None


@dataclass(frozen=True)
class Sequences:
    """S sequences with N items in all: sequence s is `codes[offsets[s]:offsets[s + 1]]`; codes index `items`."""

    codes: NDArray[np.int64]  # N
    offsets: NDArray[np.int64]  # S + 1
    items: Sequence[Any]  # sorted
    times_us: NDArray[np.int64] | None = None  # N, ascending within a sequence; limits in time need them

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def sequence_of(self) -> NDArray[np.int64]:
        """Index of the sequence of each item (N)."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def names(self, codes: Codes) -> list[Any]:
        """The items that codes stand for."""
        return [self.items[code] for code in codes]

    @classmethod
    def of(cls, sequences: Iterable[Iterable[Any]]) -> Self:
        """Sequences of any items that can be ordered.

        >>> Sequences.of([[5, 1], [5]]).codes.tolist()
        [1, 0, 1]
        """
        index: dict[Any, int] = {}
        parts = [[index.setdefault(item, len(index)) for item in sequence] for sequence in sequences]
        items = sorted(index)
        rank = np.zeros(len(items), dtype=np.int64)
        for position, item in enumerate(items):
            rank[index[item]] = position
        flat = np.fromiter((code for part in parts for code in part), dtype=np.int64, count=sum(map(len, parts)))
        return cls(rank[flat], np.cumsum([0, *map(len, parts)], dtype=np.int64), items)
