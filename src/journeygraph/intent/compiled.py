"""The compiled engine: the kernels of `intent.kernels` behind a typed face, with threads."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    """Whether the kernels can do this: no gap limit, no sequence or alphabet beyond their numbers."""
    longest = int(np.diff(sequences.offsets).max(initial=0))
    few = len(sequences.items) <= MOST_ITEMS or int(np.sum(_counts(sequences) >= limits.minimum_support)) <= MOST_ITEMS
    return limits.max_gap is None and longest <= MOST_RANKS and len(groups) <= MOST_GROUPS and few


def mine(
    sequences: Sequences, limits: Limits, groups: Groups = (), *, top_k: int = 0, threads: int | None = None
) -> Mined:
    """All patterns within the limits, or (with `top_k`) at least the k best; the same for any number of threads."""
    kernels = _kernels()
    threads = threads or len(os.sched_getaffinity(0))
    least = limits.minimum_support
    log, frequent = _prepared(kernels, sequences, least)
    if not len(frequent):
        return Mined.of([], len(groups))
    task = _task(kernels, limits, groups, len(sequences))
    search = _Search(kernels, log, task, least, top_k, len(sequences))
    with ThreadPoolExecutor(threads) as pool:
        counter = np.zeros(1, dtype=np.int64)
        _all(pool, [(kernels.log.pairs, log, search.order, least, counter)] * threads)
        harvests = _all(pool, [(search.run,)] * threads)
        return _gathered(kernels, pool, harvests, frequent, 1 + len(groups))


class _Harvest(NamedTuple):
    """What one thread found."""

    trie: Any
    segments: NDArray[np.int64]  # frequent items x 2: first row, and the one behind the last


class _Search:
    """What the threads share while they walk."""

    def __init__(self, kernels: Any, log: Any, task: Any, least: int, top_k: int, n_sequences: int) -> None:
        self.tree, self.walk = kernels.tree, kernels.walk
        self.log, self.task, self.least, self.top_k, self.n_sequences = log, task, least, top_k, n_sequences
        self.order = np.argsort(-np.diff(log.by_item), kind="stable")  # the long tasks first
        self.control = np.zeros(self.tree.CONTROLS, dtype=np.int64)
        self.control[self.tree.LEAST] = least

    def run(self) -> _Harvest:
        """One thread: walk, and make room where it is needed."""
        stacks, trie, state = self._memory()
        segments = np.zeros((len(self.order), 2), dtype=np.int64)
        best = np.zeros(self.n_sequences + 2 if self.top_k else 0, dtype=np.int64)
        fixed = (self.log, self.task, self.order, self.control, state)
        while True:
            answer = self.tree.work(*fixed, stacks, trie, segments, best, self.top_k)
            if answer == self.tree.NEEDS_ROWS:
                trie = self.tree.Trie(*(_grown(array, 2 * len(array)) for array in trie))
            elif answer == self.tree.NEEDS_ROOM:
                stacks = self.walk.Stacks(*map(_grown, stacks, state[:5].tolist()))
            else:
                return _Harvest(trie, segments)

    def _memory(self) -> tuple[Any, Any, NDArray[np.int64]]:
        members = 1 + self.task.n_groups
        sizes = {self.log.firsts.dtype: 1 << 18, "int32": 1 << 14, "uint64": 1 << 14, "int64": 1 << 16}
        flat = [np.empty(size, dtype=kind) for kind, size in sizes.items()]
        stacks = self.walk.Stacks(*flat, np.zeros((16, self.walk.FIELDS), dtype=np.int64))
        rows = 1 << 16
        trie = self.tree.Trie(*(np.empty(size, dtype=np.int32) for size in (rows, rows, rows * members)))
        state = np.zeros(self.tree.WORDS, dtype=np.int64)
        state[self.tree.ITEM], state[self.tree.LIMIT] = -1, self.least
        return stacks, trie, state


@cache
def _kernels() -> Any:
    """The modules that import numba; compiled code is kept in the user's cache folder."""
    os.environ["NUMBA_CACHE_DIR"] = str(_cache_folder())
    from journeygraph.intent.kernels import log, tree, walk

    return SimpleNamespace(log=log, tree=tree, walk=walk)


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


def _prepared(kernels: Any, sequences: Sequences, least: int) -> tuple[Any, NDArray[np.int64]]:
    """The log of frequent items, and the codes of these."""
    codes, offsets = sequences.codes, sequences.offsets
    counts = kernels.log.supports(codes, offsets, len(sequences.items))
    frequent = np.flatnonzero(counts >= least)
    number = np.full(len(counts), -1, dtype=np.int32)
    number[frequent] = np.arange(len(frequent))
    items, starts = kernels.log.keep(codes, offsets, number)
    by_item = np.concatenate([[0], np.cumsum(counts[frequent])]).astype(np.int64)
    rank = np.uint8 if np.diff(starts).max(initial=0) < np.iinfo(np.uint8).max else np.uint16
    following, firsts = np.empty(len(items), dtype=rank), np.empty(by_item[-1], dtype=rank)
    holders = kernels.log.link(items, starts, by_item, following, firsts)
    recurring = np.flatnonzero(following)
    bounds = np.searchsorted(recurring, starts)
    pairs = np.zeros((len(frequent), (len(frequent) + 63) // 64), dtype=np.uint64)
    return kernels.log.Log(items, following, starts, recurring, bounds, by_item, holders, firsts, pairs), frequent


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
