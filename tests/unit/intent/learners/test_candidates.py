"""Models as plain numbers give what their libraries give, and what they say of a score adds up to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from journeygraph.errors import UsageError
from journeygraph.intent.learners import calibration, candidates, choice, tree_arrays
from journeygraph.intent.learners.calibration import sigmoid
from journeygraph.intent.learners.candidates import MODELS, ModelName, Predictor
from journeygraph.intent.learners.trees import Trees
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.models.training import Training, train
from journeygraph.intent.quality.clustered import clustered_mean
from tests.unit.intent.small_shop import RULES, shop, table

Matrix = NDArray[np.float64]


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):  # threads that wait for busy cores only cost time
        yield


def cases(seed: int, rows: int = 600) -> tuple[Matrix, NDArray[np.bool_]]:
    """Features, some of them whole numbers with many ties, and an outcome that needs two of them together."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(rows, 5))
    values[:, 2] = np.round(values[:, 2])
    return values, values[:, 0] * values[:, 1] + values[:, 2] + generator.normal(size=rows) > 0.8


def fitted(name: ModelName) -> Predictor:
    values, converts = cases(0)
    return candidates.fit(name, values, converts, np.arange(len(values)) // 3)


def test_a_forest_is_scikit_learns_to_the_last_bit() -> None:
    forest = RandomForestClassifier(20, max_leaf_nodes=9, random_state=0).fit(*cases(0))
    unseen = cases(1)[0]
    assert tree_arrays.of_forest(forest).decide(unseen).tolist() == forest.predict_proba(unseen)[:, 1].tolist()


def test_boosted_trees_are_scikit_learns_to_the_last_bit() -> None:
    boosting = HistGradientBoostingClassifier(max_iter=20, max_leaf_nodes=7, random_state=0).fit(*cases(0))
    unseen = cases(1)[0]
    decision = tree_arrays.of_boosting(boosting).decide(unseen)
    assert decision.tolist() == boosting.decision_function(unseen).tolist()
    np.testing.assert_allclose(sigmoid(decision), boosting.predict_proba(unseen)[:, 1], rtol=1e-15)


def test_xgboost_and_its_shapley_values_are_its_own() -> None:
    xgboost = pytest.importorskip("xgboost", reason="XGBoost is an extra: journeygraph-service[xgboost]")
    model = xgboost.XGBClassifier(n_estimators=20, max_depth=4, base_score=0.3, random_state=0).fit(*cases(0))
    unseen, ours = cases(1)[0].astype(np.float32).astype(np.float64), tree_arrays.of_xgboost(model)
    np.testing.assert_allclose(ours.decide(unseen), model.predict(unseen, output_margin=True), atol=1e-5)
    theirs = model.get_booster().predict(xgboost.DMatrix(unseen), pred_contribs=True)
    np.testing.assert_allclose(ours.contributions(unseen), theirs[:, :-1], atol=1e-5)
    assert ours.expected == pytest.approx(float(theirs[0, -1]), abs=1e-5)


def test_a_regression_is_scikit_learns() -> None:
    values, converts = cases(0)
    ours = candidates.fit_logistic(values, converts, np.arange(len(values)))
    peer = make_pipeline(
        StandardScaler(), LogisticRegression(C=ours.penalty, class_weight="balanced", solver="newton-cholesky")
    )
    np.testing.assert_allclose(ours.decide(values), peer.fit(values, converts).decision_function(values), atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(1, 3))
def test_shapley_values_are_those_of_all_subsets(seed: int, leaves: int, trees: int) -> None:
    values, converts = cases(seed, 80)
    if len(np.unique(converts)) < 2:
        return
    ours = tree_arrays.of_forest(
        RandomForestClassifier(trees, max_leaf_nodes=leaves, random_state=seed).fit(values, converts)
    )
    case = values[seed % 80].astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(ours.contributions(case[None])[0], by_subsets(ours, case), atol=1e-12)


def by_subsets(trees: Trees, case: Matrix) -> Matrix:
    """Shapley's own formula: every order in which features can become known."""
    n = len(case)

    def known(features: tuple[int, ...], node: int) -> float:
        feature = trees.feature[node]
        if feature < 0:
            return trees.value[node]
        left, right = trees.left[node], trees.right[node]
        if feature in features:
            return known(features, left if case[feature] <= trees.threshold[node] else right)
        return sum(known(features, child) * trees.cover[child] for child in (left, right)) / trees.cover[node]

    def worth(features: tuple[int, ...]) -> float:
        return sum(known(features, root) for root in trees.roots) / trees.divisor

    added = np.zeros(n)
    for feature in range(n):
        others = [other for other in range(n) if other != feature]
        for size in range(n):
            weight = factorial(size) * factorial(n - 1 - size) / factorial(n)
            for group in combinations(others, size):
                added[feature] += weight * (worth((*group, feature)) - worth(group))
    return added


@pytest.mark.parametrize("name", candidates.available())
def test_contributions_add_up_to_the_decision(name: ModelName) -> None:
    model, unseen = fitted(name), cases(1)[0]
    total = model.contributions(unseen).sum(axis=1) + model.expected
    np.testing.assert_allclose(total, model.decide(unseen), atol=1e-9)
    alone = [float(model.decide(row[None])[0]) for row in unseen[:50]]
    assert alone == model.decide(unseen)[:50].tolist()


@pytest.mark.parametrize("method", calibration.METHODS)
@pytest.mark.parametrize("name", candidates.available())
def test_reasons_add_up_to_the_log_odds_of_the_score(
    name: ModelName, method: calibration.Method, trained: IntentModel
) -> None:
    values, converts = cases(0)
    predictor = fitted(name)
    curve = calibration.fit(predictor.decide(values), converts, method)
    model = trained.model_copy(update={"predictor": predictor, "calibration": curve})
    unseen = cases(1)[0]
    average = calibration.log_odds(curve.apply(np.array([predictor.expected])))
    moved = calibration.log_odds(model.probabilities(unseen)) - average
    np.testing.assert_allclose(model.contributions(unseen).sum(axis=1), moved, atol=1e-6)


@pytest.fixture(scope="module")
def trained() -> IntentModel:
    return train(table(shop(200)), RULES, Training(7 * 86_400.0))


def test_all_models_are_trained_measured_and_read_back(trained: IntentModel) -> None:
    names = list(candidates.available())
    assert [candidate.name for candidate in trained.validation] == names
    assert [figures.name for figures in trained.figures] == ["prevalence", "counts_only", *names]
    assert all(figures.auc > 0.6 for figures in trained.figures if figures.name in names)
    again = IntentModel.model_validate_json(trained.model_dump_json())
    assert again == trained


def test_the_simpler_model_stays_unless_it_is_beaten_beyond_chance() -> None:
    generator = np.random.default_rng(0)
    values, converts = cases(2, 2_000)
    customers = np.arange(2_000) // 2
    flat, interaction = fitted("logistic"), fitted("gradient_boosting")
    judged, chosen, _ = choice.choose({"logistic": flat, "gradient_boosting": interaction}, values, converts, customers)
    assert chosen == "gradient_boosting"
    difference = judged[1].loss_against_chosen
    assert difference is not None
    assert difference[1] < difference[0] < difference[2] < 0
    noise = generator.permutation(converts)
    assert (
        choice.choose({"logistic": flat, "gradient_boosting": interaction}, values, noise, customers)[1] == "logistic"
    )


def test_a_clustered_interval_is_wider_than_that_of_repeated_cases() -> None:
    values = np.random.default_rng(0).normal(size=200)
    alone = clustered_mean(values, np.arange(200))
    repeated = clustered_mean(np.repeat(values, 10), np.repeat(np.arange(200), 10))
    assert repeated.high - repeated.low == pytest.approx(alone.high - alone.low, rel=0.02)


@pytest.mark.parametrize("method", calibration.METHODS)
def test_calibration_is_scikit_learns(method: calibration.Method) -> None:
    values, converts = cases(0)
    regression = LogisticRegression().fit(values[:300], converts[:300])
    curve = calibration.fit(regression.decision_function(values[300:]), converts[300:], method)
    peer = CalibratedClassifierCV(FrozenEstimator(regression), method=method).fit(values[300:], converts[300:])
    ours = curve.apply(regression.decision_function(values))
    np.testing.assert_allclose(ours, peer.predict_proba(values)[:, 1], atol=1e-12)


def test_the_calibration_that_is_off_by_less_is_taken() -> None:
    generator = np.random.default_rng(0)
    decision = generator.uniform(-1, 1, 4_000)
    stairs = generator.random(4_000) < np.where(decision > 0.8, 0.9, 0.1)  # no logistic curve
    curve = generator.random(4_000) < sigmoid(2 * decision)
    customers = np.arange(4_000)
    assert calibration.held_out(decision, stairs, customers)[0] == "isotonic"
    assert calibration.held_out(decision, curve, customers)[0] == "sigmoid"


def test_few_customers_with_a_conversion_still_get_a_curve() -> None:
    decision, converts = np.arange(20.0), np.arange(20) >= 10
    assert calibration.held_out(decision, converts, np.arange(20) // 10)[0] == "sigmoid"


def test_models_are_named_or_refused() -> None:
    assert candidates.named([]) == candidates.available()
    with pytest.raises(UsageError, match=r"no model 'deep'; allowed are: logistic, random_forest, gradient_boosting"):
        candidates.named(["deep"])


def test_xgboost_is_only_told_of_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "find_spec", lambda name: None)
    assert candidates.available() == MODELS[:3]
    with pytest.raises(UsageError, match=r"not installed: journeygraph-service\[xgboost\]"):
        candidates.named(["xgboost"])
