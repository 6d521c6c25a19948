"""Two customers become one, and two again: merges with evidence, confidence, time and run, each of which can be undone.

Whose a touchpoint is follows from what it named, the rule for visitors, and the merges that stand: nothing else is
stored.  So undoing a merge, in whatever order, gives the graph that there would be without it.  After either,
`identity.resolve` brings visitors to whom they belong, and journeys are threaded again, for these customers only.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from journeygraph import queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph


class Merge(Answer):
    """A merge that stands, or stood until `undone_at`; `touchpoints` are those of the customer that name the merged."""

    merge_id: str
    kept: str
    merged: str
    evidence: str
    method: str
    confidence: float
    run: str
    merged_at: datetime
    undone_at: datetime | None
    touchpoints: int


class Merged(Reproducible):
    """A merge that was just made; the query shows all that were merged into the customer."""

    merge_id: str
    kept: str
    merged: str
    touchpoints_moved: int


class Unmerged(Reproducible):
    """A merge that was just undone: `restored` is a customer again; `touchpoints_moved` went from `lost_by` to them."""

    merge_id: str
    restored: str
    lost_by: str
    touchpoints_moved: int


def merge(
    graph: Graph,
    keep: str,
    absorb: str,
    *,
    evidence: str = "said so",
    method: str = "hand",
    confidence: float = 1.0,
    run: str | None = None,
) -> Merged:
    """Make `absorb` part of `keep`, without rebuilding journeys; an id that was merged before stands for the whole.

    Raises `NotFound` for an id that the graph does not hold, `UsageError` where both are one customer.
    """
    kept, merged = root(graph, keep), root(graph, absorb)
    if kept == merged:
        raise UsageError(f"{keep!r} and {absorb!r} are one customer already: {kept!r}.")
    merge_id = f"m-{uuid.uuid4().hex[:12]}"
    written = graph.write(
        "identity/merge",
        keep=kept,
        absorb=merged,
        merge_id=merge_id,
        evidence=evidence,
        method=method,
        confidence=confidence,
        run=run or merge_id,
        at=datetime.now(UTC),
    )
    query = queries.get("identity/merges")
    return Merged(
        merge_id=merge_id,
        kept=kept,
        merged=merged,
        touchpoints_moved=written.rows[0]["moved"] if written.rows else 0,
        cypher=query.cypher,
        parameters={"customer_id": kept},
    )


def unmerge(graph: Graph, merge_id: str, *, forget: bool = False) -> Unmerged:
    """Undo a merge, without rebuilding journeys; `forget` leaves no record, so that a run may make it again.

    Raises `NotFound` for a merge that doesn't stand.
    """
    written = graph.write("identity/unmerge", merge_id=merge_id, at=datetime.now(UTC), forget=forget)
    if not written.rows:
        raise NotFound(f"No merge {merge_id!r} stands; `journeygraph identity explain CUSTOMER_ID` names a customer's.")
    row = written.rows[0]
    query = queries.get("identity/merges")
    return Unmerged(
        merge_id=merge_id,
        restored=row["restored"],
        lost_by=row["lost_by"],
        touchpoints_moved=row["moved"],
        cypher=query.cypher,
        parameters={"customer_id": row["restored"]},
    )


def root(graph: Graph, customer_id: str) -> str:
    """The customer whom an id stands for now.

    Raises `NotFound` for an id that the graph does not hold.
    """
    found = graph.read("identity/root", customer_id=customer_id, known_at=None)
    if not found:
        raise NotFound(f"There is no customer {customer_id!r} in the graph.")
    return str(found[0]["customer_id"])


def merges(graph: Graph, customer_id: str) -> list[Merge]:
    """What was merged into a customer, the first merge first, and what was undone."""
    return [Merge(**row) for row in graph.read("identity/merges", customer_id=customer_id)]
