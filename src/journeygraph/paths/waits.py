"""Waits: how long it takes from one step to another."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.answers import Answer, Reproducible
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths.about import AboutPaths, about
from journeygraph.paths.evidence import evidence
from journeygraph.paths.figures import quantile
from journeygraph.paths.steps import check
from journeygraph.paths.view import next_with

_DAY = 86_400.0
#: Seconds at which the classes of a distribution begin; the last one has no end.
EDGES: Final = (0.0, 1.0, 10.0, 60.0, 600.0, 3_600.0, 6 * 3_600.0, _DAY, 3 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY)
_Index = NDArray[np.int64]


class WaitClass(Answer):
    """Waits of at least `since_seconds` and less than `until_seconds` (None: no limit)."""

    since_seconds: float
    until_seconds: float | None
    count: int


class Waits(AboutPaths, Reproducible):
    """The waits from `source` to `target`; quantiles are None where there is none."""

    source: str
    target: str
    eventually: bool
    count: int
    journeys: int
    customers: int
    p10_seconds: float | None
    p25_seconds: float | None
    median_seconds: float | None
    p75_seconds: float | None
    p90_seconds: float | None
    p99_seconds: float | None
    distribution: list[WaitClass]


def waits(table: JourneyTable, source: str, target: str, *, eventually: bool = False) -> Waits:
    """The time from a step to the next touchpoint where that is `target`.

    With `eventually`: once for each path, from its first `source` to the first `target` after it, whatever lies
    between.  Raises `UsageError` for an unknown step.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5_000_000]}])
    >>> waits(table, "view", "cart").median_seconds
    5.0
    """
    check(table, [source, target])
    first, second = _eventually(table, source, target) if eventually else _directly(table, source, target)
    seconds = (table.occurred_at_us[second] - table.occurred_at_us[first]) / 1e6
    paths = table.path_of[first]
    figures = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9, "p99": 0.99}
    counts = np.bincount(np.searchsorted(EDGES, seconds, side="right") - 1, minlength=len(EDGES)).tolist()
    return Waits(
        **about(table),
        source=source,
        target=target,
        eventually=eventually,
        count=len(seconds),
        journeys=len(np.unique(paths)),
        customers=len(np.unique(table.customers[paths])),
        distribution=[
            WaitClass(since_seconds=since, until_seconds=until, count=count)
            for since, until, count in zip(EDGES, (*EDGES[1:], None), counts, strict=True)
        ],
        **{f"{name}_seconds": quantile(seconds, share) for name, share in figures.items()},
        **evidence(
            "paths/waits", table, source=source, target=target, eventually=eventually, edges=[int(e) for e in EDGES]
        ),
    )


def _directly(table: JourneyTable, source: str, target: str) -> tuple[_Index, _Index]:
    """Touchpoints with `source`, and those directly after them, where these have `target`."""
    after = np.arange(1, table.n_touchpoints)
    path = table.path_of
    found = (table.step_codes[:-1] == table.code(source)) & (table.step_codes[1:] == table.code(target))
    second = after[found & (path[1:] == path[:-1])]
    return second - 1, second


def _eventually(table: JourneyTable, source: str, target: str) -> tuple[_Index, _Index]:
    """The first touchpoint with `source` of every path, and the first with `target` after it, where there are both."""
    end = table.offsets[1:]
    first = next_with(table, source, table.offsets[:-1])
    second = next_with(table, target, np.minimum(first + 1, end))
    both = (first < end) & (second < end)
    return first[both], second[both]
