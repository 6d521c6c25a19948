"""The product's own engine: prefix projection over integer arrays, without recursion.

Depth first, as PrefixSpan (Pei et al. 2001).  What is kept of a prefix is where it ends:

- without a gap limit, its first end in every sequence that holds it.  An item extends it in a sequence exactly where
  the item's *last* occurrence lies behind that end (the idea of LAPIN, Yang et al. 2007), so supports are counted
  over (sequence, item) pairs and not over positions;
- with a gap limit, all its ends, because an early one may lead nowhere while a later one goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.sequences import Found, Limits, Sequences

_Ints = NDArray[np.int64]
_State = TypeVar("_State")
#: A way to extend a prefix: the item's code, the sequences that hold it, and what is kept of the longer prefix.
_Child = tuple[int, _Ints, _State]


def patterns(sequences: Sequences, limits: Limits) -> Iterator[Found]:
    """All patterns within the limits, in lexicographic order of their codes.

    >>> [(codes, holders.tolist()) for codes, holders in patterns(Sequences.of(["aab", "b"]), Limits(1, max_gap=0))]
    [((0,), [0]), ((0, 0), [0]), ((0, 0, 1), [0]), ((0, 1), [0]), ((1,), [0, 1])]
    """
    if limits.max_gap is None:
        free = _Free(sequences, limits)
        return _depth_first(free.extend, free.root(), limits)
    limited = _Limited(sequences, limits, limits.max_gap)
    return _depth_first(limited.extend, np.arange(len(sequences.codes)), limits)


def _depth_first(extend: Callable[[_State], Iterator[_Child[_State]]], root: _State, limits: Limits) -> Iterator[Found]:
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
        if len(holders) < limits.minimum_support:  # it may have risen since the child was counted
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
class _Ends:
    """A prefix: its sequences, the position of its first end in each, and the pairs that its parent could extend by."""

    sequences: _Ints
    ends: _Ints
    pairs: _Pairs


class _Free:
    """Extension without a gap limit."""

    def __init__(self, sequences: Sequences, limits: Limits) -> None:
        self.limits = limits
        self.n_items = len(sequences.items)
        self.offsets = sequences.offsets
        self.by_item = np.argsort(sequences.codes, kind="stable")
        self.item_starts = np.searchsorted(sequences.codes[self.by_item], np.arange(self.n_items + 1))
        self.pairs = _pairs(sequences)
        self.end_of = np.full(len(sequences), len(sequences.codes), dtype=np.int64)  # beyond all: not held

    def root(self) -> _Ends:
        """The empty prefix, which ends before every sequence."""
        return _Ends(np.arange(len(self.end_of)), self.offsets[:-1] - 1, self.pairs)

    def extend(self, prefix: _Ends) -> Iterator[_Child[_Ends]]:
        """The items that occur behind the prefix's end in enough sequences."""
        self.end_of[prefix.sequences] = prefix.ends
        pairs = prefix.pairs.where(prefix.pairs.last > self.end_of[prefix.pairs.sequence])
        self.end_of[prefix.sequences] = np.iinfo(np.int64).max
        counts = np.bincount(pairs.item, minlength=self.n_items)
        frequent = counts >= self.limits.minimum_support
        pairs = pairs.where(frequent[pairs.item])
        stop = 0
        for item in np.flatnonzero(frequent).tolist():
            start, stop = stop, stop + int(counts[item])
            holders = pairs.sequence[start:stop]
            before = prefix.ends[np.searchsorted(prefix.sequences, holders)]
            positions = self.by_item[self.item_starts[item] : self.item_starts[item + 1]]
            yield item, holders, _Ends(holders, positions[np.searchsorted(positions, before, side="right")], pairs)


def _pairs(sequences: Sequences) -> _Pairs:
    owner = sequences.sequence_of
    order = np.lexsort((owner, sequences.codes))  # stable: positions ascend within a pair
    item, sequence = sequences.codes[order], owner[order]
    last = np.ones(len(order), dtype=bool)
    last[:-1] = (item[1:] != item[:-1]) | (sequence[1:] != sequence[:-1])
    return _Pairs(item[last], sequence[last], order[last])


class _Limited:
    """Extension with at most `max_gap` items between neighbours; a prefix is all positions where it ends."""

    def __init__(self, sequences: Sequences, limits: Limits, max_gap: int) -> None:
        self.limits = limits
        self.codes = sequences.codes
        self.owner = sequences.sequence_of
        self.last = sequences.offsets[1:] - 1
        self.reach = min(max_gap, len(sequences.codes)) + 1
        self.started = False

    def extend(self, ends: _Ints) -> Iterator[_Child[_Ints]]:
        """The items within reach behind any end, in enough sequences."""
        positions = self._within_reach(ends) if self.started else ends
        self.started = True
        positions = positions[np.argsort(self.codes[positions], kind="stable")]
        item, owner = self.codes[positions], self.owner[positions]
        new = np.ones(len(positions), dtype=bool)  # the first position of an item in a sequence
        new[1:] = (item[1:] != item[:-1]) | (owner[1:] != owner[:-1])
        counts = np.bincount(item[new])
        starts = np.concatenate([[0], np.cumsum(np.bincount(item))])
        for code in np.flatnonzero(counts >= self.limits.minimum_support).tolist():
            group = slice(starts[code], starts[code + 1])
            yield code, owner[group][new[group]], positions[group]

    def _within_reach(self, ends: _Ints) -> _Ints:
        """All positions behind an end by at most the reach, in the same sequence, ascending, each once."""
        high = np.minimum(ends + self.reach, self.last[self.owner[ends]])
        low = ends + 1
        low[1:] = np.maximum(low[1:], high[:-1] + 1)
        sizes = np.maximum(high - low + 1, 0)
        first = np.cumsum(sizes) - sizes
        return np.repeat(low - first, sizes) + np.arange(int(sizes.sum()))
