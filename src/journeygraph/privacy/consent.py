"""Consent per purpose, with its time and source, and what is asked before data are used for a purpose.

Whoever said nothing is not held to have withdrawn: JourneyGraph keeps what it is given, and whether there was a legal
ground for it is decided before.  Of two words of one instant the withdrawal stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, get_args

from journeygraph import identity, queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph
from journeygraph.journeys.settle import settle
from journeygraph.privacy import audit

Purpose = Literal["analytics", "personalisation", "marketing"]
Status = Literal["granted", "withdrawn"]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)


class Said(Answer):
    """One word about one purpose; instants are ISO 8601."""

    purpose: Purpose
    status: Status
    at: datetime
    source: str
    noted_at: datetime


class Consent(identity.OfCustomer, Reproducible):
    """What stands for each purpose (None: nothing was said), and all that was said; `cypher` returns that."""

    customer_id: str
    stands: dict[Purpose, Status | None]
    history: tuple[Said, ...]


def note(
    graph: Graph,
    home: Path,
    customer_id: str,
    purpose: Purpose,
    status: Status,
    *,
    at: datetime | None = None,
    source: str = "by hand",
    actor: str | None = None,
) -> Consent:
    """Write down what a customer said about a purpose, `at` an instant (now), and let it hold at once.

    A word about analytics takes the customer's journeys away, or puts them together again; see `journeys.thread`.

    What is said under an id that was merged counts for the whole, and stays with that id if the merge is undone.

    Raises `NotFound` for a customer that the graph does not hold, `UsageError` for an anonymous visitor and for
    an instant that has not come yet.
    """
    now = datetime.now(UTC)
    if customer_id.startswith("anonymous:"):
        raise UsageError(f"{customer_id!r} is a visitor without a name: consent is noted of customers.")
    if at is not None and at > now:
        raise UsageError(f"{at.isoformat()} has not come yet: consent is noted since an instant in the past.")
    said = {"purpose": purpose, "status": status, "at": at or now, "source": source, "noted_at": now}
    if not graph.write("privacy/consent_give", customer_id=customer_id, **said).rows[0]["customers"]:
        raise NotFound(f"There is no customer {customer_id!r} in the graph.")
    audit.record(home, f"consent {purpose} {status}", customer_id, actor)
    if purpose == "analytics":
        settle(graph)
    return show(graph, customer_id)


class Withheld(Reproducible):
    """How many customers' last word about each purpose is a withdrawal; `cypher` returns these counts."""

    customers: int
    withdrawn: dict[Purpose, int]


def summary(graph: Graph) -> Withheld:
    """Who is left out of what, in numbers; `customers` are those that the graph holds, visitors left out."""
    query = queries.get("privacy/consent_summary")
    row = graph.run(query.cypher, {}, name=query.name)[0]
    counts = {purpose: row[purpose] for purpose in PURPOSES}
    return Withheld(customers=row["customers"], withdrawn=counts, cypher=query.cypher, parameters={})


class ConsentWithdrawn(UsageError):
    """A figure about one customer was asked for that this customer does not want to be made."""

    code = "consent_withdrawn"


def require(graph: Graph, customer_ids: Sequence[str], purposes: Sequence[Purpose], what: str) -> None:
    """Raise `ConsentWithdrawn` where one of these customers withdrew one of the purposes; `what` is not given then."""
    found = graph.read("privacy/consent_withdrawn", purposes=list(purposes), customer_ids=list(customer_ids))
    if found:
        raise ConsentWithdrawn(
            f"The customer {found[0]['customer_id']!r} withdrew consent to {' or '.join(purposes)}: no {what}."
        )


def show(graph: Graph, customer_id: str) -> Consent:
    """What a customer said, and what stands.  Raises `NotFound` for a customer that the graph does not hold."""
    who, query = identity.lead(graph, customer_id), queries.get("privacy/consent_history")
    customer_id, parameters = who.customer_id, {"customer_id": who.customer_id}
    if not graph.read("privacy/customer", customer_id=customer_id):
        raise NotFound(f"There is no customer {customer_id!r} in the graph.")
    history = tuple(Said(**row["properties"]) for row in graph.run(query.cypher, parameters, name=query.name))
    last = {said.purpose: said.status for said in history}
    stands: dict[Purpose, Status | None] = {purpose: last.get(purpose) for purpose in PURPOSES}
    return Consent(
        asked_for=who.asked_for,
        customer_id=customer_id,
        stands=stands,
        history=history,
        cypher=query.cypher,
        parameters=parameters,
    )


def allows(graph: Graph, customer_id: str, purpose: Purpose) -> bool:
    """Whether a customer's data may be used for a purpose: unless they withdrew it."""
    return not graph.read("privacy/consent_withdrawn", purposes=[purpose], customer_ids=[customer_id])


def withdrawn(graph: Graph, purposes: Sequence[Purpose]) -> list[str]:
    """Customers who withdrew any of these purposes, sorted."""
    found = graph.read("privacy/consent_withdrawn", purposes=list(purposes), customer_ids=None)
    return [row["customer_id"] for row in found]
