"""What conversions are owed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query

from journeygraph import durations
from journeygraph.attribution import Options, Paths, attribute, from_table, read_paths, remove
from journeygraph.attribution.answers import Attribution, Credit, Removal
from journeygraph.attribution.items import dimension
from journeygraph.attribution.model import DIRECT
from journeygraph.journeys import filters
from journeygraph.journeys.configuration import currencies
from journeygraph.journeys.filters import Selection
from journeygraph.limits import MOST_RESAMPLES
from journeygraph.schema import Grain
from journeygraph_api import paging
from journeygraph_api.dependencies import AsOf, CanRead, CanReadCustomers, Cursor, Limit, TheGraphs
from journeygraph_api.graphs import Graphs
from journeygraph_api.unbuilt import TellsUnbuilt
from journeygraph_api.which_paths import Conditions, TheGrain, TheSegment

router = APIRouter(prefix="/v1", tags=["attribution"], dependencies=[CanRead], route_class=TellsUnbuilt)
By = Annotated[str, Query(description="channel, step, source, stage, campaign, product, or a touchpoint's property")]
Order = Annotated[int, Query(ge=1, le=10, description="touchpoints that a state of the Markov chain remembers")]
Resamples = Annotated[int, Query(ge=0, le=MOST_RESAMPLES, description="bootstrap resamples; 0: no intervals")]
Seed = Annotated[int, Query(ge=0, description="of the resamples")]


class AttributionPage(Attribution):
    """A page of credits, model by model, the largest first."""

    next_cursor: str | None = None


@router.get("/attribution")
def attribution(
    graphs: TheGraphs,
    as_of: AsOf,
    grain: TheGrain = "customer",
    segment: TheSegment = None,
    where: Conditions = None,
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
    which = _Which(as_of, grain, filters.parse(where or (), segment=segment))
    question = ("attribution", which, tuple(model or ()), dimension(by), options, resamples)

    def compute() -> Attribution:
        paths, moneys = _paths(graphs, by, which)
        return attribute(paths, model, options, resamples=resamples, seed=seed, currencies=moneys)

    answer = graphs.remember(question, lambda _: compute())
    shown, following = paging.page(answer.channels, limit=limit, cursor=cursor, question={"asked": question}, key=_key)
    return AttributionPage(**{**dict(answer), "channels": shown}, next_cursor=following)


@router.get("/attribution/removal", dependencies=[CanReadCustomers])
def removal(
    graphs: TheGraphs,
    as_of: AsOf,
    value: Annotated[str, Query(min_length=1, description="the channel, step, store or agent to do without")],
    grain: TheGrain = "customer",
    segment: TheSegment = None,
    where: Conditions = None,
    by: By = "channel",
    order: Order = 1,
    resamples: Resamples = 200,
    seed: Seed = 0,
    limit: Limit = 100,
) -> Removal:
    """What doing without a channel, step, store or agent would cost, and the journeys that hold it."""
    paths, moneys = _paths(graphs, by, _Which(as_of, grain, filters.parse(where or (), segment=segment)))
    return remove(
        graphs.get(), paths, value, Options(order=order, seed=seed), limit=limit, resamples=resamples, seed=seed,
        currencies=moneys,
    )  # fmt: skip


class _Which(NamedTuple):
    """Which journeys credit is shared out over."""

    as_of: datetime | None
    grain: Grain
    selection: Selection


def _paths(graphs: Graphs, by: str, which: _Which) -> tuple[Paths, Sequence[str]]:
    """The decided journeys by `by`; those by channel or step are the table that other questions read as well."""
    wanted, asked = dimension(by), which._asdict()
    if wanted in ("channel", "step"):
        paths = from_table(graphs.table(**asked), wanted)
    else:
        paths = graphs.remember(("attribution paths", wanted, which), lambda graph: read_paths(graph, wanted, **asked))
    return paths, graphs.remember(("currencies", which.as_of), lambda graph: currencies(graph, which.as_of))


def _key(row: Credit) -> str:
    return f"{row.model}\x1f{row.channel}"
