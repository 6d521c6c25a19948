"""Sequences of items as two integer arrays, and what an engine is told and answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

#: A pattern: codes of items, in order.  Where items share an instant, a code that is higher by the number of all items
#: stands in the same set as the item before it: of the items a, b, c the pattern `{a b} {c}` is (0, 3 + 1, 2).
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
    """S sequences with N items in all: sequence s is `codes[offsets[s]:offsets[s + 1]]`; codes index `items`.

    Where items share an instant, `elements` numbers the sets they stand in: without a hole, ascending, no set in two
    sequences; the items of a set are distinct, and their codes ascend.
    """

    codes: NDArray[np.int64]  # N
    offsets: NDArray[np.int64]  # S + 1
    items: Sequence[Any]  # sorted
    times_us: NDArray[np.int64] | None = None  # N, ascending within a sequence; limits in time need them
    elements: NDArray[np.int64] | None = None  # N: the set of each item; None: each stands alone
    weights: NDArray[np.int64] | None = None  # S: what each sequence counts; None: one

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def sequence_of(self) -> NDArray[np.int64]:
        """Index of the sequence of each item (N)."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @property
    def beside(self) -> int | None:
        """What the code of an item in the same set as the one before is higher by; None where each stands alone."""
        return None if self.elements is None else len(self.items)

    def names(self, codes: Codes) -> list[Any]:
        """The items that codes stand for; where items share an instant, a list for each set.

        >>> Sequences.of_sets([[["a", "b"], ["c"]]]).names((0, 4, 2))
        [['a', 'b'], ['c']]
        """
        if self.beside is None:
            return [self.items[code] for code in codes]
        return [[self.items[code] for code in group] for group in in_sets(codes, self.beside)]

    def supports(self, codes: NDArray[np.int64], owners: NDArray[np.int64]) -> NDArray[np.int64]:
        """What the sequences count with which each code is paired, for each code.  Exact: far below 2^53."""
        if self.weights is None:
            return np.bincount(codes, minlength=len(self.items))
        return np.bincount(codes, self.weights[owners], minlength=len(self.items)).astype(np.int64)

    def support(self, holders: NDArray[np.int64]) -> int:
        """What some sequences count."""
        return len(holders) if self.weights is None else int(self.weights[holders].sum())

    def where(self, kept: NDArray[np.bool_]) -> Self:
        """Some of the sequences (a mask)."""
        places = kept[self.sequence_of]
        elements = None if self.elements is None else self.elements[places]
        return replace(
            self,
            codes=self.codes[places],
            offsets=np.concatenate([[0], np.cumsum(np.diff(self.offsets)[kept])]).astype(np.int64),
            times_us=None if self.times_us is None else self.times_us[places],
            elements=None if elements is None else np.unique(elements, return_inverse=True)[1].astype(np.int64),
            weights=None if self.weights is None else self.weights[kept],
        )

    def by_instant(self) -> Self:
        """The same with the items that share an instant as sets; needs times.

        >>> db = replace(Sequences.of(["bab"]), times_us=np.array([0, 0, 5]))
        >>> db.by_instant().names((0, 3, 1)), db.by_instant().codes.tolist()
        ([['a', 'b'], ['b']], [0, 1, 1])
        """
        assert self.times_us is not None  # noqa: S101 - whoever asks has them
        owner = self.sequence_of
        order = np.lexsort((self.codes, self.times_us, owner))
        codes, times, owner = self.codes[order], self.times_us[order], owner[order]
        new = np.ones(len(codes), dtype=bool)
        new[1:] = (owner[1:] != owner[:-1]) | (times[1:] != times[:-1])
        kept = new.copy()
        kept[1:] |= codes[1:] != codes[:-1]
        lengths = np.bincount(owner[kept], minlength=len(self))
        return replace(
            self,
            codes=codes[kept],
            offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            times_us=times[kept],
            elements=(np.cumsum(new) - 1)[kept],
        )

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

    @classmethod
    def of_sets(cls, sequences: Collection[Collection[Collection[Any]]]) -> Self:
        """Sequences of sets of any items that can be ordered.

        >>> found = Sequences.of_sets([[[5, 1], [5]]])
        >>> found.codes.tolist(), found.elements.tolist()
        ([0, 1, 1], [0, 0, 1])
        """
        sets = [sorted(set(group)) for sequence in sequences for group in sequence]
        flat = cls.of([item for group in sequence for item in sorted(set(group))] for sequence in sequences)
        return replace(flat, elements=np.repeat(np.arange(len(sets)), [len(group) for group in sets]))


def in_sets(codes: Codes, beside: int) -> list[list[int]]:
    """The plain codes of a pattern, set by set.

    >>> in_sets((0, 4, 2), beside=3)
    [[0, 1], [2]]
    """
    found: list[list[int]] = []
    for code in codes:
        if code < beside:
            found.append([code])
        else:
            found[-1].append(code - beside)
    return found
