"""A table of the quality page, with its statements and its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from journeygraph import queries
from journeygraph.answers import Reproducible
from journeygraph.report import formats
from journeygraph.report.views.common import Grid, grid

#: What a page can hold and still be read; the CSV files have all rows.
_MOST_ROWS: Final = 60


@dataclass(frozen=True)
class Part:
    """A table with its statement and its file; `more` tells how many rows only the file has."""

    id: str
    title: str
    grid: Grid
    cypher: tuple[tuple[str, str], ...]
    csv: str
    more: str = ""
    none: str = "None."


def texts_of(parts: Mapping[str, Reproducible]) -> tuple[tuple[str, str], ...]:
    """What each statement is about, and its text for Neo4j Browser."""
    return tuple(
        (name.replace("_", " ") if name.isidentifier() else name, queries.for_browser(part.cypher, part.parameters))
        for name, part in parts.items()
        if part.cypher
    )


def part_of(
    name: str,
    title: str,
    note: str,
    specs: Sequence[Any],
    rows: Sequence[Mapping[str, Any]],
    asked: Mapping[str, Reproducible],
    *,
    none: str = "None.",
) -> Part:
    """A table as it is shown, its first rows, with its statements."""
    more = f"{formats.count(len(rows) - _MOST_ROWS)} more rows are in {name}.csv." if len(rows) > _MOST_ROWS else ""
    shown = grid(note or title, specs, rows[:_MOST_ROWS])
    return Part(name, title, shown, texts_of(asked), f"{name}.csv", more, none)
