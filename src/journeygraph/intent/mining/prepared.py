"""A log made ready for the kernels: which items are frequent, which pairs of them, and the log of what is left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.mining.sequences import Limits, Sequences

#: Fewer touchpoints than this are not worth a thread.
PART = 20_000
#: So many pairs are counted at once: their numbers stay in a processor's cache where items are few.
PAIRS_AT_ONCE = 1 << 22
#: Beyond so many frequent items, pairs within a limit are not counted beforehand: a thread needs 12 bytes for each.
MOST_ITEMS_OF_BITMAPS = 2_048


class Frequent(NamedTuple):
    """The F frequent items of C."""

    codes: NDArray[np.int64]  # F
    number: NDArray[np.int32]  # C: the number of each code among them, or -1
    supports: NDArray[np.int64]  # F
    by_part: NDArray[np.int64]  # parts x F: in how many sequences of each part


class Workers:
    """Threads that do the same for all parts of the sequences."""

    def __init__(self, pool: ThreadPoolExecutor, threads: int, sequences: Sequences) -> None:
        self.pool = pool
        n_parts = max(1, min(threads, len(sequences.codes) // PART))
        places = np.arange(n_parts + 1) * len(sequences.codes) // n_parts
        bounds = np.searchsorted(sequences.offsets, places)
        bounds[-1] = len(sequences)
        self.parts = list(enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)))

    def each(self, function: Any, *jobs: tuple[Any, ...]) -> list[Any]:
        """The answers of a function to the arguments of each part; a single one needs no thread."""
        if len(jobs) == 1:
            return [function(*jobs[0])]
        return [future.result() for future in [self.pool.submit(function, *job) for job in jobs]]


def frequent(kernels: Any, workers: Workers, sequences: Sequences, limits: Limits) -> Frequent:
    """The items that are frequent and not excluded."""
    fixed = sequences.codes, sequences.offsets
    jobs = [(*fixed, begin, end, len(sequences.items)) for _, (begin, end) in workers.parts]
    by_part = np.array(workers.each(kernels.log.supports, *jobs))
    by_part[:, [code for code in limits.excluded if code < by_part.shape[1]]] = 0
    supports = by_part.sum(axis=0)
    codes = np.flatnonzero(supports >= limits.minimum_support)
    number = np.full(len(supports), -1, dtype=np.int32)
    number[codes] = np.arange(len(codes))
    return Frequent(codes, number, supports[codes], by_part[:, codes])


def prepared(kernels: Any, workers: Workers, sequences: Sequences, items: Frequent, least: int, thin: bool) -> Any:
    """The log of frequent items; where it may be `thin`, without those that no frequent pair holds."""
    size, parts = len(sequences.codes), workers.parts
    log = kernels.log.Log(
        items=np.empty(size, dtype=np.uint16),
        following=None,
        starts=np.empty(len(sequences) + len(parts), dtype=np.int32),
        recurring=np.empty(size + 1, dtype=np.int32),
        recurring_ends=np.empty(len(sequences) + len(parts), dtype=np.int32),
        supports=items.supports,
        by_item=None,
        holders=None,
        firsts=None,
        pairs=None,
    )
    fixed = sequences.codes, sequences.offsets
    jobs = [(*fixed, part, *bounds, items.number, log.items, log.starts) for part, bounds in parts]
    longest = max(workers.each(kernels.log.keep, *jobs))
    rank = np.uint8 if longest < np.iinfo(np.uint8).max else np.uint16
    pairs = _pairs(kernels, workers, log, len(items.codes), least)
    wanted = (pairs.any(axis=0) | pairs.any(axis=1)) if thin else np.ones(len(pairs), dtype=bool)
    holders = items.by_part * wanted
    by_item = np.concatenate([[0], np.cumsum(holders.sum(axis=0))]).astype(np.int64)
    log = log._replace(
        following=np.empty(size, dtype=rank),
        by_item=by_item,
        holders=np.empty(by_item[-1], dtype=np.int32),
        firsts=np.empty(by_item[-1], dtype=rank),
        pairs=_bits(pairs),
    )
    filled = np.ascontiguousarray(by_item[:-1] + np.cumsum(holders, axis=0) - holders)  # the kernels step by one
    links = [(log, begin + part, end + part, wanted.view(np.uint8), filled[part]) for part, (begin, end) in parts]
    workers.each(kernels.log.link, *links)
    return log


def suits_bitmaps(limits: Limits, n_items: int) -> bool:
    """Whether all ends of a pattern are kept as bits: not where each needs its start, nor where items are very many."""
    return limits.max_span_seconds is None and n_items <= MOST_ITEMS_OF_BITMAPS


def bitmaps(kernels: Any, workers: Workers, sequences: Sequences, items: Frequent, limits: Limits) -> Any:
    """The log as it is, with the holders of each frequent item and the frequent pairs."""
    n_items, parts = len(items.codes), workers.parts
    numbers = items.number[sequences.codes]
    reach = (limits.max_gap or 0) + 1
    far = _far(kernels, workers, sequences, limits)
    jobs = [(numbers, sequences.offsets, *bounds, reach, far, n_items) for _, bounds in parts]
    counts = sum(workers.each(kernels.bitmaps.pairs_within, *jobs))
    within, free = np.reshape(counts, (2, n_items, n_items)) >= limits.minimum_support
    by_item = np.concatenate([[0], np.cumsum(items.by_part.sum(axis=0))]).astype(np.int64)
    filled = np.ascontiguousarray(by_item[:-1] + np.cumsum(items.by_part, axis=0) - items.by_part)
    holders, firsts = np.empty((2, by_item[-1]), dtype=np.int32)
    holds = [(numbers, sequences.offsets, *bounds, filled[p], holders, firsts, n_items) for p, bounds in parts]
    workers.each(kernels.bitmaps.hold, *holds)
    lasts = (sequences.offsets[1:] - 1).astype(np.int32)
    return kernels.bitmaps.Bitmaps(
        numbers, lasts, items.supports, by_item, holders, firsts, _bits(within), _bits(free), reach, far
    )


def _far(kernels: Any, workers: Workers, sequences: Sequences, limits: Limits) -> NDArray[np.int32]:
    """How many places behind each are within the limit in seconds (and the one in touchpoints); empty without one."""
    if limits.max_gap_seconds is None or sequences.times_us is None:
        return np.zeros(0, dtype=np.int32)
    far = np.empty(len(sequences.codes), dtype=np.int32)
    most = np.iinfo(np.int32).max if limits.max_gap is None else limits.max_gap + 1
    gap = microseconds(limits.max_gap_seconds)
    fixed = sequences.times_us, sequences.offsets
    workers.each(kernels.reaching.measure, *[(*fixed, *bounds, gap, most, far) for _, bounds in workers.parts])
    return far


def microseconds(seconds: float | None) -> int:
    """A limit in seconds as whole microseconds; far beyond any time where there is none.

    >>> microseconds(1.5), microseconds(None) > 10**18
    (1500000, True)
    """
    endless = np.iinfo(np.int64).max // 4
    return int(endless) if seconds is None else min(int(seconds * 1_000_000), int(endless))


def _pairs(kernels: Any, workers: Workers, log: Any, n_items: int, least: int) -> NDArray[np.bool_]:
    """Which pairs of items are frequent (F x F): the first one's first occurrence stands before the other's last."""
    found = np.zeros((n_items, n_items), dtype=bool)
    rows = max(1, PAIRS_AT_ONCE // n_items)
    for row in range(0, n_items, rows):
        some = min(rows, n_items - row)
        jobs = [
            (log.items, log.starts, begin + part, end + part, row, some, n_items)
            for part, (begin, end) in workers.parts
        ]
        counts = sum(workers.each(kernels.log.pairs, *jobs))
        found[row : row + some] = np.reshape(counts, (some, n_items)) >= least
    return found


def _bits(pairs: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """The rows as words of 64 bits, the lowest bit first."""
    padded = np.zeros((len(pairs), -(-len(pairs) // 64) * 64), dtype=bool)
    padded[:, : len(pairs)] = pairs
    return np.packbits(padded, axis=1, bitorder="little").view(np.uint64)
