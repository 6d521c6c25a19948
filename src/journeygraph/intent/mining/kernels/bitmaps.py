"""Mining where neighbours may be so many places apart: all ends of a pattern, as bits (SPAM, Ayres et al., KDD 2002).

For each first item a, the places from a's first occurrence on are bits, sixteen to a *lane*; a sequence has as many
lanes as it needs, all but the last of them *inner*.  Every item that may follow has a row of bits where it stands.

- A pattern is the vector of what is within *reach* of its ends: the ends moved on by one place up to the limit.
- R.x ends where x's row meets R's reach; its support is the number of sequences with such a lane.  Several lanes of one
  sequence are counted once by an addition: a carry runs through the inner lanes (`meeting`).
- R.x is only tried where `last(R) x` is frequent within the limit and `a x` without one.
- Where a third of the lanes is dead, the others are moved next to each other; rows of items that follow too few of them
  at any distance are left behind.

Threads, memory and trie are as in `tree`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from journeygraph.intent.mining.kernels.lanes import (
    BLOCK,
    allocating_kernel,
    behind,
    compress,
    get,
    inlined,
    kernel,
    lowest,
    meet,
    meets,
    popcount,
    put,
    shared,
    take,
)
from journeygraph.intent.mining.kernels.reaching import WIDTH, reach_far, reach_on
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

# What a level holds: its slots (items that extend the pattern, with supports) and how its lanes lie.
SLOTS, CURSOR, ITEMS, SUPPORTS, NODE, BLOCKS, INNER, GROUPS, ROW_OF, WANTED, REACH = range(11)
TOP_LANES, TOP_BITS, TOP_INTS, BASES, TOP_BASES, FIELDS = range(11, 17)


class Bitmaps(NamedTuple):
    """A log with everything at its place, and who holds each item."""

    items: Any  # int32, N: gaps count all items, also those that are not frequent (-1)
    lasts: Any  # int32, S: the last place of each sequence
    supports: Any  # int64, for each item
    by_item: Any  # int64, items + 1
    holders: Any  # int32, the sequences that hold an item
    firsts: Any  # int32, the place of its first occurrence in each
    pairs: Any  # uint64, items x words: bit b of row a says that `a b` is frequent within the limit
    partners: Any  # uint64, items x words: the same without a limit
    reach: Any  # at most so many places on
    far: Any  # int32, N: how many places on, where that differs; else empty


class Stacks(NamedTuple):
    """A thread's memory."""

    lanes: Any  # uint16
    bits: Any  # uint64, sets of items and of lanes
    ints: Any  # int64
    levels: Any  # int64, levels x FIELDS
    bases: Any  # int32, the place of a lane's lowest bit, where reach differs


@allocating_kernel
def hold(items, offsets, begin, end, filled, holders, firsts, n_items):
    """Write which of some sequences hold each item, and where first; `filled` tells where to."""
    latest = np.full(n_items, -1, np.int64)
    for s in range(begin, end):
        start = offsets[s]
        for i in range(start, offsets[s + 1]):
            item = np.int64(get(items, i))
            if item >= 0:
                if get(latest, item) < start:
                    to = get(filled, item)
                    put(holders, to, s)
                    put(firsts, to, i)
                    put(filled, item, to + 1)
                put(latest, item, i)


@allocating_kernel
def pairs_within(items, offsets, begin, end, reach, far, n_items):
    """How many of some sequences hold each pair of items: within reach, and at any distance (2 x items x items)."""
    counts = np.zeros(2 * n_items * n_items, np.int32)
    marks = np.full(n_items * n_items, -1, np.int32)
    first_at = np.full(n_items, -1, np.int32)
    seen_in = np.full(n_items, -1, np.int32)
    seen = np.empty(n_items + 1, np.int32)
    free = n_items * n_items
    for s in range(begin, end):
        start, stop = offsets[s], offsets[s + 1]
        for i in range(stop - 1, start - 1, -1):
            if get(items, i) >= 0:
                put(first_at, np.int64(get(items, i)), i)
        n_seen = 0
        for i in range(stop - 1, start - 1, -1):
            item = np.int64(get(items, i))
            if item < 0:
                continue
            base = item * n_items
            here = np.int64(get(far, i)) if len(far) else reach
            for j in range(i + 1, min(stop, i + here + 1)):
                other = np.int64(get(items, j))
                if other >= 0:
                    at = base + other
                    put(counts, at, get(counts, at) + (get(marks, at) != s))
                    put(marks, at, s)
            if get(first_at, item) == i:
                for k in range(n_seen):
                    at = free + base + np.int64(get(seen, k))
                    put(counts, at, get(counts, at) + 1)
            put(seen, n_seen, item)
            n_seen += get(seen_in, item) != s
            put(seen_in, item, s)
    return counts


