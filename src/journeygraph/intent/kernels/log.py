"""A log made ready for mining: frequent items only, where each occurs next, and who holds each."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from journeygraph.intent.kernels.lanes import allocating_kernel, get, inlined, lowest, popcount, put, take


class Log(NamedTuple):
    """S sequences of frequent items, numbered from 0 in the order of their codes.

    The *rank* of an occurrence is its place in its sequence, from 1.  Holders of item a are the sequences
    `holders[by_item[a]:by_item[a + 1]]`, with the rank of its first occurrence in each.
    """

    items: Any  # int32, the occurrences of frequent items, sequence by sequence
    following: Any  # rank of the next occurrence of the same item in the same sequence; 0: none
    starts: Any  # int64, S + 1
    recurring: Any  # int64, places of the occurrences that one of the same item follows
    recurring_starts: Any  # int64, S + 1
    by_item: Any  # int64, items + 1
    holders: Any  # int32
    firsts: Any  # rank, for each holder
    pairs: Any  # uint64, items x words: bit b of row a says that `a b` is frequent


@allocating_kernel
def supports(codes, offsets, n_items):
    """In how many sequences each item occurs."""
    counts = np.zeros(n_items, np.int64)
    seen = np.full(n_items, -1, np.int32)
    for s in range(len(offsets) - 1):
        for i in range(offsets[s], offsets[s + 1]):
            item = get(codes, i)
            put(counts, item, get(counts, item) + (get(seen, item) != s))
            put(seen, item, s)
    return counts


@allocating_kernel
def keep(codes, offsets, number):
    """The occurrences of items that have a number, as numbers; and where each sequence starts then."""
    items = np.empty(len(codes) + 1, np.int32)
    starts = np.empty(len(offsets), np.int64)
    at = 0
    for s in range(len(offsets) - 1):
        starts[s] = at
        for i in range(offsets[s], offsets[s + 1]):
            item = get(number, get(codes, i))
            put(items, at, item)
            at += item >= 0
    starts[-1] = at
    return items[:at], starts


@allocating_kernel
def link(items, starts, by_item, following, firsts):
    """Fill in `following` and, item by item, the holders and their `firsts`; answer the holders."""
    n_items = len(by_item) - 1
    filled = by_item[:-1].copy()
    holders = np.empty(by_item[-1], np.int32)
    latest = np.full(n_items, -1, np.int64)
    for s in range(len(starts) - 1):
        start = starts[s]
        for i in range(start, starts[s + 1]):
            item = np.int64(get(items, i))
            rank = i - start + 1
            put(following, i, 0)
            before = get(latest, item)
            if before >= start:
                put(following, before, rank)
            else:
                at = get(filled, item)
                put(holders, at, s)
                put(firsts, at, rank)
                put(filled, item, at + 1)
            put(latest, item, i)
    return holders


@allocating_kernel
def pairs(log, order, least, counter):
    """Which pairs of items are frequent, a row for each first item: one scan without branches behind its first place.

    The last occurrence of an item in a sequence counts, so every (sequence, item) counts once.
    """
    counts = np.zeros(len(log.by_item) - 1, np.int32)
    while True:
        task = take(counter, 0)
        if task >= len(order):
            return
        a = order[task]
        counts[:] = 0
        for h in range(log.by_item[a], log.by_item[a + 1]):
            s = log.holders[h]
            for i in range(log.starts[s] + np.int64(log.firsts[h]), log.starts[s + 1]):
                item = np.int64(get(log.items, i))
                put(counts, item, get(counts, item) + (get(log.following, i) == 0))
        for b in range(len(counts)):
            if counts[b] >= least:
                log.pairs[a, b >> 6] |= np.uint64(1) << np.uint64(b & 63)


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
