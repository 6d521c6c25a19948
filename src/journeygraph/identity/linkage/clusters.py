"""Pairs -> clusters of records, each one person, in a way that lets no weak bridge join two people.

Two clusters are joined, the most probable first, while the *mean* of the odds over all pairs between them makes it
probable: a new record looks like a copy of one of a person's records, any of them equally likely, so its likelihood
under that person is the mean over them.  One accidental likeness among many unlike pairs doesn't suffice then, as it
would for connected components.  What was not joined though a pair in between is probable is a bridge, and told.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from journeygraph.identity.linkage.records import Rows
from journeygraph.identity.linkage.scoring import Scored

#: More records than this are no person; they are told instead of joined.
LARGEST: Final = 100
Labels = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Merge:
    """Two clusters, named by their first rows, that became one: with the best pair between them and the probability."""

    keeps: int
    joins: int
    left: int
    right: int
    probability: float


@dataclass(frozen=True)
class Bridge:
    """A pair that is probably one person between clusters that were kept apart, and how large these are."""

    left: int
    right: int
    probability: float
    sizes: tuple[int, int]
    too_large: bool


@dataclass(frozen=True)
class Clusters:
    """`labels[row]` is the first row of the row's cluster."""

    labels: Labels
    merges: list[Merge]
    bridges: list[Bridge]


Apart = Mapping[int, frozenset[int]]


def cluster(
    pairs: Scored,
    rows: int,
    threshold: float,
    largest: int = LARGEST,
    apart: Apart | None = None,
    known: Labels | None = None,
) -> Clusters:
    """Join rows whose probability is at least `threshold`; no cluster gets more than `largest` rows.

    `apart` are, by row, the rows that must not be in a cluster with it.  `known[row]` is the first row of the
    cluster that a row is in already: clusters that are known stay together.

    >>> def pairs(*found):
    ...     left, right, odds = zip(*found)
    ...     return Scored(np.array(left), np.array(right), np.array(odds))
    >>> cluster(pairs((0, 1, 99.0), (1, 2, 99.0), (3, 4, 99.0), (2, 3, 1.5)), 5, 0.5).labels.tolist()
    [0, 0, 0, 3, 3]
    """
    least = threshold / (1 - threshold) if threshold < 1 else np.inf
    linked = pairs[pairs.odds >= least]
    first = np.arange(rows, dtype=np.int64) if known is None else known
    part = parts(linked, first)
    inside = pairs[part[pairs.left] == part[pairs.right]]
    labels = first.copy()
    members = None if known is None else _members(known, inside)
    merges: list[Merge] = []
    for group in _groups(inside, part):
        merges += _Joining(inside[group], least, largest, apart or {}, first, members).run(labels)
    return Clusters(labels, merges, _bridges(linked, labels, largest))


def parts(linked: Scored, first: Labels) -> Labels:
    """For each row the number of the connected part that it is in; `first[row]` is the first row of its cluster."""
    one, other = first[linked.left], first[linked.right]
    edges = coo_array((np.ones(len(one)), (one, other)), shape=(len(first), len(first)))
    return connected_components(edges, directed=False)[1].astype(np.int64)[first]


def _members(known: Labels, pairs: Scored) -> dict[int, list[int]]:
    """The rows of every known cluster that a pair touches."""
    touched = np.zeros(len(known), np.bool_)
    touched[known[pairs.left]] = touched[known[pairs.right]] = True
    found: dict[int, list[int]] = {}
    for row in np.flatnonzero(touched[known]).tolist():
        found.setdefault(int(known[row]), []).append(row)
    return found


def _groups(pairs: Scored, parts: Labels) -> Iterable[Rows]:
    """Places of the pairs of each connected part."""
    order = np.argsort(parts[pairs.left], kind="stable")
    if len(order) == 0:
        return []
    return np.split(order, np.flatnonzero(np.diff(parts[pairs.left][order])) + 1)


def _bridges(linked: Scored, labels: Labels, largest: int) -> list[Bridge]:
    apart = linked[labels[linked.left] != labels[linked.right]]
    if not len(apart.left):
        return []
    sizes = np.bincount(labels, minlength=len(labels))
    found = []
    rows = zip(apart.left.tolist(), apart.right.tolist(), apart.probability.tolist(), strict=True)
    for left, right, probability in rows:
        both = int(sizes[labels[left]]), int(sizes[labels[right]])
        found.append(Bridge(left, right, probability, both, sum(both) > largest))
    return sorted(found, key=lambda bridge: (-bridge.probability, bridge.left, bridge.right))


