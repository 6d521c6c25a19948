"""What conversions are owed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from journeygraph import durations
from journeygraph.attribution import Options, Paths, attribute, from_table, read_paths, remove
from journeygraph.attribution.answers import Attribution, Credit, Removal
from journeygraph.attribution.items import dimension
from journeygraph.attribution.model import DIRECT
from journeygraph.journeys.configuration import currencies
from journeygraph_api import paging
from journeygraph_api.dependencies import AsOf, CanRead, CanReadCustomers, Cursor, Limit, TheGraphs
from journeygraph_api.graphs import Graphs

router = APIRouter(prefix="/v1", tags=["attribution"], dependencies=[CanRead])
By = Annotated[str, Query(description="channel, step, source, stage, campaign, product, or a touchpoint's property")]
Order = Annotated[int, Query(ge=1, le=10, description="touchpoints that a state of the Markov chain remembers")]
Resamples = Annotated[int, Query(ge=0, le=1_000, description="bootstrap resamples; 0: no intervals")]
Seed = Annotated[int, Query(ge=0, description="of the resamples")]


class AttributionPage(Attribution):
    """A page of credits, model by model, the largest first."""

    next_cursor: str | None = None


@router.get("/attribution")
def attribution(
    graphs: TheGraphs,
    as_of: AsOf,
    model: Annotated[list[str] | None, Query(description="names of models; none: all the usual ones")] = None,
    by: By = "channel",
    order: Order = 1,
    direct: Annotated[list[str] | None, Query(description="names that last_non_direct passes over")] = None,
    half_life: Annotated[str, Query(description="of time_decay: 7d, 36h")] = "7d",
    resamples: Resamples = 200,
    seed: Seed = 0,
    limit: Limit = 1_000,
    cursor: Cursor = None,
) -> AttributionPage:
    """Conversions and their value, shared out by each model; every model's credits sum to both."""
    half_life_days = durations.bounded_seconds(half_life, "half_life") / durations.DAY_SECONDS
    options = Options(order, half_life_days, tuple(direct or DIRECT), seed)
    question = ("attribution", as_of, tuple(model or ()), dimension(by), options, resamples)

    def compute() -> Attribution:
        paths, moneys = _paths(graphs, by, as_of)
        return attribute(paths, model, options, resamples=resamples, seed=seed, currencies=moneys)

    answer = graphs.remember(question, lambda _: compute())
    shown, following = paging.page(answer.channels, limit=limit, cursor=cursor, question={"asked": question}, key=_key)
    return AttributionPage(**{**dict(answer), "channels": shown}, next_cursor=following)


@router.get("/attribution/removal", dependencies=[CanReadCustomers])
def removal(
    graphs: TheGraphs,
    as_of: AsOf,
    value: Annotated[str, Query(min_length=1, description="the channel, step, store or agent to do without")],
    by: By = "channel",
    order: Order = 1,
    resamples: Resamples = 200,
    seed: Seed = 0,
    limit: Limit = 100,
) -> Removal:
    """What doing without a channel, step, store or agent would cost, and the journeys that hold it."""
    paths, moneys = _paths(graphs, by, as_of)
    return remove(
        graphs.get(), paths, value, Options(order=order, seed=seed), limit=limit, resamples=resamples, seed=seed,
        currencies=moneys,
    )  # fmt: skip


def _paths(graphs: Graphs, by: str, as_of: datetime | None) -> tuple[Paths, Sequence[str]]:
    """The decided journeys by `by`; those by channel or step are the table that other questions read as well."""
    wanted = dimension(by)
    if wanted in ("channel", "step"):
        paths = from_table(graphs.table(as_of=as_of), wanted)
    else:
        paths = graphs.remember(
            ("attribution paths", wanted, as_of), lambda graph: read_paths(graph, wanted, as_of=as_of)
        )
    return paths, graphs.remember(("currencies", as_of), lambda graph: currencies(graph, as_of))


def _key(row: Credit) -> str:
    return f"{row.model}\x1f{row.channel}"
