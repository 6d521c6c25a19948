"""A thread's work: take first items until none is left, walk below each, and write every pattern into a trie."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from journeygraph.intent.mining.kernels.lanes import inlined, kernel, shared, take
from journeygraph.intent.mining.kernels.log import count_bits
from journeygraph.intent.mining.kernels.walk import (
    CURSOR,
    ENDS,
    ITEMS,
    NODE,
    SLOTS,
    SUPPORTS,
    descend,
    fill,
    plant,
)

# What `control`, shared by the threads, tells: whether to stop, the least support still asked for, first items done.
STOP, LEAST, DONE, TAKEN, CONTROLS = range(5)
# What `state`, a thread's own, holds besides what it needs: where it was, so that it can go on after room was made.
ITEM, DEPTH, ROWS, BEGIN, LIMIT, COUNTED, WORDS = range(5, 12)
# What `work` answers.
FINISHED, NEEDS_ROOM, NEEDS_ROWS, STOPPED = range(4)


class Trie(NamedTuple):
    """Patterns: one in each row, its parent's before its own; of each first item they stand together, in order."""

    parents: Any  # int32, of this thread's rows; -1: none
    items: Any  # int32
    counts: Any  # int32, rows x (1 + groups), flat: support in all and in each group


@kernel
def work(log, task, order, control, state, stacks, trie, segments, best, k):
    """Mine below the first items of `order` that no other thread has taken.

    `segments` (items x 2) gets the first row and the one behind the last, for each first item that is complete.
    `best` counts patterns by support where only the `k` best are asked for.
    """
    while True:
        if state[ITEM] < 0:
            if shared(control, STOP):
                return STOPPED
            task_number = take(control, TAKEN)
            if task_number >= len(order):
                return FINISHED
            state[ITEM], state[DEPTH], state[BEGIN] = order[task_number], -1, state[ROWS]
        if state[DEPTH] < 0:
            answer = begin(log, task, control, state, stacks, trie, best, k)
            if answer:
                return answer
        answer = below(log, task, control, state, stacks, trie, best, k)
        segments[state[ITEM], 0], segments[state[ITEM], 1] = state[BEGIN], state[ROWS]
        if answer:
            return answer
        state[ITEM] = -1
        take(control, DONE)


@inlined
def begin(log, task, control, state, stacks, trie, best, k):
    """Write a first item's own row and make its level."""
    a = state[ITEM]
    if state[ROWS] == len(trie.parents):
        return NEEDS_ROWS
    support = log.supports[a]
    stacks.levels[0, SLOTS] = stacks.levels[0, CURSOR] = 0
    if task.max_length > 1 and count_bits(log.pairs[a], 0, log.pairs.shape[1]):
        ends = plant(log, task, stacks, state, a)
        stacks.levels[0, NODE] = a
        if ends < 0 or not fill(log, task, stacks, state, 0, ends, state[LIMIT]):
            return NEEDS_ROOM
    stacks.levels[0, NODE] = state[ROWS]
    state[DEPTH] = 0
    if support < state[LIMIT]:
        stacks.levels[0, SLOTS] = 0
        return FINISHED
    members = 1 + task.n_groups
    row = state[ROWS]
    trie.parents[row], trie.items[row] = -1, a
    for m in range(members):
        trie.counts[row * members + m] = 0
    trie.counts[row * members] = support
    if task.n_groups:
        for h in range(log.by_item[a], log.by_item[a + 1]):
            for g in range(task.n_groups):
                trie.counts[row * members + 1 + g] += (task.classes[log.holders[h]] >> np.uint8(g)) & np.uint8(1)
    state[ROWS] += 1
    if k:
        count_in(best, control, k, state, support)
    return FINISHED


@inlined
def below(log, task, control, state, stacks, trie, best, k):
    """Walk the tree below a first item, on from where the last call stopped."""
    levels, ints = stacks.levels, stacks.ints
    n_items, n_words = log.pairs.shape
    members = 1 + task.n_groups
    depth = state[DEPTH]
    row = state[ROWS]
    while depth >= 0:
        slot = levels[depth, CURSOR]
        if slot == levels[depth, SLOTS]:
            depth -= 1
            continue
        at = levels[depth, SUPPORTS] + slot * members
        support = ints[at]
        levels[depth, CURSOR] += 1
        if support < state[LIMIT]:
            continue
        if row == len(trie.parents):
            levels[depth, CURSOR] -= 1
            state[DEPTH], state[ROWS] = depth, row
            return NEEDS_ROWS
        if ints[levels[depth, ENDS] + slot] >= 0:
            if shared(control, STOP):
                state[DEPTH], state[ROWS] = depth, row
                return STOPPED
            ends = descend(task, stacks, state, depth, slot, n_items, n_words)
            if ends < 0 or not fill(log, task, stacks, state, depth + 1, ends, state[LIMIT]):
                levels[depth, CURSOR] -= 1
                state[DEPTH], state[ROWS] = depth, row
                return NEEDS_ROOM
            levels[depth + 1, NODE] = row
            parent, item = levels[depth, NODE], ints[levels[depth, ITEMS] + slot]
            depth += 1
        else:
            parent, item = levels[depth, NODE], ints[levels[depth, ITEMS] + slot]
        trie.parents[row], trie.items[row] = parent, item
        for m in range(members):
            trie.counts[row * members + m] = ints[at + m]
        row += 1
        if k:
            count_in(best, control, k, state, support)
    state[DEPTH], state[ROWS] = -1, row
    return FINISHED


@inlined
def count_in(best, control, k, state, support):
    """For the k best: count a pattern in; the least support rises where k patterns have more."""
    best[support] += 1
    state[COUNTED] += 1
    floor = shared(control, LEAST)
    while state[COUNTED] - best[state[LIMIT]] >= k or state[LIMIT] < floor:
        state[COUNTED] -= best[state[LIMIT]]
        state[LIMIT] += 1
    if state[LIMIT] > floor:
        control[LEAST] = state[LIMIT]


@kernel
def gather(trie, members, segments, owner, thread, places, parents, items, counts, frequent):
    """Copy a thread's rows to their places in the whole: `places[a]` is the first row of first item a."""
    for a in range(len(places)):
        if owner[a] == thread:
            shift = places[a] - segments[a, 0]
            for row in range(segments[a, 0], segments[a, 1]):
                parents[row + shift] = trie.parents[row] + shift if trie.parents[row] >= 0 else -1
                items[row + shift] = frequent[trie.items[row]]
                for m in range(members):
                    counts[m, row + shift] = trie.counts[row * members + m]
