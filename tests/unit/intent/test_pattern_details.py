"""A pattern's time to the outcome, its examples, and whether it rises."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import Table

from journeygraph.intent.mining.sequences import Limits
from journeygraph.intent.patterns.found import mine
from journeygraph.intent.patterns.trend import trends
from journeygraph.intent.patterns.words import in_words
from journeygraph.journeys.table import JourneyTable
from tests.unit.paths.tables import SECOND, rows


@settings(max_examples=50)
@given(rows(), st.sampled_from(["converted", "lost", "a"]))
def test_times_and_examples_by_hand(log: list[dict[str, Any]], outcome: str) -> None:
    table = JourneyTable.from_rows(log, stages={"a": "purchase"})
    report = mine(table, minimum_support=1, max_length=2, outcome=outcome, top=None, permutations=0)
    ordered = sorted(log, key=lambda row: (row["customer_id"], row["occurred_at_us"][0], row["id"]))
    for pattern in report.patterns:
        waits, holding = [], []
        for row in ordered:
            steps, times = row["steps"], row["occurred_at_us"]
            reached = outcome in steps if outcome == "a" else row["outcome"] == outcome
            stop = steps.index("a") if outcome == "a" and reached else len(steps) - (row["outcome"] == "converted")
            stop = len(steps) if outcome == "a" and not reached else stop
            matches = [
                at
                for at in combinations(range(stop), len(pattern.pattern))
                if [steps[i] for i in at] == pattern.pattern
            ]
            if matches:
                holding.append((not reached, len(holding), row["id"]))
                if reached and outcome != "lost":
                    waits.append((times[stop] - times[min(at[-1] for at in matches)]) / SECOND)
        assert pattern.timed == len(waits)
        assert pattern.median_seconds_to_outcome == (pytest.approx(np.median(waits)) if waits else None)
        assert pattern.examples == [row_id for _, _, row_id in sorted(holding)[:3]]
        for held, share, part in zip(pattern.support_by_slice, pattern.share_by_slice, report.slices, strict=True):
            assert share == (held / part.sequences if part.sequences else None)


def test_the_test_of_a_trend_is_that_of_statsmodels() -> None:
    holding, journeys = np.array([[10, 22, 31, 29], [80, 60, 70, 41]]), np.array([100, 110, 120, 90])
    ours = trends(holding, journeys)
    for row, p_value in zip(holding, ours.p_values.tolist(), strict=True):
        theirs = Table(np.array([row, journeys - row])).test_ordinal_association(np.array([1, 0]), np.arange(4))
        n = journeys.sum()
        assert theirs.zscore**2 * (n - 1) / n == pytest.approx(_statistic(p_value), rel=0.01)
    assert ours.directions == ["rising", "falling"]


def _statistic(p_value: float) -> float:
    from scipy.stats import chi2

    return float(chi2.isf(p_value, 1))


def test_a_pattern_that_comes_up_rises_and_open_journeys_cannot_fake_a_fall() -> None:
    rng = np.random.default_rng(5)
    log = []
    for number in range(1_200):
        start = number * 1_000 * SECOND
        still = number > 1_000  # these are cut off: too short to hold anything
        steps = ["a", "b"] if rng.random() < 0.5 else ["b"]
        steps = [*steps, "new"] if rng.random() < number / 2_000 else steps
        log.append(
            {"id": f"j{number}", "customer_id": f"k{number:04}", "outcome": "open" if still else "lost", "value": None,
             "steps": steps[:1] if still else steps, "channels": ["web"] * (1 if still else len(steps)),
             "occurred_at_us": [start + i * SECOND for i in range(1 if still else len(steps))]}
        )  # fmt: skip
    report = mine(JourneyTable.from_rows(log), top=None, permutations=0)
    found = {tuple(row.pattern): row for row in report.patterns}
    assert found[("new",)].trend == "rising"
    assert found["a", "b"].trend == "steady"
    shares = found[("new",)].share_by_slice
    assert len(shares) == 6
    assert sum(part.sequences for part in report.slices) == 1_001


def test_names_in_words() -> None:
    assert in_words(["search"]) == "`search`"
    assert in_words(["a", "b", "b", "c"]) == "`a` then `b` twice then `c`"
    assert in_words(["a", "b"], Limits(1, max_gap=2)) == "`a` then `b`, at most 2 others between neighbours"
    assert in_words(["a", "b"], Limits(1, max_gap_seconds=90)) == "`a` then `b`, at most 90 s between neighbours"
