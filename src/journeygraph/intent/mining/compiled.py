"""The compiled engine: the kernels behind a typed face, with threads."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.intent.mining.budget import Budget
from journeygraph.intent.mining.mined import Mined
from journeygraph.intent.mining.prepared import Workers, bitmaps, frequent, microseconds, prepared, suits_bitmaps
from journeygraph.intent.mining.sequences import Limits, Sequences
from journeygraph.settings import Settings

Groups = Sequence[NDArray[np.bool_]]
#: What fits the kernels: ranks of two bytes, groups in the bits of a byte, a bit for each pair of frequent items.
MOST_RANKS, MOST_GROUPS, MOST_ITEMS = 65_534, 8, 16_384
#: Places in the log and numbers of sequences are of four bytes.
MOST_TOUCHPOINTS = 2**31 - 2


def available() -> bool:
    """Whether numba is installed; without it, other engines mine."""
    return find_spec("numba") is not None


def warm(sequences: Sequences, limits: Limits) -> bool:
    """Whether the kernels for this were compiled on this machine before; compiling takes many seconds, once."""
    free = limits.free or _reaches_all(sequences, limits)
    as_bits = suits_bitmaps(limits, len(sequences.items))
    kernel = "tree.work" if free else "bitmaps.work_on_bitmaps" if as_bits else "window.work_within"
    return any(_cache_folder().rglob(f"{kernel}-*.nbc"))


def fits(sequences: Sequences, limits: Limits, groups: Groups) -> bool:
    """Whether the kernels can do this: no sequence, alphabet or number of groups beyond their numbers."""
    longest = int(np.diff(sequences.offsets).max(initial=0))
    few = len(sequences.items) <= MOST_ITEMS or int(np.sum(_counts(sequences) >= limits.minimum_support)) <= MOST_ITEMS
    small = len(sequences.codes) + len(sequences) <= MOST_TOUCHPOINTS
    return small and longest <= MOST_RANKS and len(groups) <= MOST_GROUPS and few


def mine(
    sequences: Sequences,
    limits: Limits,
    groups: Groups = (),
    *,
    top_k: int = 0,
    threads: int | None = None,
    budget: Budget | None = None,
) -> Mined:
    """All patterns within the limits, or (with `top_k`) at least the k best; the same for any number of threads.

    Where the budget ends the search, what was found so far.
    """
    kernels = _kernels()
    threads = threads or len(os.sched_getaffinity(0))
    budget = budget or Budget()
    if limits.timed and sequences.times_us is None:
        raise UsageError("A limit in seconds needs the times of the items.")
    with ThreadPoolExecutor(threads) as pool:
        workers = Workers(pool, threads, sequences)
        items = frequent(kernels, workers, sequences, limits)
        if not len(items.codes):
            return Mined.of([], len(groups))
        order = np.argsort(-items.supports, kind="stable")  # the long tasks first
        if limits.free or _reaches_all(sequences, limits):
            log = prepared(kernels, workers, sequences, items, limits.minimum_support, thin=not groups)
            task = _task(kernels, limits, groups, workers, len(sequences))
            stacks = partial(_free_stacks, kernels, log)
            search = _Search(kernels, kernels.tree.work, stacks, log, task, order, limits, top_k, len(sequences))
        elif suits_bitmaps(limits, len(items.codes)):
            maps = bitmaps(kernels, workers, sequences, items, limits)
            task = _task(kernels, limits, groups, None, len(sequences))
            work = kernels.bitmaps.work_on_bitmaps
            stacks = partial(_bitmap_stacks, kernels)
            search = _Search(kernels, work, stacks, maps, task, order, limits, top_k, len(sequences))
        else:
            places = _places(kernels, sequences, limits, items.number, items.supports)
            task = _task(kernels, limits, groups, None, len(sequences))
            stacks = partial(_window_stacks, kernels, len(items.codes))
            work = kernels.window.work_within
            search = _Search(kernels, work, stacks, places, task, order, limits, top_k, len(sequences))
        harvests = search.harvests(pool, threads, budget)
        found = _gathered(kernels, workers, harvests, items.codes, 1 + len(groups))
    return replace(found, stopped=search.stopped)


class _Harvest(NamedTuple):
    """What one thread found."""

    trie: Any
    segments: NDArray[np.int64]  # frequent items x 2: first row, and the one behind the last


class _Search:
    """What the threads share while they walk."""

    def __init__(
        self,
        kernels: Any,
        work: Any,
        stacks: Callable[[], Any],
        log: Any,
        task: Any,
        order: NDArray[np.int64],
        limits: Limits,
        top_k: int,
        n_sequences: int,
    ) -> None:
        self.tree, self.work, self.stacks = kernels.tree, work, stacks
        self.log, self.task, self.order, self.top_k, self.n_sequences = log, task, order, top_k, n_sequences
        self.control = np.zeros(self.tree.CONTROLS, dtype=np.int64)
        self.control[self.tree.LEAST] = limits.minimum_support
        self.bytes: dict[int, int] = {}
        self.stopped: str | None = None

    def harvests(self, pool: ThreadPoolExecutor, threads: int, budget: Budget) -> list[_Harvest]:
        """Let the threads walk, watch over time and tell how far they are."""
        running = [pool.submit(self.run, thread, budget) for thread in range(threads)]
        try:
            while wait(running, timeout=min(0.1, budget.left())).not_done:
                budget.progress(int(self.control[self.tree.DONE]), len(self.order))
                if budget.left() <= 0:
                    self.stop(budget.out_of_time())
        finally:
            self.control[self.tree.STOP] = 1  # also where somebody interrupts
        budget.progress(len(self.order), len(self.order))
        return [future.result() for future in running]

    def stop(self, why: str) -> None:
        """Let every thread end soon."""
        self.stopped = self.stopped or why
        self.control[self.tree.STOP] = 1

    def run(self, thread: int, budget: Budget) -> _Harvest:
        """One thread: walk, and make room where it is needed."""
        stacks, trie, state = self.stacks(), *self._memory()
        segments = np.zeros((len(self.order), 2), dtype=np.int64)
        best = np.zeros(self.n_sequences + 2 if self.top_k else 0, dtype=np.int64)
        fixed = (self.log, self.task, self.order, self.control, state)
        while True:
            answer = self.work(*fixed, stacks, trie, segments, best, self.top_k)
            if answer not in (self.tree.NEEDS_ROWS, self.tree.NEEDS_ROOM):
                return _Harvest(trie, segments)
            rows = answer == self.tree.NEEDS_ROWS
            needed = [2 * len(array) for array in trie] if rows else state[:5].tolist()
            if rows and budget.too_many(len(trie.parents)):
                self.stop(budget.out_of_patterns())
                return _Harvest(trie, segments)
            old = trie if rows else stacks
            self.bytes[thread] = sum(array.nbytes for array in (*stacks, *trie, *trie))  # the trie is copied at the end
            more = sum(2 * array.nbytes for array, size in zip(old, needed, strict=False) if size > len(array))
            if sum(list(self.bytes.values())) + more > budget.bytes:
                self.stop(budget.out_of_memory())
                return _Harvest(trie, segments)
            grown = type(old)(*map(_grown, old, needed), *old[len(needed) :])
            stacks, trie = (stacks, grown) if rows else (grown, trie)

    def _memory(self) -> tuple[Any, NDArray[np.int64]]:
        rows = 1 << 16
        members = 1 + self.task.n_groups
        trie = self.tree.Trie(*(np.empty(size, dtype=np.int32) for size in (rows, rows, rows * members)))
        state = np.zeros(self.tree.WORDS, dtype=np.int64)
        state[self.tree.ITEM], state[self.tree.LIMIT] = -1, self.control[self.tree.LEAST]
        return trie, state


def _free_stacks(kernels: Any, log: Any) -> Any:
    """Memory of a thread that mines without limits on gaps: enough for each first item's own level; it grows."""
    blocks = (np.diff(log.by_item) + 63) // 64
    slots = np.bitwise_count(log.pairs).sum(axis=1, dtype=np.int64)
    ranks = int((64 * blocks * (4 * slots + 4)).max())
    kinds = {log.firsts.dtype: ranks, "int32": 256 * int(blocks.max()), "uint64": 1 << 14, "int64": 1 << 16}
    flat = [np.empty(max(size, 1 << 14), dtype=kind) for kind, size in kinds.items()]
    return kernels.walk.Stacks(*flat, np.zeros((16, kernels.walk.FIELDS), dtype=np.int64))


