"""The product's own engine: prefix projection over integer arrays, without recursion.

Depth first, as PrefixSpan (Pei et al. 2001).  What is kept of a prefix is where it ends:

- without a gap limit, its first end in every sequence that holds it.  An item extends it in a sequence exactly where
  the item's *last* occurrence lies behind that end (the idea of LAPIN, Yang et al. 2007), so supports are counted
  over (sequence, item) pairs and not over positions;
- with a limit on gaps or times, all its ends, because an early one may lead nowhere while a later one goes on; and
  where items share an instant, because only some ends stand beside the next item.  A prefix then grows by an item
  behind its last set, or by one that sorts behind all of the last set into it (Pei et al. 2001).

Where sequences have weights, what they weigh is added up instead of their number (it only falls as patterns grow).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.intent.mining.sequences import Found, Limits, Sequences

_Ints = NDArray[np.int64]
_State = TypeVar("_State")
_MICRO = 1_000_000
#: A way to extend a prefix: the item's code, the sequences that hold it, and what is kept of the longer prefix.
_Child = tuple[int, _Ints, _State]


def patterns(sequences: Sequences, limits: Limits) -> Iterator[Found]:
    """All patterns within the limits, in lexicographic order of their codes.

    >>> [(codes, holders.tolist()) for codes, holders in patterns(Sequences.of(["aab", "b"]), Limits(1, max_gap=0))]
    [((0,), [0]), ((0, 0), [0]), ((0, 0, 1), [0]), ((0, 1), [0]), ((1,), [0, 1])]
    """
    if limits.timed and sequences.times_us is None:
        raise UsageError("A limit in seconds needs the times of the items.")
    if limits.free and sequences.elements is None:
        free = _Free(sequences, limits)
        return _depth_first(free.extend, free.root(), sequences, limits)
    limited = _Limited(sequences, limits)
    return _depth_first(limited.extend, limited.root(), sequences, limits)


def _depth_first(
    extend: Callable[[_State], Iterator[_Child[_State]]], root: _State, sequences: Sequences, limits: Limits
) -> Iterator[Found]:
    """Walk the tree of prefixes with a stack of our own: a thousand equal items in a row are no deep recursion."""
    prefix: list[int] = []
    stack = [extend(root)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
            if prefix:
                prefix.pop()
            continue
        code, holders, state = child
        if sequences.support(holders) < limits.minimum_support:  # it may have risen since the child was counted
            continue
        prefix.append(code)
        yield tuple(prefix), holders
        if limits.max_length is not None and len(prefix) >= limits.max_length:
            prefix.pop()
        else:
            stack.append(extend(state))


@dataclass(frozen=True)
class _Pairs:
    """Distinct (item, sequence) pairs, sorted by item, then sequence, with the item's last position there."""

    item: _Ints
    sequence: _Ints
    last: _Ints

    def where(self, kept: NDArray[np.bool_]) -> _Pairs:
        return _Pairs(self.item[kept], self.sequence[kept], self.last[kept])


@dataclass(frozen=True)
class _FirstEnds:
    """A prefix: its sequences, the position of its first end in each, and the pairs that its parent could extend by."""

    sequences: _Ints
    ends: _Ints
    pairs: _Pairs


class _Free:
    """Extension without a gap limit."""

    def __init__(self, sequences: Sequences, limits: Limits) -> None:
        self.sequences, self.limits = sequences, limits
        self.n_items = len(sequences.items)
        self.offsets = sequences.offsets
        self.by_item = np.argsort(sequences.codes, kind="stable")
        self.item_starts = np.searchsorted(sequences.codes[self.by_item], np.arange(self.n_items + 1))
        self.pairs = _pairs(sequences)
        self.end_of = np.full(len(sequences), len(sequences.codes), dtype=np.int64)  # beyond all: not held

    def root(self) -> _FirstEnds:
        """The empty prefix, which ends before every sequence."""
        return _FirstEnds(np.arange(len(self.end_of)), self.offsets[:-1] - 1, self.pairs)

    def extend(self, prefix: _FirstEnds) -> Iterator[_Child[_FirstEnds]]:
        """The items that occur behind the prefix's end in enough sequences."""
        self.end_of[prefix.sequences] = prefix.ends
        pairs = prefix.pairs.where(prefix.pairs.last > self.end_of[prefix.pairs.sequence])
        self.end_of[prefix.sequences] = np.iinfo(np.int64).max
        counts = np.bincount(pairs.item, minlength=self.n_items)
        frequent = self.sequences.supports(pairs.item, pairs.sequence) >= self.limits.minimum_support
        pairs = pairs.where(frequent[pairs.item])
        stop = 0
        for item in np.flatnonzero(frequent).tolist():
            start, stop = stop, stop + int(counts[item])
            holders = pairs.sequence[start:stop]
            before = prefix.ends[np.searchsorted(prefix.sequences, holders)]
            positions = self.by_item[self.item_starts[item] : self.item_starts[item + 1]]
            yield item, holders, _FirstEnds(holders, positions[np.searchsorted(positions, before, side="right")], pairs)


def _pairs(sequences: Sequences) -> _Pairs:
    owner = sequences.sequence_of
    order = np.lexsort((owner, sequences.codes))  # stable: positions ascend within a pair
    item, sequence = sequences.codes[order], owner[order]
    last = np.ones(len(order), dtype=bool)
    last[:-1] = (item[1:] != item[:-1]) | (sequence[1:] != sequence[:-1])
    return _Pairs(item[last], sequence[last], order[last])


