"""Transition matrix: transitions as shares of a row, a column or everything."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import UsageError
from journeygraph.journeys.step_graph import edges
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths.about import AboutPaths, about
from journeygraph.paths.evidence import evidence
from journeygraph.schema import END, START

Normalise = Literal["row", "column", "total"]


class Cell(Answer):
    """How often `target` came directly after `source`, and the share that this is."""

    source: str
    target: str
    count: int
    share: float


class TransitionMatrix(AboutPaths, Reproducible):
    """Cells that occur, by source and target; `steps` in the order of rows and columns, the commonest first.

    Shares of each row (column; of all cells) add up to 1.
    """

    denominator: int
    normalise: Normalise
    steps: list[str]
    cells: list[Cell]


def transition_matrix(table: JourneyTable, *, normalise: Normalise = "row") -> TransitionMatrix:
    """How often each step follows each, as a share.

    - *row*: of everything that leaves the source, P(next | step);
    - *column*: of everything that leads to the target, P(previous | step);
    - *total*: of all transitions.

    `(start)` and `(end)` close every path.  `denominator` counts transitions.  Raises `UsageError` for another name.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart", "view"], "channels": ["web"] * 3, "occurred_at_us": [0, 5, 6]}])
    >>> [(cell.source, cell.target, cell.share) for cell in transition_matrix(table).cells][-2:]
    [('view', '(end)', 0.5), ('view', 'cart', 0.5)]
    """
    if normalise not in get_args(Normalise):
        raise UsageError(f"A transition matrix is normalised by row, column or total, not by {normalise!r}.")
    names = [*table.steps, START, END]
    size = len(names)
    counts = np.zeros((size, size), dtype=np.int64)
    if table.n_paths:
        source, target, *_ = edges(table)
        counts = np.bincount(source * size + target, minlength=size * size).reshape(size, size)
    axis = {"row": 1, "column": 0, "total": None}[normalise]
    shares = counts / np.maximum(counts.sum(axis=axis, keepdims=True), 1)
    cells = [
        Cell(source=names[a], target=names[b], count=int(counts[a, b]), share=float(shares[a, b]))
        for a, b in np.argwhere(counts).tolist()
    ]
    leaving = np.maximum(counts.sum(axis=0), counts.sum(axis=1))
    order = sorted(np.flatnonzero(leaving).tolist(), key=lambda code: (-leaving[code], names[code]))
    return TransitionMatrix(
        denominator=int(counts.sum()),
        **about(table),
        normalise=normalise,
        steps=[names[code] for code in order],
        cells=sorted(cells, key=lambda cell: (cell.source, cell.target)),
        **evidence("paths/transition_matrix", table, normalise=normalise),
    )
