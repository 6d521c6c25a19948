"""Mining with limits on gaps and spans: a pattern is all places where it ends, each with its latest start.

An early end may lead nowhere while a later one goes on, so every end is kept; of the starts that lead to one end the
latest is best for what follows.  The places within reach behind the ends are written once, counted by item, and those
of frequent items sorted into a segment for each.  Threads, memory and trie are as in `tree`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from journeygraph.intent.mining.kernels.lanes import get, inlined, kernel, lowest, put, shared, take
from journeygraph.intent.mining.kernels.tree import (
    BEGIN,
    DEPTH,
    DONE,
    FINISHED,
    ITEM,
    LIMIT,
    NEEDS_ROOM,
    NEEDS_ROWS,
    ROWS,
    STOP,
    STOPPED,
    TAKEN,
    count_in,
)

# What a level holds.
SLOTS, CURSOR, ITEMS, SUPPORTS, BOUNDS, NODE, TOP_PLACES, TOP_INTS, FIELDS = range(9)


class Places(NamedTuple):
    """A log with everything at its place: gaps count all items, also those that are not frequent (-1)."""

    items: Any  # int32, N
    owners: Any  # int32, N: the sequence
    lasts: Any  # int64, S: the last place of each sequence
    times: Any  # int64, N, ascending within a sequence; empty where no limit is in time
    by_item: Any  # int64, items + 1
    occurrences: Any  # int32, the places of each frequent item
    reach: Any  # at most so many places on
    gap: Any  # at most so much later than the one before
    span: Any  # at most so much later than the first


class Stacks(NamedTuple):
    """A thread's memory."""

    places: Any  # int32
    since: Any  # int64, the start that belongs to a place
    words: Any  # uint64, a set of items
    ints: Any  # int64
    levels: Any  # int64, levels x FIELDS
    counts: Any  # int64, items x 3: sequences, places, the latest sequence


@kernel
def work_within(log, task, order, control, state, stacks, trie, segments, best, k):
    """As `tree.work`, within the limits of the log."""
    while True:
        if state[ITEM] < 0:
            if shared(control, STOP):
                return STOPPED
            number = take(control, TAKEN)
            if number >= len(order):
                return FINISHED
            state[ITEM], state[DEPTH], state[BEGIN] = order[number], -1, state[ROWS]
        answer = FINISHED
        if state[DEPTH] < 0:
            answer = root(log, task, state, stacks)
        if answer == FINISHED:
            answer = walk(log, task, control, state, stacks, trie, best, k)
        segments[state[ITEM], 0], segments[state[ITEM], 1] = state[BEGIN], state[ROWS]
        if answer:
            return answer
        state[ITEM] = -1
        take(control, DONE)


@kernel
def root(log, task, state, stacks):
    """A level with one slot, the first item, at all its places."""
    a = state[ITEM]
    level = stacks.levels[0]
    size = log.by_item[a + 1] - log.by_item[a]
    level[SLOTS], level[CURSOR], level[NODE] = 1, 0, -1
    level[ITEMS], level[BOUNDS], level[SUPPORTS] = 0, 1, 3
    level[TOP_PLACES], level[TOP_INTS] = size, 4 + task.n_groups
    if not has_room(stacks, state, size, level[TOP_INTS], 1):
        return NEEDS_ROOM
    stacks.ints[0], stacks.ints[1], stacks.ints[2] = a, 0, size
    for i in range(size):
        place = log.occurrences[log.by_item[a] + i]
        stacks.places[i] = place
        if len(log.times):
            stacks.since[i] = log.times[place]
    count_members(log, task, stacks, 0, size, level[SUPPORTS])
    state[DEPTH] = 0
    return FINISHED


@inlined
def has_room(stacks, state, places, ints, levels):
    """Whether the stacks reach so far; what is needed is noted for the caller."""
    state[0] = state[1] = places
    state[2] = 0
    state[3] = ints
    state[4] = levels
    return places <= len(stacks.places) and ints <= len(stacks.ints) and levels <= len(stacks.levels)


@kernel
def count_members(log, task, stacks, begin, end, to):
    """How many sequences the places of a segment are in: of all, and of each group."""
    for m in range(1 + task.n_groups):
        stacks.ints[to + m] = 0
    before = -1
    for i in range(begin, end):
        owner = np.int64(log.owners[stacks.places[i]])
        if owner != before:
            before = owner
            stacks.ints[to] += 1
            for g in range(task.n_groups):
                stacks.ints[to + 1 + g] += (task.classes[owner] >> np.uint8(g)) & np.uint8(1)


