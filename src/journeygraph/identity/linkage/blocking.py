"""Which pairs of records are compared at all: those that agree on a key, each pair once, within a budget.

A key's blocks are taken from the smallest on while the budget of pairs lasts.  The records of the blocks that are left
are sorted and each is compared with its nearest neighbours only (sorted neighbourhood: Hernández & Stolfo, "The
Merge/Purge Problem for Large Databases", SIGMOD 1995); the blocks are reported.

Where only some records are new, only pairs with a new one are given, and the budget is theirs: the work grows with
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np

from journeygraph.identity.linkage.keys import Key, keys
from journeygraph.identity.linkage.records import NULL, Column, Flags, Ints, Rows

#: Candidate pairs for each record, all keys together; a small table may have more.
PAIRS_PER_RECORD: Final = 20
SMALL_TABLE_PAIRS: Final = 200_000
NEIGHBOURS: Final = 5
PAIRS_AT_ONCE: Final = 250_000
#: Keys get at most this share of what is left of the budget, so that each key has some.
_SHARE: Final = 0.5
_TOLD: Final = 20


@dataclass(frozen=True)
class Oversize:
    """A block that was not compared whole: its key, the shared value and the number of its records."""

    key: str
    value: str
    records: int


class Blocks:
    """The candidate pairs of a table; `oversize` are the largest blocks that were not compared whole.

    `new` says of each row whether it is: then only pairs with a new one are given.
    """

    def __init__(
        self,
        fields: Mapping[str, Column],
        rows: int,
        key_list: Sequence[Key] | None = None,
        new: Flags | None = None,
    ) -> None:
        self._rows, self._new = rows, new
        self._place = _reading_order(fields, rows)
        self._left = max(PAIRS_PER_RECORD * (rows if new is None else int(new.sum())), SMALL_TABLE_PAIRS)
        self._whole: list[Ints] = []
        self._large: list[Ints] = []
        self.oversize: list[Oversize] = []
        for key in keys(fields) if key_list is None else key_list:
            self._divide(key)
        self.oversize.sort(key=lambda block: (-block.records, block.key, block.value))

    def _divide(self, key: Key) -> None:
        """Put a key's blocks among those that are compared whole, as far as the budget goes, or the others."""
        codes = key.codes()
        rows, blocks = _members(codes)
        sizes = np.bincount(blocks, minlength=int(codes.max(initial=0)) + 1)
        pairs = sizes * (sizes - 1) // 2
        if self._new is not None:
            old = np.bincount(blocks, weights=~self._new[rows], minlength=len(sizes)).astype(np.int64)
            pairs -= old * (old - 1) // 2
        order = np.argsort(pairs, kind="stable")
        whole = sizes <= NEIGHBOURS + 1
        whole[order] |= np.cumsum(pairs[order]) <= self._left * _SHARE
        self._left -= int(pairs[whole].sum())
        for block in np.flatnonzero(~whole)[np.argsort(-sizes[~whole], kind="stable")][:_TOLD].tolist():
            way, row = (int(place[0]) for place in np.nonzero(codes == block))
            self.oversize.append(Oversize(key.name, key.value(way, row), int(sizes[block])))
        kept = np.append(whole, True)  # -1, no value, is the last
        self._whole.append(np.where(kept[codes], codes, NULL))
        self._large.append(np.where(kept[codes], NULL, codes))

    def pairs(self) -> Iterator[tuple[Rows, Rows]]:
        """Every candidate pair once, in chunks of two arrays of row numbers, the smaller first."""
        for number, codes in enumerate(self._whole):
            for left, right in inside(codes, self._new):
                fresh = ~self._share_block(left, right, number)
                yield left[fresh], right[fresh]
        known = np.empty(0, np.int64)
        for codes in self._large:
            known = np.union1d(known, self._neighbours(codes))
        for start in range(0, len(known), PAIRS_AT_ONCE):
            left, right = np.divmod(known[start : start + PAIRS_AT_ONCE], self._rows)
            fresh = ~self._share_block(left, right, len(self._whole))
            yield left[fresh], right[fresh]

    def _share_block(self, left: Rows, right: Rows, before: int) -> Flags:
        """Whether a key before that number gave these pairs already."""
        given = np.zeros(len(left), np.bool_)
        for codes in self._whole[:before]:
            given |= _first_shared(codes, left, right) >= 0
        return given

    def _neighbours(self, codes: Ints) -> Rows:
        """Pairs of near neighbours in blocks, as left * rows + right."""
        rows, blocks = _members(codes)
        order = np.lexsort((self._place[rows], blocks))
        rows, blocks = rows[order], blocks[order]
        found = [np.empty(0, np.int64)]
        for step in range(1, NEIGHBOURS + 1):
            same = blocks[step:] == blocks[:-step]
            one, other = rows[:-step][same], rows[step:][same]
            found.append(np.minimum(one, other) * self._rows + np.maximum(one, other))
        pairs = np.unique(np.concatenate(found))
        if self._new is None:
            return pairs
        left, right = np.divmod(pairs, self._rows)
        return pairs[self._new[left] | self._new[right]]


