"""Hours and days in which a source sent something else than it usually does, and sources that are late."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from journeygraph.quality.anomalies import Anomalies
from journeygraph.quality.anomalies import anomalies as find
from journeygraph.quality.silences import Silences, silences
from journeygraph_api.dependencies import CanRead, TheGraph

router = APIRouter(prefix="/v1", tags=["sources"], dependencies=[CanRead])


@router.get("/quality/anomalies")
def anomalies(graph: TheGraph, level: Annotated[float, Query(gt=0, lt=1)] = 0.05) -> Anomalies:
    """Spans of sources with other volume or values than usual; any false alarm at a chance of `level` at most."""
    return find(graph, level=level)


@router.get("/quality/late")
def late(graph: TheGraph, at: AwareDatetime | None = None) -> Silences:
    """How long each source has been silent, until an instant (now), and which are late against their own pauses."""
    return silences(graph, until=at)
