"""Logistic regression as plain numbers, applied with numpy."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Matrix = NDArray[np.float64]
#: Beyond so many standard deviations a value says no more.
CLIP = 6.0


class Linear(BaseModel):
    """A weighted sum of standardised features; `mean`, `scale` and `weights` have one number a feature (F)."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["logistic"] = "logistic"
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    penalty: float

    def standardised(self, values: Matrix) -> Matrix:
        """Feature values (K x F) in standard deviations from the training mean."""
        centred = (values - np.array(self.mean)) / np.array(self.scale)
        clipped: Matrix = np.clip(centred, -CLIP, CLIP)
        return clipped

    def contributions(self, values: Matrix) -> Matrix:
        """What each feature adds to the decision, against the average of the training part (K x F)."""
        added: Matrix = self.standardised(values) * np.array(self.weights)
        return added

    def decide(self, values: Matrix) -> Matrix:
        """Log-odds before calibration (K)."""
        # One row after the other, so that a customer's score doesn't depend on who is scored beside them.
        decision: Matrix = self.contributions(values).sum(axis=1) + self.intercept
        return decision

    @property
    def expected(self) -> float:
        """The decision at the training average."""
        return self.intercept
