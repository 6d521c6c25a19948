"""Touchpoints to journeys and sessions without a database: what the graph holds after a load, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from journeygraph import identity
from journeygraph.journeys.splitting import Columns, Paths, split_journeys, split_sessions
from journeygraph.schema import JourneyRules, Outcome, Touchpoint, to_microseconds


def build_rows(
    touchpoints: Iterable[Touchpoint], rules: JourneyRules | None = None, data_end_us: int | None = None
) -> list[dict[str, Any]]:
    """The journeys of these touchpoints as rows for `JourneyTable.from_rows`, sorted by customer and start.

    Identity is resolved by the same rule as in the graph, and a touchpoint id that occurs again is ignored.
    `data_end_us` is the end of the data, by default the last touchpoint.  A row also has `touchpoint_ids`.

    >>> from datetime import datetime, UTC
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> visit = Touchpoint(touchpoint_id="t", step="view", channel="web", occurred_at=at, source="s", customer_id="c")
    >>> [(row["id"], row["outcome"], row["steps"]) for row in build_rows([visit])]
    [('j:t', 'open', ['view'])]
    """
    ordered, columns, rules, end = _prepare(touchpoints, rules, data_end_us)
    journeys = split_journeys(columns, rules, end)
    return _rows("j:", ordered, journeys, rules.goals)


def build_session_rows(
    touchpoints: Iterable[Touchpoint], rules: JourneyRules | None = None, data_end_us: int | None = None
) -> list[dict[str, Any]]:
    """The sessions of these touchpoints, as `build_rows` does for journeys; `value` sums the session's goals."""
    ordered, columns, rules, end = _prepare(touchpoints, rules, data_end_us)
    sessions = split_sessions(columns, rules, split_journeys(columns, rules, end))
    return _rows("s:", ordered, sessions, rules.goals)


def total_value(values: Iterable[float | None]) -> float | None:
    """Sum from left to right of the values that are known, None where none is: as Cypher's `reduce` adds.

    >>> total_value([None, 1.5, 2.0]), total_value([None])
    (3.5, None)
    """
    total: float | None = None
    for value in values:
        if value is not None:
            total = (total or 0.0) + value
    return total


def session_keys(sources: Sequence[str], session_ids: Sequence[str | None]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """A number for each pair of source and its own session id, -1 where the source gave none."""
    numbers: dict[tuple[str, str], int] = {}
    return np.fromiter(
        (
            -1 if session is None else numbers.setdefault((source, session), len(numbers))
            for source, session in zip(sources, session_ids, strict=True)
        ),
        dtype=np.int64,
        count=len(sources),
    )


_Ordered = list[tuple[str, int, str, Touchpoint]]  # customer id, microseconds, touchpoint id, touchpoint


def _prepare(
    touchpoints: Iterable[Touchpoint], rules: JourneyRules | None, data_end_us: int | None
) -> tuple[_Ordered, Columns, JourneyRules, int]:
    rules = rules or JourneyRules()
    distinct: dict[str, Touchpoint] = {}
    for touchpoint in touchpoints:
        distinct.setdefault(touchpoint.touchpoint_id, touchpoint)
    owner_of = identity.owners((t.anonymous_id, t.customer_id) for t in distinct.values())
    ordered = [
        (identity.owner(t.customer_id, t.anonymous_id, owner_of), to_microseconds(t.occurred_at), t.touchpoint_id, t)
        for t in distinct.values()
    ]
    ordered.sort(key=lambda row: row[:3])
    end = data_end_us if data_end_us is not None else max((row[1] for row in ordered), default=0)
    return ordered, _columns(ordered, rules), rules, end


def _columns(ordered: _Ordered, rules: JourneyRules) -> Columns:
    goals, count = frozenset(rules.goals), len(ordered)
    numbers: dict[str, int] = {}
    return Columns(
        customers=np.fromiter((numbers.setdefault(row[0], len(numbers)) for row in ordered), np.int64, count),
        occurred_at_us=np.fromiter((row[1] for row in ordered), np.int64, count),
        is_goal=np.fromiter((row[3].step in goals for row in ordered), bool, count),
        session_keys=session_keys([row[3].source for row in ordered], [row[3].session_id for row in ordered]),
    )


def _rows(prefix: str, ordered: _Ordered, paths: Paths, goals: Sequence[str]) -> list[dict[str, Any]]:
    order = paths.order.tolist()
    bounds = paths.bounds.tolist()
    return [
        _row(prefix, [ordered[index] for index in order[start:end]], outcome, goals)
        for start, end, outcome in zip(bounds[:-1], bounds[1:], paths.outcomes, strict=True)
    ]


def _row(prefix: str, members: _Ordered, outcome: str, goals: Sequence[str]) -> dict[str, Any]:
    return {
        "id": prefix + members[0][2],
        "customer_id": members[0][0],
        "outcome": outcome,
        "value": total_value(row[3].value for row in members if row[3].step in goals)
        if outcome == Outcome.CONVERTED
        else None,
        "steps": [row[3].step for row in members],
        "channels": [row[3].channel for row in members],
        "occurred_at_us": [row[1] for row in members],
        "touchpoint_ids": [row[2] for row in members],
    }
