"""How well the next step is foretold: learnt from what was known at an instant, measured on journeys begun later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.intent.next_steps.answer import Measured, NextEvaluation
from journeygraph.intent.next_steps.contexts import Symbols, before
from journeygraph.intent.next_steps.model import ORDER, NextStepModel, learn
from journeygraph.intent.quality.metrics import expected_calibration_error
from journeygraph.journeys.table import CONVERTED, LOST, JourneyTable
from journeygraph.schema import from_microseconds

#: Share of the touchpoints that lie before the split.
TRAIN = 0.8
_CELLS = 1 << 22


def evaluate(table: JourneyTable, *, window_seconds: float, train: float = TRAIN, order: int = ORDER) -> NextEvaluation:
    """The model against a Markov chain of order 1 and against what is common, on the same cases.

    A lost journey counts as ended at the split only where its window (`window_seconds`) had passed by then.

    Raises `UsageError` where nothing lies on one side of the split.
    """
    if not table.n_touchpoints:
        raise UsageError("There are no journeys to measure the next step on.")
    split_us = int(np.quantile(table.occurred_at_us, train, method="lower"))
    known, ended = known_at(table, split_us, window_seconds)
    later = table.select(table.occurred_at_us[table.offsets[:-1]] > split_us)
    if not later.n_paths:
        raise UsageError("No journey begins after the split: the next step cannot be measured on so few.")
    symbols = Symbols.of(later)
    models = [
        (name, learn(known, order=k, ended=ended))
        for name, k in (("variable_order", order), ("markov", 1), ("popularity", 0))
    ]
    measured = [_measured(name, model, symbols) for name, model in models]
    return NextEvaluation(
        split_at=from_microseconds(split_us).isoformat(),
        train_journeys=known.n_paths,
        test_journeys=later.n_paths,
        cases=int(np.count_nonzero(symbols.codes != symbols.start)),
        weights=list(models[0][1].weights),
        models=measured,
        chosen=min(measured, key=lambda one: one.log_loss).name,
    )


def known_at(table: JourneyTable, instant_us: int, window_seconds: float) -> tuple[JourneyTable, NDArray[np.bool_]]:
    """The touchpoints up to an instant, and which of their journeys were known to have ended by then."""
    kept = table.occurred_at_us <= instant_us
    lengths = np.add.reduceat(np.append(kept, False), table.offsets[:-1], dtype=np.int64)
    cut = replace(
        table,
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        step_codes=table.step_codes[kept],
        channel_codes=table.channel_codes[kept],
        occurred_at_us=table.occurred_at_us[kept],
    )
    last = table.occurred_at_us[table.offsets[1:] - 1]
    ended = (table.outcomes == CONVERTED) & (last <= instant_us)
    ended |= (table.outcomes == LOST) & (last + window_seconds * 1e6 <= instant_us)
    begun = lengths > 0
    return cut.select(begun), ended[begun]


def _measured(name: str, model: NextStepModel, symbols: Symbols) -> Measured:
    """All cases, some at a time."""
    targets, last = before(symbols, len(model.orders) - 1)
    happened = symbols.codes[targets]
    size = max(1, _CELLS // (symbols.n_steps + 1))
    parts = [
        _case(model.probabilities(model.contexts_of(last[at : at + size])), happened[at : at + size])
        for at in range(0, len(targets), size)
    ]
    chance, rank, best = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Measured(
        name=name,
        order=len(model.orders) - 1,
        top_1=float(np.mean(rank < 1)),
        top_3=float(np.mean(rank < 3)),
        top_10=float(np.mean(rank < 10)),
        log_loss=float(-np.log(np.maximum(chance, 1e-12)).mean()),
        ece=expected_calibration_error(rank < 1, best),
    )


def _case(
    probabilities: NDArray[np.float64], happened: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Probability of what happened, how many were likelier (of equal ones, those before it), and the largest."""
    chance = probabilities[np.arange(len(happened)), happened]
    ahead = probabilities > chance[:, None]
    ties = (probabilities == chance[:, None]) & (np.arange(probabilities.shape[1]) < happened[:, None])
    return chance, np.sum(ahead | ties, axis=1, dtype=np.int64), probabilities.max(axis=1)