class _Ends(NamedTuple):
    """Where a prefix ends: positions (ascending, one in an element), and for each the latest first one of a match."""

    ends: _Ints
    starts: _Ints


class _Limited:
    """Extension where not every later item will do: with limits on gaps and times, or where items share an instant.

    A prefix is all positions where it ends.  Of the ends before an item only the last matters: an earlier one is
    further away, and no match to it began later.
    """

    def __init__(self, sequences: Sequences, limits: Limits) -> None:
        self.sequences, self.limits, self.codes = sequences, limits, sequences.codes
        self.owner, self.times = sequences.sequence_of, sequences.times_us
        size = len(self.codes)
        self.element = np.arange(size) if sequences.elements is None else sequences.elements
        n_elements = int(self.element[-1]) + 1 if size else 0
        self.begins = np.searchsorted(self.element, np.arange(n_elements + 1))  # the first position of each element
        self.last = np.zeros(len(sequences), dtype=np.int64)
        self.last[self.owner] = self.element  # the last one of each sequence stays
        self.reach = n_elements if limits.max_gap is None else min(limits.max_gap, n_elements) + 1
        self.wanted = self._wanted()

    def _wanted(self) -> NDArray[np.bool_]:
        """Whether the item at each position is frequent and not excluded."""
        order = np.argsort(self.codes, kind="stable")
        new = _first_of_each(self.codes[order], self.owner[order])
        enough = self.sequences.supports(self.codes[order][new], self.owner[order][new]) >= self.limits.minimum_support
        enough[list(self.limits.excluded)] = False
        return np.asarray(enough[self.codes])

    def root(self) -> _Ends:
        """The empty prefix ends nowhere."""
        return _Ends(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))

    def extend(self, prefix: _Ends) -> Iterator[_Child[_Ends]]:
        """The items within reach behind any end, then those that share an instant with one, in enough sequences."""
        if not len(prefix.ends):
            everywhere = np.flatnonzero(self.wanted)
            yield from self._children(everywhere, everywhere, 0)
            return
        positions = self._behind(prefix.ends)
        starts = positions
        if self.limits.timed:
            before = np.searchsorted(self.element[prefix.ends], self.element[positions]) - 1
            kept = self._in_time(positions, prefix.ends[before], prefix.starts[before])
            positions, starts = positions[kept], prefix.starts[before[kept]]
        yield from self._children(positions, starts, 0)
        if self.sequences.beside is not None:
            positions, of = self._beside(prefix.ends)
            yield from self._children(positions, prefix.starts[of], self.sequences.beside)

    def _children(self, positions: _Ints, starts: _Ints, shift: int) -> Iterator[_Child[_Ends]]:
        """An item at these positions, each item that is frequent there."""
        order = np.argsort(self.codes[positions], kind="stable")
        positions, starts = positions[order], starts[order]
        item, owner = self.codes[positions], self.owner[positions]
        new = _first_of_each(item, owner)
        supports = self.sequences.supports(item[new], owner[new])
        bounds = np.concatenate([[0], np.cumsum(np.bincount(item, minlength=len(supports)))])
        for code in np.flatnonzero(supports >= self.limits.minimum_support).tolist():
            group = slice(bounds[code], bounds[code + 1])
            yield code + shift, owner[group][new[group]], _Ends(positions[group], starts[group])

    def _behind(self, ends: _Ints) -> _Ints:
        """All positions in the elements behind an end by at most the reach, in the same sequence, each once."""
        at = self.element[ends]
        high = np.minimum(at + self.reach, self.last[self.owner[ends]])
        low = at + 1
        low[1:] = np.maximum(low[1:], high[:-1] + 1)
        positions, _ = _ranges(self.begins[low], self.begins[np.maximum(high, low - 1) + 1])
        return positions[self.wanted[positions]]

    def _beside(self, ends: _Ints) -> tuple[_Ints, _Ints]:
        """All positions behind an end in its own element, and which end that is."""
        positions, of = _ranges(ends + 1, self.begins[self.element[ends] + 1])
        kept = self.wanted[positions]
        return positions[kept], of[kept]

    def _in_time(self, positions: _Ints, ends: _Ints, starts: _Ints) -> NDArray[np.bool_]:
        """Which of some positions are near enough to the end before, and to where the match began."""
        assert self.times is not None  # noqa: S101 - `patterns` has asked for them
        kept = np.ones(len(positions), dtype=bool)
        if self.limits.max_gap_seconds is not None:
            kept &= self.times[positions] - self.times[ends] <= self.limits.max_gap_seconds * _MICRO
        if self.limits.max_span_seconds is not None:
            kept &= self.times[positions] - self.times[starts] <= self.limits.max_span_seconds * _MICRO
        return kept


def _first_of_each(item: _Ints, owner: _Ints) -> NDArray[np.bool_]:
    """Whether each is the first of its item in its sequence; both stand in order."""
    new = np.ones(len(item), dtype=bool)
    new[1:] = (item[1:] != item[:-1]) | (owner[1:] != owner[:-1])
    return new


def _ranges(first: _Ints, stop: _Ints) -> tuple[_Ints, _Ints]:
    """The numbers of several ranges in a row, and which range each is from."""
    sizes = np.maximum(stop - first, 0)
    begun = np.cumsum(sizes) - sizes
    of = np.repeat(np.arange(len(sizes)), sizes)
    return (first - begun)[of] + np.arange(int(sizes.sum())), of
