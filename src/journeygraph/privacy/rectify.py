"""Correcting what is held of a person (GDPR article 16): a property of theirs, or of one touchpoint, or an address.

A touchpoint that is there stays as it is when its file is loaded again, and what was corrected of a customer is
remembered, so the former value does not come back with the old file.  An address that a source goes on sending
does: in new rows, which are believed.
"""

from __future__ import annotations

import math
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from dateutil.parser import isoparse

from journeygraph import identity, queries
from journeygraph.answers import Reproducible
from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph
from journeygraph.journeys.settle import settle
from journeygraph.privacy import audit, policy
from journeygraph.privacy.keyring import Keyring
from journeygraph.privacy.person import Person
from journeygraph.privacy.proof import Proof, sign
from journeygraph.privacy.sealed import ENDING
from journeygraph.schema import to_microseconds

ADDRESSES: Final = ("email", "phone")
_STAYS: Final = "The same file loaded again does not bring the former value back."
_COMES: Final = "A source that sends the former one in new rows brings it back: correct it there, too."


class Correction(identity.OfCustomer, Reproducible):
    """What was corrected: a property of the customer, of the touchpoint that is named, or an address.

    `cypher` returns what is held now; `again` says whether the former value may come back.  The proof holds no value.
    """

    customer_id: str
    touchpoint_id: str | None
    property: str
    again: str
    proof: Proof


def rectify(
    graph: Graph,
    home: Path,
    customer_id: str,
    name: str,
    value: str,
    *,
    touchpoint_id: str | None = None,
    former: str | None = None,
    actor: str | None = None,
) -> Correction:
    """Put `value` in the place of what is held as `name`, and write down that it was done.

    A name is `email` or `phone` (then `former` is the address as it was), a property of the customer, or of a
    touchpoint `value`, `currency`, `occurred_at` or one of its source's own.  A number stays a number.

    Raises `NotFound` for a customer, touchpoint or address that is not held, `UsageError` for what cannot be corrected.
    """
    who = identity.lead(graph, customer_id)
    if not graph.read("privacy/customer", customer_id=who.customer_id):
        raise NotFound(f"There is no customer {customer_id!r} in the graph.")
    if name in ADDRESSES and touchpoint_id is None:
        property, shown = name, _address(graph, home, who.customer_id, name, value, former)
    else:
        property, shown = _property(graph, home, who.customer_id, name, value, touchpoint_id)
    settle(graph)
    head = audit.record(home, f"corrected {name}", who.customer_id, actor)
    statement = {
        "erasure_id": secrets.token_hex(8),
        "mode": "rectify",
        "at": datetime.now(UTC).isoformat(),
        "subject": Keyring(home).digest("customer_id", who.customer_id),
        "of": "customer" if touchpoint_id is None else "touchpoint",
        "property": name,
        "audit": head.model_dump(),
    }
    query = queries.get(shown)
    return Correction(
        asked_for=who.asked_for,
        customer_id=who.customer_id,
        touchpoint_id=touchpoint_id,
        property=property,
        again=_COMES if name in ADDRESSES and touchpoint_id is None else _STAYS,
        proof=sign(home, statement),
        cypher=query.cypher,
        parameters={"customer_id": who.customer_id},
    )


def _address(graph: Graph, home: Path, customer_id: str, kind: str, value: str, former: str | None) -> str:
    """Another address leads to the customer; as a pseudonym where the former one was kept as one."""
    if former is None:
        raise UsageError(f"Which {kind} of {customer_id!r} is wrong? Give it as --was.")
    held = {one for known, one in Person.read(graph, customer_id).known_as if known == kind}
    keyring = Keyring(home)
    for was, now in ((former.strip().lower(), value.strip().lower()), (former.strip(), value.strip())):
        if was in held:
            return _moved(graph, customer_id, kind, was, now)
        if keyring.exists and keyring.pseudonym(kind, was) in held:
            return _moved(graph, customer_id, kind, keyring.pseudonym(kind, was), keyring.pseudonym(kind, now))
    raise NotFound(f"{former!r} is no {kind} that leads to {customer_id!r} alone.")


def _moved(graph: Graph, customer_id: str, kind: str, was: str, now: str) -> str:
    graph.write("privacy/correct_identifier", customer_id=customer_id, kind=kind, former=was, value=now)
    return "privacy/identifiers"


def _property(
    graph: Graph, home: Path, customer_id: str, name: str, value: str, touchpoint_id: str | None
) -> tuple[str, str]:
    shown = "privacy/customer" if touchpoint_id is None else "privacy/touchpoints"
    rows = [row["properties"] for row in graph.read(shown, customer_id=customer_id)]
    held = next((row for row in rows if touchpoint_id in (None, row.get("touchpoint_id"))), None)
    if held is None:
        raise NotFound(f"{customer_id!r} has no touchpoint {touchpoint_id!r}.")
    own = ("value", "currency", "occurred_at") if touchpoint_id is not None else ()
    key = name if name in own or name.startswith("p_") else f"p_{name}"
    known = sorted(key.removeprefix("p_") for key in held if key.startswith("p_") and not key.endswith(ENDING))
    if key not in (*own, *(f"p_{one}" for one in known)):
        raise UsageError(
            f"{name!r} is nothing that is held here and can be corrected: {', '.join((*own, *known)) or 'nothing is'}."
        )
    changes = _changes(home, key, value, held.get(key))
    query = "privacy/correct_customer" if touchpoint_id is None else "privacy/correct_touchpoint"
    asked = {"customer_id": customer_id, "changes": changes}
    graph.write(query, **asked, **({} if touchpoint_id is None else {"touchpoint_id": touchpoint_id}))
    return key, shown


def _changes(home: Path, key: str, value: str, before: Any) -> dict[str, Any]:
    """The property as it is to be, of the type that it had; concealed where the policy says so."""
    name = key.removeprefix("p_")
    if key == "occurred_at":
        return _instant(value)
    if key == "value" or (isinstance(before, int | float) and not isinstance(before, bool)):
        return {key: _number(name, value)}
    if any(name in own.concealed for own in policy.read(home).sources.values()):
        return {key: Keyring(home).pseudonym(name, value)}
    return {key: value}


def _number(name: str, text: str) -> float | int:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not abs(number) <= 1e12:
        raise UsageError(f"{name} {text!r} is no number up to 10^12.")
    return int(number) if number.is_integer() and name != "value" else number


def _instant(text: str) -> dict[str, Any]:
    try:
        at = isoparse(text)
    except ValueError as error:
        raise UsageError(f"occurred_at {text!r} is not an ISO 8601 instant such as 2026-01-31T12:00:00Z.") from error
    if at.tzinfo is None:
        raise UsageError(f"occurred_at {text!r} has no offset: add Z or +01:00, as in 2026-01-31T12:00:00Z.")
    return {"occurred_at": at.astimezone(UTC), "occurred_at_us": to_microseconds(at)}
