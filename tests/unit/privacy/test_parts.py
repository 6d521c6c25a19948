"""What a person's data consist of: every kind of relationship in the graph is in the export, or is about nobody."""

from __future__ import annotations

import re

from journeygraph import queries
from journeygraph.privacy.person import PARTS
from tests.support import ROOT

#: Type of relationship -> the part of the export that tells of it; None: it leads from things to things.
TOLD = {
    "MADE": "touchpoints", "NEXT": "touchpoints", "ABOUT": "touchpoints", "CAME_FROM": "touchpoints",
    "BELONGS_TO": "touchpoints", "SAME_EVENT_AS": "touchpoints", "HAD": "journeys", "INCLUDES": "journeys",
    "IDENTIFIES": "identifiers", "MERGED_INTO": "merges", "WAS_MERGED_INTO": "merges", "LIVES_IN": "households",
    "LIVED_IN": "households", "IN_SEGMENT": "segments", "GAVE": "consent",
    "CONCERNS": None, "IN_CATEGORY": None, "LEADS_TO": None, "OFFERS": None, "READ": None,
}  # fmt: skip
#: What follows from the rest: the order of touchpoints, what a journey consists of, what a product is.
IMPLIED = {"NEXT", "INCLUDES", "HAD", "MADE"}
_TYPES = re.compile(r"\[\w*:([A-Z_|]+)")


def _written(text: str) -> set[str]:
    return {one for types in _TYPES.findall(text) for one in types.split("|")}


def test_no_kind_of_relationship_is_forgotten_in_the_export() -> None:
    model = (ROOT / "docs" / "graph-model.md").read_text(encoding="utf-8")
    known = _written(model) | {one for name in queries.names() for one in _written(queries.get(name).cypher)}
    assert not known - TOLD.keys(), "say which part of the export tells of it (privacy/person.py), or None"


def test_each_part_reads_what_it_tells_of() -> None:
    assert {part for part in TOLD.values() if part} <= PARTS.keys()
    for type_, part in TOLD.items():
        if part and type_ not in IMPLIED:
            assert type_ in _written(queries.get(PARTS[part]).cypher), f"{part} does not tell of {type_}"
