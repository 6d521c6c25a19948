"""Findings against an earlier report's: each status, with what the test compares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from journeygraph.gaps import Finding, GapReport, compare
from journeygraph.gaps.comparison import Counts


def finding(name: str, affected: int, denominator: int, **parameters: Any) -> Finding:
    return Finding(
        id=f"drop_off-{name}",
        kind="drop_off",
        title=f"lost after {name}",
        subject=name,
        steps=(name,),
        channels=(),
        affected=affected,
        denominator=denominator,
        affected_customers=affected,
        denominator_customers=denominator,
        observed=affected / denominator,
        expected=0.1,
        effect=affected / denominator - 0.1,
        effect_unit="share",
        interval=(0.0, 1.0),
        p_value=0.001,
        q_value=0.001,
        lost_conversions=None,
        lost_conversions_interval=None,
        lost_value=None,
        lost_value_interval=None,
        currency=None,
        counts={},
        examples=(),
        cypher="",
        parameters={"steps": [name], "known_until_us": affected, **parameters},
    )


def report(*findings: Finding) -> GapReport:
    return GapReport(
        findings=findings, tested=9, minimum_journeys=30, journeys=0, converted=0, lost=0, open=0, cypher=""
    )


def compared(now: GapReport, before: GapReport, *, grown: bool, recounted: Counts | None = None) -> GapReport:
    earlier = before.model_dump(mode="json")
    return compare(now, earlier, compared_with="before", grown=grown, recount=lambda _: recounted)


def test_a_finding_that_was_not_there_is_new() -> None:
    answer = compared(report(finding("cart", 30, 60)), report(), grown=True)
    assert [one.status for one in answer.findings] == ["new"]
    assert (answer.compared_with, answer.closed) == ("before", ())


@pytest.mark.parametrize(
    ("now", "status"),
    [((100 + 80, 400 + 100), "worse"), ((100 + 2, 400 + 100), "better"), ((100 + 26, 400 + 100), "same")],
)
def test_what_came_since_is_compared_with_what_was_before(now: tuple[int, int], status: str) -> None:
    answer = compared(report(finding("cart", *now)), report(finding("cart", 100, 400)), grown=True)
    (one,) = answer.findings
    assert one.status == status
    assert one.comparison
    since = (now[0] - 100, 100)
    assert (one.comparison.since_affected, one.comparison.since_denominator) == since
    expected = stats.fisher_exact(np.array([[100, 300], [since[0], 100 - since[0]]])).pvalue
    assert one.comparison.p_value == expected
    assert one.comparison.q_value == expected, "one finding: nothing to correct"


def test_other_data_is_a_sample_of_its_own() -> None:
    answer = compared(report(finding("cart", 150, 200)), report(finding("cart", 100, 400)), grown=False)
    assert answer.findings[0].status == "worse"
    assert answer.findings[0].comparison
    assert answer.findings[0].comparison.since_denominator == 200


def test_the_same_data_says_the_same() -> None:
    before = report(finding("cart", 100, 400))
    (one,) = compared(before, before, grown=True).findings
    assert (one.status, one.comparison.p_value if one.comparison else 1) == ("same", None)
    assert one.comparison
    assert "nothing new" in one.comparison.sentence


def test_counts_that_shrank_are_not_compared() -> None:
    (one,) = compared(report(finding("cart", 90, 380)), report(finding("cart", 100, 400)), grown=True).findings
    assert one.status == "same"
    assert one.comparison
    assert "cannot be compared" in one.comparison.sentence


def test_another_question_is_asked_again_as_it_was() -> None:
    now, before = finding("cart", 180, 500, longer_than_us=7), finding("cart", 100, 400, longer_than_us=5)
    again = Counts(affected=101, denominator=500)
    (one,) = compared(report(now), report(before), grown=True, recounted=again).findings
    assert one.comparison
    assert (one.comparison.since_affected, one.status) == (1, "better")


def test_what_is_no_finding_any_more_is_closed_with_its_counts_since() -> None:
    before = report(finding("cart", 100, 400).model_copy(update={"owner": "Ann"}))
    answer = compared(report(), before, grown=True, recounted=Counts(affected=101, denominator=500))
    (one,) = answer.closed
    assert (one.id, one.status, one.owner) == ("drop_off-cart", "closed", "Ann")
    assert one.comparison.since_denominator == 100
    assert one.comparison.p_value is not None
    assert one.comparison.p_value < 0.001
    (unknown,) = compared(report(), before, grown=True).closed
    assert "cannot be compared" in unknown.comparison.sentence


def test_where_nothing_changed_hardly_any_finding_is_called_worse_or_better() -> None:
    """Twenty unchanged findings a report: at most one report in twenty may say that one changed."""
    random = np.random.default_rng(5)
    false = 0
    for _ in range(200):
        then = random.binomial(400, 0.3, 20)
        since = random.binomial(100, 0.3, 20)
        now = [finding(f"s{k}", int(then[k] + since[k]), 500) for k in range(20)]
        before = [finding(f"s{k}", int(then[k]), 400) for k in range(20)]
        answer = compared(report(*now), report(*before), grown=True)
        false += any(one.status != "same" for one in answer.findings)
    assert false <= 16, "binomial with 0.05 of 200: above 16 in two of a hundred"
