"""Balanced logistic regression and its calibration, as numbers: scikit-learn learns, numpy applies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold
from sklearn.utils.class_weight import compute_sample_weight

from journeygraph.intent.model import CLIP, Calibration

Matrix = NDArray[np.float64]
PENALTIES = (0.001, 0.01, 0.1, 1.0)
#: Isotonic calibration has a step for every handful of cases: it wants many, or it overfits.
ISOTONIC_FROM = 2_000


@dataclass(frozen=True)
class Fitted:
    """A regression on standardised features; `penalty` is scikit-learn's C."""

    regression: LogisticRegression
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    penalty: float

    def standardised(self, values: Matrix) -> Matrix:
        """As `IntentModel.standardised`."""
        return np.clip((values - self.mean) / self.scale, -CLIP, CLIP).astype(np.float64)

    def decide(self, values: Matrix) -> Matrix:
        """Log-odds before calibration."""
        return np.asarray(self.regression.decision_function(self.standardised(values)), dtype=np.float64)


def fit(values: Matrix, converts: NDArray[np.bool_], customers: NDArray[np.int64]) -> Fitted:
    """Learn; how strongly the weights are held back is chosen by cross-validation over customers."""
    mean, scale = values.mean(axis=0), values.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    ready = np.clip((values - mean) / scale, -CLIP, CLIP)
    penalty = _choose_penalty(ready, converts, customers)
    return Fitted(_regression(penalty).fit(ready, converts), mean, scale, penalty)


def calibrate(fitted: Fitted, values: Matrix, converts: NDArray[np.bool_]) -> Calibration:
    """The map from log-odds to observed rates, learned on later data than the regression.

    It also undoes the balancing: the regression was told that both outcomes are equally common.
    """
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
        weight = compute_sample_weight("balanced", converts[held])
        for index, penalty in enumerate(PENALTIES):
            predicted = _regression(penalty).fit(values[fold], converts[fold]).predict_proba(values[held])[:, 1]
            losses[index] += log_loss(converts[held], predicted, labels=[False, True], sample_weight=weight)
    return PENALTIES[int(np.argmin(losses))]
