"""How good probabilities are: ranking, calibration and the decision that they lead to."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn import metrics

from journeygraph.intent.model import ModelFigures


def figures(name: str, truth: ArrayLike, probability: ArrayLike, threshold: float) -> ModelFigures:
    """All figures of one model's probabilities; `truth` holds both outcomes.

    >>> figures("coin", [0, 1], [0.5, 0.5], threshold=0.5).auc
    0.5
    """
    truth, probability = np.asarray(truth, dtype=np.bool_), np.asarray(probability, dtype=np.float64)
    return ModelFigures(
        name=name,
        auc=float(metrics.roc_auc_score(truth, probability)),
        average_precision=float(metrics.average_precision_score(truth, probability)),
        brier=float(np.mean((probability - truth) ** 2)),
        f1=float(metrics.f1_score(truth, probability >= threshold, zero_division=0.0)),
        ece=expected_calibration_error(truth, probability),
        threshold=threshold,
    )


def expected_calibration_error(truth: ArrayLike, probability: ArrayLike, bins: int = 10) -> float:
    """Mean distance between predicted and observed rate over bins of equal width, weighted by their size.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015.

    >>> expected_calibration_error([0, 1, 1, 1], [0.75, 0.75, 0.75, 0.75])
    0.0
    >>> expected_calibration_error([0, 0], [0.25, 0.75])
    0.5
    """
    truth, probability = np.asarray(truth, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    bin_of = np.minimum((probability * bins).astype(np.int64), bins - 1)
    distance = np.abs(np.bincount(bin_of, probability - truth, bins))
    return float(distance.sum() / len(truth))


def best_threshold(truth: ArrayLike, probability: ArrayLike) -> float:
    """The probability from which calling it a conversion gives the highest F1.

    >>> best_threshold([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.35
    """
    precision, recall, thresholds = metrics.precision_recall_curve(np.asarray(truth), np.asarray(probability))
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[int(np.argmax(f1[:-1]))])
