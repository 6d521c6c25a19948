"""A trained intent model: coefficients and a calibration as plain JSON, applied with numpy alone.

A model is read back as data, never unpickled: a model file cannot run code.
"""

from __future__ import annotations

import hashlib
import json
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from journeygraph.answers import Answer
from journeygraph.intent.features import Feature, Vocabulary, matrix
from journeygraph.intent.timeline import Cuts, Timeline
from journeygraph.schema import JourneyRules

#: Beyond so many standard deviations a value says no more.
CLIP = 6.0


PartName = Literal["train", "calibrate", "test"]


class ReliabilityBin(Answer):
    """Cases whose probability lies in one tenth of 0 to 1: how many, their mean probability, and how many came true."""

    cases: int
    predicted: float
    observed: float


class ModelFigures(Answer):
    """How good the probabilities of one model are on data that it has not seen.

    `auc`: area under the ROC curve; `average_precision`: under the precision-recall curve; `brier`: mean squared
    error; `f1` at `threshold`; `ece`: expected calibration error, ten bins of equal width, which `reliability` holds
    (empty ones left out).  `precision` and `recall` are those of the band `high`: above `high_above` (precision is
    None where nobody is).  `decile_lift`: the share of conversions in each tenth of the cases, the likeliest first,
    over that of all.
    """

    name: str
    auc: float
    average_precision: float
    brier: float
    f1: float
    ece: float
    threshold: float
    high_above: float = 0.7
    precision: float | None = None
    recall: float | None = None
    decile_lift: tuple[float, ...] = ()
    reliability: tuple[ReliabilityBin, ...] = ()


class Part(Answer):
    """One part of the temporal split: its cuts, how many of them converted, and between which instants they lie."""

    name: PartName
    cuts: int
    conversions: int
    since: str
    until: str


class Calibration(BaseModel):
    """A map of decision values to probabilities: a logistic curve (`slope`, `offset`), or steps between `points`."""

    model_config = ConfigDict(frozen=True)

    method: Literal["sigmoid", "isotonic"]
    slope: float = 1.0
    offset: float = 0.0
    points: tuple[tuple[float, float], ...] = ()

    def apply(self, decision: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities of decision values (log-odds before calibration)."""
        if self.method == "isotonic":
            known = np.array(self.points, dtype=np.float64)
            return np.interp(decision, known[:, 0], known[:, 1]).astype(np.float64)
        return sigmoid(self.slope * decision + self.offset)


class IntentModel(BaseModel):
    """Everything that scoring needs, and its model card.

    With F features: `mean`, `scale` and `weights` have length F, in the order of `features`.
    """

    model_config = ConfigDict(frozen=True)

    version: str = ""
    horizon_seconds: float
    rules: JourneyRules
    seed: int
    vocabulary: Vocabulary
    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    penalty: float
    calibration: Calibration
    data_hash: str
    data_until: str
    parts: tuple[Part, ...] = ()
    figures: tuple[ModelFigures, ...] = ()
    chosen: str = ""

    def standardised(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Feature values (K x F) in standard deviations from the training mean."""
        centred = (values - np.array(self.mean)) / np.array(self.scale)
        clipped: NDArray[np.float64] = np.clip(centred, -CLIP, CLIP)
        return clipped

    def contributions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each feature adds to the log-odds, against the average of the training part (K x F)."""
        slope = self.calibration.slope if self.calibration.method == "sigmoid" else 1.0
        added: NDArray[np.float64] = self.standardised(values) * (np.array(self.weights) * slope)
        return added

    def probabilities(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probabilities of a conversion within the horizon (K)."""
        # One row after the other, so that a customer's score doesn't depend on who is scored beside them.
        decision = (self.standardised(values) * np.array(self.weights)).sum(axis=1) + self.intercept
        return self.calibration.apply(decision)

    def describe(self, timeline: Timeline, cuts: Cuts) -> tuple[list[Feature], NDArray[np.float64]]:
        """The features of the cuts, as this model knows them."""
        return matrix(timeline, cuts, self.vocabulary)

    def versioned(self) -> IntentModel:
        """The same model under its version: a hash of the data and of everything that was learned from it."""
        content = self.model_dump(mode="json", exclude={"version", "figures", "parts", "chosen"})
        for learned in ("mean", "scale", "weights", "intercept", "calibration"):
            content.pop(learned)  # follow from data and parameters, but not to the last bit on another machine
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return self.model_copy(update={"version": hashlib.sha256(text.encode()).hexdigest()[:16]})


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0.0, -values)).astype(np.float64)
