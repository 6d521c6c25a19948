"""Where journeys and sessions begin and end: pure functions on the columns of many customers' touchpoints.

All arithmetic is on whole microseconds, so a wait of exactly the window stays inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journeygraph.schema import JourneyRules, Outcome

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Columns:
    """Touchpoints of many customers, one customer after the other, each in order of (time, touchpoint id).

    All four have length N.  `customers` numbers the customers and never falls; `session_keys` holds one number for each
    session id that a source gave, -1 where it gave none.
    """

    customers: Integers
    occurred_at_us: Integers
    is_goal: NDArray[np.bool_]
    session_keys: Integers


@dataclass(frozen=True)
class Paths:
    """Touchpoints divided into P paths, numbered in the order of their first touchpoints.

    Path p holds the touchpoints `order[bounds[p]:bounds[p + 1]]` (indexes into the columns).
    """

    order: Integers  # N
    bounds: Integers  # P + 1
    outcomes: Sequence[str]  # P

    def members(self, path: int) -> list[int]:
        """Indexes of a path's touchpoints, in order."""
        return [int(index) for index in self.order[self.bounds[path] : self.bounds[path + 1]]]


def split_journeys(columns: Columns, rules: JourneyRules, data_end_us: int) -> Paths:
    """Journeys: divided after a goal, and where the wait exceeds the window (DEFINITIONS, "Journey").

    `data_end_us` is the instant of the last touchpoint of the whole graph: a journey that ended at most one window
    before it is still open.

    >>> columns = Columns(np.zeros(3, int), np.array([0, 5, 9]), np.array([False, True, False]), np.full(3, -1))
    >>> journeys = split_journeys(columns, JourneyRules(), 9)
    >>> journeys.bounds.tolist(), journeys.outcomes
    ([0, 2, 3], ['converted', 'open'])
    """
    count = len(columns.customers)
    starts = _changes(columns.customers)
    starts[1:] |= columns.is_goal[:-1]
    starts[1:] |= np.diff(columns.occurred_at_us) > rules.journey_window_us
    bounds = np.append(np.flatnonzero(starts), count)
    last = bounds[1:] - 1
    lost = data_end_us - columns.occurred_at_us[last] > rules.journey_window_us
    outcomes = np.where(columns.is_goal[last], Outcome.CONVERTED, np.where(lost, Outcome.LOST, Outcome.OPEN))
    return Paths(np.arange(count), bounds, [str(outcome) for outcome in outcomes.tolist()])


def split_sessions(columns: Columns, rules: JourneyRules, journeys: Paths) -> Paths:
    """Sessions: touchpoints with a source's own session id by that id, the rest where the idle time is too long.

    A session is converted where it holds a goal, lost where the journey of its last touchpoint is lost, else open.

    >>> columns = Columns(np.zeros(3, int), np.array([0, 5, 9]), np.zeros(3, bool), np.array([-1, 7, -1]))
    >>> sessions = split_sessions(columns, JourneyRules(), split_journeys(columns, JourneyRules(), 9))
    >>> sessions.members(0), sessions.members(1)
    ([0, 2], [1])
    """
    numbers = _session_numbers(columns, rules.session_idle_us)
    order = np.argsort(numbers, kind="stable")
    bounds = np.append(np.flatnonzero(_changes(numbers[order])), len(order))
    has_goal = np.zeros(len(bounds) - 1, dtype=bool)
    has_goal[numbers[columns.is_goal]] = True
    ending_in = journey_of(journeys, order[bounds[1:] - 1])
    outcomes = [
        str(Outcome.CONVERTED if goal else Outcome.LOST if journeys.outcomes[journey] == "lost" else Outcome.OPEN)
        for goal, journey in zip(has_goal.tolist(), ending_in.tolist(), strict=True)
    ]
    return Paths(order, bounds, outcomes)


def journey_of(journeys: Paths, touchpoints: Integers) -> Integers:
    """Number of the journey of each of these touchpoints (indexes into the columns)."""
    return np.searchsorted(journeys.bounds, touchpoints, side="right") - 1


def _session_numbers(columns: Columns, idle_us: int) -> Integers:
    """Session of each touchpoint, numbered by first touchpoint."""
    labels = np.zeros(len(columns.customers), dtype=np.int64)
    free = np.flatnonzero(columns.session_keys < 0)
    starts = _changes(columns.customers[free])
    starts[1:] |= np.diff(columns.occurred_at_us[free]) > idle_us
    labels[free] = np.cumsum(starts)
    given = np.flatnonzero(columns.session_keys >= 0)
    if not len(given):
        return labels - 1
    pairs = np.stack([columns.customers[given], columns.session_keys[given]])
    labels[given] = len(labels) + 1 + np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1)
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse.reshape(-1)]


def _changes(numbers: Integers) -> NDArray[np.bool_]:
    """True at the first element and wherever the number differs from the one before."""
    changed = np.ones(len(numbers), dtype=bool)
    changed[1:] = numbers[1:] != numbers[:-1]
    return changed
