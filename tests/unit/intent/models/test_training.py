"""The intent model finds what was planted, finds nothing where there is nothing, and is the same on every run."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.intent.features.matrix import matrix
from journeygraph.intent.features.timeline import Timeline, place
from journeygraph.intent.features.vocabulary import learn
from journeygraph.intent.learners import calibration, candidates
from journeygraph.intent.learners.linear import Linear
from journeygraph.intent.models import split, store
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.models.training import Training, train
from journeygraph.intent.quality.metrics import decile_lift, expected_calibration_error, figures, reliability
from tests.unit.intent.small_shop import RULES, shop, table

WEEK = 7 * 86_400.0
LOGISTIC = Training(WEEK, candidates=["logistic"])


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return train(table(shop()), RULES, LOGISTIC)


def test_planted_intent_is_found(model: IntentModel) -> None:
    measured = {row.name: row for row in model.figures}
    assert measured["prevalence"].auc == 0.5
    assert measured["logistic"].auc > 0.63
    assert measured["logistic"].average_precision > measured["counts_only"].average_precision + 0.05
    assert measured["logistic"].brier < measured["counts_only"].brier < measured["prevalence"].brier
    assert measured["logistic"].ece < 0.04
    assert model.chosen == "logistic"
    assert isinstance(model.predictor, Linear)
    weights = dict(zip(model.features, model.predictor.weights, strict=True))
    assert weights["transition:compare>cart"] == max(weights.values())


def test_parts_follow_each_other_with_a_horizon_between(model: IntentModel) -> None:
    timeline = Timeline.from_table(table(shop()), RULES)
    parts = split.temporal(split.sample(timeline, WEEK, seed=0), WEEK)
    assert [len(part) for part in parts] == [part.cuts for part in model.parts]
    for earlier, later in itertools.pairwise(parts):
        assert earlier.cuts.at_us.max() + WEEK * 1e6 < later.cuts.at_us.min()
    assert parts[2].cuts.at_us.max() + WEEK * 1e6 <= timeline.times_us.max()


def test_shuffled_outcomes_are_not_found() -> None:
    timeline = Timeline.from_table(table(shop()), RULES)
    labelled = split.sample(timeline, WEEK, seed=0)
    shuffled = split.Labelled(labelled.cuts, np.random.default_rng(1).permutation(labelled.converts))
    earlier, later, test = split.temporal(shuffled, WEEK)
    vocabulary = learn(timeline, earlier.cuts, earlier.converts)
    values = [matrix(timeline, part.cuts, vocabulary)[1] for part in (earlier, later, test)]
    fitted = candidates.fit("logistic", values[0], earlier.converts, earlier.cuts.customers)
    curve = calibration.fit(fitted.decide(values[1]), later.converts, "sigmoid")
    assert abs(figures("shuffled", test.converts, curve.apply(fitted.decide(values[2])), 0.5).auc - 0.5) < 0.03


def test_the_same_data_gives_the_same_model_and_other_data_another(model: IntentModel) -> None:
    again = train(table(list(reversed(shop()))), RULES, LOGISTIC)
    assert again == model
    for other, horizon in ((table(shop(seed=5)), WEEK), (table(shop()), WEEK / 2)):
        assert train(other, RULES, Training(horizon, candidates=["logistic"])).version != model.version


def test_a_model_file_is_plain_json_and_gives_the_same_scores(model: IntentModel, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="train first"):
        store.load(tmp_path)
    path = store.save(model, tmp_path)
    again = store.load(tmp_path)
    timeline = Timeline.from_table(table(shop(50, seed=3)), RULES)
    cuts = place(timeline, np.arange(50), np.full(50, timeline.times_us.max()))
    values = model.describe(timeline, cuts)[1]
    assert path.read_text().startswith("{")
    assert again.probabilities(values).tolist() == model.probabilities(values).tolist()
    assert store.versions(tmp_path) == [model.version]
    with pytest.raises(UsageError, match=r"no intent model of version '\.\./x'"):
        store.load(tmp_path, "../x")
    path.write_text("{}")
    with pytest.raises(UsageError, match="train it again"):
        store.load(tmp_path)


@pytest.mark.parametrize(
    ("customers", "days"), [(3, 120), (200, 50)], ids=["few customers", "a time shorter than the horizons"]
)
def test_too_little_data_is_said_in_a_sentence(customers: int, days: int) -> None:
    with pytest.raises(UsageError, match="Too little data for an intent model with a horizon of 7 days"):
        train(table(shop(customers, days=days)), RULES, LOGISTIC)


def test_one_class_is_said_in_a_sentence() -> None:
    never = [touchpoint for touchpoint in shop(100) if touchpoint.step != "purchase"]
    with pytest.raises(UsageError, match="0 with a conversion"):
        train(table(never), RULES, LOGISTIC)


def test_a_version_can_be_gone_back_to(model: IntentModel, tmp_path: Path) -> None:
    assert store.current(tmp_path) is None
    other = model.model_copy(update={"version": "0" * 16})
    store.save(model, tmp_path)
    store.save(other, tmp_path)
    assert store.current(tmp_path) == other.version
    assert store.use(tmp_path, model.version) == model == store.load(tmp_path)
    with pytest.raises(UsageError, match="no intent model of version 'gone'"):
        store.use(tmp_path, "gone")
    assert store.current(tmp_path) == model.version


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.2, 0.5, 0.71, 1.0])), min_size=10, max_size=60))
def test_deciles_and_bins_hold_every_case_once(cases: list[tuple[bool, float]]) -> None:
    truth, probability = (np.array(column) for column in zip(*cases, strict=True))
    bins = reliability(truth, probability)
    assert sum(one.cases for one in bins) == len(cases)
    assert sum(one.cases * one.observed for one in bins) == pytest.approx(truth.sum())
    error = sum(one.cases * abs(one.predicted - one.observed) for one in bins) / len(cases)
    assert expected_calibration_error(truth, probability) == pytest.approx(error)
    lift = decile_lift(truth, probability)
    if truth.any():
        assert sum(lift) == pytest.approx(10)
        assert decile_lift(truth[::-1], probability[::-1]) == pytest.approx(lift)
