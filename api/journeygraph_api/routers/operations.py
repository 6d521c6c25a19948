"""For operators: is it alive, is it ready, how is it doing."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from journeygraph import __version__
from journeygraph_api.dependencies import TheGraphs

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """The process answers."""

    status: str = "ok"
    version: str = __version__


class Readiness(BaseModel):
    """The graph answers too."""

    status: str
    neo4j: str


@router.get("/healthz")
def healthz() -> Health:
    """The process is alive (says nothing of Neo4j)."""
    return Health()


@router.get("/readyz")
def readyz(graphs: TheGraphs) -> Readiness:
    """Ready to answer: Neo4j is there and its schema is up to date. 503 otherwise."""
    version, edition = graphs.get().version()
    return Readiness(status="ready", neo4j=f"{version} {edition}")


@router.get("/metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Figures for Prometheus."""
    return Response(generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)
