"""How long it takes from step to step: the distribution of each common transition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.journeys.step_graph import distinct
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths.evidence import evidence
from journeygraph.paths.figures import quantile
from journeygraph.report.model import Table, make_table
from journeygraph.schema import OTHER

TRANSITIONS: Final = 12
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
#: Seconds at which the classes begin; the last one has no end.  About three classes for each tenfold wait.
EDGES: Final = (
    *(0, 1, 2, 5, 10, 20, 30),
    *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 20, 30)),
    *(hours * _HOUR for hours in (1, 2, 4, 8, 12)),
    *(days * _DAY for days in (1, 2, 4, 7, 14, 30, 60)),
)
_QUANTILES: Final = {"p10": 0.1, "p25": 0.25, "median": 0.5, "p75": 0.75, "p90": 0.9}
Pair = tuple[str, str]


def waits(table: JourneyTable, concerned: Sequence[Pair] = ()) -> Table:
    """A row for each of the commonest transitions (and those of `concerned`), and one for all others together.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5_000_000]}])
    >>> waits(table).rows[0][:4], waits(table).dicts()[0]["median_seconds"]
    (('view', 'cart', 1, 1), 5.0)
    """
    size = len(table.steps)
    path = table.path_of
    second = np.flatnonzero(path[1:] == path[:-1]) + 1
    code = table.step_codes[second - 1].astype(np.int64) * size + table.step_codes[second]
    seconds = (table.occurred_at_us[second] - table.occurred_at_us[second - 1]) / 1e6
    chosen = _chosen(table, code, concerned)
    order = np.argsort(code, kind="stable")
    ordered = code[order]
    parts = {each: order[slice(*np.searchsorted(ordered, (each, each + 1)))] for each in chosen}
    rows = [
        _row(table.steps[each // size], table.steps[each % size], seconds[at], path[second[at]])
        for each, at in parts.items()
    ]
    rest = order[~np.isin(ordered, chosen)]
    if len(rest):
        rows.append(_row(OTHER, OTHER, seconds[rest], path[second[rest]]))
    pairs = sorted([table.steps[each // size], table.steps[each % size]] for each in chosen)
    statement = evidence("report/waits", table, pairs=pairs, edges=list(EDGES))
    statement["parameters"].pop("per")
    rows.sort(key=lambda row: (row["source"], row["target"]))
    return make_table("waits", "How long it takes from step to step", rows, **statement)


def _chosen(table: JourneyTable, code: NDArray[np.int64], concerned: Sequence[Pair]) -> list[int]:
    """Codes of the commonest transitions, and of those asked for that occur."""
    found, counts = np.unique(code, return_counts=True)
    size = len(table.steps)
    names = [(table.steps[each // size], table.steps[each % size]) for each in found.tolist()]
    order = sorted(range(len(found)), key=lambda k: (-counts[k], names[k]))
    asked = [k for k in range(len(found)) if names[k] in set(concerned)]
    return [int(found[k]) for k in dict.fromkeys([*order[:TRANSITIONS], *asked])]


def _row(source: str, target: str, seconds: NDArray[np.float64], path: NDArray[np.int64]) -> dict[str, Any]:
    classes = np.searchsorted(EDGES, seconds, side="right") - 1
    return {
        "source": source,
        "target": target,
        "count": len(seconds),
        "journeys": int(distinct(np.zeros(len(path), dtype=np.int64), path, 1)[0]),
        **{f"{name}_seconds": quantile(seconds, share) for name, share in _QUANTILES.items()},
        "counts": np.bincount(classes, minlength=len(EDGES)).tolist(),
    }
