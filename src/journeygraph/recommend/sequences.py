"""Item sequences as columns: what strategies learn from, be they journeys, sessions or lines of a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Sequences:
    """S sequences of items (I distinct, N in all): sequence s holds `codes[offsets[s]:offsets[s + 1]]`, in order.

    Codes index `items`, which are sorted.  Sequences stand in the order of their beginnings, the earliest first.
    """

    items: Sequence[str]
    offsets: Codes  # S + 1
    codes: Codes  # N

    @classmethod
    def from_lists(cls, lists: Iterable[Sequence[str]]) -> Self:
        """Sequences of item ids, in their order.

        >>> sequences = Sequences.from_lists([["b", "a"], ["b"]])
        >>> sequences.items, sequences.codes.tolist(), sequences.offsets.tolist()
        (['a', 'b'], [1, 0, 1], [0, 2, 3])
        """
        given = [list(items) for items in lists]
        names, codes = np.unique(
            np.array([item for items in given for item in items], dtype=object), return_inverse=True
        )
        lengths = [len(items) for items in given]
        return cls(names.tolist(), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), codes.astype(np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def n_items(self) -> int:
        """Number of distinct items."""
        return len(self.items)

    @cached_property
    def sequence_of(self) -> Codes:
        """Index of the sequence of each element (N)."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @cached_property
    def counts(self) -> Codes:
        """How often each item occurs (I)."""
        return np.bincount(self.codes, minlength=self.n_items).astype(np.int64)

    @cached_property
    def index(self) -> dict[str, int]:
        """Code of each item."""
        return {item: code for code, item in enumerate(self.items)}

    @cached_property
    def pairs(self) -> tuple[Codes, Codes]:
        """Distinct pairs of a sequence and an item that it holds: sequences and items, sorted in this order."""
        distinct = np.unique(self.sequence_of * max(self.n_items, 1) + self.codes)
        return distinct // max(self.n_items, 1), distinct % max(self.n_items, 1)

    def lists(self) -> list[list[str]]:
        """The sequences as lists of items, in order."""
        names = [self.items[code] for code in self.codes.tolist()]
        bounds = self.offsets.tolist()
        return [names[begin:end] for begin, end in pairwise(bounds)]

    def encode(self, items: Iterable[str]) -> Codes:
        """Codes of those items that are known here, in order."""
        return np.array([self.index[item] for item in items if item in self.index], dtype=np.int64)

    def take(self, begin: int, end: int) -> Sequences:
        """Sequences `begin` to `end`; the items stay the same."""
        first, last = self.offsets[begin], self.offsets[end]
        return Sequences(self.items, self.offsets[begin : end + 1] - first, self.codes[first:last])

    def transitions(self) -> tuple[Codes, Codes]:
        """Items that follow each other directly in a sequence: from and to, in order of occurrence."""
        inside = self.sequence_of[1:] == self.sequence_of[:-1]
        return self.codes[:-1][inside], self.codes[1:][inside]

    def containing(self, item: int) -> int:
        """Number of sequences that hold an item."""
        return len(np.unique(self.sequence_of[self.codes == item]))

    def going_on(self, before: int, after: int) -> int:
        """Number of sequences in which `after` comes anywhere later than `before`.

        >>> Sequences.from_lists([["a", "x", "b"], ["b", "a"], ["a", "a"]]).going_on(0, 1)
        1
        """
        first = np.full(len(self), np.iinfo(np.int64).max)
        last = np.full(len(self), -1)
        first_at, last_at = np.flatnonzero(self.codes == before), np.flatnonzero(self.codes == after)
        np.minimum.at(first, self.sequence_of[first_at], first_at)
        np.maximum.at(last, self.sequence_of[last_at], last_at)
        return int(np.count_nonzero(first < last))

    def stepping(self, before: int, after: int) -> int:
        """Number of sequences in which `after` directly follows `before`."""
        same = self.sequence_of[1:] == self.sequence_of[:-1]
        found = same & (self.codes[:-1] == before) & (self.codes[1:] == after)
        return len(np.unique(self.sequence_of[1:][found]))


def from_columns(items: Sequence[str], offsets: Any, codes: Any) -> Sequences:
    """Sequences over a vocabulary that is known already."""
    return Sequences(list(items), np.asarray(offsets, dtype=np.int64), np.asarray(codes, dtype=np.int64))
