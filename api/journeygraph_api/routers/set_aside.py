"""Touchpoints that count nowhere: near-duplicates, bots and tests; and one event with all its lineages."""

from __future__ import annotations

from fastapi import APIRouter

from journeygraph import set_aside as domain
from journeygraph.set_aside import Event, SetAside
from journeygraph_api.dependencies import CanRead, CanReadCustomers, TheGraph

router = APIRouter(prefix="/v1", tags=["sources"], dependencies=[CanRead])


@router.get("/set-aside")
def set_aside(graph: TheGraph) -> SetAside:
    """How many touchpoints are set aside, as what, by which rule and of which source; and the rules."""
    return domain.overview(graph)


@router.get("/set-aside/{touchpoint_id:path}", dependencies=[CanReadCustomers])
def event(graph: TheGraph, touchpoint_id: str) -> Event:
    """One event as all sources saw it, by any of its touchpoints; the one that counts comes first."""
    return domain.event(graph, touchpoint_id)