class _Joining:
    """One connected part: `sums[a][b]` are the odds between two clusters, summed over their pairs."""

    def __init__(
        self,
        pairs: Scored,
        least: float,
        largest: int,
        apart: Apart,
        first: Labels,
        members: Mapping[int, list[int]] | None,
    ) -> None:
        self._least, self._largest, self._apart = least, largest, apart
        self._sums: dict[int, dict[int, float]] = {}
        self._best: dict[tuple[int, int], tuple[float, int, int]] = {}
        ends = (first[pairs.left].tolist(), first[pairs.right].tolist())
        rows = (pairs.left.tolist(), pairs.right.tolist(), pairs.odds.tolist())
        for a, b, left, right, odds in zip(*ends, *rows, strict=True):
            if a == b:
                continue
            for one, other in ((a, b), (b, a)):
                theirs = self._sums.setdefault(one, {})
                theirs[other] = theirs.get(other, 0.0) + odds
            pair, new = (min(a, b), max(a, b)), (odds, left, right)
            self._best[pair] = max(self._best.get(pair, new), new)
        self._members = {row: [row] if members is None else list(members[row]) for row in self._sums}

    def run(self, labels: Labels) -> list[Merge]:
        """Join while it is probable; write each row's cluster into `labels`."""
        least, sums = self._least, self._sums
        between = ((self._mean(a, b), a, b) for a, others in sums.items() for b in others if a < b)
        heap = [(-mean, a, b) for mean, a, b in between if mean >= least]
        heapq.heapify(heap)
        merges = []
        while heap:
            odds, a, b = heapq.heappop(heap)
            if self._mean(a, b) != -odds or not self._may(a, b):
                continue
            merges.append(self._merge(a, b, -odds))
            for c in self._sums[a]:
                mean = self._mean(min(a, c), max(a, c))
                if mean >= self._least:
                    heapq.heappush(heap, (-mean, min(a, c), max(a, c)))
        for first, rows in self._members.items():
            labels[rows] = first
        return merges

    def _may(self, a: int, b: int) -> bool:
        one, other = self._members[a], self._members[b]
        if len(one) + len(other) > self._largest:
            return False
        return not self._apart or not any(self._apart.get(row, frozenset()) & set(other) for row in one)

    def _mean(self, a: int, b: int) -> float:
        """Mean odds between two clusters, 0 for what is none any more."""
        if a not in self._members or b not in self._members:
            return 0.0
        return self._sums[a].get(b, 0.0) / (len(self._members[a]) * len(self._members[b]))

    def _merge(self, a: int, b: int, odds: float) -> Merge:
        """b becomes part of a, the one with the smaller first row."""
        _, left, right = self._best[a, b]
        self._members[a] += self._members.pop(b)
        theirs = self._sums.pop(b)
        del self._sums[a][b]
        for c, sums in theirs.items():
            if c == a:
                continue
            del self._sums[c][b]
            self._sums[a][c] = self._sums[c][a] = self._sums[a].get(c, 0.0) + sums
            pair, old = (min(a, c), max(a, c)), (min(b, c), max(b, c))
            self._best[pair] = max(self._best[old], self._best.get(pair, self._best[old]))
        return Merge(a, b, left, right, odds / (1 + odds))


def pair_measure(labels: Labels, truth: Labels) -> tuple[float, float, float]:
    """Precision, recall and F1 over pairs of rows that are in one cluster; rows with a truth of -1 don't count.

    Without pairs to be wrong about, precision or recall is 1.

    >>> pair_measure(np.array([0, 0, 0, 3]), np.array([7, 7, 8, 8]))
    (0.3333333333333333, 0.5, 0.4)
    """
    known = truth >= 0
    found, true = labels[known].tolist(), truth[known].tolist()
    both, said, there = (_pairs(Counter(groups)) for groups in (zip(found, true, strict=True), found, true))
    if not said and not there:
        return 1.0, 1.0, 1.0
    return both / said if said else 1.0, both / there if there else 1.0, 2 * both / (said + there)


def _pairs(sizes: Counter[Any]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())