@inlined
def walk(log, task, control, state, stacks, trie, best, k):
    """Walk the tree below a first item, on from where the last call stopped."""
    levels, ints = stacks.levels, stacks.ints
    members = 1 + task.n_groups
    depth, row = state[DEPTH], state[ROWS]
    answer = FINISHED
    while depth >= 0:
        slot = levels[depth, CURSOR]
        if slot == levels[depth, SLOTS]:
            depth -= 1
            continue
        at = levels[depth, SUPPORTS] + slot * members
        support = ints[at]
        if support < state[LIMIT]:
            levels[depth, CURSOR] += 1
            continue
        answer = NEEDS_ROWS if row == len(trie.parents) else STOPPED if shared(control, STOP) else FINISHED
        longer = depth + 2 <= task.max_length
        if answer == FINISHED and longer and not extend(log, task, state, stacks, depth, slot):
            answer = NEEDS_ROOM
        if answer:
            break
        levels[depth, CURSOR] += 1
        trie.parents[row], trie.items[row] = levels[depth, NODE], ints[levels[depth, ITEMS] + slot]
        for m in range(members):
            trie.counts[row * members + m] = ints[at + m]
        if longer:
            depth += 1
            levels[depth, NODE] = row
        row += 1
        if k:
            count_in(best, control, k, state, support)
    state[DEPTH], state[ROWS] = depth, row
    return answer


@kernel
def extend(log, task, state, stacks, depth, slot):
    """The next level: what follows a pattern within the limits, often enough.  False for want of room."""
    if not has_room(stacks, state, 0, 0, depth + 2):
        return False
    up, level = stacks.levels[depth], stacks.levels[depth + 1]
    begin, end = stacks.ints[up[BOUNDS] + slot], stacks.ints[up[BOUNDS] + slot + 1]
    top = up[TOP_PLACES]
    reached = within_reach(log, stacks, begin, end, top)
    if reached < 0:
        has_room(stacks, state, len(stacks.places) + 1, 0, 0)
        return False
    slots = count(log, stacks, top, reached, state[LIMIT])
    level[SLOTS], level[CURSOR] = slots, 0
    level[ITEMS] = up[TOP_INTS]
    level[BOUNDS] = level[ITEMS] + slots
    level[SUPPORTS] = level[BOUNDS] + slots + 1
    level[TOP_INTS] = level[SUPPORTS] + slots * (1 + task.n_groups)
    if not has_room(stacks, state, 2 * reached - top, level[TOP_INTS], depth + 2):
        forget(log, stacks, top, reached)
        return False
    share(log, stacks, level, top, reached, state[LIMIT])
    level[TOP_PLACES] = stacks.ints[level[BOUNDS] + slots]
    for i in range(slots):
        segment = level[BOUNDS] + i
        to = level[SUPPORTS] + i * (1 + task.n_groups)
        count_members(log, task, stacks, stacks.ints[segment], stacks.ints[segment + 1], to)
    return True


@kernel
def within_reach(log, stacks, begin, end, top):
    """Write the places within reach behind the ends, each once, with its latest start; -1 for want of room."""
    places, since, times = stacks.places, stacks.since, log.times
    timed = len(times) > 0
    high = np.int64(-1)
    for i in range(begin, end):
        p = np.int64(places[i])
        stop = min(log.lasts[log.owners[p]], p + log.reach)
        if top + stop - p > len(places):
            return -1
        if not timed:
            for q in range(max(p, high) + 1, stop + 1):
                put(places, top, q)
                top += 1
            high = max(high, stop)
            continue
        q = p + 1
        while q <= stop and times[q] - times[p] <= log.gap and times[q] - since[i] <= log.span:
            if q <= high:
                at = top - 1 - (high - q)
                since[at] = max(since[at], since[i])
            else:
                places[top], since[top] = q, since[i]
                top += 1
                high = q
            q += 1
    return top


@kernel
def count(log, stacks, begin, end, least):
    """Count sequences and places of each item; answer how many items are frequent."""
    counts = stacks.counts
    slots = 0
    for i in range(begin, end):
        place = np.int64(get(stacks.places, i))
        item = np.int64(get(log.items, place))
        if item < 0:
            continue
        owner = np.int64(get(log.owners, place))
        counts[item, 1] += 1
        if counts[item, 2] != owner:
            counts[item, 2] = owner
            counts[item, 0] += 1
            if counts[item, 0] == least:
                slots += 1
                stacks.words[item >> 6] |= np.uint64(1) << np.uint64(item & 63)
    return slots


@kernel
def share(log, stacks, level, begin, end, least):
    """Give every frequent item a segment behind the places, and sort them into these; forget the counts."""
    counts, ints, places, since = stacks.counts, stacks.ints, stacks.places, stacks.since
    slot, to = 0, end
    for w in range(len(stacks.words)):
        left = stacks.words[w]
        stacks.words[w] = 0
        while left:
            item = (w << 6) + lowest(left)
            left &= left - np.uint64(1)
            ints[level[ITEMS] + slot], ints[level[BOUNDS] + slot] = item, to
            size = counts[item, 1]
            counts[item, 1] = to
            to += size
            slot += 1
    ints[level[BOUNDS] + slot] = to
    for i in range(begin, end):
        item = np.int64(get(log.items, np.int64(get(places, i))))
        if item >= 0 and counts[item, 0] >= least:
            at = counts[item, 1]
            counts[item, 1] = at + 1
            places[at] = places[i]
            if len(log.times):
                since[at] = since[i]
    forget(log, stacks, begin, end)


@kernel
def forget(log, stacks, begin, end):
    """Counts of nothing, for the next pattern."""
    for i in range(begin, end):
        item = np.int64(log.items[stacks.places[i]])
        if item >= 0:
            stacks.counts[item, 0] = stacks.counts[item, 1] = 0
            stacks.counts[item, 2] = -1
            stacks.words[item >> 6] = 0
