"""One step down the tree of patterns.

A *level* stands for a pattern R and knows F(R), the items that extend it, each in a *slot*, with rows of lanes for
their first and last ranks behind R's first item.  For every x of F(R), `fill` finds where R.x ends and which items
extend it; `descend` makes a level of R.x.  All memory is the caller's: where it doesn't suffice, that is said, and the
step is taken again after room was made.  So nothing here counts references, which would cost more than the mining.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from journeygraph.intent.mining.kernels.lanes import (
    BLOCK,
    above,
    compress,
    get,
    inlined,
    kernel,
    lowest,
    popcount,
    put,
    step,
)
from journeygraph.intent.mining.kernels.log import count_bits, next_bit

# What a level holds: numbers of slots and of blocks; places in the arrays; the pattern's node; tops of the stacks.
SLOTS, CURSOR, BLOCKS, FIRST_AT, LASTS, ROWS, SLOT_OF, ITEMS, SUPPORTS, ENDS, BELOW, BITS, IDS, GROUPS, NODE = range(15)
TOP_LANES, TOP_IDS, TOP_BITS, TOP_INTS, FIELDS = range(15, 20)
# What a thread is told and tells (`state`): how much of each stack is needed; the rest is `tree`'s.
NEED_LANES, NEED_IDS, NEED_BITS, NEED_INTS, NEED_LEVELS = range(5)


class Stacks(NamedTuple):
    """A thread's memory."""

    lanes: Any  # ranks: rows of firsts and lasts, vectors of ends
    ids: Any  # int32, the sequence of each lane
    bits: Any  # uint64, sets of items; members of groups
    ints: Any  # int64
    levels: Any  # int64, levels x FIELDS


class Task(NamedTuple):
    """What is asked for."""

    max_length: Any
    classes: Any  # uint8, a bit for each group that a sequence is in
    n_groups: Any


@inlined
def has_room(stacks, state, lanes, ids, bits, ints, levels):
    """Whether the stacks reach up to these places; what is needed is noted for the caller."""
    state[NEED_LANES] = lanes + BLOCK
    state[NEED_IDS] = ids + BLOCK
    state[NEED_BITS] = bits
    state[NEED_INTS] = ints
    state[NEED_LEVELS] = levels
    return (
        lanes + BLOCK <= len(stacks.lanes)
        and ids + BLOCK <= len(stacks.ids)
        and bits <= len(stacks.bits)
        and ints <= len(stacks.ints)
        and levels <= len(stacks.levels)
    )


@kernel
def plant(log, task, stacks, state, a):
    """Level 0, for the pattern of item a alone: rows of the items that extend it, a lane for each holder."""
    lanes, _, bits, ints, levels = stacks
    n_items, n_words = log.pairs.shape
    members = 1 + task.n_groups
    n_lanes = log.by_item[a + 1] - log.by_item[a]
    blocks = (n_lanes + 63) >> 6
    stride = blocks << 6
    slots = 0
    for w in range(n_words):
        slots += popcount(log.pairs[a, w])
    level = levels[0]
    level[SLOTS], level[BLOCKS], level[CURSOR] = slots, blocks, 0
    level[LASTS] = (slots + 1) * stride
    level[ROWS], level[SLOT_OF], level[ITEMS] = 0, n_items, 2 * n_items
    level[ENDS], level[BELOW], level[SUPPORTS] = 2 * n_items + slots, 2 * n_items + 2 * slots, 2 * n_items + 3 * slots
    level[BITS], level[IDS], level[GROUPS] = 0, 0, n_words * slots
    ends = 2 * (slots + 1) * stride
    level[TOP_LANES], level[TOP_IDS] = ends + stride, stride
    level[FIRST_AT] = 2 * n_items + (3 + members) * slots
    level[TOP_BITS], level[TOP_INTS] = n_words * slots + blocks * task.n_groups, level[FIRST_AT] + slots
    if not has_room(stacks, state, level[TOP_LANES], 2 * stride, level[TOP_BITS], level[TOP_INTS], 1):
        return -1
    for i in range(n_items):
        ints[i] = level[LASTS] + slots * stride  # the row of what doesn't extend a: written, never read
    slot = 0
    for item in range(n_items):
        if (log.pairs[a, item >> 6] >> np.uint64(item & 63)) & np.uint64(1):
            ints[item] = level[LASTS] + slot * stride
            ints[n_items + item], ints[2 * n_items + slot], ints[level[FIRST_AT] + slot] = slot, item, slot * stride
            slot += 1
    sow(log, stacks, a, level[LASTS])
    live_and_dead(lanes, ends, n_lanes, stride)
    mark_groups(task, stacks, 0, n_lanes)
    for slot in range(slots):
        count = 0
        row = level[LASTS] + slot * stride
        for at in range(0, stride, 64):
            count += popcount(above(lanes, row + at, lanes, ends + at))
        ints[level[SUPPORTS] + slot * members] = count
        count_groups(task, lanes, bits, ints, level, row, ends, level[SUPPORTS] + slot * members + 1)
    return ends


