"""One customer: their journeys touchpoint by touchpoint, now or as of an instant, and their profile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from pydantic import Field

from journeygraph import identity, queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph, Row
from journeygraph.schema import Outcome

_PROPERTY = "p_"


class TimelineTouchpoint(Answer):
    """One contact, as it was stored; `session_id` is the source's own."""

    touchpoint_id: str
    step: str
    channel: str
    stage: str | None
    occurred_at: datetime
    source: str
    session_id: str | None
    value: float | None
    currency: str | None
    product_id: str | None
    product_name: str | None
    campaign: str | None
    anonymous_id: str | None
    properties: dict[str, Any] = Field(default_factory=dict)


class TimelineJourney(Answer):
    """One journey; `value` and `currency` are the conversion's, None for a journey that isn't converted."""

    journey_id: str
    outcome: Outcome
    started_at: datetime
    ended_at: datetime
    value: float | None
    currency: str | None
    touchpoints: list[TimelineTouchpoint]


class Timeline(identity.OfCustomer, Reproducible):
    """A customer's journeys in order; `as_of` is None for what is known now."""

    customer_id: str
    as_of: datetime | None
    journeys: list[TimelineJourney]


class ChannelCount(Answer):
    """How many touchpoints a customer had through a channel."""

    channel: str
    touchpoints: int


class CurrencyValue(Answer):
    """Value of a customer's conversions in one currency; None where the source named none."""

    currency: str | None
    value: float


class Profile(identity.OfCustomer, Reproducible):
    """A customer at a glance."""

    customer_id: str
    anonymous: bool
    first_seen: datetime | None
    last_seen: datetime | None
    touchpoints: int
    channels: list[ChannelCount]
    journeys: int
    converted: int
    lost: int
    open: int
    values: list[CurrencyValue]
    identifiers: list[identity.Evidence]


def timeline(graph: Graph, customer_id: str, *, as_of: datetime | None = None) -> Timeline:
    """The journeys of a customer, given by their id or by an identifier that leads to exactly one customer.

    As of an instant both the touchpoints and whose they are count as they were known then.

    Raises `NotFound` where nothing is (was) known under that name, `UsageError` where an identifier leads to several.
    """
    asked = customer_id
    _require_shown(graph, asked)
    rows = _rows(graph, customer_id, as_of)
    if not rows:
        customer_id = _customer_of(graph, asked, as_of)
        _require_shown(graph, customer_id)
        rows = _rows(graph, customer_id, as_of)
    if not rows:
        if as_of is None:
            _tell_why_none(graph, asked)
            _tell_why_none(graph, customer_id)
        raise _unknown(asked, as_of)
    query = queries.get(_query(as_of))
    return Timeline(
        asked_for=None if customer_id == asked else asked,
        customer_id=customer_id,
        as_of=as_of,
        journeys=build(rows),
        cypher=query.cypher,
        parameters=_parameters(customer_id, as_of),
    )


def build(rows: Iterable[Row]) -> list[TimelineJourney]:
    """Journeys of rows of `journeys/timeline`, which come in order.

    >>> build([])
    []
    """
    return [
        _journey(journey_id, list(members)) for journey_id, members in groupby(rows, key=lambda row: row["journey_id"])
    ]


def profile(graph: Graph, customer_id: str) -> Profile:
    """First and last contact, channels, journeys, value and identifiers of a customer.

    Raises `NotFound` for a customer that the graph does not hold.
    """
    who, query = identity.lead(graph, customer_id), queries.get("journeys/customer")
    parameters = {"customer_id": who.customer_id}
    found = graph.run(query.cypher, parameters, name=query.name)
    if not found:
        raise _unknown(customer_id, None)
    identifiers = identity.explain(graph, who.customer_id).identifiers
    return who.told(Profile(**found[0], identifiers=identifiers, cypher=query.cypher, parameters=parameters))


def _journey(journey_id: str, rows: list[Row]) -> TimelineJourney:
    last = rows[-1]
    converted = last["outcome"] == Outcome.CONVERTED
    return TimelineJourney(
        journey_id=journey_id,
        outcome=last["outcome"],
        started_at=rows[0]["occurred_at"],
        ended_at=last["occurred_at"],
        value=last["value"] if converted else None,
        currency=last["currency"] if converted else None,
        touchpoints=[_touchpoint(row) for row in rows],
    )


def _touchpoint(row: Row) -> TimelineTouchpoint:
    names = TimelineTouchpoint.model_fields.keys() - {"properties"}
    given = {
        name.removeprefix(_PROPERTY): value
        for name, value in sorted(row["properties"].items())
        if name.startswith(_PROPERTY)
    }
    return TimelineTouchpoint(**{name: row[name] for name in names}, properties=given)


def _query(as_of: datetime | None) -> str:
    return "journeys/timeline" if as_of is None else "journeys/timeline_as_of"


def _parameters(customer_id: str, as_of: datetime | None) -> dict[str, Any]:
    return {"customer_id": customer_id} if as_of is None else {"customer_id": customer_id, "as_of": as_of.isoformat()}


def _rows(graph: Graph, customer_id: str, as_of: datetime | None) -> list[Row]:
    query = queries.get(_query(as_of))
    return graph.run(query.cypher, _parameters(customer_id, as_of), name=query.name)


def _customer_of(graph: Graph, identifier: str, as_of: datetime | None) -> str:
    """The one customer whom an identifier leads to; the visitor of that name where it leads to no customer."""
    anonymous_id = identifier.removeprefix(identity.ANONYMOUS)
    written = {identifier, identifier.strip().lower(), anonymous_id}
    instant = (as_of or datetime.now(UTC)).isoformat()
    found = graph.read("journeys/customers_of_identifier", identifiers=sorted(written), known_at=instant)
    customers: set[str] = set()
    for row in found:
        shared = row["kind"] == "anonymous_id" and len(row["customer_ids"]) != 1
        customers.update([identity.ANONYMOUS + row["value"]] if shared else row["customer_ids"])
    if len(customers) > 1:
        raise UsageError(
            f"{identifier!r} leads to {len(customers)} customers: give the id of one, such as {min(customers)!r}."
        )
    return customers.pop() if customers else identity.ANONYMOUS + anonymous_id


def _require_shown(graph: Graph, customer_id: str) -> None:
    if graph.read("journeys/is_withheld", customer_id=customer_id):
        raise NotFound(
            f"{customer_id!r} withdrew consent to analytics: there are no journeys of this customer. "
            "`journeygraph privacy export` hands over what is held about the person."
        )


def _tell_why_none(graph: Graph, customer_id: str) -> None:
    """Raise `NotFound` that says why a customer who is in the graph has no journeys."""
    found = graph.read("journeys/is_unbuilt", customer_id=customer_id)
    if found and found[0]["unbuilt"]:
        raise NotFound(
            f"The journeys of {customer_id!r} are not built yet: a load, or a change such as `identity resolve`, "
            "is under way, or was interrupted. Give that command again, or `journeygraph rules` after a change, "
            "and it ends."
        )
    if found:
        raise NotFound(f"No touchpoint of {customer_id!r} counts: there is none, or all are set aside.")


def _unknown(customer_id: str, as_of: datetime | None) -> NotFound:
    known = "is" if as_of is None else f"was, as of {as_of.isoformat()},"
    return NotFound(f"There {known} no customer {customer_id!r} in the graph, and no identifier that leads to one.")
