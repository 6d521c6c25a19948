"""How often each step follows each, as a share of the row, of the column and of everything."""

from __future__ import annotations

from collections import Counter

from journeygraph import paths
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths.evidence import evidence
from journeygraph.report.model import Table, make_table


def transition_matrix(table: JourneyTable) -> Table:
    """A row for each pair of steps that occurs, by source and target.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5]}])
    >>> transition_matrix(table).rows[-1]
    ('view', 'cart', 1, 1.0, 1.0, 0.3333333333333333)
    """
    cells = paths.transition_matrix(table).cells
    leaving, arriving = Counter[str](), Counter[str]()
    for cell in cells:
        leaving[cell.source] += cell.count
        arriving[cell.target] += cell.count
    rows = [
        {
            "source": cell.source,
            "target": cell.target,
            "count": cell.count,
            "of_source": cell.share,
            "of_target": cell.count / arriving[cell.target],
            "of_all": cell.count / leaving.total(),
        }
        for cell in cells
    ]
    statement = evidence("report/transition_matrix", table)
    statement["parameters"].pop("per")
    return make_table("transition_matrix", "What follows what", rows, **statement)
