"""Learning the intent model: regression on the past, calibration on what came later, figures on the last part."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold
from sklearn.utils.class_weight import compute_sample_weight

from journeygraph.intent import metrics, split
from journeygraph.intent.features import matrix
from journeygraph.intent.model import CLIP, Calibration, IntentModel, ModelFigures
from journeygraph.intent.split import Labelled
from journeygraph.intent.timeline import Timeline
from journeygraph.intent.vocabulary import learn
from journeygraph.journeys.table import JourneyTable
from journeygraph.schema import JourneyRules, from_microseconds

Matrix = NDArray[np.float64]
PENALTIES = (0.001, 0.01, 0.1, 1.0)
#: Isotonic calibration has a step for every handful of cases: it wants many, or it overfits.
ISOTONIC_FROM = 2_000


def train(table: JourneyTable, rules: JourneyRules, *, horizon_seconds: float, seed: int = 0) -> IntentModel:
    """A calibrated model of P(conversion within the horizon), with its figures on the last part of the data.

    `table` holds journeys.  Raises `UsageError` where there is too little to learn from.
    """
    timeline = Timeline.from_table(table, rules)
    parts = split.temporal(split.sample(timeline, horizon_seconds, seed=seed), horizon_seconds)
    train_part, calibrate_part, _ = parts
    vocabulary = learn(timeline, train_part.cuts, train_part.converts)
    features, values = matrix(timeline, train_part.cuts, vocabulary)
    fitted = fit(values, train_part.converts, train_part.cuts.customers)
    calibrate_values = matrix(timeline, calibrate_part.cuts, vocabulary)[1]
    model = IntentModel(
        horizon_seconds=horizon_seconds,
        rules=rules,
        seed=seed,
        vocabulary=vocabulary,
        features=tuple(feature.name for feature in features),
        mean=tuple(fitted.mean.tolist()),
        scale=tuple(fitted.scale.tolist()),
        weights=tuple(fitted.regression.coef_[0].tolist()),
        intercept=float(fitted.regression.intercept_[0]),
        penalty=fitted.penalty,
        calibration=calibrate(fitted, calibrate_values, calibrate_part.converts),
        data_hash=_fingerprint(timeline),
        data_until=from_microseconds(int(timeline.times_us.max())).isoformat(),
        parts=(train_part.part("train"), calibrate_part.part("calibrate"), parts[2].part("test")),
    ).versioned()
    measured = _compare(model, timeline, parts, values, calibrate_values)
    return model.model_copy(update={"figures": measured})


@dataclass(frozen=True)
class Fitted:
    """A regression on standardised features."""

    regression: LogisticRegression
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    penalty: float

    def standardised(self, values: Matrix) -> Matrix:
        """As `IntentModel.standardised`."""
        return np.clip((values - self.mean) / self.scale, -CLIP, CLIP).astype(np.float64)


def fit(values: Matrix, converts: NDArray[np.bool_], customers: NDArray[np.int64]) -> Fitted:
    """Balanced logistic regression; how strongly it is held back is chosen by cross-validation over customers."""
    mean, scale = values.mean(axis=0), values.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    ready = np.clip((values - mean) / scale, -CLIP, CLIP)
    penalty = _choose_penalty(ready, converts, customers)
    return Fitted(_regression(penalty).fit(ready, converts), mean, scale, penalty)


def calibrate(fitted: Fitted, values: Matrix, converts: NDArray[np.bool_]) -> Calibration:
    """The map from decision values to observed rates, learned on later data than the regression."""
    positive = int(np.count_nonzero(converts))
    method = "isotonic" if min(positive, len(converts) - positive) >= ISOTONIC_FROM else "sigmoid"
    calibrated = CalibratedClassifierCV(FrozenEstimator(fitted.regression), method=method)
    calibrated.fit(fitted.standardised(values), converts)
    learned = calibrated.calibrated_classifiers_[0].calibrators[0]
    if method == "isotonic":
        points = zip(learned.X_thresholds_.tolist(), learned.y_thresholds_.tolist(), strict=True)
        return Calibration(method="isotonic", points=tuple(points))
    # scikit-learn writes the curve as 1 / (1 + exp(a x + b)).
    return Calibration(method="sigmoid", slope=-float(learned.a_), offset=-float(learned.b_))


def _regression(penalty: float) -> LogisticRegression:
    return LogisticRegression(C=penalty, class_weight="balanced", solver="newton-cholesky", max_iter=200)


def _choose_penalty(values: Matrix, converts: NDArray[np.bool_], customers: NDArray[np.int64]) -> float:
    groups = min(3, len(np.unique(customers)))
    if groups < 2:
        return PENALTIES[0]
    losses = np.zeros(len(PENALTIES))
    for fold, held in GroupKFold(groups).split(values, converts, customers):
        if len(np.unique(converts[fold])) < 2:
            continue
        for index, penalty in enumerate(PENALTIES):
            predicted = _regression(penalty).fit(values[fold], converts[fold]).predict_proba(values[held])[:, 1]
            weight = compute_sample_weight("balanced", converts[held])
            losses[index] += log_loss(converts[held], predicted, labels=[False, True], sample_weight=weight)
    return PENALTIES[int(np.argmin(losses))]


def _compare(
    model: IntentModel, timeline: Timeline, parts: tuple[Labelled, ...], train_values: Matrix, calibrate_values: Matrix
) -> tuple[ModelFigures, ...]:
    """The model beside two simpler ones, on the test part: the overall rate, and how much and how lately, only."""
    train_part, calibrate_part, test_part = parts
    test_values = matrix(timeline, test_part.cuts, model.vocabulary)[1]
    simple = [index for index, name in enumerate(model.features) if name in COUNTS_ONLY]
    counted = fit(train_values[:, simple], train_part.converts, train_part.cuts.customers)
    curve = calibrate(counted, calibrate_values[:, simple], calibrate_part.converts)

    def counts_only(values: Matrix) -> Matrix:
        decision = counted.regression.decision_function(counted.standardised(values[:, simple]))
        return curve.apply(decision)

    rate = float(np.mean(calibrate_part.converts))
    return tuple(
        metrics.figures(
            name,
            test_part.converts,
            predict(test_values),
            metrics.best_threshold(calibrate_part.converts, predict(calibrate_values)),
        )
        for name, predict in (
            ("prevalence", lambda values: np.full(len(values), rate)),
            ("counts_only", counts_only),
            ("logistic", model.probabilities),
        )
    )


#: Features of the simple baseline.
COUNTS_ONLY = frozenset({"depth", "pause", "touchpoints_1d", "touchpoints_7d", "touchpoints_30d", "conversions"})


def _fingerprint(timeline: Timeline) -> str:
    digest = hashlib.sha256("\0".join([*timeline.customer_ids, "", *timeline.steps, "", *timeline.channels]).encode())
    for column in (timeline.offsets, timeline.step_codes, timeline.channel_codes, timeline.times_us, timeline.goals):
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()
