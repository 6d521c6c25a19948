"""The next steps of customers, and of sessions that come with the question."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import NotFound, UsageError, did_you_mean_id
from journeygraph.intent.next_steps.answer import Context, NextStep, NextSteps
from journeygraph.intent.next_steps.model import NextStepModel
from journeygraph.journeys.filters import EVERYTHING, Selection
from journeygraph.journeys.table import OPEN, JourneyTable
from journeygraph.paths.evidence import statement
from journeygraph.schema import Grain

START, END = "(start)", "(end)"
#: Waits that a median needs; with fewer, those behind a shorter context are taken.
WAITS = 10
_Ints = NDArray[np.int64]


class LearntFrom(NamedTuple):
    """Which journeys the model counted."""

    as_of: datetime | None
    grain: Grain = "customer"
    selection: Selection = EVERYTHING


def for_customer(model: NextStepModel, table: JourneyTable, customer_id: str, *, k: int = 10) -> NextSteps:
    """What a customer does next: in the running journey, or as the first touchpoint of a new one.

    Raises `NotFound` for a customer that the table does not hold.
    """
    at = bisect_left(table.customer_ids, customer_id)
    if at == len(table.customer_ids) or table.customer_ids[at] != customer_id:
        near = did_you_mean_id(customer_id, table.customer_ids)
        raise NotFound(f"There is no customer {customer_id!r} with a journey.{near}")
    paths = np.flatnonzero(table.customers == at)
    path = int(paths[-1]) if len(paths) else -1
    running = path >= 0 and int(table.outcomes[path]) == OPEN
    steps = table.sequence(path) if running else []
    learnt = LearntFrom(table.as_of, table.grain, table.selection)
    return _answer(model, steps, learnt, k, customer_id=customer_id, journey_id=table.ids[path] if running else None)


def for_session(model: NextStepModel, steps: Sequence[str], learnt: LearntFrom, *, k: int = 10) -> NextSteps:
    """What follows the steps of one visitor, in order; none: the first touchpoint."""
    return _answer(model, steps, learnt, k, customer_id=None, journey_id=None)


def _answer(model: NextStepModel, steps: Sequence[str], learnt: LearntFrom, k: int, **whose: Any) -> NextSteps:
    if k < 1:
        raise UsageError(f"The {k} likeliest steps are none: ask for one at least.")
    history = model.encode(steps)
    contexts = model.contexts(history)
    probabilities = model.probabilities(contexts)[0]
    known = int(np.flatnonzero(contexts[0] >= 0)[-1])
    shown = np.lexsort((np.arange(len(probabilities)), -probabilities))[:k]
    shown = shown[probabilities[shown] > 0]
    names = [START, *steps]
    longest = names[len(names) - known :]
    return NextSteps(
        **whose,
        next=[
            _step(model, contexts[0, : known + 1], int(code), float(probabilities[code]), follows=bool(steps))
            for code in shown
        ],
        other=max(0.0, 1 - float(probabilities[shown].sum())),
        contexts=[
            Context(
                steps=longest[known - order :],
                count=int(model.orders[order].totals[context]),
                kinds=int(model.orders[order].kinds[context]),
                weight=model.weights[order],
            )
            for order, context in enumerate(contexts[0, : known + 1].tolist())
        ],
        symbols=len(model.steps) + 1,
        journeys=model.journeys,
        touchpoints=model.touchpoints,
        **statement("next_steps/contexts", learnt, {"context": longest}),
    )


def _step(model: NextStepModel, contexts: _Ints, code: int, probability: float, *, follows: bool) -> NextStep:
    """One step, with the waits behind the longest context that has enough of them; what begins a journey has none."""
    counts, waits = [], []
    for order, context in zip(model.orders, contexts.tolist(), strict=False):
        start, stop = order.starts[context : context + 2].tolist()
        at = start + int(np.searchsorted(order.symbols[start:stop], code))
        there = at < stop and int(order.symbols[at]) == code
        counts.append(int(order.counts[at]) if there else 0)
        if there and follows and order.timed[at]:
            waits.append((int(order.timed[at]), float(order.median_seconds[at]), float(order.p90_seconds[at])))
    enough = [wait for wait in waits if wait[0] >= WAITS] or waits[:1]
    timed, median, p90 = enough[-1] if enough else (0, None, None)
    step = END if code == len(model.steps) else model.steps[code]
    return NextStep(
        step=step, probability=probability, counts=counts, median_seconds=median, p90_seconds=p90, timed=timed
    )
