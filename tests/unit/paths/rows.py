"""The rows that an answer's own statement gives, written from the answer."""

from __future__ import annotations

from typing import Any

from journeygraph.funnels.answers import Dropped, Funnel
from journeygraph.paths.matrix import StepMatrix
from journeygraph.paths.routes import Route, Routes
from journeygraph.paths.structure import StepStructure
from journeygraph.paths.transition_matrix import TransitionMatrix
from journeygraph.paths.variants import Variants
from journeygraph.paths.waits import Waits

Rows = list[dict[str, Any]]


def variant_rows(answer: Variants) -> Rows:
    return [row.model_dump() for row in answer.variants]


def step_matrix_rows(answer: StepMatrix) -> Rows:
    cells = [
        {"step": row.step, "position": k + 1, "journeys": row.counts[k], "share": row.shares[k]}
        for row in answer.rows
        for k in range(answer.positions)
        if row.counts[k]
    ]
    return sorted(cells, key=lambda cell: (cell["step"], cell["position"]))


def transition_matrix_rows(answer: TransitionMatrix) -> Rows:
    return [cell.model_dump() for cell in answer.cells]


def wait_rows(answer: Waits) -> Rows:
    kept = {"count", "journeys", "customers"} | {name for name in Waits.model_fields if name.endswith("_seconds")}
    return [{**answer.model_dump(include=kept), "counts": [part.count for part in answer.distribution]}]


def structure_rows(answer: StepStructure) -> Rows:
    fields = {"step", "entries", "exits", "converted", "lost", "open"}
    placed = [row.model_dump(include=fields) for row in answer.steps if row.entries or row.exits]
    return sorted(placed, key=lambda row: row["step"])


def leg_rows(answer: Routes, rows: Rows) -> Rows:
    """Those of the statement's rows that the routes use, as the answer has them."""
    used = {(leg.source, leg.target): leg for route in answer.routes for leg in route.legs}
    fields = {"source", "target", "count", "journeys", "median_seconds", "value"}
    return [
        used[row["source"], row["target"]].model_dump(include=fields) if (row["source"], row["target"]) in used else row
        for row in rows
    ]


def route_rows(route: Route) -> Rows:
    return [route.model_dump(include={"journeys", "customers", "converted", "value"})]


def funnel_rows(answer: Funnel) -> Rows:
    return [{"group": None, **step.model_dump(exclude={"label"})} for step in answer.steps]


def breakdown_rows(answer: Funnel) -> Rows:
    assert answer.breakdown is not None
    return [
        {"group": group.group, **step.model_dump(exclude={"label"})}
        for group in answer.breakdown.groups
        for step in group.steps
    ]


def dropped_rows(answer: Dropped) -> Rows:
    return [path.model_dump() for path in answer.paths]
