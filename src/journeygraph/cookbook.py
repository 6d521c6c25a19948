"""The Cypher files that answer questions, room by room: for the documentation and for the guide in Neo4j Browser."""

from __future__ import annotations

import re
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
    "identity": "Identity",
    "segments": "Segments",
    "quality": "What the data are worth",
    "set_aside": "Set aside",
    "privacy": "Privacy",
    "patterns": "Patterns",
    "next_steps": "Next steps",
    "intent": "Intent",
    "recommendations": "Recommendations",
    "report": "The report's header",
}
_WRITES = re.compile(r"^\s*(?:CREATE|MERGE|SET|DELETE|DETACH DELETE|REMOVE|FOREACH)\b", re.MULTILINE)
#: Plumbing: what a store is rebuilt of, and pages of work that is to be done.
_NO_QUESTIONS = re.compile(
    r"/alone$|^privacy/(purge_|known_ids|longer_ids|pseudonyms|sealed_values|touchpoint_ids)|^set_aside/(any|pending|read)$"
)


def rooms() -> list[tuple[str, list[Query]]]:
    """Each room's title with its questions; statements that write are left out.

    >>> rooms()[0][0], rooms()[0][1][0].name
    ('To look at', 'browser/costliest_finding')
    """
    names = [name for name in queries.names() if name.split("/")[0] in ROOMS and not _is_work(name)]
    found = {
        room: [queries.get(name) for name in members] for room, members in groupby(names, lambda n: n.split("/")[0])
    }
    return [(title, found[room]) for room, title in ROOMS.items() if room in found]


def _is_work(name: str) -> bool:
    """Whether a statement writes, or serves a command that does."""
    return bool(_NO_QUESTIONS.search(name) or _WRITES.search(queries.get(name).cypher))
