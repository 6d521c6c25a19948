"""The miner's options against brute force, and what ends a search early."""

from __future__ import annotations

from itertools import combinations, pairwise
from time import monotonic
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.intent.mining.miner import Budget, Mined, mine
from journeygraph.intent.mining.sequences import Sequences

#: Sequences of (item, seconds since the one before), with ties.
TIMED = st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=7), max_size=6)
LIMIT = st.sampled_from([None, 0, 1, 2, 5])
Patterns = dict[tuple[str, ...], int]


def timed(log: list[list[tuple[str, int]]]) -> Sequences:
    plain = Sequences.of([[item for item, _ in sequence] for sequence in log])
    times = [np.cumsum([wait for _, wait in sequence]) * 1_000_000 for sequence in log]
    flat = np.concatenate([*times, []]).astype(np.int64)
    return Sequences(plain.codes, plain.offsets, plain.items, flat)


def brute_force(
    log: list[list[tuple[str, int]]], least: int, gap: int | None, wait: float | None, span: float | None
) -> Patterns:
    """All patterns by trying every choice of positions."""
    holders: dict[tuple[str, ...], set[int]] = {}
    for number, sequence in enumerate(log):
        times = np.cumsum([0, *(wait for _, wait in sequence)])[1:].tolist()
        for length in range(1, len(sequence) + 1):
            for at in combinations(range(len(sequence)), length):
                near = gap is None or all(b - a - 1 <= gap for a, b in pairwise(at))
                soon = wait is None or all(times[b] - times[a] <= wait for a, b in pairwise(at))
                if near and soon and (span is None or times[at[-1]] - times[at[0]] <= span):
                    holders.setdefault(tuple(sequence[i][0] for i in at), set()).add(number)
    return {pattern: len(found) for pattern, found in holders.items() if len(found) >= least}


def named(sequences: Sequences, found: Mined) -> list[tuple[tuple[str, ...], int]]:
    return [(tuple(sequences.names(pattern.codes)), pattern.support) for pattern in found]


