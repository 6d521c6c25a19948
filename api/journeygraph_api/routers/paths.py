"""How customers move, and how far they come."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from journeygraph import durations
from journeygraph import funnels as funnel_domain
from journeygraph import paths as domain
from journeygraph.funnels.answers import Funnel
from journeygraph.funnels.question import Mode
from journeygraph.journeys.table import Grain
from journeygraph.paths.answers import PathView, Transitions
from journeygraph_api.dependencies import AsOf, CanRead, TheGraphs

router = APIRouter(prefix="/v1", tags=["paths"], dependencies=[CanRead])
Per = Annotated[Grain, Query(description="what is counted")]


@router.get("/paths")
def paths(
    graphs: TheGraphs,
    as_of: AsOf,
    from_step: Annotated[str | None, Query(alias="from", description="paths from this step on")] = None,
    to_step: Annotated[str | None, Query(alias="to", description="paths up to this step")] = None,
    levels: Annotated[int | None, Query(ge=1, le=50, description="transitions to show")] = None,
    top: Annotated[int, Query(ge=1, le=100, description="steps shown a level; the rest is `(other)`")] = 10,
    per: Per = "journey",
) -> Transitions | PathView:
    """All transitions, closed by `(start)` and `(end)`; with `from`, `to` or `levels`, a path view level by level."""
    table = graphs.table(per=per, as_of=as_of)
    if from_step is None and to_step is None and levels is None:
        return domain.transitions(table)
    return domain.path_view(table, from_step=from_step, to_step=to_step, levels=levels or 5, top=top)


@router.get("/funnels")
def funnels(
    graphs: TheGraphs,
    as_of: AsOf,
    step: Annotated[list[str], Query(min_length=1, description="the steps in order; `a|b` is either of the two")],
    mode: Annotated[Mode, Query(description="what may lie between the steps")] = "ordered",
    window: Annotated[str, Query(description="time from the first step: 14d, 12h, 30m, 90s or none")] = "14d",
    per: Per = "customer",
    exclude: Annotated[list[str] | None, Query(description="steps that end an attempt")] = None,
) -> Funnel:
    """How many customers (or journeys, or sessions) take the steps, how fast, and where they stop."""
    table = graphs.table(per=per, as_of=as_of)
    return funnel_domain.funnel(
        table, step, mode=mode, window_seconds=durations.seconds(window, "window"), exclude=exclude or []
    )
