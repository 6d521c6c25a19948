"""How good probabilities are: ranking, calibration and the decision that they lead to."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn import metrics

from journeygraph.intent.quality.figures import ModelFigures, ReliabilityBin
from journeygraph.intent.quality.resampled import Scored

DECILES = 10
#: More cases than this are not drawn again: it takes memory, and their interval is narrow.
MOST_DRAWN = 50_000


def figures(
    name: str,
    truth: ArrayLike,
    probability: ArrayLike,
    threshold: float,
    *,
    high_above: float = 0.7,
    customers: NDArray[np.int64] | None = None,
) -> ModelFigures:
    """All figures of one model's probabilities; `truth` holds both outcomes, `customers` says whose each case is.

    >>> coin = figures("coin", [0, 1], [0.5, 0.5], threshold=0.5)
    >>> coin.auc, coin.precision, coin.recall, coin.reliability[0].observed
    (0.5, None, 0.0, 0.5)
    """
    truth, probability = np.asarray(truth, dtype=np.bool_), np.asarray(probability, dtype=np.float64)
    high = probability > high_above
    return ModelFigures(
        name=name,
        auc=float(metrics.roc_auc_score(truth, probability)),
        average_precision=float(metrics.average_precision_score(truth, probability)),
        brier=float(np.mean((probability - truth) ** 2)),
        f1=float(metrics.f1_score(truth, probability >= threshold, zero_division=0.0)),
        ece=expected_calibration_error(truth, probability),
        threshold=threshold,
        high_above=high_above,
        precision=float(metrics.precision_score(truth, high)) if high.any() else None,
        recall=float(metrics.recall_score(truth, high)),
        decile_lift=decile_lift(truth, probability),
        reliability=reliability(truth, probability),
        auc_interval=_auc_interval(truth, probability, np.arange(len(truth)) if customers is None else customers),
    )


def _auc_interval(
    truth: NDArray[np.bool_], probability: NDArray[np.float64], customers: NDArray[np.int64]
) -> tuple[float, float] | None:
    if len(truth) > MOST_DRAWN:
        return None
    return Scored(probability, truth, customers).auc_interval()


def decile_lift(truth: ArrayLike, probability: ArrayLike) -> tuple[float, ...]:
    """Share of the outcome in each tenth of the cases, the likeliest first, over the share in all of them.

    Equal probabilities share what they hold, so that the order of the rows decides nothing.  Fewer than ten cases
    have no tenths.

    >>> decile_lift([1] * 5 + [0] * 45, [0.9] * 5 + [0.1] * 45)[:3]
    (10.0, 0.0, 0.0)
    >>> set(decile_lift([1] * 5 + [0] * 45, [0.1] * 50))
    {1.0}
    """
    truth, probability = np.asarray(truth, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    if len(truth) < DECILES or not truth.any():
        return ()
    group = np.unique(-probability, return_inverse=True)[1]
    shared = (np.bincount(group, truth) / np.bincount(group))[np.sort(group)]
    caught = np.interp(
        np.linspace(0, len(truth), DECILES + 1), np.arange(len(truth) + 1), np.append(0, np.cumsum(shared))
    )
    return tuple((np.diff(caught) * DECILES / truth.sum()).round(12).tolist())


def reliability(truth: ArrayLike, probability: ArrayLike, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """What came true of the cases in each bin of probabilities, bins of equal width; empty ones are left out.

    >>> reliability([0, 1, 1], [0.05, 0.75, 0.75])[1]
    ReliabilityBin(cases=2, predicted=0.75, observed=1.0)
    """
    truth, probability = np.asarray(truth, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    bin_of = np.minimum((probability * bins).astype(np.int64), bins - 1)
    cases, predicted, observed = (np.bincount(bin_of, given, bins) for given in (None, probability, truth))
    return tuple(
        ReliabilityBin(
            cases=int(cases[k]), predicted=float(predicted[k] / cases[k]), observed=float(observed[k] / cases[k])
        )
        for k in np.flatnonzero(cases)
    )


def expected_calibration_error(truth: ArrayLike, probability: ArrayLike, bins: int = 10) -> float:
    """Mean distance between predicted and observed rate over bins of equal width, weighted by their size.

    Source: Naeini, Cooper and Hauskrecht, AAAI 2015.

    >>> expected_calibration_error([0, 1, 1, 1], [0.75, 0.75, 0.75, 0.75])
    0.0
    >>> expected_calibration_error([0, 0], [0.25, 0.75])
    0.5
    """
    found = reliability(truth, probability, bins)
    distance = sum(one.cases * abs(one.predicted - one.observed) for one in found)
    return distance / sum(one.cases for one in found)


def best_threshold(truth: ArrayLike, probability: ArrayLike) -> float:
    """The probability from which calling it a conversion gives the highest F1.

    >>> best_threshold([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.35
    """
    precision, recall, thresholds = metrics.precision_recall_curve(np.asarray(truth), np.asarray(probability))
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[int(np.argmax(f1[:-1]))])