@kernel
def sow(log, stacks, a, size):
    """Write the ranks behind a's first occurrence into the rows: the last ones, then as many bytes before, the first.

    The first are the last, but for what recurs: its earlier ranks are written over them, the first at the end.
    """
    lanes, ids, ints = stacks.lanes, stacks.ids, stacks.ints
    begin = log.by_item[a]
    n_lanes = log.by_item[a + 1] - begin
    some = stacks.levels[0, TOP_IDS]  # above the ids: the lanes where something recurs
    top = some
    for at in range(size, 2 * size):
        put(lanes, at, 0)
    for lane in range(n_lanes):
        s = np.int64(get(log.holders, begin + lane))
        before = get(log.starts, s) - 1
        behind = before + np.int64(get(log.firsts, begin + lane))
        put(ids, lane, s)
        put(ids, top, lane)
        recurring_end = np.int64(get(log.recurring_ends, s))
        top += (recurring_end >= 0) & (np.int64(get(log.recurring, max(recurring_end - 1, 0))) > behind)
        for i in range(behind + 1, get(log.starts, s + 1)):
            put(lanes, get(ints, np.int64(get(log.items, i))) + lane, i - before)
    for at in range(size):
        put(lanes, at, get(lanes, size + at))
    for k in range(some, top):
        lane = np.int64(get(ids, k))
        s = np.int64(get(ids, lane))
        before = get(log.starts, s) - 1
        behind = before + np.int64(get(log.firsts, begin + lane))
        at = get(log.recurring_ends, s) - 1
        i = np.int64(get(log.recurring, at))
        while i > behind:
            put(lanes, get(ints, np.int64(get(log.items, i))) + lane - size, i - before)
            at -= 1
            i = np.int64(get(log.recurring, at)) if at >= 0 else -1


@kernel
def live_and_dead(lanes, at, n_lanes, stride):
    """Ends before everything, and dead lanes up to the end of the last block."""
    for lane in range(stride):
        lanes[at + lane] = 0 if lane < n_lanes else -1


@kernel
def mark_groups(task, stacks, depth, n_lanes):
    """A bit for each lane and group that its sequence is in."""
    if task.n_groups == 0:
        return
    level = stacks.levels[depth]
    blocks = level[BLOCKS]
    for i in range(blocks * task.n_groups):
        stacks.bits[level[GROUPS] + i] = 0
    for lane in range(n_lanes):
        member = task.classes[stacks.ids[level[IDS] + lane]]
        for g in range(task.n_groups):
            bit = np.uint64((member >> np.uint8(g)) & np.uint8(1)) << np.uint64(lane & 63)
            stacks.bits[level[GROUPS] + g * blocks + (lane >> 6)] |= bit


