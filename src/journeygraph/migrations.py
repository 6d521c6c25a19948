"""The graph's schema as numbered files, `cypher/schema/NNNN_name.cypher`, each applied once.

A database remembers what it has had in `(:Migration {version, name, checksum, applied_at})`.  Why our own few lines
and not a library: docs/adr/0002-migrations.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import LiteralString, cast

from journeygraph import queries
from journeygraph.errors import GraphError
from journeygraph.graph import Graph, Row


@dataclass(frozen=True)
class Migration:
    """One file of schema statements; `checksum` is over the statements, so a comment may be mended later."""

    version: int
    name: str
    statements: tuple[LiteralString, ...]

    @property
    def checksum(self) -> str:
        """SHA-256 of the statements."""
        return hashlib.sha256(";\n".join(self.statements).encode()).hexdigest()


@cache
def known() -> tuple[Migration, ...]:
    """The migrations that come with this code, in order.

    >>> [migration.version for migration in known()][:2]
    [1, 2]
    """
    return tuple(_parse(name, queries.source(name)) for name in queries.migration_names())


def apply(graph: Graph) -> list[str]:
    """Bring the graph's schema up to date; returns the names of what was applied, usually none (one short query).

    Two processes may do so at once: the statements are repeatable and the record is unique.

    Raises `GraphError` where the database has had a migration that this code doesn't know or knows otherwise.
    """
    applied = graph.read("schema/applied")
    pending = _pending(known(), applied)
    for migration in pending:
        graph.apply_schema(migration.statements)
        graph.write("schema/record", version=migration.version, name=migration.name, checksum=migration.checksum)
    if pending:
        graph.read("schema/await_indexes", seconds=600)
    return [migration.name for migration in pending]


def _pending(code: Sequence[Migration], applied: Sequence[Row]) -> list[Migration]:
    by_version = {migration.version: migration for migration in code}
    newest = max(by_version, default=0)
    for row in applied:
        migration = by_version.get(row["version"])
        if migration is None:
            raise GraphError(
                f"The database has had migration {row['version']} ({row['name']}), and this JourneyGraph knows those "
                f"up to {newest}: it was made by a newer JourneyGraph. Update this one, or use another database."
            )
        if migration.checksum != row["checksum"]:
            raise GraphError(
                f"The database has had another migration {row['version']} ({row['name']}) than this JourneyGraph's "
                f"{migration.name}: it was made by another edition. Use the one that made it, or another database."
            )
    had = {row["version"] for row in applied}
    return [migration for migration in code if migration.version not in had]


def _parse(name: str, text: str) -> Migration:
    stem = name.rsplit("/", 1)[-1]
    body = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    statements = tuple(statement.strip() for statement in body.split(";") if statement.strip())
    # A file of this package, as literal as source code.
    literal = cast("tuple[LiteralString, ...]", statements)  # type: ignore[redundant-cast]
    return Migration(int(stem[:4]), stem, literal)
