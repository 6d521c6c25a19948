"""The intent model beside simpler ones, on the part of the data that none of them has seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from journeygraph.answers import Answer
from journeygraph.intent.features.goals import CONVERSION
from journeygraph.intent.learners import calibration
from journeygraph.intent.learners.calibration import Calibration
from journeygraph.intent.learners.candidates import ModelName, Predictor, fit_logistic
from journeygraph.intent.learners.choice import Candidate
from journeygraph.intent.models.model import Audit, IntentModel, Part
from journeygraph.intent.models.split import Labelled
from journeygraph.intent.quality import metrics
from journeygraph.intent.quality.figures import ModelFigures
from journeygraph.intent.quality.leakage import LeakCheck

Matrix = NDArray[np.float64]
Predict = Callable[[Matrix], Matrix]
#: Features of the simple baseline: how much, how lately, and how often bought before.
COUNTS_ONLY = frozenset({"depth", "pause", "touchpoints_1d", "touchpoints_7d", "touchpoints_30d", "conversions"})


class IntentEvaluation(Answer):
    """Figures of each model on the test part, and which one was chosen on the part before it.

    `split` says how the data was divided; `left_out` names columns that were not learned from, and why.  `validation`
    holds what the choice stands on, `rule` says how it is made; `audit` tells how the chosen one does by group and by
    time.
    """

    models: list[ModelFigures]
    chosen: str
    split: str
    parts: list[Part] = Field(default_factory=list)
    goal: str = CONVERSION
    rule: str = ""
    validation: list[Candidate] = Field(default_factory=list)
    audit: Audit = Audit()
    leak_check: LeakCheck | None = None
    left_out: dict[str, str] = Field(default_factory=dict)
    model_version: str | None = None


def compare(
    model: IntentModel,
    predictors: Mapping[ModelName, tuple[Predictor, Calibration]],
    parts: Sequence[Labelled],
    values: Sequence[Matrix],
    high_above: float,
) -> list[ModelFigures]:
    """Figures of every model on the test part.

    `parts` and `values` (features) are those of training, calibration and test.  Beside the models stand the overall
    rate, and a regression on a few counts.
    """
    _, later, test = parts
    measured = []
    for name, predict in (_baselines(model, parts, values) | _calibrated(predictors)).items():
        threshold = metrics.best_threshold(later.converts, predict(values[1]))
        probability, whose = predict(values[2]), test.cuts.customers
        measured.append(
            metrics.figures(name, test.converts, probability, threshold, high_above=high_above, customers=whose)
        )
    return measured


def _calibrated(predictors: Mapping[ModelName, tuple[Predictor, Calibration]]) -> dict[str, Predict]:
    def predict(given: Matrix, predictor: Predictor, curve: Calibration) -> Matrix:
        return curve.apply(predictor.decide(given))

    return {name: partial(predict, predictor=found[0], curve=found[1]) for name, found in predictors.items()}


def _baselines(model: IntentModel, parts: Sequence[Labelled], values: Sequence[Matrix]) -> dict[str, Predict]:
    earlier, later, _ = parts
    rate = float(np.mean(later.converts))
    simple = [index for index, name in enumerate(model.features) if name in COUNTS_ONLY]
    fitted = fit_logistic(values[0][:, simple], earlier.converts, earlier.cuts.customers)
    curve = calibration.fit(fitted.decide(values[1][:, simple]), later.converts, "sigmoid")
    return {
        "prevalence": lambda given: np.full(len(given), rate),
        "counts_only": lambda given: curve.apply(fitted.decide(given[:, simple])),
    }