@inlined
def descend(task, stacks, state, depth, slot, n_items, n_words):
    """The next level, for R.x with x in `slot` of level `depth`: its rows are R's, or R's without the dead lanes.

    Answers where R.x ends, or -1 for want of room.
    """
    _, _, bits, ints, levels = stacks
    if not has_room(stacks, state, 0, 0, 0, 0, depth + 2):
        return -1
    up, level = levels[depth], levels[depth + 1]
    slots = count_bits(bits, up[BITS] + slot * n_words, n_words)
    support = ints[up[SUPPORTS] + slot * (1 + task.n_groups)]
    blocks, packed = up[BLOCKS], (support + 63) >> 6
    dense = 3 * packed <= 2 * blocks
    level[SLOTS], level[CURSOR] = slots, 0
    level[SLOT_OF] = up[TOP_INTS]
    level[ITEMS] = level[SLOT_OF] + n_items
    level[ENDS], level[BELOW] = level[ITEMS] + slots, level[ITEMS] + 2 * slots
    level[FIRST_AT] = level[ITEMS] + 3 * slots
    level[TOP_INTS] = level[ITEMS] + 4 * slots + dense * n_items
    level[SUPPORTS] = ints[up[BELOW] + slot]
    level[BITS] = up[TOP_BITS]
    level[GROUPS] = level[BITS] + slots * n_words
    level[TOP_BITS] = level[GROUPS] + dense * packed * task.n_groups
    level[TOP_LANES] = up[TOP_LANES] + dense * (2 * slots + 1) * packed * 64
    level[TOP_IDS] = up[TOP_IDS] + dense * packed * 64
    if not has_room(
        stacks, state, level[TOP_LANES], level[TOP_IDS], level[TOP_BITS] + blocks, level[TOP_INTS], depth + 2
    ):
        return -1
    item = next_bit(bits, up[BITS] + slot * n_words, n_words, 0)
    for i in range(slots):
        ints[level[SLOT_OF] + item], ints[level[ITEMS] + i] = i, item
        ints[level[FIRST_AT] + i] = ints[up[ENDS] + ints[up[SLOT_OF] + item]]
        item = next_bit(bits, up[BITS] + slot * n_words, n_words, item + 1)
    ends = ints[up[ENDS] + slot]
    if dense:
        level[BLOCKS], level[ROWS], level[IDS] = packed, level[FIRST_AT] + slots, up[TOP_IDS]
        level[LASTS] = up[TOP_LANES]
        ends = pack(stacks, up, level, ends, support)
        mark_groups(task, stacks, depth + 1, support)
    else:
        level[BLOCKS], level[LASTS], level[ROWS] = blocks, up[LASTS], up[ROWS]
        level[IDS], level[GROUPS] = up[IDS], up[GROUPS]
    return ends


@inlined
def pack(stacks, up, level, ends, support):
    """Move the lanes that are alive next to each other: rows, ends and sequences; answer where the ends are."""
    lanes, ids, bits, ints, _ = stacks
    packed = level[BLOCKS] * 64
    masks = level[TOP_BITS]  # room above, for the moment
    target = level[LASTS] + level[SLOTS] * packed
    live_and_dead(lanes, target, 0, 64)
    for b in range(up[BLOCKS]):
        bits[masks + b] = above(lanes, target, lanes, ends + b * 64)
    for i in range(level[SLOTS]):
        item = ints[level[ITEMS] + i]
        row = level[LASTS] + i * packed
        squeeze(lanes, ints[up[ROWS] + item], bits, masks, up[BLOCKS], row)
        ints[level[ROWS] + item] = row
    squeeze(lanes, ends, bits, masks, up[BLOCKS], target)
    to = target + packed  # upwards: a row's last block may spill into the next
    for i in range(level[SLOTS]):
        if ints[level[FIRST_AT] + i] >= 0:
            squeeze(lanes, ints[level[FIRST_AT] + i], bits, masks, up[BLOCKS], to)
            ints[level[FIRST_AT] + i] = to
            to += packed
    level[TOP_LANES] = to
    squeeze(ids, up[IDS], bits, masks, up[BLOCKS], level[IDS])
    for lane in range(support, packed):
        lanes[target + lane] = -1
    return target


@inlined
def squeeze(array, at, bits, masks, blocks, to):
    """Copy the lanes that the masks name, next to each other."""
    for b in range(blocks):
        mask = bits[masks + b]
        compress(array, at + b * 64, mask, array, to)
        to += popcount(mask)


