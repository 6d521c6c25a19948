"""Which model the score comes from: the simplest that none beats beyond chance on the validation part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from journeygraph.answers import Answer
from journeygraph.intent.learners import calibration
from journeygraph.intent.learners.calibration import Calibration, Method
from journeygraph.intent.learners.candidates import ModelName, Predictor
from journeygraph.intent.quality.clustered import clustered_mean
from journeygraph.statistics import Estimate

Matrix = NDArray[np.float64]


class Candidate(Answer):
    """One model on the validation part (the calibration part, by cross-validation over customers).

    `log_loss` and `brier` are those of its better calibration, whose method is `calibration`; `brier_of` holds both.
    `loss_against_chosen`: its mean log loss less that of the model chosen so far, with a 95 % interval clustered by
    customer (None for the first).  A model is chosen instead of a simpler one only where the whole interval lies
    below 0.
    """

    name: ModelName
    calibration: Method
    auc: float
    log_loss: float
    brier: float
    brier_of: dict[Method, float]
    loss_against_chosen: tuple[float, float, float] | None = None
    against: ModelName | None = None


def choose(
    predictors: Mapping[ModelName, Predictor],
    values: Matrix,
    converts: NDArray[np.bool_],
    customers: NDArray[np.int64],
) -> tuple[list[Candidate], ModelName, dict[ModelName, Calibration]]:
    """Each model's figures on the validation part (K x F; K; K), the chosen one's name, and all calibrations.

    `predictors` come simplest first.
    """
    judged: list[Candidate] = []
    losses: dict[ModelName, Matrix] = {}
    curves: dict[ModelName, Calibration] = {}
    chosen: ModelName | None = None
    for name, predictor in predictors.items():
        decision = predictor.decide(values)
        method, held_out = calibration.held_out(decision, converts, customers)
        curves[name] = calibration.fit(decision, converts, method)
        losses[name] = _losses(converts, held_out[method])
        difference = None if chosen is None else clustered_mean(losses[name] - losses[chosen], customers)
        judged.append(_candidate(name, method, held_out, converts, losses[name], difference, chosen))
        if chosen is None or (difference is not None and difference.high < 0):
            chosen = name
    if chosen is None:
        raise ValueError("at least one model has to be given")
    return judged, chosen, curves


def _losses(converts: NDArray[np.bool_], probability: Matrix) -> Matrix:
    kept = np.clip(probability, calibration.EDGE, 1 - calibration.EDGE)
    return -np.log(np.where(converts, kept, 1 - kept)).astype(np.float64)


def _candidate(
    name: ModelName,
    method: Method,
    held_out: Mapping[Method, Matrix],
    converts: NDArray[np.bool_],
    losses: Matrix,
    difference: Estimate | None,
    against: ModelName | None,
) -> Candidate:
    brier = {way: float(np.mean((probability - converts) ** 2)) for way, probability in held_out.items()}
    return Candidate(
        name=name,
        calibration=method,
        auc=float(roc_auc_score(converts, held_out[method])),
        log_loss=float(losses.mean()),
        brier=brier[method],
        brier_of=brier,
        loss_against_chosen=None if difference is None else (difference.value, difference.low, difference.high),
        against=against,
    )