def _window_stacks(kernels: Any, n_items: int) -> Any:
    """Memory of a thread that keeps ends one by one; it grows."""
    counts = np.zeros((n_items, 3), dtype=np.int64)
    counts[:, 2] = -1
    return kernels.window.Stacks(
        np.empty(1 << 16, dtype=np.int32),
        np.empty(1 << 16, dtype=np.int64),
        np.zeros((n_items + 63) // 64, dtype=np.uint64),
        np.empty(1 << 16, dtype=np.int64),
        np.zeros((16, kernels.window.FIELDS), dtype=np.int64),
        counts,
    )


def _bitmap_stacks(kernels: Any) -> Any:
    """Memory of a thread that mines with limits on gaps; it grows."""
    flat = (np.empty(1 << 16, dtype=kind) for kind in ("uint16", "uint64", "int64"))
    levels = np.zeros((16, kernels.bitmaps.FIELDS), dtype=np.int64)
    return kernels.bitmaps.Stacks(*flat, levels, np.empty(1 << 10, dtype=np.int32))


def _reaches_all(sequences: Sequences, limits: Limits) -> bool:
    """Whether a limit on gaps is none, since no sequence is that long."""
    longest = int(np.diff(sequences.offsets).max(initial=0))
    return not limits.timed and limits.max_gap is not None and limits.max_gap + 2 >= longest


@cache
def _kernels() -> Any:
    """The modules that import numba; compiled code is kept in the user's cache folder."""
    import numba

    config: Any = vars(numba)["config"]
    config.CACHE_DIR = str(_cache_folder())
    from journeygraph.intent.mining.kernels import bitmaps, log, reaching, tree, walk, window

    return SimpleNamespace(log=log, tree=tree, walk=walk, window=window, bitmaps=bitmaps, reaching=reaching)


@cache
def _cache_folder() -> Path:
    """Where compiled code is kept: a folder that can be written, if need be one for this process.

    Numba compiles a function again where its own file changes, not where another does that it calls; so each state of
    all the files has a folder.
    """
    sources = sorted((Path(__file__).parent / "kernels").glob("*.py"))
    state = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    folder = Settings().cache / "kernels" / state
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="journeygraph-kernels-"))


