"""Funnels against trying every chain of touchpoints there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.funnels import funnel
from journeygraph.funnels.question import Mode
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths import path_view, transitions
from tests.unit.paths.tables import SECOND, STEPS, paths_of, tables

ARGUMENTS = st.lists(st.sampled_from(["a", "b", "c", "a|b", "b|c"]), min_size=1, max_size=4)
WINDOWS = st.sampled_from([None, 0.0, 1.0, 3.0, 8.0])


def every_chain(
    steps: list[str], times: list[int], asked: list[str], window: float | None, exclude: set[str], mode: Mode
) -> list[list[int]]:
    """Instants of every allowed chain that a path holds, of every length, by brute force."""
    chains = []
    for length in range(1, len(asked) + 1):
        for at in combinations(range(len(steps)), length):
            if window is not None and times[at[-1]] - times[at[0]] > window * SECOND:
                continue
            if exclude & set(steps[at[0] : at[-1] + 1]):
                continue
            if mode == "strict" and at[-1] - at[0] != length - 1:
                continue
            if mode == "unordered":
                fits = assignable([steps[i] for i in at], asked)
            else:
                fits = all(steps[i] in asked[k].split("|") for k, i in enumerate(at))
            if fits:
                chains.append([times[i] for i in at])
    return chains


def assignable(steps: list[str], asked: list[str]) -> bool:
    """Whether every touchpoint can be given a step of its own."""
    if not steps:
        return True
    return any(
        steps[0] in asked[k].split("|") and assignable(steps[1:], asked[:k] + asked[k + 1 :]) for k in range(len(asked))
    )


@given(tables(max_paths=5, max_length=6), ARGUMENTS, st.sampled_from(["ordered", "strict"]), WINDOWS, st.booleans())
def test_in_order_equal_to_trying_everything(
    table: JourneyTable, asked: list[str], mode: Mode, window: float | None, excluding: bool
) -> None:
    compare(table, asked, mode, window, {"d"} if excluding else set())


@given(
    tables(max_paths=5, max_length=6),
    st.sampled_from([["a"], ["a", "b"], ["a", "a", "b"], ["a|b", "c"], ["a|b", "b|a", "c"], ["c", "b", "a"]]),
    WINDOWS,
    st.booleans(),
)
def test_in_any_order_equal_to_trying_everything(
    table: JourneyTable, asked: list[str], window: float | None, excluding: bool
) -> None:
    compare(table, asked, "unordered", window, {"d"} if excluding else set())


def compare(table: JourneyTable, asked: list[str], mode: Mode, window: float | None, exclude: set[str]) -> None:
    table = with_vocabulary(table)
    answer = funnel(table, asked, mode=mode, window_seconds=window, exclude=sorted(exclude))
    longest = []
    for _, steps, times in paths_of(table):
        longest.append(max((len(c) for c in every_chain(steps, times, asked, window, exclude, mode)), default=0))
    assert [step.count for step in answer.steps] == [sum(n > k for n in longest) for k in range(len(asked))]
    assert answer.denominator == answer.steps[0].count
    assert answer.population == table.n_paths


def with_vocabulary(table: JourneyTable) -> JourneyTable:
    """The table of a graph that knows all the steps, also those that no path holds."""
    return replace(table, stages=dict.fromkeys(STEPS, "consideration"))


@given(tables(max_paths=5, max_length=6), ARGUMENTS, WINDOWS)
def test_times_are_those_of_the_best_chain(table: JourneyTable, asked: list[str], window: float | None) -> None:
    table = with_vocabulary(table)
    answer = funnel(table, asked, window_seconds=window)
    waits: list[list[float]] = [[] for _ in asked]
    for _, steps, times in paths_of(table):
        chain = by_the_book(steps, times, asked, window)
        for k in range(1, len(chain)):
            waits[k].append((chain[k] - chain[k - 1]) / SECOND)
    for k in range(1, len(asked)):
        expected = median(waits[k]) if waits[k] else None
        assert answer.steps[k].median_seconds == expected


def by_the_book(steps: list[str], times: list[int], asked: list[str], window: float | None) -> list[int]:
    """ClickHouse's loop over one path: at each level the chain that started last; the first of the longest wins."""
    state: list[list[int]] = [[] for _ in asked]
    best: list[int] = []
    for step, time in zip(steps, times, strict=True):
        for k in reversed(range(len(asked))):
            if step not in asked[k].split("|"):
                continue
            if k == 0:
                state[0] = [time]
            elif state[k - 1] and (window is None or time - state[k - 1][0] <= window * SECOND):
                state[k] = [*state[k - 1], time]
        best = max([best, *state], key=len)
    return best


