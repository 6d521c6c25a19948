"""Wherever else in the graph a person's identifiers stand: found, counted, and taken out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

from journeygraph.graph import Graph, Row
from journeygraph.privacy.needles import ERASED, Needles
from journeygraph.privacy.person import Person

#: Properties that are ids: of somebody else where they only hold one of the person's.
IDS: Final = (
    "customer_id", "customer_ids", "touchpoint_id", "known_customer_id", "anonymous_id", "source_session_id", "email",
    "phone", "journey_id", "session_id", "value", "leads_to", "examples",
)  # fmt: skip


def count(graph: Graph, person: Person) -> int:
    """How many places in the graph hold one of the identifiers."""
    return len(_found(graph, person.names)) + len(_between(graph, person.names))


def count_values(graph: Graph, values: Sequence[str]) -> int:
    """How many places in the graph hold one of these values, short ones too."""
    needles = Needles(values)
    return len(_found(graph, needles)) + len(_between(graph, needles))


def rewrite(graph: Graph, person: Person) -> int:
    """Take the identifiers out of whatever holds them: notes, other people's properties, reasons; how many places."""
    names = person.names
    found, between = _found(graph, names), _between(graph, names)
    for query, rows in (("privacy/rewrite", found), ("privacy/rewrite_between", between)):
        changes: dict[str, dict[str, Any]] = {}
        for row in rows:
            changes.setdefault(row["id"], {})[row["key"]] = _without(row, names)
        changed = [{"id": place, "changes": told} for place, told in changes.items()]
        graph.write_rows(query, changed, batch_size=1_000)
    return len(found) + len(between)


def _without(row: Row, names: Needles) -> Any:
    key, value = row["key"], row["value"]
    if key in IDS:
        return [one for one in value if not names.is_one(one)] if isinstance(value, list) else ERASED
    if key == "files":  # each stands beside its checksum
        return [names.without(one) for one in value]
    if key == "name":  # no two segments may have the same
        return names.without(value).replace(ERASED, f"(erased {secrets.token_hex(3)})")
    return names.without(value)


def _found(graph: Graph, names: Needles) -> list[Row]:
    # A short number may be the id of anything.
    exactly = [one for one in names.whole if not one.isdecimal() or one in names.words]
    words = [value.casefold() for value in names.words]
    found = graph.read("privacy/mentions", identifiers=words, exactly=exactly, ids=list(IDS)) if words else []
    return [row for row in found if row["key"] in IDS or names.in_value(row["value"])]


def _between(graph: Graph, names: Needles) -> list[Row]:
    """Texts of relationships between others, such as why somebody merged them."""
    words = [value.casefold() for value in names.words]
    found = graph.read("privacy/mentions_between", identifiers=words) if words else []
    return [row for row in found if names.in_text(row["value"])]
