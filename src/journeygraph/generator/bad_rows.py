"""Rows that no loader can use, for a quarantine that has something in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Columns = dict[str, list[Any]]


def _no_time(row: dict[str, Any]) -> None:
    row["occurred_at"] = "yesterday"


def _no_step(row: dict[str, Any]) -> None:
    row["step"] = None


def _nobody(row: dict[str, Any]) -> None:
    row["customer_id"] = None
    row["anonymous_id"] = None


_WAYS: dict[str, Callable[[dict[str, Any]], None]] = {
    "occurred_at is no instant": _no_time,
    "step is empty": _no_step,
    "neither customer_id nor anonymous_id": _nobody,
}


def spoil(columns: Columns, share: float) -> dict[str, int]:
    """Add unusable copies of rows, evenly spread (in place); returns how many for each reason.

    >>> columns = {"step": ["view"] * 10, "customer_id": ["c"] * 10, "occurred_at": ["2026-01-01T00:00:00Z"] * 10}
    >>> spoil(columns, 0.2), columns["occurred_at"].count("yesterday"), len(columns["step"])
    ({'occurred_at is no instant': 1, 'step is empty': 1}, 1, 12)
    """
    total = len(columns["step"])
    count = min(total, max(1, round(total * share))) if total else 0
    reasons: dict[str, int] = {}
    for number in reversed(range(count)):
        at = number * total // count
        reason, way = list(_WAYS.items())[number % len(_WAYS)]
        row = {name: values[at] for name, values in columns.items()}
        way(row)
        for name, values in columns.items():
            values.insert(at + 1, row[name])
        reasons[reason] = reasons.get(reason, 0) + 1
    return dict(sorted(reasons.items()))
