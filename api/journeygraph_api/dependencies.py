"""What routes ask for: the graph, an instant, a page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime

from journeygraph.graph import Graph
from journeygraph.settings import Settings
from journeygraph_api.graphs import Graphs
from journeygraph_api.ingest import Ingest, Replay
from journeygraph_api.problems import Refused
from journeygraph_api.security import requires


# What takes no time is `async`: FastAPI hands each plain function to a thread, which takes longer than the function.
async def _graphs(request: Request) -> Graphs:
    graphs: Graphs = request.app.state.graphs
    return graphs


def _graph(request: Request) -> Graph:
    graphs: Graphs = request.app.state.graphs
    return graphs.get()


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _as_of(
    as_of: Annotated[
        AwareDatetime | None,
        Query(description="only what the system knew at this instant", examples=["2026-01-31T12:00:00Z"]),
    ] = None,
) -> datetime | None:
    return as_of


async def _ingest(request: Request) -> Ingest:
    ingest: Ingest = request.app.state.ingest
    return ingest


async def _replay(request: Request) -> Replay:
    replay: Replay | None = request.app.state.replay
    if replay is None:
        raise Refused(501, "not_here", "This service was started without loaders: nothing is replayed by it.")
    return replay


TheGraphs = Annotated[Graphs, Depends(_graphs)]
TheGraph = Annotated[Graph, Depends(_graph)]
TheSettings = Annotated[Settings, Depends(_settings)]
TheIngest = Annotated[Ingest, Depends(_ingest)]
TheReplay = Annotated[Replay, Depends(_replay)]
AsOf = Annotated[datetime | None, Depends(_as_of)]
Limit = Annotated[int, Query(ge=1, le=1_000, description="at most this many items")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]

CanRead = Depends(requires("read"))
CanReadCustomers = Depends(requires("customers"))
CanWrite = Depends(requires("write"))
