"""The Cypher files that answer questions, room by room: for the documentation and for the guide in Neo4j Browser."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from journeygraph import queries
from journeygraph.queries import Query

#: Rooms of `cypher/` that hold questions, in the order in which an analyst asks them.
ROOMS: Final = {
    "browser": "To look at",
    "gaps": "Gaps",
    "paths": "Paths",
    "funnels": "Funnels",
    "attribution": "Attribution",
    "blueprints": "Declared journeys",
    "journeys": "Journeys",
    "segments": "Segments",
    "patterns": "Patterns",
    "intent": "Intent",
    "recommendations": "Recommendations",
    "report": "The report's header",
}
_WRITES = ("declare_", "define", "mark_", "store", "forget", "alone")
_WRITING = frozenset({"gaps/follow_up"})


def rooms() -> list[tuple[str, list[Query]]]:
    """Each room's title with its questions; statements that write are left out.

    >>> rooms()[0][0], rooms()[0][1][0].name
    ('To look at', 'browser/costliest_finding')
    """
    names = [name for name in queries.names() if name.split("/")[0] in ROOMS and not _writes(name)]
    found = {
        room: [queries.get(name) for name in members] for room, members in groupby(names, lambda n: n.split("/")[0])
    }
    return [(title, found[room]) for room, title in ROOMS.items() if room in found]


def _writes(name: str) -> bool:
    return name in _WRITING or name.split("/")[-1].startswith(_WRITES)