def contains(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    rest = iter(longer)
    return all(item in rest for item in shorter)


@given(TIMED, st.integers(1, 3), LIMIT, LIMIT, LIMIT, st.integers(1, 2))
def test_limits_in_time(
    log: list[list[tuple[str, int]]], least: int, gap: int | None, wait: int | None, span: int | None, threads: int
) -> None:
    sequences = timed(log)
    limits: dict[str, Any] = {"max_gap": gap, "max_gap_seconds": wait, "max_span_seconds": span}
    found = mine(sequences, minimum_support=least, engine="compiled", threads=threads, **limits)
    assert named(sequences, found) == sorted(brute_force(log, least, gap, wait, span).items())


@given(TIMED, st.integers(1, 3), st.sampled_from([None, 0, 1]), st.sampled_from(["auto", "compiled"]))
def test_maximal(log: list[list[tuple[str, int]]], least: int, gap: int | None, engine: str) -> None:
    everything = brute_force(log, least, gap, None, None)
    maximal = {
        pattern: support
        for pattern, support in everything.items()
        if not any(len(other) > len(pattern) and contains(other, pattern) for other in everything)
    }
    sequences = timed(log)
    found = mine(sequences, minimum_support=least, max_gap=gap, maximal=True, engine=engine)
    assert named(sequences, found) == sorted(maximal.items())


@given(
    TIMED,
    st.integers(1, 3),
    st.sampled_from([None, 0, 1]),
    st.sets(st.sampled_from("abz"), max_size=2),
    st.sets(st.sampled_from("cz"), max_size=1),
    st.sampled_from(["auto", "compiled"]),
)
def test_required_and_excluded_items(
    log: list[list[tuple[str, int]]], least: int, gap: int | None, required: set[str], excluded: set[str], engine: str
) -> None:
    kept = {
        pattern: support
        for pattern, support in brute_force(log, least, gap, None, None).items()
        if required <= set(pattern) and not excluded & set(pattern)
    }
    sequences = timed(log)
    options: dict[str, Any] = {"required": required, "excluded": excluded, "max_gap": gap, "engine": engine}
    assert named(sequences, mine(sequences, minimum_support=least, **options)) == sorted(kept.items())
    best = sorted(kept.items(), key=lambda entry: (-entry[1], len(entry[0]), entry[0]))[:3]
    assert named(sequences, mine(sequences, minimum_support=least, top_k=3, **options)) == best


@given(st.lists(st.text(alphabet="abcde", max_size=9), max_size=12), st.integers(1, 3), st.booleans())
def test_closed_by_any_engine(log: list[str], least: int, repeated: bool) -> None:
    sequences = Sequences.of(log * (1 + repeated))
    closed = [
        list(mine(sequences, minimum_support=least, closed=True, engine=engine))
        for engine in ("projection", "compiled", "prefixspan")
    ]
    assert closed[0] == closed[1] == closed[2]


def explosive() -> Sequences:
    return Sequences.of([range(60)] * 3)


@pytest.mark.parametrize("engine", ["auto", "compiled", "projection"])
@pytest.mark.parametrize("gap", [None, 30])
def test_time_that_is_up_is_told_with_what_was_found(engine: str, gap: int | None) -> None:
    started = monotonic()
    found = mine(explosive(), minimum_support=3, max_gap=gap, engine=engine, budget=Budget(seconds=0.5))
    assert monotonic() - started < 60  # compiling included
    assert found.stopped is not None
    assert "The time of 0.5 s was up" in found.stopped
    assert len(found) > 100
    assert next(iter(found)).support == 3


@pytest.mark.parametrize("gap", [None, 30])
def test_memory_that_is_full_is_told_with_what_was_found(gap: int | None) -> None:
    found = mine(explosive(), minimum_support=3, max_gap=gap, engine="compiled", budget=Budget(megabytes=30))
    assert found.stopped is not None
    assert "The memory of 30 MB was full" in found.stopped
    assert len(found) > 100
    pattern = max(found.rows[:10_000].tolist())
    assert found.counts[0, pattern] == 3


def test_memory_that_is_full_is_told_where_nobody_said_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    free = SimpleNamespace(available=40 << 20)
    monkeypatch.setattr("journeygraph.intent.mining.budget.psutil.virtual_memory", lambda: free)
    found = mine(explosive(), minimum_support=3, engine="compiled")
    assert found.stopped is not None
    assert "The memory of 28 MB was full" in found.stopped


@pytest.mark.parametrize("engine", ["compiled", "projection", "auto"])
def test_more_patterns_than_anybody_wants(engine: str) -> None:
    found = mine(explosive(), minimum_support=3, engine=engine, budget=Budget(patterns=1_000))
    assert found.stopped is not None
    assert "more than 1,000 patterns" in found.stopped
    assert len(found) > 1_000


def test_progress_has_an_end() -> None:
    told: list[tuple[int, int]] = []
    budget = Budget(progress=lambda done, total: told.append((done, total)))
    mine(Sequences.of(["abc", "abd"]), minimum_support=1, engine="compiled", budget=budget)
    assert told[-1] == (4, 4)
    told.clear()
    mine(Sequences.of_sets([["ab", "c"], ["abd"]]), minimum_support=1, budget=budget)
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_without_numba_it_mines(monkeypatch: pytest.MonkeyPatch) -> None:
    sequences = Sequences.of(["abcab", "acb", "bca"] * 20)
    compiled = list(mine(sequences, minimum_support=20, engine="compiled"))
    monkeypatch.setattr("journeygraph.intent.mining.compiled.available", lambda: False)
    assert list(mine(sequences, minimum_support=20)) == compiled
    with pytest.raises(UsageError, match="needs the package numba"):
        mine(sequences, minimum_support=20, engine="compiled")


def test_limits_in_time_need_times() -> None:
    with pytest.raises(UsageError, match="needs the times"):
        mine(Sequences.of(["ab"]), minimum_support=1, max_span_seconds=1)
