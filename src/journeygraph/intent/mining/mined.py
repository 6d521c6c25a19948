"""What mining found: a trie in three arrays, handed out as patterns only where somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.mining.sequences import Codes

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Pattern:
    """A pattern as codes of `Sequences.items`, with the number of sequences that hold it: in all, and in each group.

    Where sequences have weights, `weight` is what those that hold it weigh together (in `Weights.units`).
    """

    codes: Codes
    support: int
    in_groups: tuple[int, ...] = ()
    weight: int | None = None


@dataclass(frozen=True)
class Mined:
    """P patterns in a trie of N rows: row i is its parent's pattern with `items[i]` behind.

    A parent stands before its children, and rows in lexicographic order of their patterns.  `rows` are the patterns
    that were asked for, in the order in which they are handed out.  `stopped` says in words why the search ended early;
    then these are not all patterns, but their figures are right.  Where sequences have weights, `weights` are what the
    holders of each row weigh, in units of the last of `decimals` places.  `beside` is that of the sequences.
    """

    parents: Ints  # N; -1: none
    items: Ints  # N
    counts: Ints  # 1 + groups, N: support in all, and in each group
    rows: NDArray[np.int64]  # P
    stopped: str | None = None
    weights: NDArray[np.int64] | None = None  # N
    decimals: int = 0
    beside: int | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Pattern]:
        """The patterns, one after the other; nothing of them is kept."""
        codes: list[int] = []
        path: list[int] = []
        for row in self.rows.tolist():
            self._move(path, codes, row)
            support, *groups = self.counts[:, row].tolist()
            weight = None if self.weights is None else int(self.weights[row])
            yield Pattern(tuple(codes), support, tuple(groups), weight)

    def _move(self, path: list[int], codes: list[int], row: int) -> None:
        """Change the path (rows from the root) and its codes into those of another row."""
        ahead: list[int] = []
        while row >= 0:
            while path and path[-1] > row:
                path.pop()
                codes.pop()
            if path and path[-1] == row:
                break
            ahead.append(row)
            row = int(self.parents[row])
        if row < 0:
            path.clear()
            codes.clear()
        path.extend(reversed(ahead))
        codes.extend(self.items[ahead[::-1]].tolist())

    def holding(self, code: int) -> NDArray[np.bool_]:
        """For each row, whether its pattern has an item."""
        has = (self.items if self.beside is None else self.items % self.beside) == code
        for length in range(2, int(self.lengths.max(initial=0)) + 1):
            rows = np.flatnonzero(self.lengths == length)
            has[rows] |= has[self.parents[rows]]
        return np.asarray(has)

    @property
    def supports(self) -> NDArray[np.int64]:
        """Sequences that hold each pattern (P)."""
        return np.asarray(self.counts[0, self.rows], dtype=np.int64)

    @property
    def measure(self) -> NDArray[np.int64]:
        """What the minimum support is held against, for each row (N): weights where there are any, else numbers."""
        return self.counts[0].astype(np.int64) if self.weights is None else self.weights

    @cached_property
    def lengths(self) -> Ints:
        """Number of items of each row's pattern (N)."""
        lengths, above = np.ones(len(self.parents), dtype=np.int32), self.parents
        while len(has := np.flatnonzero(above >= 0)):  # each round looks twice as far up
            lengths[has] += lengths[above[has]]  # the right side is taken as it was
            jumped = above.copy()
            jumped[has] = above[above[has]]
            above = jumped
        return lengths

    @classmethod
    def of(cls, patterns: Iterable[Pattern], n_groups: int) -> Self:
        """Patterns in lexicographic order, every one after all of its beginnings."""
        parents: list[int] = []
        items: list[int] = []
        counts: list[tuple[int, ...]] = []
        weights: list[int] = []
        path: list[int] = []
        for row, pattern in enumerate(patterns):
            del path[len(pattern.codes) - 1 :]
            parents.append(path[-1] if path else -1)
            items.append(pattern.codes[-1])
            counts.append((pattern.support, *pattern.in_groups))
            if pattern.weight is not None:
                weights.append(pattern.weight)
            path.append(row)
        figures = np.array(counts, dtype=np.int32).reshape(-1, 1 + n_groups).T
        found = cls(np.array(parents, np.int32), np.array(items, np.int32), figures, np.arange(len(parents)))
        return replace(found, weights=np.array(weights, dtype=np.int64)) if weights else found