@inlined
def fill(log, task, stacks, state, depth, ends, least):
    """For every x of F(R): where R.x ends, and which items extend it.  False for want of room."""
    lanes, ids, bits, ints, levels = stacks
    level = levels[depth]
    n_words = log.pairs.shape[1]
    stride = level[BLOCKS] * 64
    members = 1 + task.n_groups
    for slot in range(level[SLOTS]):
        own = level[BITS] + slot * n_words
        item = ints[level[ITEMS] + slot]
        ints[level[ENDS] + slot] = -1
        candidates = 0
        if depth + 3 <= task.max_length:
            candidates = candidates_of(log, stacks, depth, slot, item, n_words)
        if candidates == 0:
            continue
        out, below = level[TOP_LANES], level[TOP_INTS]
        if not has_room(stacks, state, out + stride, 0, 0, below + candidates * members, 0):
            return False
        follow(log, lanes, ids, level, ints[level[FIRST_AT] + slot], ints[level[ROWS] + item], ends, out)
        found = test(task, lanes, bits, ints, level, own, out, below, n_words, least)
        if found:
            ints[level[ENDS] + slot], ints[level[BELOW] + slot] = out, below
            level[TOP_LANES] += stride
            level[TOP_INTS] += found * members
    return True


@inlined
def candidates_of(log, stacks, depth, slot, item, n_words):
    """Write the set of items that may extend R.x: they extend R, and R without its last item but with x; count them."""
    levels, bits, ints = stacks.levels, stacks.bits, stacks.ints
    own = levels[depth, BITS] + slot * n_words
    total = 0
    if depth:
        parent = levels[depth - 1, BITS] + (levels[depth - 1, CURSOR] - 1) * n_words
        sibling = levels[depth - 1, BITS] + ints[levels[depth - 1, SLOT_OF] + item] * n_words
        for w in range(n_words):
            bits[own + w] = bits[parent + w] & bits[sibling + w]
            total += popcount(bits[own + w])
    else:
        for w in range(n_words):
            bits[own + w] = log.pairs[levels[0, NODE], w] & log.pairs[item, w]
            total += popcount(bits[own + w])
    return total


@inlined
def follow(log, lanes, ids, level, firsts, lasts, ends, out):
    """Where R.x ends, lane by lane.  With R = P.r: where P.x ends, if that is behind R's end.

    Else x recurs, and its occurrences are followed from there until one is behind R's end.
    """
    id_of = level[IDS]
    for at in range(0, level[BLOCKS] * 64, 64):
        guessed = step(lanes, firsts + at, lasts + at, ends + at, out + at)
        while guessed:
            lane = at + lowest(guessed)
            guessed &= guessed - np.uint64(1)
            before = get(log.starts, np.int64(get(ids, id_of + lane))) - 1
            end = get(lanes, ends + lane)
            rank = get(lanes, firsts + lane)
            while rank <= end:
                rank = get(log.following, before + np.int64(rank))
            put(lanes, out + lane, rank)


@inlined
def test(task, lanes, bits, ints, level, own, ends, below, n_words, least):
    """Of the candidates, keep those that extend R.x often enough; write their supports; answer how many they are."""
    stride, rows = level[BLOCKS] * 64, level[ROWS]
    members = 1 + task.n_groups
    found = 0
    for w in range(n_words):
        left = bits[own + w]
        kept = np.uint64(0)
        while left:
            bit = left & (np.uint64(0) - left)
            row = get(ints, rows + (w << 6) + lowest(left))
            left ^= bit
            count = 0
            for at in range(0, stride, 64):
                count += popcount(above(lanes, row + at, lanes, ends + at))
            ints[below + found * members] = count
            if count >= least:
                count_groups(task, lanes, bits, ints, level, row, ends, below + found * members + 1)
                found += 1
                kept |= bit
        bits[own + w] = kept
    return found


@inlined
def count_groups(task, lanes, bits, ints, level, row, ends, to):
    """How many of the lanes that hold the pattern are in each group."""
    for g in range(task.n_groups):
        count = 0
        for b in range(level[BLOCKS]):
            holding = above(lanes, row + b * 64, lanes, ends + b * 64)
            count += popcount(holding & bits[level[GROUPS] + g * level[BLOCKS] + b])
        ints[to + g] = count
