"""Engagement: how long, how deep and how often, as percentile ranks among the customers active in the last 30 days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeygraph.graph import Graph

Band = Literal["low", "medium", "high"]
DAYS = 30
MEASURES = ("mean_seconds", "mean_touchpoints", "sessions")


@dataclass(frozen=True)
class Engagement:
    """Mean percentile rank of each active customer, from 0 to 1; a customer without a session in the time has 0.

    `parts` holds each active customer's measures, and the rank of each, in the order of `MEASURES`.
    """

    ranks: Mapping[str, float]
    parts: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)

    def rank(self, customer_id: str) -> float:
        """The customer's mean percentile rank."""
        return self.ranks.get(customer_id, 0.0)

    def band(self, customer_id: str) -> Band:
        """`low` up to 1/3, `medium` up to 2/3, else `high`."""
        rank = self.rank(customer_id)
        return "low" if rank <= 1 / 3 else "medium" if rank <= 2 / 3 else "high"


def measure(graph: Graph, instant_us: int, as_of: datetime | None = None) -> Engagement:
    """Engagement of all customers at an instant."""
    return from_rows(graph.read("intent/engagement", as_of=as_of, instant_us=instant_us, days=DAYS))


def from_rows(rows: Sequence[Mapping[str, Any]], weights: Sequence[float] = (1.0, 1.0, 1.0)) -> Engagement:
    """Engagement from each customer's `mean_seconds`, `mean_touchpoints` and `sessions`, weighted in this order.

    >>> rows = [{"customer_id": "a", "mean_seconds": 5, "mean_touchpoints": 2, "sessions": 1},
    ...         {"customer_id": "b", "mean_seconds": 50, "mean_touchpoints": 4, "sessions": 1}]
    >>> engagement = from_rows(rows)
    >>> round(engagement.rank("a"), 3), engagement.band("b"), engagement.band("nobody")
    (0.333, 'medium', 'low')
    """
    if not rows:
        return Engagement({})
    ranks = np.array([percentile_ranks([row[measure] for row in rows]) for measure in MEASURES])
    mean = (ranks * np.array(weights)[:, None]).sum(axis=0) / sum(weights)
    return Engagement(
        ranks={row["customer_id"]: float(rank) for row, rank in zip(rows, mean, strict=True)},
        parts={
            row["customer_id"]: tuple(zip((float(row[name]) for name in MEASURES), own.tolist(), strict=True))
            for row, own in zip(rows, ranks.T, strict=True)
        },
    )


def percentile_ranks(values: ArrayLike) -> NDArray[np.float64]:
    """Share of the others' and own values below each, equal ones counted half: from 0 to 1, 0.5 where all are equal.

    >>> percentile_ranks([1, 2, 2, 9]).tolist()
    [0.125, 0.5, 0.5, 0.875]
    """
    given = np.asarray(values, dtype=np.float64)
    ordered = np.sort(given)
    below = np.searchsorted(ordered, given, side="left") + np.searchsorted(ordered, given, side="right")
    return (below / (2 * len(given))).astype(np.float64)
