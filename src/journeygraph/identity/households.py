"""Households in the graph: customers who live together, each still their own; found by a run, and taken back.

    (:Customer)-[:LIVES_IN {evidence, confidence, run, found_at}]->(:Household)

Journeys of a household are those of whoever lives there and of the touchpoints that name it.  Who is in a household
stays there; whoever comes to live with them is put there too, so its id is stable over runs.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from journeygraph import queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import NotFound
from journeygraph.graph import Graph, Row
from journeygraph.identity.linkage.clusters import Clusters


class Resident(Answer):
    """A customer who lives in a household, and why; until `undone_at` where that was taken back.

    `named` is the id under which that was found, where it is merged into `customer_id` now.
    """

    customer_id: str
    named: str
    confidence: float
    evidence: str
    run: str
    found_at: datetime
    undone_at: datetime | None


class Household(Answer):
    """A household that was found; one that was taken back has no resident without `undone_at`."""

    household_id: str
    residents: list[Resident]


class Households(Reproducible):
    """Every household that was found."""

    households: list[Household]


class LeftHousehold(Reproducible):
    """A household that was just taken back, of so many people."""

    household_id: str
    people: int


class FoundHousehold(Answer):
    """Customers who live together; the least sure of them does so with this confidence.

    `joined` are those whom this run put there: all of a new household, none where everybody lived there before.
    Without an id where nothing was written.
    """

    household_id: str | None
    customer_ids: list[str]
    joined: list[str]
    confidence: float
    evidence: str


def listed(graph: Graph, household_id: str | None = None) -> Households:
    """Households with their residents.  Raises `NotFound` for one that no run found."""
    query = queries.get("identity/households")
    parameters = {"household_id": household_id}
    rows = graph.run(query.cypher, parameters, name=query.name)
    if household_id is not None and not rows:
        raise NotFound(f"No household {household_id!r} was found; `journeygraph identity households` names them.")
    found: dict[str, list[Resident]] = {}
    for row in rows:
        residents = found.setdefault(row["household_id"], [])
        residents.append(Resident(**{name: row[name] for name in Resident.model_fields}))
    return Households(
        households=[Household(household_id=one, residents=residents) for one, residents in found.items()],
        cypher=query.cypher,
        parameters=parameters,
    )


def leave(graph: Graph, household_id: str, *, forget: bool = False) -> LeftHousehold:
    """Take back that customers live together; `forget` leaves no record, so that a run may find it again.

    Raises `NotFound` for a household that no run found, or that was taken back.
    """
    written = graph.write("identity/leave_household", household_id=household_id, at=datetime.now(UTC), forget=forget)
    if not written.rows:
        raise NotFound(f"No household {household_id!r} stands; `journeygraph identity households` names them.")
    return LeftHousehold(
        household_id=household_id,
        people=written.rows[0]["people"],
        cypher=queries.get("identity/households").cypher,
        parameters={"household_id": household_id},
    )


def apart(graph: Graph, place: Mapping[str, int]) -> dict[int, frozenset[int]]:
    """By row, the rows of customers with whom living together was taken back."""
    lived: dict[str, set[int]] = {}
    for row in graph.read("identity/households", household_id=None):
        if row["undone_at"] is not None and row["customer_id"] in place:
            lived.setdefault(row["household_id"], set()).add(place[row["customer_id"]])
    found: dict[int, frozenset[int]] = {}
    for rows in lived.values():
        for one in rows:
            found[one] = found.get(one, frozenset()) | (rows - {one})
    return found


def groups(homes: Clusters, names: Sequence[str], evidence: Sequence[str]) -> list[FoundHousehold]:
    """What a run found; `names` are the customers by row, `evidence` goes with the merges of `homes`."""
    members: dict[int, list[int]] = {}
    sure: dict[int, float] = {}
    why: dict[int, str] = {}
    for merge, said in zip(homes.merges, evidence, strict=True):
        home = int(homes.labels[merge.keeps])
        members.setdefault(home, [home]).append(merge.joins)
        sure[home] = min(sure.get(home, 1.0), merge.probability)
        why.setdefault(home, said)
    return [
        FoundHousehold(
            household_id=None,
            customer_ids=[names[row] for row in sorted(set(members[home]))],
            joined=[],
            confidence=sure[home],
            evidence=why[home],
        )
        for home in sorted(members)
    ]


def write(graph: Graph, found: Iterable[FoundHousehold], run: str) -> list[FoundHousehold]:
    """Put customers into households; whoever is in one stays there, and whom they live with joins them."""
    home = _homes(graph.read("identity/households", household_id=None))
    return [_write(graph, one, home, run) for one in found]


def _homes(rows: Iterable[Row]) -> dict[str, str]:
    return {row["customer_id"]: row["household_id"] for row in rows if row["undone_at"] is None}


def _write(graph: Graph, one: FoundHousehold, home: dict[str, str], run: str) -> FoundHousehold:
    there = Counter(home[customer] for customer in one.customer_ids if customer in home)
    household_id = max(there, key=lambda name: (there[name], name)) if there else f"h-{uuid.uuid4().hex[:12]}"
    new = [customer for customer in one.customer_ids if customer not in home]
    if new:
        members = [{"customer_id": who, "confidence": one.confidence, "evidence": one.evidence} for who in new]
        graph.write("identity/house", household_id=household_id, members=members, run=run, at=datetime.now(UTC))
        home.update(dict.fromkeys(new, household_id))
    return one.model_copy(update={"household_id": household_id, "joined": new})