def _counts(sequences: Sequences) -> NDArray[np.int64]:
    return np.bincount(sequences.codes, minlength=len(sequences.items))


def _places(
    kernels: Any, sequences: Sequences, limits: Limits, number: NDArray[np.int32], supports: NDArray[np.int64]
) -> Any:
    """The log with everything at its place."""
    items = number[sequences.codes]
    occurrences = np.argsort(items, kind="stable").astype(np.int32)
    by_item = np.searchsorted(items[occurrences], np.arange(len(supports) + 1))
    times = sequences.times_us if limits.timed and sequences.times_us is not None else np.zeros(0, dtype=np.int64)
    within = [microseconds(limit) for limit in (limits.max_gap_seconds, limits.max_span_seconds)]
    reach = np.iinfo(np.int64).max // 4 if limits.max_gap is None else limits.max_gap + 1
    owners, lasts = sequences.sequence_of.astype(np.int32), sequences.offsets[1:] - 1
    return kernels.window.Places(items, owners, lasts, times, by_item, occurrences, reach, *within)


def _task(kernels: Any, limits: Limits, groups: Groups, workers: Workers | None, n_sequences: int) -> Any:
    """What is asked for; with workers, the sequences are numbered part by part, with one more behind each."""
    classes = np.zeros(n_sequences, dtype=np.uint8)
    for bit, mask in enumerate(groups):
        classes |= mask.astype(np.uint8) << np.uint8(bit)
    if workers:
        classes = np.insert(classes, [end for _, (_, end) in workers.parts], 0)
    return kernels.walk.Task(limits.max_length or 1 << 40, classes, len(groups))


def _gathered(
    kernels: Any, workers: Workers, harvests: list[_Harvest], frequent: NDArray[np.int64], members: int
) -> Mined:
    """One trie of all threads' rows, first item by first item."""
    segments = np.zeros((len(frequent), 2), dtype=np.int64)
    owner = np.full(len(frequent), -1, dtype=np.int64)
    for thread, harvest in enumerate(harvests):
        taken = harvest.segments[:, 1] > 0
        segments[taken], owner[taken] = harvest.segments[taken], thread
    sizes = segments[:, 1] - segments[:, 0]
    rows = int(sizes.sum())
    parents, items = np.empty(rows, dtype=np.int32), np.empty(rows, dtype=np.int32)
    counts = np.empty((members, rows), dtype=np.int32)
    places = (segments, owner), (np.cumsum(sizes) - sizes, parents, items, counts, frequent)
    jobs = [(harvest.trie, members, *places[0], thread, *places[1]) for thread, harvest in enumerate(harvests)]
    workers.each(kernels.tree.gather, *jobs)
    return Mined(parents, items, counts, np.arange(rows))


def _grown(array: NDArray[Any], needed: int) -> NDArray[Any]:
    """The same array, or a copy with room for more."""
    if len(array) >= needed:
        return array
    bigger = np.empty((max(needed, 2 * len(array)), *array.shape[1:]), dtype=array.dtype)
    bigger[: len(array)] = array
    return bigger
