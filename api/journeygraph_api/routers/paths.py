"""How customers move: transitions, views, variants, matrices, waits, differences and ways to a goal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from journeygraph import paths as domain
from journeygraph.limits import MOST_LEVELS, MOST_POSITIONS
from journeygraph.paths.answers import PathView, Transitions
from journeygraph.paths.compare import PathComparison
from journeygraph.paths.matrix import StepMatrix
from journeygraph.paths.routes import Routes
from journeygraph.paths.structure import StepStructure
from journeygraph.paths.transition_matrix import Normalise, TransitionMatrix
from journeygraph.paths.variants import Variants
from journeygraph.paths.waits import Waits
from journeygraph_api.dependencies import CanRead
from journeygraph_api.unbuilt import TellsUnbuilt
from journeygraph_api.which_paths import Per, ThePaths

router = APIRouter(prefix="/v1/paths", tags=["paths"], dependencies=[CanRead], route_class=TellsUnbuilt)
Top = Annotated[int, Query(ge=1, le=100, description="how many are shown; the rest is `(other)`")]


@router.get("")
def paths(
    asked: ThePaths,
    from_step: Annotated[str | None, Query(alias="from", description="paths from this step on")] = None,
    to_step: Annotated[str | None, Query(alias="to", description="paths up to this step")] = None,
    levels: Annotated[int | None, Query(ge=1, le=MOST_LEVELS, description="transitions to show")] = None,
    top: Top = 10,
    per: Per = "journey",
) -> Transitions | PathView:
    """All transitions, closed by `(start)` and `(end)`; with `from`, `to` or `levels`, a path view level by level."""
    table = asked.table(per)
    if from_step is None and to_step is None and levels is None:
        return domain.transitions(table)
    return domain.path_view(table, from_step=from_step, to_step=to_step, levels=levels or 5, top=top)


@router.get("/variants")
def variants(asked: ThePaths, top: Top = 10, per: Per = "journey") -> Variants:
    """The commonest step sequences, with their share, time, conversion and value."""
    return domain.variants(asked.table(per), top=top)


@router.get("/step-matrix")
def step_matrix(
    asked: ThePaths,
    positions: Annotated[int, Query(ge=1, le=MOST_POSITIONS, description="touchpoints from the first on")] = 10,
    top: Top = 15,
    per: Per = "journey",
) -> StepMatrix:
    """Where paths are at their first, second, ... touchpoint; shares at each position add up to 1."""
    return domain.step_matrix(asked.table(per), positions=positions, top=top)


@router.get("/transitions")
def transition_matrix(
    asked: ThePaths,
    normalise: Annotated[Normalise, Query(description="shares of a row, of a column or of the total")] = "row",
    per: Per = "journey",
) -> TransitionMatrix:
    """How often each step follows each, as a share."""
    return domain.transition_matrix(asked.table(per), normalise=normalise)


@router.get("/waits")
def waits(
    asked: ThePaths,
    source: Annotated[str, Query(description="the earlier step")],
    target: Annotated[str, Query(description="the later step")],
    eventually: Annotated[bool, Query(description="whatever lies between")] = False,
    per: Per = "journey",
) -> Waits:
    """How long it takes from one step to the next: quantiles and distribution."""
    return domain.waits(asked.table(per), source, target, eventually=eventually)


@router.get("/compare")
def compare(
    asked: ThePaths,
    first: Annotated[list[str], Query(min_length=1, description="conditions of the one side: `platform=ios`")],
    second: Annotated[list[str], Query(min_length=1, description="conditions of the other: `since=2026-01-01`")],
    min_journeys: Annotated[int, Query(ge=1, description="compare only what so many on both sides have")] = 10,
    per: Per = "customer",
) -> PathComparison:
    """How the paths of two segments or two periods differ, with significance."""
    return domain.compare(asked.table(per, where=first), asked.table(per, where=second), minimum=min_journeys)


@router.get("/to")
def path_to(
    asked: ThePaths,
    goal: Annotated[str, Query(description="the step to reach")],
    min_journeys: Annotated[int, Query(ge=1, description="only over transitions that so many took")] = 5,
    per: Per = "journey",
) -> Routes:
    """The way to a step with the fewest steps, the fastest, the most likely and the most valuable one."""
    return domain.routes_to(asked.table(per), goal, minimum=min_journeys)


@router.get("/step-graph")
def step_graph(asked: ThePaths, per: Per = "journey") -> StepStructure:
    """Where paths begin and end, which steps are bridges, and which belong together."""
    return domain.step_structure(asked.table(per))
