"""Which engine enumerates the patterns: the compiled one, the plain one, the package `prefixspan`, or Spark MLlib."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import monotonic

import numpy as np
import psutil
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.intent.mining import compiled, projection, reference, spark
from journeygraph.intent.mining.budget import Budget
from journeygraph.intent.mining.mined import Mined, Pattern
from journeygraph.intent.mining.sequences import Found, Limits, Sequences

#: All patterns within the limits, each once, in lexicographic order, with the sequences that hold it.
Engine = Callable[[Sequences, Limits], Iterator[Found]]
Groups = Sequence[NDArray[np.bool_]]

PLAIN: dict[str, Engine] = {"projection": projection.patterns, "prefixspan": reference.patterns}
ENGINES = ("auto", "compiled", *PLAIN, "spark")
#: `auto` tries the plain engine for so many seconds before it compiles the kernels, or uses them compiled.
PATIENCE_COLD, PATIENCE_WARM = 10.0, 0.25
#: Beyond so many touchpoints it doesn't try, where the kernels are compiled.
SMALL = 20_000


def enumerated(
    sequences: Sequences,
    limits: Limits,
    groups: Groups = (),
    *,
    engine: str = "auto",
    threads: int | None = None,
    top_k: int | None = None,
    budget: Budget | None = None,
) -> Mined:
    """All patterns (of the k best at least those), by an engine that can.

    Raises `UsageError` where the engine that was asked for cannot.
    """
    budget = budget or Budget()
    if engine not in ENGINES:
        raise UsageError(f"There is no mining engine {engine!r}; there are {', '.join(ENGINES)}.")
    if engine == "spark":
        return Mined.of(spark.patterns(sequences, limits, groups, budget, threads), len(groups))
    plain_only = sequences.elements is not None or sequences.weights is not None
    able = not plain_only and compiled.available() and compiled.fits(sequences, limits, groups)
    if not able and engine == "compiled":
        raise UsageError(
            "The engine 'compiled' has no item sets and no weights; the engine 'projection' has."
            if plain_only
            else "The engine 'compiled' needs the package numba, and sequences below 65,535 items."
        )
    if engine in PLAIN or not able:
        plain = _plain(sequences, limits, groups, PLAIN.get(engine, projection.patterns), top_k)
        return _within(plain, len(groups), budget.left(), budget, len(sequences.items))
    tried: Mined | None = None
    warm = engine == "auto" and compiled.warm(sequences, limits)
    if engine == "auto" and (len(sequences.codes) <= SMALL or not warm):
        patience = PATIENCE_WARM if warm else PATIENCE_COLD
        plain = _plain(sequences, replace(limits), groups, projection.patterns, top_k)
        tried = _within(plain, len(groups), min(patience, budget.left()), budget)
        if tried.stopped is None or not budget.left() or budget.too_many(len(tried)):
            return tried
    found = compiled.mine(sequences, limits, groups, top_k=top_k or 0, threads=threads, budget=budget)
    if found.stopped and tried is not None and len(tried) > len(found):  # it had hardly begun
        return replace(tried, stopped=found.stopped)
    return found


def _within(patterns: Iterator[Pattern], n_groups: int, seconds: float, budget: Budget, n_items: int = 0) -> Mined:
    """The patterns that are found within a time; where the number of items is given, progress is told."""
    until = monotonic() + seconds
    used = psutil.Process().memory_info if budget.megabytes is not None else None
    before = used().rss if used else 0
    stopped: str | None = None

    def punctual() -> Iterator[Pattern]:
        nonlocal stopped
        for number, pattern in enumerate(patterns, start=1):
            yield pattern
            if n_items and len(pattern.codes) == 1:
                budget.progress(pattern.codes[0], n_items)
            if budget.too_many(number):
                stopped = budget.out_of_patterns()
            elif monotonic() > until:
                stopped = budget.out_of_time()
            elif used and number % 100 == 0 and used().rss - before > budget.bytes:
                stopped = budget.out_of_memory()
            if stopped:
                return

    found = Mined.of(punctual(), n_groups)
    if n_items:
        budget.progress(n_items, n_items)
    return replace(found, stopped=stopped)


def _plain(
    sequences: Sequences, limits: Limits, groups: Groups, engine: Engine, top_k: int | None
) -> Iterator[Pattern]:
    """Every pattern, counted as it is found; the least support rises where only the k best are asked for."""
    best: list[int] = []
    for codes, holders in engine(sequences, limits):
        if not limits.excluded.isdisjoint(codes):
            continue
        support = sequences.support(holders)
        in_groups = tuple(int(np.count_nonzero(group[holders])) for group in groups)
        yield Pattern(codes, len(holders), in_groups, None if sequences.weights is None else support)
        if top_k is not None:
            heapq.heappush(best, support)
            if len(best) > top_k:
                heapq.heappop(best)
            if len(best) == top_k:
                limits.minimum_support = max(limits.minimum_support, best[0])
