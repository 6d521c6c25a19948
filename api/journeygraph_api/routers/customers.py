"""One customer: what happened, and who they are."""

from __future__ import annotations

from fastapi import APIRouter, Request

from journeygraph.journeys import timeline as domain
from journeygraph.journeys.timeline import Profile, Timeline
from journeygraph.privacy.masking import without_identifiers
from journeygraph_api import paging
from journeygraph_api.dependencies import AsOf, CanReadCustomers, Cursor, Limit, TheGraph
from journeygraph_api.security import sees_identifiers
from journeygraph_api.unbuilt import TellsUnbuilt

router = APIRouter(prefix="/v1", tags=["customers"], dependencies=[CanReadCustomers], route_class=TellsUnbuilt)


class TimelinePage(Timeline):
    """A page of a customer's journeys."""

    next_cursor: str | None = None


@router.get("/journeys/{customer_id:path}")
def journeys(graph: TheGraph, as_of: AsOf, customer_id: str, limit: Limit = 100, cursor: Cursor = None) -> TimelinePage:
    """A customer's journeys across all channels, in order. An identifier of one customer will do as well."""
    timeline = domain.timeline(graph, customer_id, as_of=as_of)
    shown, following = paging.page(
        timeline.journeys, limit=limit, cursor=cursor, question={"customer": customer_id, "as_of": as_of},
        key=lambda journey: journey.journey_id,
    )  # fmt: skip
    return TimelinePage(**{**dict(timeline), "journeys": shown}, next_cursor=following)


@router.get("/customers/{customer_id:path}")
def customer(graph: TheGraph, request: Request, customer_id: str) -> Profile:
    """First and last contact, channels, journeys, value and identifiers: masked without the scope `identifiers`."""
    found = domain.profile(graph, customer_id)
    if sees_identifiers(request):
        return found
    return found.model_copy(update={"identifiers": without_identifiers(found.identifiers)})
