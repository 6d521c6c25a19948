"""A log made ready for mining: frequent items only, where each occurs next, and who holds each.

Threads share the sequences out in *parts*.  What a part keeps it writes where its sequences stood, so it needs not know
how much the others keep; the hole behind it is a sequence of its own that nobody holds: sequence s of part p has the
number s + p.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from journeygraph.intent.mining.kernels.lanes import allocating_kernel, get, inlined, lowest, popcount, put


class Log(NamedTuple):
    """Sequences of frequent items, numbered from 0 in the order of their codes.

    The *rank* of an occurrence is its place in its sequence, from 1.  Holders of item a are the sequences
    `holders[by_item[a]:by_item[a + 1]]`, with the rank of its first occurrence in each; an item without a partner has
    none.
    """

    items: Any  # uint16, the occurrences of frequent items, sequence by sequence
    following: Any  # rank of the next occurrence of the same item in the same sequence; 0: none
    starts: Any  # int32, a place for each sequence, and one behind
    recurring: Any  # int32, places of the occurrences that one of the same item follows
    recurring_ends: Any  # int32, for each sequence the place behind its last one among these; -1: it has none
    supports: Any  # int64, for each item
    by_item: Any  # int64, items + 1
    holders: Any  # int32
    firsts: Any  # rank, for each holder
    pairs: Any  # uint64, items x words: bit b of row a says that `a b` is frequent


@allocating_kernel
def supports(codes, offsets, begin, end, n_items):
    """In how many of some sequences each item occurs."""
    counts = np.zeros(n_items, np.int64)
    seen = np.full(n_items, -1, np.int32)
    for s in range(begin, end):
        for i in range(offsets[s], offsets[s + 1]):
            item = get(codes, i)
            put(counts, item, get(counts, item) + (get(seen, item) != s))
            put(seen, item, s)
    return counts


@allocating_kernel
def keep(codes, offsets, part, begin, end, number, items, starts):
    """A part's occurrences of items that have a number, as numbers; answers the length of the longest sequence."""
    at = offsets[begin]
    longest = 0
    for s in range(begin, end):
        start = at
        put(starts, s + part, at)
        for i in range(offsets[s], offsets[s + 1]):
            item = get(number, get(codes, i))
            put(items, at, item)
            at += item >= 0
        longest = max(longest, at - start)
    put(starts, end + part, at)
    return longest


@allocating_kernel
def pairs(items, starts, begin, end, row, rows, n_items):
    """How many of some sequences hold each pair of items, for the first items `row` to `row + rows`.

    A sequence is read from its end: where an item stands for the first time, it is paired with all that were seen.
    """
    counts = np.zeros(rows * n_items, np.int32)
    first_at = np.full(n_items, -1, np.int32)
    seen_in = np.full(n_items, -1, np.int32)
    seen = np.empty(n_items + 1, np.uint16)
    for s in range(begin, end):
        start, stop = np.int64(get(starts, s)), np.int64(get(starts, s + 1))
        if stop - start < 2:
            continue
        for i in range(stop - 1, start - 1, -1):
            put(first_at, np.int64(get(items, i)), i)
        n_seen = 0
        for i in range(stop - 1, start - 1, -1):
            item = np.int64(get(items, i))
            if get(first_at, item) == i and row <= item < row + rows:
                base = (item - row) * n_items
                for k in range(n_seen):
                    at = base + np.int64(get(seen, k))
                    put(counts, at, get(counts, at) + 1)
            put(seen, n_seen, item)
            n_seen += get(seen_in, item) != s
            put(seen_in, item, s)
    return counts


@allocating_kernel
def link(log, begin, end, wanted, filled):
    """Leave a part's items out that are not wanted, and fill in everything else; `filled` tells where holders go.

    Its sequences have the numbers `begin` to `end` (exclusive).
    """
    latest = np.full(len(wanted), -1, np.int64)
    stop = np.int64(get(log.starts, begin))
    at = again = stop
    put(log.recurring, max(stop - 1, 0), -1)  # nothing recurs before; no part fills its last place
    for s in range(begin, end):
        start, stop = stop, np.int64(get(log.starts, s + 1))
        first = at
        put(log.starts, s, first)
        for i in range(start, stop):
            item = np.int64(get(log.items, i))
            put(log.items, at, item)
            at += get(wanted, item)
        repeated = False
        for i in range(first, at):
            item = np.int64(get(log.items, i))
            rank = i - first + 1
            put(log.following, i, 0)
            before = get(latest, item)
            put(latest, item, i)
            if before >= first:
                put(log.following, before, rank)
                repeated = True
            else:
                to = get(filled, item)
                put(log.holders, to, s)
                put(log.firsts, to, rank)
                put(filled, item, to + 1)
        if repeated:
            for i in range(first, at):
                put(log.recurring, again, i)
                again += get(log.following, i) != 0
        put(log.recurring_ends, s, again if repeated else -1)
    put(log.starts, end, at)


@inlined
def count_bits(words, start, n_words):
    """How many bits are set in some words."""
    total = 0
    for w in range(start, start + n_words):
        total += popcount(words[w])
    return total


@inlined
def next_bit(words, start, n_words, bit):
    """The lowest bit from `bit` on that is set, or -1."""
    w = bit >> 6
    if w >= n_words:
        return -1
    word = words[start + w] & ~((np.uint64(1) << np.uint64(bit & 63)) - np.uint64(1))
    while word == 0:
        w += 1
        if w >= n_words:
            return -1
        word = words[start + w]
    return (w << 6) + lowest(word)
