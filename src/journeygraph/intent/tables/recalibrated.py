"""Probabilities of tables made to come true: a smooth curve and steps, and the mean of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

Matrix = NDArray[np.float64]
#: Logarithms are taken of probabilities this far from 0 and 1.
_EDGE: Final = 1e-5


@dataclass(frozen=True, eq=False)
class Curve:
    """A map of probabilities to observed rates.

    The smooth half is beta calibration (Kull, Silva Filho and Flach, AISTATS 2017): a regression on log p and
    log (1 - p).  The other half is isotonic: it follows any shape, but ties scores and is unsure where cases are few.
    """

    smooth: LogisticRegression
    steps: IsotonicRegression

    @classmethod
    def fit(cls, held_out: Matrix, truth: NDArray[np.bool_]) -> Self:
        """Learned from probabilities of cases that their model had not seen, and what came true (both K).

        >>> curve = Curve.fit(np.linspace(0.1, 0.9, 400), np.arange(400) % 4 == 0)
        >>> curve.apply(np.array([0.5])).round(1).tolist()
        [0.2]
        """
        smooth = LogisticRegression(C=1e6, max_iter=1_000).fit(_logarithms(held_out), truth)
        return cls(smooth, IsotonicRegression(out_of_bounds="clip").fit(held_out, truth))

    def apply(self, probability: Matrix) -> Matrix:
        """Probabilities (K) as they come true."""
        curve = self.smooth.predict_proba(_logarithms(probability))[:, 1]
        return np.asarray((curve + self.steps.predict(probability)) / 2, dtype=np.float64)


def _logarithms(probability: Matrix) -> Matrix:
    kept = np.clip(probability, _EDGE, 1 - _EDGE)
    return np.column_stack([np.log(kept), np.log1p(-kept)]).astype(np.float64)
