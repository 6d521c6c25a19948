"""What moved a customer's engagement: each of its parts, against the same customer 30 days before, and by session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from journeygraph import identity, queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import NotFound
from journeygraph.graph import Graph
from journeygraph.intent.scores import engagement
from journeygraph.intent.scores.engagement import DAYS, MEASURES, Band, Engagement
from journeygraph.intent.scores.score import instant_of
from journeygraph.privacy import consent
from journeygraph.schema import from_microseconds

_DAY_US: Final = 86_400_000_000
_WORDS: Final = {
    "mean_seconds": "length of sessions",
    "mean_touchpoints": "touchpoints a session",
    "sessions": "number of sessions",
}


class Component(Answer):
    """One part of engagement: its value and percentile rank now and 30 days before (None: no session in that time).

    `change` is what it adds to the change of the mean rank, in ranks from 0 to 1.
    """

    measure: str
    value: float | None
    rank: float
    former_value: float | None
    former_rank: float
    change: float


class SessionEngagement(Answer):
    """One session: the ranks of its length and depth among all sessions of 30 days; their mean with frequency's."""

    session_id: str
    began_at: str
    seconds: float
    touchpoints: int
    length_rank: float
    depth_rank: float
    rank: float


class EngagementChange(identity.OfCustomer, Reproducible):
    """A customer's engagement now and 30 days before, and what moved it, the strongest part first.

    `cypher` gives every active customer's measures at `instant`; with `instant_us` set 30 days back, the former ones.
    `session_cypher` ranks the customer's sessions.
    """

    customer_id: str
    instant: str
    band: Band
    rank: float
    former_band: Band
    former_rank: float
    components: list[Component]
    words: str
    sessions: list[SessionEngagement]
    session_cypher: str


def change(
    graph: Graph,
    customer_id: str,
    *,
    as_of: datetime | None = None,
    at: datetime | None = None,
    measure: Callable[[int], Engagement] | None = None,
) -> EngagementChange:
    """What moved a customer's engagement at an instant, by default the end of the data.

    `measure` gives the engagement of all customers at an instant to a caller that keeps it.  Raises `NotFound` for a
    customer with no session in either of the two times, `ConsentWithdrawn` for one who withdrew consent to analytics.
    """
    who, instant_us = identity.lead(graph, customer_id, as_of), instant_of(graph, as_of, at)
    customer_id = who.customer_id
    consent.require(graph, [customer_id], ("analytics",), "engagement is measured")
    measured = measure or (lambda when_us: engagement.measure(graph, when_us, as_of))
    now, then = measured(instant_us), measured(instant_us - DAYS * _DAY_US)
    if customer_id not in now.ranks and customer_id not in then.ranks:
        instant = from_microseconds(instant_us).isoformat()
        raise NotFound(f"The customer {customer_id!r} has no session in the {2 * DAYS} days up to {instant}.")
    asked: dict[str, Any] = {"customer_id": customer_id, "instant_us": instant_us, "days": DAYS}
    rows = graph.read("intent/session_engagement", as_of=as_of, **asked)
    known: dict[str, Any] = {} if as_of is None else {"as_of": as_of.isoformat()}
    components = _components(now, then, customer_id)
    return EngagementChange(
        asked_for=who.asked_for,
        customer_id=customer_id,
        instant=from_microseconds(instant_us).isoformat(),
        band=now.band(customer_id),
        rank=now.rank(customer_id),
        former_band=then.band(customer_id),
        former_rank=then.rank(customer_id),
        components=components,
        words=_words(components, now.rank(customer_id) - then.rank(customer_id)),
        sessions=[_session(row, _frequency(now, customer_id)) for row in rows],
        session_cypher=queries.get("intent/session_engagement", as_of=as_of is not None).cypher,
        cypher=queries.get("intent/engagement", as_of=as_of is not None).cypher,
        parameters={**asked, **known},
    )


def _components(now: Engagement, then: Engagement, customer_id: str) -> list[Component]:
    nothing = ((None, 0.0),) * len(MEASURES)
    pairs = zip(MEASURES, now.parts.get(customer_id, nothing), then.parts.get(customer_id, nothing), strict=True)
    found = [
        Component(
            measure=name,
            value=value,
            rank=rank,
            former_value=former_value,
            former_rank=former_rank,
            change=(rank - former_rank) / len(MEASURES),
        )
        for name, (value, rank), (former_value, former_rank) in pairs
    ]
    return sorted(found, key=lambda one: -abs(one.change))


def _words(components: list[Component], moved: float) -> str:
    strongest = components[0]
    if not strongest.change:
        return "Nothing moved in 30 days."
    way = "rose" if moved > 0 else "fell" if moved < 0 else "stayed"
    before, now = ("none" if one is None else f"{one:.4g}" for one in (strongest.former_value, strongest.value))
    return f"Engagement {way} by {abs(moved):.2f}: most of it {_WORDS[strongest.measure]}, from {before} to {now}."


def _frequency(now: Engagement, customer_id: str) -> float:
    parts = now.parts.get(customer_id)
    return parts[MEASURES.index("sessions")][1] if parts else 0.0


def _session(row: Mapping[str, Any], frequency: float) -> SessionEngagement:
    length = (row["shorter"] + row["as_long"] / 2) / row["sessions"]
    depth = (row["shallower"] + row["as_deep"] / 2) / row["sessions"]
    return SessionEngagement(
        session_id=row["session_id"],
        began_at=from_microseconds(row["began_us"]).isoformat(),
        seconds=row["seconds"],
        touchpoints=row["touchpoints"],
        length_rank=length,
        depth_rank=depth,
        rank=(length + depth + frequency) / 3,
    )
