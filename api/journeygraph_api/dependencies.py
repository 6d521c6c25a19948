"""What routes ask for: the graph, an instant, a page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime

from journeygraph.graph import Graph
from journeygraph.settings import Settings
from journeygraph_api.graphs import Graphs
from journeygraph_api.ingest import Ingest
from journeygraph_api.security import requires


def _graphs(request: Request) -> Graphs:
    graphs: Graphs = request.app.state.graphs
    return graphs


def _graph(request: Request) -> Graph:
    return _graphs(request).get()


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _as_of(
    as_of: Annotated[
        AwareDatetime | None,
        Query(description="only what the system knew at this instant", examples=["2026-01-31T12:00:00Z"]),
    ] = None,
) -> datetime | None:
    return as_of


def _ingest(request: Request) -> Ingest:
    ingest: Ingest = request.app.state.ingest
    return ingest


TheGraphs = Annotated[Graphs, Depends(_graphs)]
TheGraph = Annotated[Graph, Depends(_graph)]
TheSettings = Annotated[Settings, Depends(_settings)]
TheIngest = Annotated[Ingest, Depends(_ingest)]
AsOf = Annotated[datetime | None, Depends(_as_of)]
Limit = Annotated[int, Query(ge=1, le=1_000, description="at most this many items")]
Cursor = Annotated[str | None, Query(description="`next_cursor` of the page before")]

CanRead = Depends(requires("read"))
CanReadCustomers = Depends(requires("customers"))
CanWrite = Depends(requires("write"))
