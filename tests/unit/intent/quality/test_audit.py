"""Figures by group and by time against plain libraries; planted unfairness and drift are found, and only those."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, t, ttest_1samp
from sklearn.metrics import roc_auc_score

from journeygraph.intent.features.timeline import Cuts, Timeline
from journeygraph.intent.models import retraining
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.models.training import Training, train
from journeygraph.intent.quality import drift, fairness
from journeygraph.intent.quality.fairness import Group
from journeygraph.intent.quality.metrics import expected_calibration_error
from journeygraph.intent.quality.resampled import Scored, differs_by, gap_differs
from journeygraph.schema import Touchpoint
from tests.unit.intent import null_scores
from tests.unit.intent.small_shop import BEGIN, RULES, shop, table

WEEK = 7 * 86_400.0


def scored(n: int = 2_000, seed: int = 0, wrong: float = 0.0) -> Scored:
    """Calibrated scores, two cases a customer; `wrong` is added to the first half's after the outcome was drawn."""
    generator = np.random.default_rng(seed)
    probability = generator.uniform(0.05, 0.6, n)
    truth = generator.random(n) < probability
    shifted = probability + wrong * (np.arange(n) < n / 2)
    return Scored(shifted, truth, np.arange(n) // 2, seed)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.25, 0.5, 0.9])), min_size=4, max_size=40))
def test_values_are_those_of_plain_libraries(cases: list[tuple[bool, float]]) -> None:
    truth, probability = (np.array(column) for column in zip(*cases, strict=True))
    own = Scored(probability, truth, np.arange(len(truth)) // 2)
    assert own.rate().value == pytest.approx(truth.mean())
    assert own.ece().value == pytest.approx(expected_calibration_error(truth, probability))
    if 0 < truth.sum() < len(truth):
        assert own.auc().value == pytest.approx(roc_auc_score(truth, probability))


def test_rounds_are_those_of_weighted_figures() -> None:
    own = scored(60)
    weights = own._weights[7]
    peer = roc_auc_score(own.truth, own.probability, sample_weight=weights)
    again = Scored(own.probability, own.truth, own.customers)
    object.__setattr__(again, "_weights", np.vstack([weights, weights]))
    assert again.auc().value == pytest.approx(peer)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = sum(own.low <= 0 <= own.high for own in (scored(400, seed).gap() for seed in range(60)))
    assert held >= 52


def audit(given: Scored) -> tuple[fairness.GroupFigures, ...]:
    """The first and the second half of the customers as groups."""
    n = len(given)
    timeline = Timeline.from_table(table(shop(3)), RULES)
    nobody = np.zeros(n, dtype=np.int64)
    cuts = Cuts(given.customers, np.arange(n), nobody, nobody + 1, nobody)
    first = np.arange(n // 2) < n / 4
    groups = [Group("half", "first", first), Group("half", "second", ~first), Group("all", "all", first | True)]
    return fairness.measure(given, timeline, cuts, groups)[0]


def test_a_group_that_is_scored_wrongly_is_flagged() -> None:
    found = {figures.value: figures for figures in audit(scored(wrong=0.15))}
    assert set(found) == {"first", "second"}
    assert found["first"].flags == ("calibration",)
    assert found["first"].gap[2] < 0 < found["second"].gap[0] + 0.05
    assert found["first"].auc_q is not None


def test_groups_that_are_scored_alike_are_not() -> None:
    assert sum(null_scores.flagged(150, seed, {"platform": 3}) for seed in range(20)) <= binom.ppf(0.999, 20, 0.05)


def test_slices_of_time_follow_each_other() -> None:
    given = scored(600)
    nobody = np.zeros(600, dtype=np.int64)
    cuts = Cuts(given.customers, np.arange(600)[::-1].copy(), nobody, nobody + 1, nobody)
    slices = fairness.measure(given, Timeline.from_table(table(shop(3)), RULES), cuts, ())[1]
    assert [one.cases for one in slices] == [100] * 6
    assert [one.since for one in slices] == sorted(one.since for one in slices)


def test_a_moved_feature_is_found_and_one_that_stayed_is_not() -> None:
    generator = np.random.default_rng(0)
    then, now = generator.normal(size=(3_000, 3)), generator.normal(size=(800, 3))
    now[:, 1] += 0.7
    then[:, 2], now[:, 2] = then[:, 2] > 0, now[:, 2] > 0
    found = {one.feature: one for one in drift.compare(drift.shares(["same", "moved", "yes"], then), now)}
    assert {name for name, one in found.items() if one.drifted} == {"moved"}
    assert found["moved"].psi > 0.2 > 0.05 > found["same"].psi
    assert all(0 <= one.p_value <= one.q_value <= 1 for one in found.values())


def test_one_case_a_customer_is_drawn() -> None:
    customers = np.array([3, 3, 3, 1, 1, 7])
    assert customers[drift.one_each(customers)].tolist() in ([3, 1, 7],)


def test_a_difference_has_the_p_value_of_its_t() -> None:
    assert differs_by(1.96, 1.0, 100_000) == pytest.approx(0.05, abs=0.001)
    assert differs_by(1.96, 1.0, 10) == pytest.approx(2 * t.sf(1.96, 10))
    assert differs_by(0.0, 0.0, 10) == 1.0


def test_a_gap_is_tested_as_scipy_does_where_customers_have_one_case_each() -> None:
    given = scored(400, 3)
    own = Scored(given.probability, given.truth, np.arange(400))
    p = ttest_1samp(own.truth - own.probability, 0.0).pvalue
    assert gap_differs(own) == pytest.approx(p, rel=1e-9)


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return train(table(shop(300, days=100)), RULES, Training(WEEK, candidates=["logistic"]))


def test_a_model_holds_where_nothing_changed(model: IntentModel) -> None:
    same = retraining.judge(Timeline.from_table(table(shop(300, days=135)), RULES), model)
    assert same.cases > 200
    assert same.gap is not None
    assert not same.needed, same.why
    assert "its scores hold" in same.why[0]


def test_a_model_learns_again_where_customers_behave_otherwise(model: IntentModel) -> None:
    changed_at = BEGIN + timedelta(days=100)
    later = [
        touchpoint
        for touchpoint in shop(300, days=135)
        if touchpoint.step != "purchase" or touchpoint.occurred_at < changed_at
    ]
    few = [touchpoint for number, touchpoint in enumerate(shop(300, seed=3, days=135)) if number % 2]
    verdict = retraining.judge(Timeline.from_table(table([*later, *renamed(few)]), RULES), model)
    assert verdict.needed
    assert "scores are off by -" in verdict.why[0]
    assert verdict.drift[0].feature == "score"


def renamed(touchpoints: list[Touchpoint]) -> list[Touchpoint]:
    """The same touchpoints, made by others."""
    return [
        touchpoint.model_copy(
            update={"touchpoint_id": "x" + touchpoint.touchpoint_id, "customer_id": f"x{touchpoint.customer_id}"}
        )
        for touchpoint in touchpoints
    ]


def test_too_little_that_is_new_is_said(model: IntentModel) -> None:
    verdict = retraining.judge(Timeline.from_table(table(shop(300, days=100)), RULES), model)
    assert not verdict.needed
    assert "too little has come since the data until" in verdict.why[0]


def test_the_audit_of_a_training_names_groups_slices_and_drift() -> None:
    touchpoints = shop(300)
    rows = [
        {
            "customer_id": f"c{number:05d}",
            "first_source": "test",
            "first_channel": "ad" if number % 3 else "web",
            "platform": None,
            "segments": ["loyal"] if number % 2 else [],
        }
        for number in range(300)
    ]
    asked = Training(WEEK, candidates=["logistic"])
    told = train(table(touchpoints), RULES, asked, groups=rows).audit
    assert {(one.kind, one.value) for one in told.groups} == {
        ("first_channel", "ad"), ("first_channel", "web"), ("last_channel", "web"), ("last_channel", "ad"),
        ("segment", "loyal"),
    }  # fmt: skip
    assert not [one for one in told.groups if one.flags and one.kind != "last_channel"]
    assert len(told.slices) == 6
    assert told.drift[0].feature == "score"
    assert told.drift_tested > len(told.drift)
