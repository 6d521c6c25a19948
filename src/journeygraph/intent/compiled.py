"""The compiled engine: the kernels of `intent.kernels` behind a typed face, with threads."""

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
from journeygraph.intent.budget import Budget
from journeygraph.intent.mined import Mined
from journeygraph.intent.sequences import Limits, Sequences
from journeygraph.settings import Settings

Groups = Sequence[NDArray[np.bool_]]
#: What fits the kernels: ranks of two bytes, groups in the bits of a byte, a bit for each pair of frequent items.
MOST_RANKS, MOST_GROUPS, MOST_ITEMS = 65_534, 8, 16_384


def available() -> bool:
    """Whether numba is installed; without it, other engines mine."""
    return find_spec("numba") is not None


def warm() -> bool:
    """Whether the kernels were compiled on this machine before; compiling takes many seconds, once."""
    return any(_cache_folder().rglob("tree.work-*.nbc"))


def fits(sequences: Sequences, limits: Limits, groups: Groups) -> bool:
    """Whether the kernels can do this: no sequence, alphabet or number of groups beyond their numbers."""
    longest = int(np.diff(sequences.offsets).max(initial=0))
    few = len(sequences.items) <= MOST_ITEMS or int(np.sum(_counts(sequences) >= limits.minimum_support)) <= MOST_ITEMS
    return longest <= MOST_RANKS and len(groups) <= MOST_GROUPS and few


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
    frequent, number, supports = _frequent(kernels, sequences, limits)
    if not len(frequent):
        return Mined.of([], len(groups))
    order = np.argsort(-supports, kind="stable")  # the long tasks first
    task = _task(kernels, limits, groups, len(sequences))
    budget = budget or Budget()
    with ThreadPoolExecutor(threads) as pool:
        if limits.free:
            log = _prepared(kernels, sequences, frequent, number, supports)
            counter = np.zeros(1, dtype=np.int64)
            _all(pool, [(kernels.log.pairs, log, order, limits.minimum_support, counter)] * threads)
            stacks = partial(_free_stacks, kernels, log.firsts.dtype)
            search = _Search(kernels, kernels.tree.work, stacks, log, task, order, limits, top_k, len(sequences))
        else:
            places = _places(kernels, sequences, limits, number, supports)
            stacks = partial(_window_stacks, kernels, len(frequent))
            work = kernels.window.work_within
            search = _Search(kernels, work, stacks, places, task, order, limits, top_k, len(sequences))
        harvests = search.harvests(pool, threads, budget)
        found = _gathered(kernels, pool, harvests, frequent, 1 + len(groups))
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


def _free_stacks(kernels: Any, rank: Any) -> Any:
    """Memory of a thread that mines without limits on gaps; it grows."""
    kinds = {rank: 1 << 18, "int32": 1 << 14, "uint64": 1 << 14, "int64": 1 << 16}
    flat = [np.empty(size, dtype=kind) for kind, size in kinds.items()]
    return kernels.walk.Stacks(*flat, np.zeros((16, kernels.walk.FIELDS), dtype=np.int64))


def _window_stacks(kernels: Any, n_items: int) -> Any:
    """Memory of a thread that mines with limits; it grows."""
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


@cache
def _kernels() -> Any:
    """The modules that import numba; compiled code is kept in the user's cache folder."""
    import numba

    config: Any = vars(numba)["config"]
    config.CACHE_DIR = str(_cache_folder())
    from journeygraph.intent.kernels import log, tree, walk, window

    return SimpleNamespace(log=log, tree=tree, walk=walk, window=window)


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


def _frequent(
    kernels: Any, sequences: Sequences, limits: Limits
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Codes of the frequent items, the number of each code among them (or -1), and their supports."""
    supports = kernels.log.supports(sequences.codes, sequences.offsets, len(sequences.items))
    supports[[code for code in limits.excluded if code < len(supports)]] = 0
    frequent = np.flatnonzero(supports >= limits.minimum_support)
    number = np.full(len(supports), -1, dtype=np.int32)
    number[frequent] = np.arange(len(frequent))
    return frequent, number, supports[frequent]


def _prepared(
    kernels: Any,
    sequences: Sequences,
    frequent: NDArray[np.int64],
    number: NDArray[np.int32],
    supports: NDArray[np.int64],
) -> Any:
    """The log of frequent items."""
    items, starts = kernels.log.keep(sequences.codes, sequences.offsets, number)
    by_item = np.concatenate([[0], np.cumsum(supports)]).astype(np.int64)
    rank = np.uint8 if np.diff(starts).max(initial=0) < np.iinfo(np.uint8).max else np.uint16
    following, firsts = np.empty(len(items), dtype=rank), np.empty(by_item[-1], dtype=rank)
    holders = kernels.log.link(items, starts, by_item, following, firsts)
    recurring = np.flatnonzero(following)
    bounds = np.searchsorted(recurring, starts)
    pairs = np.zeros((len(frequent), (len(frequent) + 63) // 64), dtype=np.uint64)
    return kernels.log.Log(items, following, starts, recurring, bounds, by_item, holders, firsts, pairs)


def _places(
    kernels: Any, sequences: Sequences, limits: Limits, number: NDArray[np.int32], supports: NDArray[np.int64]
) -> Any:
    """The log with everything at its place."""
    items = number[sequences.codes]
    occurrences = np.argsort(items, kind="stable").astype(np.int32)
    by_item = np.searchsorted(items[occurrences], np.arange(len(supports) + 1))
    if limits.timed and sequences.times_us is None:
        raise UsageError("A limit in seconds needs the times of the items.")
    times = sequences.times_us if limits.timed and sequences.times_us is not None else np.zeros(0, dtype=np.int64)
    endless = np.iinfo(np.int64).max // 4
    within = [
        endless if limit is None else int(limit * 1_000_000)
        for limit in (limits.max_gap_seconds, limits.max_span_seconds)
    ]
    reach = endless if limits.max_gap is None else limits.max_gap + 1
    owners, lasts = sequences.sequence_of.astype(np.int32), sequences.offsets[1:] - 1
    return kernels.window.Places(items, owners, lasts, times, by_item, occurrences, reach, *within)


def _task(kernels: Any, limits: Limits, groups: Groups, n_sequences: int) -> Any:
    classes = np.zeros(n_sequences, dtype=np.uint8)
    for bit, mask in enumerate(groups):
        classes |= mask.astype(np.uint8) << np.uint8(bit)
    return kernels.walk.Task(limits.max_length or 1 << 40, classes, len(groups))


def _gathered(
    kernels: Any, pool: ThreadPoolExecutor, harvests: list[_Harvest], frequent: NDArray[np.int64], members: int
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
    jobs = [
        (kernels.tree.gather, harvest.trie, members, *places[0], thread, *places[1])
        for thread, harvest in enumerate(harvests)
    ]
    _all(pool, jobs)
    return Mined(parents, items, counts, np.arange(rows))


def _all(pool: ThreadPoolExecutor, jobs: list[tuple[Any, ...]]) -> list[Any]:
    """The answers of calls side by side, in their order."""
    return [future.result() for future in [pool.submit(*job) for job in jobs]]


def _grown(array: NDArray[Any], needed: int) -> NDArray[Any]:
    """The same array, or a copy with room for more."""
    if len(array) >= needed:
        return array
    bigger = np.empty((max(needed, 2 * len(array)), *array.shape[1:]), dtype=array.dtype)
    bigger[: len(array)] = array
    return bigger
