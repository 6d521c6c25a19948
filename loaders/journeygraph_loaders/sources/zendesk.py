"""Zendesk: tickets, audits, comments of the incremental ticket events, and satisfaction ratings.

Documented in "Tickets", "Ticket Audits", "Ticket Audit events reference", "Incremental Ticket Event Export",
"Satisfaction Ratings" and "Via object" of the Ticketing API.

- created: a ticket's `created_at`, or the audit whose events created the status;
- replied: each public comment after the first audit (a private one is no contact);
- solved and reopened: audits that change the status to solved, and from solved to anything but closed;
- rated: a satisfaction rating with a score of good or bad.

Audits name their author, who may be an agent; the customer is the requester, whom tickets, ratings and the first
audit name (-1 is the system, and nobody).  Every row has an anonymous id made of the ticket, so what its requester is
known by leads there.

An incremental ticket event is an update of a ticket, and its `child_events` are the audit's events, with their ids: a
field that was set (`event_type` Create) or changed (Change) is a key of its own, with `previous_value`.  A comment is
whole with the sideload `comment_events`, and else told by `comment_present` and `comment_public`.  Audits and ticket
events of the same tickets are the same touchpoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from journeygraph_loaders.sources.base import Document, Flat, Refused, Sample, Source, listed, part, present, unwrapped

_SINGLE: Final = ("ticket", "audit", "satisfaction_rating")


def recognise(sample: Sample) -> str | None:
    """Why this is Zendesk's, or None."""
    if sample.every(lambda one: _kind(unwrapped(one, *_SINGLE)) is not None):
        return "every record has the fields of a Zendesk ticket, audit, ticket event or satisfaction rating"
    return None


def _kind(document: Document) -> str | None:
    names = set(document)
    if {"ticket_id", "author_id", "created_at", "events"} <= names:
        return "audit"
    if {"ticket_id", "child_events"} <= names:
        return "event"
    if {"ticket_id", "requester_id", "score", "created_at"} <= names:
        return "rating"
    if {"requester_id", "status", "subject", "created_at", "via"} <= names:
        return "ticket"
    return None


def rows(document: Document, _: Document) -> Iterator[Flat]:
    """The touchpoints of a ticket, an audit, a ticket event or a rating."""
    document = unwrapped(document, *_SINGLE)
    kind = _kind(document)
    if kind is None:
        sentence = "is no ticket, audit, ticket event or rating of Zendesk: its fields are of none of them"
        raise Refused("id", document.get("id"), sentence)
    found = {"ticket": _ticket, "audit": _audit, "event": _update, "rating": _rating}[kind](document)
    yield from map(present, found)


def _ticket(ticket: Document) -> Iterator[Flat]:
    yield {
        **_created(ticket.get("id"), ticket.get("created_at"), ticket.get("via")),
        "requester_id": _person(ticket.get("requester_id")),
        "organization_id": ticket.get("organization_id"),
        "subject": ticket.get("subject"),
        "priority": ticket.get("priority"),
        "ticket_type": ticket.get("type"),
    }


def _person(number: Any) -> Any:
    return None if str(number) == "-1" else number


def _created(ticket: Any, created_at: Any, via: Any) -> Flat:
    return {
        "key": f"ticket-{ticket}-created",
        "event": "created",
        "ticket_id": ticket,
        "created_at": created_at,
        "via.channel": part({"via": via}, "via", "channel"),
        "via.source.from.address": part({"via": via}, "via", "source", "from", "address"),
    }


def _audit(audit: Document) -> Iterator[Flat]:
    ticket, when = audit.get("ticket_id"), audit.get("created_at")
    common = {"ticket_id": ticket, "created_at": when, "author_id": audit.get("author_id")}
    events = listed(audit, "events")
    first = {str(event.get("field_name")): event.get("value") for event in events if event.get("type") == "Create"}
    if "status" in first:
        yield {**_created(ticket, when, audit.get("via")), "requester_id": _person(first.get("requester_id"))}
        return
    for event in events:
        if event.get("type") == "Comment" and event.get("public"):
            yield {**common, "key": f"comment-{event.get('id')}", "event": "replied"}
        elif event.get("type") == "Change" and event.get("field_name") == "status":
            changed = _changed(event.get("previous_value"), event.get("value"))
            if changed is not None:
                yield {**common, "key": f"event-{event.get('id')}", "event": changed}


def _changed(before: Any, after: Any) -> str | None:
    """What a change of status is to the customer.

    >>> _changed("open", "solved"), _changed("solved", "open"), _changed("solved", "closed"), _changed("new", "open")
    ('solved', 'reopened', None, None)
    """
    if after == "solved":
        return "solved"
    return "reopened" if before == "solved" and after != "closed" else None


def _update(update: Document) -> Iterator[Flat]:
    """The touchpoints of an incremental ticket event; its comments keep their own time."""
    children = listed(update, "child_events")
    when = update.get("created_at") or update.get("timestamp")
    first = {name: child[name] for child in children if child.get("event_type") == "Create" for name in child}
    if "status" in first:
        created = _created(update.get("ticket_id"), when, {"channel": _channel(update)})
        yield {**created, "requester_id": _person(first.get("requester_id"))}
        return
    for child in children:
        common = {"ticket_id": update.get("ticket_id"), "created_at": child.get("created_at") or when}
        if child.get("event_type") == "Comment" and (child.get("public") or child.get("comment_public")):
            author = child.get("author_id") or update.get("updater_id")
            made = {"key": f"comment-{child.get('id')}", "event": "replied", "author_id": author}
            yield {**common, **made, "via.channel": _channel(child)}
        elif child.get("event_type") == "Change" and "status" in child:
            changed = _changed(child.get("previous_value"), child["status"])
            if changed is not None:
                made = {"key": f"event-{child.get('id')}", "event": changed, "author_id": update.get("updater_id")}
                yield {**common, **made}


def _channel(document: Document) -> Any:
    """How it came: a via object's channel, or its name alone (`Mail`)."""
    via = document.get("via")
    return via if isinstance(via, str) else part(document, "via", "channel")


def _rating(rating: Document) -> Iterator[Flat]:
    if rating.get("score") in ("good", "bad"):
        yield {
            "key": f"rating-{rating.get('id')}",
            "event": f"rated_{rating.get('score')}",
            "ticket_id": rating.get("ticket_id"),
            "created_at": rating.get("created_at"),
            "requester_id": _person(rating.get("requester_id")),
            "score": rating.get("score"),
            "reason": rating.get("reason"),
        }


ENVELOPES: Final = ("tickets", "audits", "ticket_events", "satisfaction_ratings")
SOURCE: Final = Source("zendesk", "Zendesk", recognise, rows, envelopes=ENVELOPES)
