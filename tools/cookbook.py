"""Write docs/cookbook.md from the headers of the Cypher files: `python -m tools.cookbook`."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from journeygraph import queries

PAGE = Path(__file__).parents[1] / "docs" / "cookbook.md"
ROOMS = {
    "journeys": "Journeys",
    "paths": "Paths",
    "funnels": "Funnels",
    "attribution": "Attribution",
    "gaps": "Gaps",
    "patterns": "Patterns",
    "intent": "Intent",
    "recommendations": "Recommendations",
    "report": "The report's header",
}
_WRITES = ("declare_", "mark_", "store", "forget")
_INTRODUCTION = """# Cypher cookbook

Every question that the product asks is a file in [`cypher/`](../cypher). The command line, the API and the report run
these very files, so what you see here is what they say.

**To use one:** open the file, copy all of it, paste it into Neo4j Browser and run it. A file with parameters starts
with a `:params` line of examples: change them. Browser then runs two statements, and of several it shows only that
they succeeded; the parameters stay set, so run the question by itself to see its rows. Or take the Cypher of any
answer: the report has a button that copies it with its parameters written in.

**As of an instant:** a question marked *as of* can also be asked about the past. The Cypher that an answer carries then
rebuilds the journeys from what was known at `$as_of` ([how](adr/0003-as-of-rebuilds-journeys-from-touchpoints.md)).

What the nodes and relationships mean: [the graph](graph-model.md).
"""


def page() -> str:
    """The whole page."""
    names = [name for name in queries.names() if name.split("/")[0] in ROOMS and not _writes(name)]
    parts = [_INTRODUCTION]
    for room, members in groupby(names, key=lambda name: name.split("/")[0]):
        parts.append(f"## {ROOMS[room]}\n")
        parts.extend(_entry(name) for name in members)
    return "\n".join(parts)


def _writes(name: str) -> bool:
    return name.split("/")[-1].startswith(_WRITES)


def _entry(name: str) -> str:
    query = queries.get(name)
    as_of = " · *as of*" if query.reads_journeys else ""
    lines = [f"### [{query.title}](../cypher/{name}.cypher)\n", f"`{name}`{as_of}\n", f"{query.answers}\n"]
    lines += [f"- `${parameter}`: {text}" for parameter, text in query.parameters.items()]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