@kernel
def work_on_bitmaps(log, task, order, control, state, stacks, trie, segments, best, k):
    """As `tree.work`, within the limit of the log."""
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
            answer = plant(log, task, state, stacks)
        if answer == FINISHED:
            answer = walk(log, task, control, state, stacks, trie, best, k)
        segments[state[ITEM], 0], segments[state[ITEM], 1] = state[BEGIN], state[ROWS]
        if answer:
            return answer
        state[ITEM] = -1
        take(control, DONE)


@inlined
def has_room(stacks, state, lanes, bits, ints, levels, bases):
    """Whether the stacks reach so far; what is needed is noted for the caller."""
    state[0] = lanes + BLOCK
    state[1] = bits
    state[2] = ints
    state[3] = levels
    state[4] = bases + BLOCK
    return (
        lanes + BLOCK <= len(stacks.lanes)
        and bases + BLOCK <= len(stacks.bases)
        and bits <= len(stacks.bits)
        and ints <= len(stacks.ints)
        and levels <= len(stacks.levels)
    )


@kernel
def plant(log, task, state, stacks):
    """A level with one slot, the first item, within reach of everything; rows for the items that may follow it."""
    a = state[ITEM]
    lanes, bits, ints, levels, _ = stacks
    n_items, n_words = log.pairs.shape
    level = levels[0]
    level[SLOTS], level[CURSOR], level[NODE] = 1, 0, -1
    level[ITEMS], level[SUPPORTS], level[ROW_OF] = 0, 1, 2 + task.n_groups
    level[TOP_INTS] = level[ROW_OF] + n_items
    n_lanes, rows = 0, 1
    for w in range(n_words):
        rows += popcount(log.partners[a, w])
    fruitful = False
    for w in range(n_words):
        fruitful |= log.pairs[a, w] != 0
    if fruitful:
        for h in range(log.by_item[a], log.by_item[a + 1]):
            n_lanes += lanes_of(log, h)
    blocks = (n_lanes + 63) >> 6
    stride = blocks << 6
    level[BLOCKS], level[INNER], level[WANTED] = blocks, 0, blocks
    level[GROUPS] = blocks + n_words
    level[TOP_BITS] = level[GROUPS] + task.n_groups * blocks
    level[REACH] = BLOCK  # a lane before the first one is read
    level[TOP_LANES] = BLOCK + (1 + rows) * stride
    level[BASES], level[TOP_BASES] = 0, stride if len(log.far) else 0
    if not has_room(stacks, state, level[TOP_LANES] + stride, level[TOP_BITS], level[TOP_INTS], 1, level[TOP_BASES]):
        return NEEDS_ROOM
    ints[0], ints[1] = a, log.supports[a]
    count_holders(log, task, ints, a)
    for i in range(level[TOP_BITS]):
        bits[i] = 0
    for i in range(level[TOP_LANES] + stride):
        put(lanes, i, 0)
    for item in range(n_items):
        ints[level[ROW_OF] + item] = level[TOP_LANES]  # of no interest: written, never read
    row = BLOCK + stride
    ints[level[ROW_OF] + a] = row
    for w in range(n_words):
        left = bits[level[WANTED] + w] = log.partners[a, w]
        while left:
            item = (w << 6) + lowest(left)
            left &= left - np.uint64(1)
            if item != a:
                row += stride
                ints[level[ROW_OF] + item] = row
    if n_lanes:
        sow(log, task, stacks, a)
    state[DEPTH] = 0
    return FINISHED


@inlined
def lanes_of(log, holder):
    """How many lanes a holder needs; none where nothing follows."""
    behind_first = np.int64(log.lasts[log.holders[holder]]) - np.int64(log.firsts[holder])
    return (behind_first + WIDTH) // WIDTH if behind_first else 0


@inlined
def count_holders(log, task, ints, a):
    """How many holders of the first item are in each group."""
    for g in range(task.n_groups):
        ints[2 + g] = 0
    if task.n_groups:
        for h in range(log.by_item[a], log.by_item[a + 1]):
            for g in range(task.n_groups):
                ints[2 + g] += (task.classes[log.holders[h]] >> np.uint8(g)) & np.uint8(1)


