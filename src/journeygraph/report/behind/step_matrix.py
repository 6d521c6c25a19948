"""How many journeys are at which step, touchpoint by touchpoint."""

from __future__ import annotations

from typing import Final

from journeygraph import paths
from journeygraph.journeys.table import JourneyTable
from journeygraph.report.model import Table, make_table

POSITIONS: Final = 10


def step_matrix(table: JourneyTable) -> Table:
    """A row for each step and position that any journey has, all steps by name.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5]}])
    >>> step_matrix(table).rows[-2:]
    (('cart', 2, 1, 1.0), ('view', 1, 1, 1.0))
    """
    matrix = paths.step_matrix(table, positions=POSITIONS, top=None)
    rows = [
        {"step": row.step, "position": place, "journeys": count, "share": share}
        for row in sorted(matrix.rows, key=lambda row: row.step)
        for place, (count, share) in enumerate(zip(row.counts, row.shares, strict=True), start=1)
        if count
    ]
    return make_table("step_matrix", "Where journeys are", rows, matrix.cypher, matrix.parameters)