@given(tables(), st.sampled_from(STEPS), st.sampled_from(STEPS))
def test_two_strict_steps_are_the_edge(table: JourneyTable, source: str, target: str) -> None:
    table = with_vocabulary(table)
    edge = [link.journeys for link in transitions(table).links if (link.source, link.target) == (source, target)]
    strict = funnel(table, [source, target], mode="strict", window_seconds=None)
    assert strict.steps[1].count == (edge[0] if edge else 0)


@given(tables(), st.sampled_from(STEPS), st.sampled_from(STEPS))
def test_two_ordered_steps_are_the_view_between_them(table: JourneyTable, source: str, target: str) -> None:
    table = with_vocabulary(table)
    between = path_view(table, from_step=source, to_step=target)
    assert funnel(table, [source, target], window_seconds=None).steps[1].count == between.denominator


def table_of(*paths: str, seconds: int = 1) -> JourneyTable:
    return with_vocabulary(
        JourneyTable.from_rows(
            {
                "id": f"j{number}",
                "customer_id": f"k{number}",
                "outcome": "lost",
                "value": None,
                "steps": list(path),
                "channels": ["web"] * len(path),
                "occurred_at_us": [k * seconds * SECOND for k in range(len(path))],
            }
            for number, path in enumerate(paths)
        )
    )


def test_the_window_is_inclusive() -> None:
    assert [s.count for s in funnel(table_of("accb"), ["a", "b"], window_seconds=3).steps] == [1, 1]
    assert [s.count for s in funnel(table_of("accb"), ["a", "b"], window_seconds=2.9).steps] == [1, 0]


def test_a_later_first_step_starts_a_newer_chain() -> None:
    assert [s.count for s in funnel(table_of("accab"), ["a", "b"], window_seconds=1).steps] == [1, 1]


def test_the_chain_that_came_furthest_counts() -> None:
    assert [s.count for s in funnel(table_of("abcca"), ["a", "b", "c"], window_seconds=2).steps] == [1, 1, 1]


def test_exclusion_ends_the_attempt_but_not_a_newer_one() -> None:
    counts = [[s.count for s in funnel(table_of(path), ["a", "b"], exclude=["d"]).steps] for path in ("adb", "adab")]
    assert counts == [[1, 0], [1, 1]]


def test_empty_graph() -> None:
    answer = funnel(JourneyTable.from_rows([]), ["a", "b"])
    assert [(s.count, s.conversion, s.median_seconds) for s in answer.steps] == [(0, None, None), (0, None, None)]


@pytest.mark.parametrize(
    ("steps", "options", "sentence"),
    [
        ([], {}, "at least one step"),
        (["a", "zz"], {}, "no step 'zz'; the graph has a, b, c, d"),
        (["A"], {}, "Did you mean 'a'"),
        (["a|"], {}, "empty on one side"),
        (["a"], {"mode": "sorted"}, "no funnel mode 'sorted'"),
        (["a"], {"window_seconds": -1.0}, "below zero"),
        (["a", "b"], {"exclude": ["b"]}, "both a step of the funnel and excluded"),
        (["a|b", "b|c"], {"mode": "unordered"}, "overlap"),
    ],
)
def test_refusals_are_sentences(steps: list[str], options: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence.replace("|", r"\|")):
        funnel(table_of("abcd"), steps, **options)  # type: ignore[arg-type]
