"""How far customers come, and what those who stop do instead."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from journeygraph import durations
from journeygraph import funnels as domain
from journeygraph.funnels import identity_band as banding
from journeygraph.funnels.answers import Dropped, Funnel
from journeygraph.funnels.question import Mode
from journeygraph.journeys.table import JourneyTable
from journeygraph_api.dependencies import CanRead, CanReadCustomers
from journeygraph_api.unbuilt import TellsUnbuilt
from journeygraph_api.which_paths import Per, ThePaths

router = APIRouter(prefix="/v1/funnels", tags=["funnels"], route_class=TellsUnbuilt)
Steps = Annotated[list[str], Query(min_length=1, description="the steps in order; `a|b` is either of the two")]
ModeQuery = Annotated[Mode, Query(description="what may lie between the steps")]
Window = Annotated[str, Query(description="time from the first step: 14d, 12h, 30m, 90s or none")]
Exclude = Annotated[list[str] | None, Query(description="steps that end an attempt")]


@router.get("", dependencies=[CanRead])
def funnels(
    asked: ThePaths,
    step: Steps,
    mode: ModeQuery = "ordered",
    window: Window = "14d",
    exclude: Exclude = None,
    by: Annotated[str | None, Query(description="a funnel for each value of a property, channel, ...")] = None,
    per: Per = "customer",
    identity_band: Annotated[
        str | None, Query(description="also under merges of at least each confidence: `0.5,0.7,0.9`", max_length=200)
    ] = None,
) -> Funnel:
    """How many customers (or journeys, or sessions) take the steps, how fast, and where they stop."""
    within = durations.seconds(window, "window")

    def count(table: JourneyTable) -> Funnel:
        return domain.funnel(table, step, mode=mode, window_seconds=within, exclude=exclude or [])

    answer = count(asked.table(per, by=by))
    if identity_band is None:
        return answer
    confidences = banding.parse(identity_band)
    banding.check(per, asked.grain, asked.as_of)
    band = banding.band(
        asked.graphs.get(),
        confidences,
        lambda least: asked.table("journey", least_confidence=least),
        lambda table: count(table.by_customer() if per == "customer" else table),
    )
    return answer.model_copy(update={"identity_band": band})


@router.get("/dropped", dependencies=[CanReadCustomers])
def dropped(
    asked: ThePaths,
    step: Steps,
    reached: Annotated[int | None, Query(ge=1, description="list those with so many of the steps")] = None,
    next_step: Annotated[str | None, Query(alias="next", description="list those who did this next")] = None,
    mode: ModeQuery = "ordered",
    window: Window = "14d",
    exclude: Exclude = None,
    per: Per = "customer",
) -> Dropped:
    """Who stops at each step of a funnel and what they do instead; with `reached` or `next`, one by one."""
    return domain.dropped(
        asked.table(per),
        step,
        mode=mode,
        window_seconds=durations.seconds(window, "window"),
        exclude=exclude or [],
        reached=reached,
        next_step=next_step,
        listed=reached is not None or next_step is not None,
    )