@kernel
def sow(log, task, stacks, a):
    """Write each place into its item's row, which lanes are inner, and the groups of the sequences of the others."""
    lanes, bits, ints, levels, bases = stacks
    level = levels[0]
    lane = 0
    for h in range(log.by_item[a], log.by_item[a + 1]):
        n_lanes = lanes_of(log, h)
        if n_lanes == 0:
            continue
        s, first = np.int64(log.holders[h]), np.int64(log.firsts[h])
        for i in range(n_lanes):
            put(lanes, level[REACH] + lane + i, 0xFFFF)
            if len(log.far):
                put(bases, lane + i, first + i * WIDTH)
        for place in range(first, np.int64(log.lasts[s]) + 1):
            item = np.int64(get(log.items, place))
            if item >= 0:
                at = get(ints, level[ROW_OF] + item) + lane + ((place - first) >> 4)
                put(lanes, at, np.int64(get(lanes, at)) | (1 << ((place - first) & 15)))
        for i in range(lane, lane + n_lanes - 1):
            bits[level[INNER] + (i >> 6)] |= np.uint64(1) << np.uint64(i & 63)
        lane += n_lanes
        end = lane - 1
        for g in range(task.n_groups):
            bit = np.uint64((task.classes[s] >> np.uint8(g)) & np.uint8(1)) << np.uint64(end & 63)
            bits[level[GROUPS] + g * level[BLOCKS] + (end >> 6)] |= bit


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
        if longer and levels[depth + 1, SLOTS]:
            depth += 1
            levels[depth, NODE] = row
        row += 1
        if k:
            count_in(best, control, k, state, support)
    state[DEPTH], state[ROWS] = depth, row
    return answer


@inlined
def extend(log, task, state, stacks, depth, slot):
    """The next level: what follows R.x within the limit, often enough.  False for want of room."""
    lanes, bits, ints, levels, bases = stacks
    if not has_room(stacks, state, 0, 0, 0, depth + 2, 0):
        return False
    up, level = levels[depth], levels[depth + 1]
    n_items, n_words = log.pairs.shape
    x = ints[up[ITEMS] + slot]
    blocks = up[BLOCKS]
    stride = blocks << 6
    candidates = 0
    for w in range(n_words):
        candidates += popcount(log.pairs[x, w] & bits[up[WANTED] + w])
    level[SLOTS], level[CURSOR] = 0, 0
    if candidates == 0 or blocks == 0:
        return True
    reach, ends = up[TOP_LANES], up[TOP_LANES] + stride
    level[ITEMS] = up[TOP_INTS]
    level[SUPPORTS] = level[ITEMS] + candidates
    level[TOP_INTS] = level[SUPPORTS] + candidates * (1 + task.n_groups)
    if not has_room(stacks, state, ends + stride, up[TOP_BITS], level[TOP_INTS], depth + 2, 0):
        return False
    row = ints[up[ROW_OF] + x]
    for at in range(0, stride, 64):
        meet(lanes, up[REACH] + at, row + at, ends + at)
    if len(log.far):
        reach_far(lanes, bases[up[BASES] :], blocks, ends, reach, log.far)
    else:
        reach_on(lanes, bits, up[INNER], blocks, ends, reach, log.reach)
    for w in range(n_words):
        left = log.pairs[x, w] & bits[up[WANTED] + w]
        while left:
            item = (w << 6) + lowest(left)
            left &= left - np.uint64(1)
            count = meeting(lanes, bits, up[INNER], blocks, get(ints, up[ROW_OF] + item), reach)
            if count >= state[LIMIT]:
                found = level[SLOTS]
                to = level[SUPPORTS] + found * (1 + task.n_groups)
                ints[level[ITEMS] + found], ints[to] = item, count
                for g in range(task.n_groups):
                    groups = up[GROUPS] + g * blocks
                    ints[to + 1 + g] = meeting_in(
                        lanes, bits, up[INNER], groups, blocks, ints[up[ROW_OF] + item], reach
                    )
                level[SLOTS] += 1
    if level[SLOTS] == 0:
        return True
    return settle(task, state, stacks, depth, reach, ends, n_items, n_words)


@inlined
def meeting(lanes, bits, inner, blocks, row, reach):
    """How many sequences have a lane where two rows meet."""
    count = 0
    carry = np.uint64(0)
    for b in range(blocks):
        within = get(bits, inner + b)
        mask = meets(lanes, row + b * 64, reach + b * 64)
        some = mask & within
        total = some + within + carry
        count += popcount(((total ^ within ^ some) | mask) & ~within)
        carry = (some | (within & ~total)) >> np.uint64(63)
    return count


@inlined
def meeting_in(lanes, bits, inner, groups, blocks, row, reach):
    """The same, of the sequences of a group."""
    count = 0
    carry = np.uint64(0)
    for b in range(blocks):
        within = bits[inner + b]
        mask = meets(lanes, row + b * 64, reach + b * 64)
        some = mask & within
        total = some + within + carry
        count += popcount(((total ^ within ^ some) | mask) & ~within & bits[groups + b])
        carry = (some | (within & ~total)) >> np.uint64(63)
    return count


