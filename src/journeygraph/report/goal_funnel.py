"""The funnel of a report that nobody chose: a way that many converting journeys go, up to the goal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from journeygraph.journeys.table import CONVERTED, JourneyTable
from journeygraph.schema import Stage

#: Stages up to the goal, the earliest first.
BEFORE = (Stage.AWARENESS.value, Stage.CONSIDERATION.value, Stage.PURCHASE.value)
#: A step that fewer of the converting journeys pass is no part of it.
LEAST_SHARE = 0.05


def steps(table: JourneyTable, goals: Sequence[str]) -> list[str]:
    """The commonest goal, and before it up to three steps: a way that many of the journeys to it go.

    Found backwards, a step for each stage: the step that most of these journeys have before the goal; the step of an
    earlier stage that most of those have before that; and so on, while at least one in twenty of all journeys to the
    goal goes this way.  Where no stage is known, any step may come before any other.  Empty where no journey reached a
    goal.

    >>> row = {"id": "j", "customer_id": "c", "outcome": "converted", "value": None,
    ...     "steps": ["view", "cart", "purchase"], "channels": ["web"] * 3, "occurred_at_us": [0, 1, 2]}
    >>> stages = {"view": "consideration", "cart": "purchase", "purchase": "purchase"}
    >>> steps(JourneyTable.from_rows([row], stages=stages), ["purchase"])
    ['view', 'cart', 'purchase']
    """
    won = table.select(table.outcomes == CONVERTED)
    if won.n_paths == 0:
        return []
    last = won.step_codes[won.offsets[1:] - 1]
    goal = int(np.bincount(last).argmax())
    until = np.where(last == goal, won.offsets[1:] - 1, 0)  # per path: touchpoints before this one still count
    least, way = LEAST_SHARE * int((last == goal).sum()), [goal]
    for members in _by_stage(won, goals):
        step, before, journeys = _before(won, until, [code for code in members if code not in way])
        if journeys >= max(least, 1):
            way.append(step)
            until = before
    return [won.steps[code] for code in reversed(way)]


def _by_stage(table: JourneyTable, goals: Sequence[str]) -> list[list[int]]:
    """Codes of the steps to choose from, no goals: a list for each stage, the latest first.

    Where no stage is known, the same list as often as there may be steps.
    """
    free = [code for code, name in enumerate(table.steps) if name not in goals]
    known = [[code for code in free if table.stages.get(table.steps[code]) == stage] for stage in reversed(BEFORE)]
    return known if any(known) else [free] * len(BEFORE)


def _before(table: JourneyTable, until: NDArray[np.int64], members: list[int]) -> tuple[int, NDArray[np.int64], int]:
    """Of these steps the one that most paths have before touchpoint `until` (P), where they have it last, in how many.

    Paths without it get 0: they go another way and count no more.
    """
    path, size = table.path_of, len(table.steps)
    rows = np.flatnonzero((np.arange(table.n_touchpoints) < until[path]) & np.isin(table.step_codes, members))
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
