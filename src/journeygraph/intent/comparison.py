"""The intent model beside simpler ones, on the part of the data that none of them has seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from pydantic import Field
from sklearn.metrics import average_precision_score

from journeygraph.answers import Answer
from journeygraph.intent import metrics
from journeygraph.intent.fitting import Matrix, calibrate, fit
from journeygraph.intent.model import IntentModel, ModelFigures, Part
from journeygraph.intent.split import Labelled

#: Features of the simple baseline: how much, how lately, and how often bought before.
COUNTS_ONLY = frozenset({"depth", "pause", "touchpoints_1d", "touchpoints_7d", "touchpoints_30d", "conversions"})


class IntentEvaluation(Answer):
    """Figures of each model on the test part, and which one is best on the part before it.

    `split` says how the data was divided; `left_out` names columns that were not learned from, and why.
    """

    models: list[ModelFigures]
    chosen: str
    split: str
    parts: list[Part] = Field(default_factory=list)
    left_out: dict[str, str] = Field(default_factory=dict)
    model_version: str | None = None


def compare(model: IntentModel, parts: Sequence[Labelled], values: Sequence[Matrix]) -> tuple[list[ModelFigures], str]:
    """Figures on the test part, and the name of the best on the calibration part by average precision.

    `parts` and `values` (features) are those of training, calibration and test; beside the model stand the overall
    rate, and a regression on a few counts.
    """
    _, later, test = parts
    rate = float(np.mean(later.converts))
    predictors: dict[str, Callable[[Matrix], Matrix]] = {
        "prevalence": lambda given: np.full(len(given), rate),
        "counts_only": _counts_only(model, parts, values),
        "logistic": model.probabilities,
    }
    before = {name: predict(values[1]) for name, predict in predictors.items()}
    measured = [
        metrics.figures(name, test.converts, predict(values[2]), metrics.best_threshold(later.converts, before[name]))
        for name, predict in predictors.items()
    ]
    return measured, max(before, key=lambda name: float(average_precision_score(later.converts, before[name])))


def _counts_only(model: IntentModel, parts: Sequence[Labelled], values: Sequence[Matrix]) -> Callable[[Matrix], Matrix]:
    simple = [index for index, name in enumerate(model.features) if name in COUNTS_ONLY]
    fitted = fit(values[0][:, simple], parts[0].converts, parts[0].cuts.customers)
    curve = calibrate(fitted, values[1][:, simple], parts[1].converts)
    return lambda given: curve.apply(fitted.decide(given[:, simple]))
