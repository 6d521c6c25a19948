"""Segments of a graph: defined, built (who is in them is written down) and looked at."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from scipy.stats import fisher_exact

from journeygraph import queries
from journeygraph.graph import Graph, Row
from journeygraph.journeys import filters
from journeygraph.journeys.withheld import read_withheld
from journeygraph.segments.answers import Member, Members, Quality, Segment, Segments
from journeygraph.segments.definition import Definition
from journeygraph.statistics import q_values

_OVER_SEGMENTED_ABOVE = 0.05


def define(graph: Graph, definitions: Sequence[Definition]) -> Segments:
    """Write down what these segments are, and who is in them now.

    A segment of that name gets the new definition; whoever was in it and is not any more leaves.

    Raises `UsageError` for conditions about properties and segments that there are not.
    """
    for one in definitions:
        filters.check(graph, filters.parse(one.where))
    for one in definitions:
        graph.write(
            "segments/define",
            name=one.name,
            kind=one.kind,
            where=list(one.where) or None,
            customer_ids=list(one.customers) or None,
            defined_at=datetime.now(UTC),
        )
    return build(graph, [one.name for one in definitions])


def build(graph: Graph, names: Sequence[str] = (), *, as_of: datetime | None = None) -> Segments:
    """Find the members of these segments (none named: of all) in the journeys of now and write them down.

    Repeatable.  As of an instant it only tells how many would have been found then, by the definitions of now.

    Raises `UsageError` for a name that no segment has.
    """
    filters.check_segments(graph, names)
    chosen = [row for row in graph.read("segments/definitions") if not names or row["name"] in names]
    if as_of is not None:
        return _as_of(graph, chosen, as_of)
    with graph.alone("lock: segments"):
        for row in chosen:
            _store(graph, row)
    found = overview(graph)
    return found.model_copy(update={"segments": [one for one in found.segments if not names or one.name in names]})


def overview(graph: Graph) -> Segments:
    """All segments with their sizes, and how their members convert against all others."""
    query = queries.get("segments/overview")
    rows = graph.run(query.cypher, {}, name=query.name)
    tested = [row for row in rows if row["decided"] and row["others_decided"]]
    p_values = [_p_value(row) for row in tested]
    corrected = q_values(np.array(p_values)).tolist() if tested else []
    quality = {
        row["name"]: Quality(
            **{name: row[name] for name in ("decided", "converted", "others_decided", "others_converted")},
            p_value=p,
            q_value=q,
            over_segmented=q > _OVER_SEGMENTED_ABOVE,
        )
        for row, p, q in zip(tested, p_values, corrected, strict=True)
    }
    listing = queries.get("segments/show").cypher
    listed = [{"cypher": listing, "parameters": {"name": row["name"], "members_at": None}} for row in rows]
    found = [_segment(row, quality.get(row["name"]), one) for row, one in zip(rows, listed, strict=True)]
    return Segments(segments=found, withheld=read_withheld(graph), cypher=query.cypher)


def members(graph: Graph, name: str, *, as_of: datetime | None = None, limit: int | None = None) -> Members:
    """Who is in a segment, as its last build wrote it down; who was at an instant where one is given.

    Raises `UsageError` for a name that no segment has.
    """
    filters.check_segments(graph, [name])
    query = queries.get("segments/show")
    parameters = {"name": name, "members_at": None if as_of is None else as_of.isoformat()}
    rows = graph.run(query.cypher, parameters, name=query.name)
    shown = [Member(**row) for row in rows[:limit]]
    return Members(
        name=name, size=len(rows), withheld=read_withheld(graph), members=shown, cypher=query.cypher,
        parameters=parameters,
    )  # fmt: skip


def _as_of(graph: Graph, definitions: Sequence[Row], as_of: datetime) -> Segments:
    everybody = _statement({"where": None, "customer_ids": None}, as_of)
    customers = len(graph.run(everybody["cypher"], everybody["parameters"], name="segments/members"))
    found = []
    for row in definitions:
        statement = _statement(row, as_of)
        size = len(graph.run(statement["cypher"], statement["parameters"], name="segments/members"))
        known = {"size": size, "customers": customers, "built_at": None, "listed": len(row["customer_ids"] or ())}
        found.append(_segment({**row, **known}, None, statement))
    return Segments(segments=found, withheld=read_withheld(graph), **everybody)


def _statement(row: Row, as_of: datetime | None) -> dict[str, Any]:
    """`cypher` and `parameters` that find a segment's members by its definition."""
    selection = filters.parse(row["where"] or ())
    text = queries.get("segments/members", as_of=as_of is not None, selected=bool(selection))
    chosen = selection.parameters_at(as_of) if selection else {}
    asked = {"customer_ids": row["customer_ids"], **chosen, **queries.asked(as_of, "customer")}
    return {"cypher": text.cypher, "parameters": asked}


def _store(graph: Graph, row: Row) -> None:
    statement = _statement(row, None)
    found = graph.run(statement["cypher"], statement["parameters"], name="segments/members")
    told = {"name": row["name"], "build": uuid.uuid4().hex, "at": datetime.now(UTC)}
    graph.write_rows("segments/store_members", [member["customer_id"] for member in found], **told)
    graph.write("segments/store_end", **told)


def _p_value(row: Row) -> float:
    counts = [[row[f"{side}converted"], row[f"{side}decided"] - row[f"{side}converted"]] for side in ("", "others_")]
    return float(fisher_exact(np.array(counts))[1])


def _segment(row: Row, quality: Quality | None, statement: dict[str, Any]) -> Segment:
    definition = {"listed": row["listed"]} if row["kind"] == "list" else {"where": row["where"]}
    return Segment(
        name=row["name"],
        kind=row["kind"],
        size=row["size"],
        share=row["size"] / row["customers"] if row["customers"] else None,
        definition=definition,
        built_at=row["built_at"],
        quality=quality,
        **statement,
    )
