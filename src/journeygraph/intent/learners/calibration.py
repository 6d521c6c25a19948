"""From decision values to probabilities that come true: a logistic curve or steps, whichever is off by less."""

from __future__ import annotations

from typing import Any, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedGroupKFold

Matrix = NDArray[np.float64]
Method = Literal["sigmoid", "isotonic"]
METHODS: Final[tuple[Method, ...]] = ("sigmoid", "isotonic")
_FOLDS: Final = 5
#: Log-odds are taken of probabilities this far from 0 and 1.
EDGE: Final = 1e-6


class Calibration(BaseModel):
    """A map of decision values to probabilities: a logistic curve (`slope`, `offset`), or lines between `points`."""

    model_config = ConfigDict(frozen=True)

    method: Method
    slope: float = 1.0
    offset: float = 0.0
    points: tuple[tuple[float, float], ...] = ()

    def apply(self, decision: Matrix) -> Matrix:
        """Probabilities of decision values (K)."""
        if self.method == "isotonic":
            known = np.array(self.points, dtype=np.float64)
            return np.interp(decision, known[:, 0], known[:, 1]).astype(np.float64)
        return sigmoid(self.slope * decision + self.offset)

    def log_odds(self, decision: Matrix) -> Matrix:
        """Calibrated log-odds of decision values (K)."""
        if self.method == "sigmoid":
            return self.slope * decision + self.offset
        return log_odds(self.apply(decision))


class _Decided(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Decisions that were made already, in scikit-learn's clothes."""

    def fit(self, _decisions: Any, truth: Any) -> Self:
        self.classes_ = np.unique(truth)
        return self

    def decision_function(self, decisions: Matrix) -> Matrix:
        return decisions[:, 0]

    def predict(self, decisions: Matrix) -> NDArray[np.bool_]:
        return decisions[:, 0] > 0


def fit(decision: Matrix, converts: NDArray[np.bool_], method: Method) -> Calibration:
    """The map from decision values to observed rates (both K); both outcomes occur.

    It is learned on later data than the model, and also undoes that a regression was told both outcomes are
    equally common.
    """
    column = decision[:, None]
    calibrated = CalibratedClassifierCV(FrozenEstimator(_Decided().fit(column, converts)), method=method)
    calibrated.fit(column, converts)
    learned = calibrated.calibrated_classifiers_[0].calibrators[0]
    if method == "isotonic":
        points = zip(learned.X_thresholds_.tolist(), learned.y_thresholds_.tolist(), strict=True)
        return Calibration(method="isotonic", points=tuple(points))
    # scikit-learn writes the curve as 1 / (1 + exp(a x + b)).
    return Calibration(method="sigmoid", slope=-float(learned.a_), offset=-float(learned.b_))


def held_out(
    decision: Matrix, converts: NDArray[np.bool_], customers: NDArray[np.int64]
) -> tuple[Method, dict[Method, Matrix]]:
    """The method with the lower Brier score, and each method's probabilities, by cross-validation over customers.

    Where conversions come from too few customers to be divided, a logistic curve is drawn through all of them.
    """
    folds = min(_FOLDS, len(np.unique(customers[converts])), len(np.unique(customers[~converts])))
    if folds < 2:
        return "sigmoid", {"sigmoid": fit(decision, converts, "sigmoid").apply(decision)}
    found: dict[Method, Matrix] = {method: np.zeros(len(decision)) for method in METHODS}
    for learned, held in StratifiedGroupKFold(folds).split(decision, converts, customers):
        for method, probability in found.items():
            both = len(np.unique(converts[learned])) == 2
            curve = fit(decision[learned], converts[learned], method) if both else fit(decision, converts, method)
            probability[held] = curve.apply(decision[held])
    brier = {method: float(np.mean((probability - converts) ** 2)) for method, probability in found.items()}
    return min(METHODS, key=lambda method: brier[method]), found


def sigmoid(values: Matrix) -> Matrix:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -values)).astype(np.float64)


def log_odds(probability: Matrix) -> Matrix:
    """Log-odds of probabilities, which may be 0 or 1.

    >>> float(log_odds(np.array([0.5]))[0])
    0.0
    """
    kept = np.clip(probability, EDGE, 1 - EDGE)
    return np.log(kept / (1 - kept)).astype(np.float64)
