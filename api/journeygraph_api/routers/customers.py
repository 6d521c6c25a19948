"""One customer: what happened, and who they are."""

from __future__ import annotations

from fastapi import APIRouter

from journeygraph.journeys import timeline as domain
from journeygraph.journeys.timeline import Profile, Timeline
from journeygraph_api import paging
from journeygraph_api.dependencies import AsOf, CanReadCustomers, Cursor, Limit, TheGraph

router = APIRouter(prefix="/v1", tags=["customers"], dependencies=[CanReadCustomers])


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
def customer(graph: TheGraph, customer_id: str) -> Profile:
    """First and last contact, channels, journeys, value and identifiers."""
    return domain.profile(graph, customer_id)
