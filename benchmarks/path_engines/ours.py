"""This project's own analyses, on the table that they read from the graph (here from the file)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.parquet as pq
from work import FUNNEL, POSITIONS, TOP, WINDOW_US

from journeygraph import __version__, funnels, paths
from journeygraph.gaps import find
from journeygraph.journeys.table import JourneyTable

VERSION = __version__


def load(file: str) -> JourneyTable:
    """The columns of a table: what `read_table` makes of the graph's journeys."""
    data = pq.read_table(file)
    journey = data["journey"].to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], journey[1:] != journey[:-1]]))
    customers, customer_codes = np.unique(data["customer"].to_numpy()[starts], return_inverse=True)
    step = data["step"].combine_chunks()
    n = len(starts)
    return JourneyTable(
        ids=[f"j{k}" for k in range(n)],
        customer_ids=[f"c{k}" for k in customers],
        customers=customer_codes.astype(np.int32),
        outcomes=np.ones(n, dtype=np.int8),
        values=np.zeros(n),
        offsets=np.append(starts, len(journey)).astype(np.int64),
        step_codes=step.indices.to_numpy().astype(np.int32),
        channel_codes=np.zeros(len(journey), dtype=np.int32),
        occurred_at_us=data["at_us"].to_numpy(),
        steps=step.dictionary.to_pylist(),
        channels=["web"],
    )


def counts(table: JourneyTable) -> list[list[Any]]:
    answer = paths.transition_matrix(table, normalise="total")
    return [[cell.source, cell.target, cell.count] for cell in answer.cells]


def transitions(table: JourneyTable) -> list[list[Any]]:
    return [
        [link.source, link.target, link.count, link.journeys, link.customers, link.median_seconds, link.p90_seconds]
        for link in paths.transitions(table).links
        if link.median_seconds is not None
    ]


def step_matrix(table: JourneyTable) -> list[list[Any]]:
    answer = paths.step_matrix(table, positions=POSITIONS, top=None)
    cells = [[k + 1, row.step, count] for row in answer.rows for k, count in enumerate(row.counts) if count]
    return sorted(cells)


def funnel(table: JourneyTable) -> list[int]:
    answer = funnels.funnel(table, FUNNEL, window_seconds=WINDOW_US / 1e6)
    return [step.count for step in answer.steps]


def variants(table: JourneyTable) -> list[int]:
    answer = paths.variants(table, top=TOP)
    return [answer.distinct, *(row.journeys for row in answer.variants[:TOP])]


def gaps(table: JourneyTable) -> list[int]:
    report = find(table)
    return [report.tested, len(report.findings)]
