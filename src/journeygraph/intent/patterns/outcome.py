"""Which journeys reach an outcome, and their part before it: patterns are matched only there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.mining.sequences import Sequences
from journeygraph.journeys.table import CONVERTED, LOST, JourneyTable
from journeygraph.paths.steps import check

OUTCOMES = {"converted": CONVERTED, "lost": LOST}


def reaches(table: JourneyTable, outcome: str) -> NDArray[np.bool_]:
    """Whether each journey reaches the outcome: converted, lost, or a step that it contains."""
    if outcome in OUTCOMES:
        return np.asarray(table.outcomes == OUTCOMES[outcome])
    check(table, [outcome], kind="outcome (converted, lost or a step)")
    found = np.zeros(table.n_paths, dtype=bool)
    found[table.path_of[table.step_codes == table.code(outcome)]] = True
    return found


def ends_before(table: JourneyTable, outcome: str) -> NDArray[np.int64]:
    """The touchpoint (N where there is none) of each journey at which its part before the outcome ends (P)."""
    stop = table.offsets[1:].copy()
    if outcome in OUTCOMES:
        stop[table.outcomes == CONVERTED] -= 1
        return stop
    at = np.append(np.flatnonzero(table.step_codes == table.code(outcome)), table.n_touchpoints)
    return np.asarray(np.minimum(stop, at[np.searchsorted(at, table.offsets[:-1])]))


def before_outcome(table: JourneyTable, outcome: str, *, together: bool = False) -> Sequences:
    """The journeys up to, and without, the outcome: the first such step, or a converted journey's goal.

    With `together` the steps that share an instant are sets, and those that share the outcome's are left out, too: they
    are not before it.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "converted", "value": 1.0,
    ...     "steps": ["view", "cart", "purchase"], "channels": ["web"] * 3, "occurred_at_us": [0, 1, 2]}])
    >>> [before_outcome(table, outcome).codes.tolist() for outcome in ("converted", "cart")]
    [[2, 0], [2]]
    """
    stop = ends_before(table, outcome)
    if together:
        there = stop < table.offsets[1:]
        stop[there] = _first_of_instant(table)[stop[there]]
    kept = np.arange(table.n_touchpoints) < np.repeat(stop, table.lengths)
    lengths = stop - table.offsets[:-1]
    found = Sequences(
        table.step_codes[kept].astype(np.int64),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        table.steps,
        table.occurred_at_us[kept],
    )
    return found.by_instant() if together else found


def _first_of_instant(table: JourneyTable) -> NDArray[np.int64]:
    """For each touchpoint the first one of its journey at the same instant (N)."""
    new = np.ones(table.n_touchpoints, dtype=bool)
    new[1:] = table.occurred_at_us[1:] != table.occurred_at_us[:-1]
    new[table.offsets[:-1][table.lengths > 0]] = True
    return np.maximum.accumulate(np.where(new, np.arange(table.n_touchpoints), 0))
