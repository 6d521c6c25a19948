"""Which engine enumerates the patterns: the compiled one, the plain one, or the package `prefixspan`."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.intent import compiled, projection, reference
from journeygraph.intent.budget import Budget
from journeygraph.intent.mined import Mined, Pattern
from journeygraph.intent.sequences import Found, Limits, Sequences

#: All patterns within the limits, each once, in lexicographic order, with the sequences that hold it.
Engine = Callable[[Sequences, Limits], Iterator[Found]]
Groups = Sequence[NDArray[np.bool_]]

PLAIN: dict[str, Engine] = {"projection": projection.patterns, "prefixspan": reference.patterns}
ENGINES = ("auto", "compiled", *PLAIN)
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
    able = compiled.available() and compiled.fits(sequences, limits, groups)
    if not able and (engine == "compiled" or (limits.timed and engine == "auto")):
        raise UsageError("The engine 'compiled' needs the package numba, and sequences below 65,535 items.")
    if engine in PLAIN or not able:
        plain = _plain(sequences, limits, groups, PLAIN.get(engine, projection.patterns), top_k)
        return _within(plain, len(groups), budget.left(), budget)
    if engine == "auto" and not limits.timed and (len(sequences.codes) <= SMALL or not compiled.warm()):
        patience = PATIENCE_WARM if compiled.warm() else PATIENCE_COLD
        plain = _plain(sequences, replace(limits), groups, projection.patterns, top_k)
        tried = _within(plain, len(groups), min(patience, budget.left()), budget)
        if tried.stopped is None or not budget.left() or budget.too_many(len(tried)):
            return tried
    return compiled.mine(sequences, limits, groups, top_k=top_k or 0, threads=threads, budget=budget)


def _within(patterns: Iterator[Pattern], n_groups: int, seconds: float, budget: Budget) -> Mined:
    """The patterns that are found within a time."""
    until = monotonic() + seconds
    stopped: str | None = None

    def punctual() -> Iterator[Pattern]:
        nonlocal stopped
        for number, pattern in enumerate(patterns, start=1):
            yield pattern
            if budget.too_many(number):
                stopped = budget.out_of_patterns()
            elif monotonic() > until:
                stopped = budget.out_of_time()
            if stopped:
                return

    found = Mined.of(punctual(), n_groups)
    return replace(found, stopped=stopped)


def _plain(
    sequences: Sequences, limits: Limits, groups: Groups, engine: Engine, top_k: int | None
) -> Iterator[Pattern]:
    """Every pattern, counted as it is found; the least support rises where only the k best are asked for."""
    best: list[int] = []
    for codes, holders in engine(sequences, limits):
        if not limits.excluded.isdisjoint(codes):
            continue
        yield Pattern(codes, len(holders), tuple(int(np.count_nonzero(group[holders])) for group in groups))
        if top_k is not None:
            heapq.heappush(best, len(holders))
            if len(best) > top_k:
                heapq.heappop(best)
            if len(best) == top_k:
                limits.minimum_support = max(limits.minimum_support, best[0])
