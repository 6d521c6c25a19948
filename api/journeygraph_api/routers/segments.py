"""Segments of customers, and who is in them."""

from __future__ import annotations

from fastapi import APIRouter

from journeygraph import segments as domain
from journeygraph.errors import NotFound, UsageError
from journeygraph.segments import Members, Segments
from journeygraph_api import paging
from journeygraph_api.dependencies import AsOf, CanRead, CanReadCustomers, Cursor, Limit, TheGraph
from journeygraph_api.unbuilt import TellsUnbuilt

router = APIRouter(prefix="/v1", tags=["segments"], dependencies=[CanRead], route_class=TellsUnbuilt)


class MemberPage(Members):
    """A page of members, by customer id."""

    next_cursor: str | None = None


@router.get("/segments")
def segments(graph: TheGraph) -> Segments:
    """All segments with their sizes, and whether their members convert otherwise than all others."""
    return domain.overview(graph)


@router.get("/segments/{name}/members", dependencies=[CanReadCustomers])
def members(graph: TheGraph, as_of: AsOf, name: str, limit: Limit = 100, cursor: Cursor = None) -> MemberPage:
    """The customers in a segment, now or at an instant."""
    try:
        found = domain.members(graph, name, as_of=as_of)
    except UsageError as error:
        raise NotFound(str(error)) from error
    question = {"segment": name, "as_of": as_of}
    shown, following = paging.page(
        found.members, limit=limit, cursor=cursor, question=question, key=lambda member: member.customer_id
    )
    return MemberPage(**{**dict(found), "members": shown}, next_cursor=following)