@inlined
def settle(task, state, stacks, depth, reach, ends, n_items, n_words):
    """Where the lanes of the next level lie: as before, or those that are alive next to each other."""
    lanes, bits, _, levels, _ = stacks
    up, level = levels[depth], levels[depth + 1]
    blocks = up[BLOCKS]
    stride = blocks << 6
    level[BLOCKS], level[INNER], level[GROUPS] = blocks, up[INNER], up[GROUPS]
    level[ROW_OF], level[WANTED], level[REACH] = up[ROW_OF], up[WANTED], reach
    level[TOP_LANES], level[TOP_BITS] = reach + stride, up[TOP_BITS]
    level[BASES], level[TOP_BASES] = up[BASES], up[TOP_BASES]
    rest, masks = ends + stride, up[TOP_BITS]
    if not has_room(stacks, state, rest + stride, masks + blocks, level[TOP_INTS], depth + 2, 0):
        return False
    alive = 0
    carry = np.uint64(0)
    for b in range(blocks):
        within = bits[up[INNER] + b]
        mask = meets(lanes, ends + b * 64, ends + b * 64)
        some = mask & within
        total = some + within + carry
        later = total ^ within ^ some
        carry = (some | (within & ~total)) >> np.uint64(63)
        bits[masks + b] = behind(lanes, ends + b * 64, later, rest + b * 64)
        alive += popcount(bits[masks + b])
    packed = (alive + 63) >> 6
    if 3 * packed > 2 * blocks:
        return True
    return pack(task, state, stacks, depth, reach, rest, masks, alive, n_items, n_words)


@inlined
def pack(task, state, stacks, depth, reach, rest, masks, alive, n_items, n_words):
    """Move the lanes that are alive next to each other, of the rows that often enough follow at any distance."""
    lanes, bits, ints, levels, bases = stacks
    up, level = levels[depth], levels[depth + 1]
    blocks, packed = up[BLOCKS], (alive + 63) >> 6
    level[ROW_OF] = level[TOP_INTS]
    level[TOP_INTS] += n_items
    level[WANTED] = masks + blocks
    level[INNER] = level[WANTED] + n_words
    level[GROUPS] = level[INNER] + packed
    level[TOP_BITS] = level[GROUPS] + packed * task.n_groups
    wanted = 0
    for w in range(n_words):
        wanted += popcount(bits[up[WANTED] + w])
    to = rest + (blocks << 6)
    level[TOP_BASES] += (packed << 6) if up[TOP_BASES] else 0
    lanes_in_all = to + (1 + wanted) * (packed << 6)
    if not has_room(stacks, state, lanes_in_all, level[TOP_BITS], level[TOP_INTS], depth + 2, level[TOP_BASES]):
        return False
    level[BLOCKS], level[REACH] = packed, to
    if up[TOP_BASES]:
        level[BASES] = up[TOP_BASES]
        squeeze(bases, up[BASES], bits, masks, blocks, level[BASES])
    squeeze(lanes, reach, bits, masks, blocks, to)
    to += packed << 6
    for lane in range(level[REACH] + alive, to):
        lanes[lane] = 0
    for w in range(n_words):
        left, kept = bits[up[WANTED] + w], np.uint64(0)
        while left:
            bit = left & (np.uint64(0) - left)
            item = (w << 6) + lowest(left)
            left ^= bit
            row = ints[up[ROW_OF] + item]
            if meeting(lanes, bits, up[INNER], blocks, row, rest) >= state[LIMIT]:
                squeeze(lanes, row, bits, masks, blocks, to)
                ints[level[ROW_OF] + item] = to
                to += packed << 6
                kept |= bit
        bits[level[WANTED] + w] = kept
    level[TOP_LANES] = to
    gather_bits(bits, masks, blocks, up[INNER], level[INNER], packed)
    for g in range(task.n_groups):
        gather_bits(bits, masks, blocks, up[GROUPS] + g * blocks, level[GROUPS] + g * packed, packed)
    return True


@inlined
def squeeze(lanes, at, bits, masks, blocks, to):
    """Copy the lanes (or bases) that the masks name, next to each other."""
    for b in range(blocks):
        mask = bits[masks + b]
        compress(lanes, at + b * 64, mask, lanes, to)
        to += popcount(mask)


@inlined
def gather_bits(bits, masks, blocks, source, target, packed):
    """The same with a bit for each lane."""
    for i in range(packed):
        bits[target + i] = 0
    to = 0
    for b in range(blocks):
        left = bits[masks + b]
        word = bits[source + b]
        while left:
            bit = np.uint64(lowest(left))
            left &= left - np.uint64(1)
            bits[target + (to >> 6)] |= ((word >> bit) & np.uint64(1)) << np.uint64(to & 63)
            to += 1