def _reading_order(fields: Mapping[str, Column], rows: int) -> Rows:
    """The place of each row when sorted by surname, birthday, first name and e-mail: near records stand together."""
    ranks = []
    for column in (fields[name] for name in ("email", "first_name", "dob", "surname") if name in fields):
        rank = np.empty(len(column.values) + 1, np.int64)
        rank[np.argsort(np.array(column.values, dtype=object), kind="stable")] = np.arange(len(column.values))
        rank[NULL] = len(column.values)
        ranks.append(rank[column.codes])
    place = np.empty(rows, np.int64)
    place[np.lexsort(ranks) if ranks else np.arange(rows)] = np.arange(rows)
    return place


def _members(codes: Ints) -> tuple[Rows, Rows]:
    """Rows and their blocks: each row once in each of its blocks, sorted by block and row."""
    ways, rows = np.nonzero(codes >= 0)
    both = np.unique(codes[ways, rows].astype(np.int64) * codes.shape[1] + rows)
    blocks, rows = np.divmod(both, codes.shape[1])
    return rows, blocks


def inside(codes: Ints, new: Flags | None = None) -> Iterator[tuple[Rows, Rows]]:
    """All pairs inside the blocks (with a new row), in chunks; a pair that shares two blocks comes once."""
    rows, blocks = _members(codes)
    if new is not None:
        # New rows first: each meets all that follow in its block, an old one nobody.
        rows = rows[np.lexsort((rows, ~new[rows], blocks))]
    partners = np.searchsorted(blocks, blocks, side="right") - np.arange(len(rows)) - 1
    if new is not None:
        partners = np.where(new[rows], partners, 0)
    upto = np.cumsum(partners)
    start = 0
    while start < len(rows):
        before = int(upto[start - 1]) if start else 0
        stop = max(int(np.searchsorted(upto, before + PAIRS_AT_ONCE, side="right")), start + 1)
        counts = partners[start:stop]
        firsts = np.repeat(np.arange(start, stop), counts)
        steps = np.arange(len(firsts)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
        one, other = rows[firsts], rows[firsts + steps]
        left, right = np.minimum(one, other), np.maximum(one, other)
        if len(codes) > 1:
            once = _first_shared(codes, left, right) == blocks[firsts]
            left, right = left[once], right[once]
        yield left, right
        start = stop


def _first_shared(codes: Ints, left: Rows, right: Rows) -> Ints:
    """The smallest number among the blocks that both rows are in; -1 for none."""
    found = np.full(len(left), NULL, np.int32)
    for one, other in product(codes, codes):
        here = one[left]
        shared = (here == other[right]) & (here >= 0)
        found = np.where(shared & ((found < 0) | (here < found)), here, found)
    return found
