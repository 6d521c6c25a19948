"""Which sequences hold a mined pattern, and where it is first complete: the trie is walked once more.

The miner counts; tests by permutation, times and examples need the journeys themselves.  What is kept of a prefix is
where it ends: without limits its first end in every sequence, with limits all its ends and, for each, the latest first
touchpoint of a match that ends there.  Later ends never have an earlier such one, so the last end in reach is the best
one to go on from.  Where touchpoints share an instant all ends are kept, too: only some stand beside the next step.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.mining.mined import Mined
from journeygraph.intent.mining.sequences import Limits, Sequences

_Ints = NDArray[np.int64]
_MICRO = 1_000_000


class Held(NamedTuple):
    """A row of the trie, the sequences that hold its pattern (ascending), and where each first completes it."""

    row: int
    sequences: _Ints
    ends: _Ints  # positions in `Sequences.codes`


class _Matches(NamedTuple):
    """Ends of matches (positions, ascending, one in an element) and the first touchpoint of each."""

    ends: _Ints
    starts: _Ints


class Places:
    """Where items stand in sequences, and how a match goes on from there."""

    def __init__(self, sequences: Sequences, limits: Limits) -> None:
        self.limits = limits
        self.times = sequences.times_us
        self.owner = sequences.sequence_of
        self.beside = sequences.beside
        self.element = np.arange(len(self.owner)) if sequences.elements is None else sequences.elements
        self.first_only = limits.free and self.beside is None
        order = np.argsort(sequences.codes, kind="stable")
        starts = np.searchsorted(sequences.codes[order], np.arange(len(sequences.items) + 1))
        self.of = [order[starts[code] : starts[code + 1]] for code in range(len(sequences.items))]

    def begin(self, code: int) -> _Matches:
        """Matches of a single item: the first in every sequence, or with limits all."""
        at = self.of[code]
        at = self._first(at) if self.first_only else at
        return _Matches(at, at)

    def extend(self, matches: _Matches, code: int) -> _Matches:
        """Matches of the pattern with one item more."""
        if self.beside is not None and code >= self.beside:
            return self._beside(matches, code - self.beside)
        at = self.of[code]
        if not len(at) or not len(matches.ends):
            return _Matches(at[:0], at[:0])
        if self.first_only:  # of each first end the next such item
            next_one = np.searchsorted(at, matches.ends, side="right")
            kept = next_one < len(at)
            found = at[next_one[kept]]
            kept[kept] = self.owner[found] == self.owner[matches.ends[kept]]
            return _Matches(at[next_one[kept]], matches.starts[kept])
        before = np.searchsorted(self.element[matches.ends], self.element[at]) - 1
        at, before = at[before >= 0], before[before >= 0]
        kept = self._within(at, matches.ends[before], matches.starts[before])
        return _Matches(at[kept], matches.starts[before[kept]])

    def _beside(self, matches: _Matches, code: int) -> _Matches:
        """Matches with one item more in the last set."""
        at, elements = self.of[code], self.element[matches.ends]
        if not len(elements):
            return _Matches(at[:0], at[:0])
        place = np.minimum(np.searchsorted(elements, self.element[at]), len(elements) - 1)
        kept = elements[place] == self.element[at]
        return _Matches(at[kept], matches.starts[place[kept]])

    def _within(self, at: _Ints, ends: _Ints, starts: _Ints) -> NDArray[np.bool_]:
        limits = self.limits
        kept = np.asarray(self.owner[at] == self.owner[ends])
        if limits.max_gap is not None:
            kept &= self.element[at] - self.element[ends] - 1 <= limits.max_gap
        if self.times is not None and limits.max_gap_seconds is not None:
            kept &= self.times[at] - self.times[ends] <= limits.max_gap_seconds * _MICRO
        if self.times is not None and limits.max_span_seconds is not None:
            kept &= self.times[at] - self.times[starts] <= limits.max_span_seconds * _MICRO
        return kept

    def _first(self, at: _Ints) -> _Ints:
        owner = self.owner[at]
        return at[np.concatenate([[True], owner[1:] != owner[:-1]])] if len(at) else at

    def held(self, row: int, matches: _Matches) -> Held:
        """The sequences of matches."""
        first = self._first(matches.ends)
        return Held(row, self.owner[first], first)


def walk(sequences: Sequences, mined: Mined, limits: Limits) -> Iterator[Held]:
    """The journeys of every pattern that was asked for, in the order of the trie.

    >>> from journeygraph.intent.mining import miner
    >>> db = Sequences.of(["aab", "cb"])
    >>> found = miner.mine(db, minimum_support=1)
    >>> {"".join(db.names(codes)): held.sequences.tolist()
    ...     for (codes, *_), held in zip(((p.codes,) for p in found), walk(db, found, Limits(1)), strict=True)}
    {'a': [0], 'aa': [0], 'aab': [0], 'ab': [0], 'b': [0, 1], 'c': [1], 'cb': [1]}
    """
    places = Places(sequences, limits)
    asked = np.zeros(len(mined.parents), dtype=bool)
    asked[mined.rows] = True
    needed = asked.copy()
    for row in np.flatnonzero(asked)[::-1].tolist():
        above = int(mined.parents[row])
        while above >= 0 and not needed[above]:
            needed[above] = True
            above = int(mined.parents[above])
    path: list[tuple[int, _Matches]] = []
    for row in np.flatnonzero(needed).tolist():
        parent = int(mined.parents[row])
        while path and path[-1][0] != parent:
            path.pop()
        code = int(mined.items[row])
        matches = places.extend(path[-1][1], code) if path else places.begin(code)
        path.append((row, matches))
        if asked[row]:
            yield places.held(row, matches)


def of_pattern(places: Places, codes: tuple[int, ...]) -> Held:
    """The journeys of one pattern."""
    matches = places.begin(codes[0])
    for code in codes[1:]:
        matches = places.extend(matches, code)
    return places.held(0, matches)
