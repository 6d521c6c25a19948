"""The funnel of a report that nobody chose: a way that many converting journeys go, up to the goal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from journeygraph.journeys.table import CONVERTED, JourneyTable

BEFORE_GOAL = 3
#: A step that fewer of the converting journeys pass is no part of it.
LEAST_SHARE = 0.05


def steps(table: JourneyTable, goals: Sequence[str]) -> list[str]:
    """The commonest goal, and before it up to three steps: a way that many of the journeys to it go.

    Found backwards: the step that most of these journeys have somewhere before the goal; the step that most of those
    have before that; and so on, while at least one in twenty of all journeys to the goal go this way.  Empty where no
    journey reached a goal.

    >>> row = {"id": "j", "customer_id": "c", "outcome": "converted", "value": None,
    ...     "steps": ["view", "cart", "purchase"], "channels": ["web"] * 3, "occurred_at_us": [0, 1, 2]}
    >>> steps(JourneyTable.from_rows([row]), ["purchase"])
    ['view', 'cart', 'purchase']
    """
    won = table.select(table.outcomes == CONVERTED)
    if won.n_paths == 0:
        return []
    last = won.step_codes[won.offsets[1:] - 1]
    goal = int(np.bincount(last).argmax())
    until = np.where(last == goal, won.offsets[1:] - 1, 0)  # per path: touchpoints before this one still count
    least, way = LEAST_SHARE * int((last == goal).sum()), [goal]
    never = [won.code(name) for name in goals]
    while len(way) <= BEFORE_GOAL:
        step, until, journeys = _before(won, until, [*never, *way])
        if journeys < max(least, 1):
            break
        way.append(step)
    return [won.steps[code] for code in reversed(way)]


def _before(table: JourneyTable, until: NDArray[np.int64], never: list[int]) -> tuple[int, NDArray[np.int64], int]:
    """The step that most paths have before touchpoint `until` (P), where they have it last, and in how many paths.

    Paths without it get 0: they go another way and count no more.
    """
    path, size = table.path_of, len(table.steps)
    rows = np.flatnonzero((np.arange(table.n_touchpoints) < until[path]) & ~np.isin(table.step_codes, never))
    if not len(rows):
        return -1, until, 0
    key = path[rows] * size + table.step_codes[rows]
    keys, backwards = np.unique(key[::-1], return_index=True)
    counts = np.bincount(keys % size, minlength=size)
    step = int(counts.argmax())  # the first by name of equally common ones
    latest = np.zeros(table.n_paths, dtype=np.int64)
    chosen = keys % size == step
    latest[keys[chosen] // size] = rows[::-1][backwards[chosen]]
    return step, latest, int(counts[step])
