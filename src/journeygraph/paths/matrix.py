"""Step matrix: where paths are at their first, second, ... touchpoint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import UsageError
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths.about import AboutPaths, about
from journeygraph.paths.evidence import evidence
from journeygraph.schema import END, OTHER


class MatrixRow(Answer):
    """A step: at each position how many paths are there, and their share of all paths."""

    step: str
    counts: list[int]
    shares: list[float]


class StepMatrix(AboutPaths, Reproducible):
    """Rows are steps, the commonest first, then `(other)` and `(end)`; at every position shares add up to 1."""

    denominator: int
    positions: int
    rows: list[MatrixRow]


def step_matrix(table: JourneyTable, *, positions: int = 10, top: int | None = 15) -> StepMatrix:
    """The share of paths whose k-th touchpoint is the step, for k from 1 to `positions`.

    A path that is over stays in `(end)`.  The `top` steps (None: all) by their paths at all positions together, ties by
    name, are shown; the rest is `(other)`, never dropped.  Raises `UsageError` for less than one position or step.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5]}])
    >>> [(row.step, row.shares) for row in step_matrix(table, positions=3).rows]
    [('cart', [0.0, 1.0, 0.0]), ('view', [1.0, 0.0, 0.0]), ('(end)', [0.0, 0.0, 1.0])]
    """
    if positions < 1 or (top is not None and top < 1):
        raise UsageError(f"A step matrix has at least one position and one step: {positions} positions, top {top}.")
    counts = _counts(table, positions)
    totals = counts[:-1].sum(axis=1)
    ranked = sorted(np.flatnonzero(totals).tolist(), key=lambda code: (-totals[code], table.steps[code]))
    kept, rest = ranked[:top], ranked[len(ranked) if top is None else top :]
    lines = [(table.steps[code], counts[code]) for code in kept]
    lines += [(OTHER, counts[rest].sum(axis=0))] if rest else []
    lines += [(END, counts[-1])] if counts[-1].any() else []
    return StepMatrix(
        denominator=table.n_paths,
        **about(table),
        positions=positions,
        rows=[
            MatrixRow(step=step, counts=line.tolist(), shares=(line / max(table.n_paths, 1)).tolist())
            for step, line in lines
        ],
        **evidence("paths/step_matrix", table, positions=positions, kept=[table.steps[code] for code in kept]),
    )


def _counts(table: JourneyTable, positions: int) -> NDArray[np.int64]:
    """Paths at each step (the last row: over) and position: (steps + 1) x positions."""
    size = len(table.steps)
    counts = np.zeros((size + 1, positions), dtype=np.int64)
    for k in range(positions):
        going = table.lengths > k
        codes = table.step_codes[table.offsets[:-1][going] + k]
        counts[:size, k] = np.bincount(codes, minlength=size)
        counts[size, k] = table.n_paths - int(going.sum())
    return counts
