"""Patterns with an outcome: against counting by hand, against SciPy's Fisher test, and without leaks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from journeygraph.errors import UsageError
from journeygraph.intent.patterns.fisher import fisher_p_values
from journeygraph.intent.patterns.found import mine
from journeygraph.intent.patterns.outcome import before_outcome
from journeygraph.journeys.table import JourneyTable
from tests.unit.paths.tables import rows


@given(st.integers(1, 60), st.data())
def test_fisher_equals_scipy(total: int, data: st.DataObject) -> None:
    reached = data.draw(st.integers(0, total))
    holding = data.draw(st.integers(0, total))
    both = data.draw(st.integers(max(0, holding - (total - reached)), min(holding, reached)))
    table = [[both, holding - both], [reached - both, total - reached - holding + both]]
    ours = fisher_p_values(total, reached, np.array([holding]), np.array([both]))[0]
    assert ours == pytest.approx(fisher_exact(table)[1], rel=1e-6)


def test_fisher_for_many_tables_of_large_margins() -> None:
    holding = np.array([500, 1_000, 40_000, 99_000])
    both = np.array([10, 300, 8_100, 19_900])
    ours = fisher_p_values(100_000, 20_000, holding, both)
    for p_value, n, x in zip(ours, holding.tolist(), both.tolist(), strict=True):
        table = [[x, n - x], [20_000 - x, 80_000 - n + x]]
        assert p_value == pytest.approx(fisher_exact(table)[1], rel=1e-6)


@given(rows(), st.sampled_from(["converted", "lost", "a"]), st.sampled_from([None, 0, 1]))
def test_equal_to_counting_by_hand(log: list[dict[str, object]], outcome: str, max_gap: int | None) -> None:
    table = JourneyTable.from_rows(log, stages={"a": "purchase"})
    report = mine(table, minimum_support=1, max_length=3, max_gap=max_gap, outcome=outcome, top=None)
    judged = []
    for path in range(table.n_paths):
        steps, ended = table.sequence(path), ["converted", "lost", "open"][table.outcomes[path]]
        reached = outcome in steps if outcome == "a" else ended == outcome
        if outcome == "a":
            steps = steps[: steps.index("a")] if reached else steps
        elif ended == "converted":
            steps = steps[:-1]
        judged.append((steps, reached, reached or ended != "open"))
    assert (report.sequences, report.reached) == (len(judged), sum(reached for _, reached, _ in judged))
    assert (report.decided, report.censored) == (sum(d for _, _, d in judged), sum(not d for _, _, d in judged))
    for row in report.patterns:
        holding = [entry for entry in judged if holds(entry[0], row.pattern, max_gap)]
        assert row.support == len(holding)
        assert row.decided_with == sum(decided for _, _, decided in holding)
        assert row.reached_with == sum(reached for _, reached, _ in holding)
        if row.lift is not None:
            rate = report.reached / report.decided
            assert row.lift == pytest.approx(row.reached_with / row.decided_with / rate)
        assert row.p_value <= row.q_value <= 1


def holds(steps: list[str], pattern: list[str], max_gap: int | None, after: int | None = None) -> bool:
    """By the definition, one step after the other."""
    if not pattern:
        return True
    start = 0 if after is None else after + 1
    stop = len(steps) if after is None or max_gap is None else start + max_gap + 1
    return any(
        steps[i] == pattern[0] and holds(steps, pattern[1:], max_gap, i) for i in range(start, min(stop, len(steps)))
    )


def journeys(*paths: tuple[str, str]) -> JourneyTable:
    return JourneyTable.from_rows(
        {
            "id": f"j{number:03}",
            "customer_id": f"k{number:03}",
            "outcome": outcome,
            "value": None,
            "steps": list(steps),
            "channels": ["web"] * len(steps),
            "occurred_at_us": list(range(len(steps))),
        }
        for number, (steps, outcome) in enumerate(paths)
    )


def test_the_goal_itself_is_no_pattern() -> None:
    table = journeys(*[("vcp", "converted")] * 10, *[("v", "lost")] * 30)
    report = mine(table)
    assert all("p" not in row.pattern for row in report.patterns)
    best = report.patterns[0]
    assert (best.pattern, best.support, best.lift) == (["c"], 10, 4.0)
    assert best.q_value < 1e-6


def test_open_journeys_support_but_prove_nothing() -> None:
    table = journeys(*[("vp", "converted")] * 5, *[("x", "lost")] * 5, *[("v", "open")] * 10)
    row = next(row for row in mine(table).patterns if row.pattern == ["v"])
    assert (row.support, row.decided_with, row.reached_with, row.lift) == (15, 5, 5, 2.0)


def test_before_a_step_that_journeys_reach_or_not() -> None:
    table = journeys(("abcb", "lost"), ("ca", "open"))
    assert before_outcome(table, "b").codes.tolist() == [0, 2, 0]
    assert before_outcome(table, "b").offsets.tolist() == [0, 1, 3]


def test_nothing_at_all() -> None:
    assert mine(JourneyTable.from_rows([])).patterns == []
    nobody = mine(journeys(("a", "lost"), ("b", "open")), minimum_support=1)
    assert [(row.lift, row.p_value, row.q_value) for row in nobody.patterns] == [(None, 1.0, 1.0)] * 2


def test_refusals_are_sentences() -> None:
    with pytest.raises(UsageError, match=r"no outcome .* 'purchased'"):
        mine(journeys(("a", "lost")), outcome="purchased")
    with pytest.raises(UsageError, match="not in customers"):
        mine(journeys(("a", "lost")).by_customer())
