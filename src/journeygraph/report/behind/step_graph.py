"""How many journeys go from step to step, where rarer steps are one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from journeygraph.journeys.step_graph import distinct, edges
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths.evidence import evidence
from journeygraph.report.model import Table, make_table
from journeygraph.schema import END, OTHER, START

#: Steps by name: the commonest ones, and more where findings concern others.
COMMONEST: Final = 12
MOST: Final = 26


def step_graph(table: JourneyTable, concerned: Iterable[str] = ()) -> Table:
    """A row for each transition, by source and target; `concerned` are steps to show by name before others.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5]}])
    >>> [row[:4] for row in step_graph(table).rows]
    [('(start)', 'view', 1, 1), ('cart', '(end)', 1, 1), ('view', 'cart', 1, 1)]
    """
    kept = steps_by_name(table, concerned)
    names = [*table.steps, START, END, OTHER]
    size, rest = len(names), len(names) - 1
    lumped = np.array([code if step in kept else rest for code, step in enumerate(table.steps)] + [rest - 2, rest - 1])
    source, target, path, *_ = edges(table)
    pairs, pair = np.unique(lumped[source] * size + lumped[target], return_inverse=True)
    counted = zip(
        pairs.tolist(),
        np.bincount(pair, minlength=len(pairs)).tolist(),
        distinct(pair, path, len(pairs)).tolist(),
        distinct(pair, table.customers[path], len(pairs)).tolist(),
        strict=True,
    )
    rows = [
        {
            "source": names[code // size],
            "target": names[code % size],
            "count": count,
            "journeys": journeys,
            "customers": customers,
        }
        for code, count, journeys, customers in counted
    ]
    rows.sort(key=lambda row: (str(row["source"]), str(row["target"])))
    statement = evidence("report/step_graph", table, kept=sorted(kept))
    statement["parameters"].pop("per")
    return make_table("step_graph", "The step graph, rarer steps together", rows, **statement)


def steps_by_name(table: JourneyTable, concerned: Iterable[str]) -> frozenset[str]:
    """The commonest steps, and those that findings concern while there is room."""
    counts = np.bincount(table.step_codes, minlength=len(table.steps))
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-counts[code], table.steps[code]))
    commonest = [table.steps[code] for code in order[:COMMONEST]]
    asked = [step for step in concerned if table.code(step) >= 0]
    if len(order) <= MOST:
        return frozenset(table.steps)
    return frozenset(list(dict.fromkeys([*commonest, *asked]))[:MOST])
