"""What a report holds: report.json, and all that the page, the Markdown and the CSV files are drawn from.

Every number that they show is in here once, beside the statement that gives it: as a `Figure` (one value of one row) or
in a `Table` (all rows of one statement).  So "does the report tell the truth" is one loop over
`Report.figures` and `Report.tables`, which `report.check` runs and a test does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import Field, JsonValue

from journeygraph.answers import Answer, Reproducible
from journeygraph.report.history import Point
from journeygraph.schema import Grain

TITLE: Final = "Journey gap report"


class Figure(Reproducible):
    """One number: `column` of the one row of the statement's result in which every item of `row` holds."""

    name: str
    label: str
    value: JsonValue
    column: str
    row: dict[str, JsonValue] = Field(default_factory=dict)


class Table(Reproducible):
    """Rows that the statement gives, in its order, under its own column names."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[JsonValue, ...], ...]

    def dicts(self) -> list[dict[str, Any]]:
        """The rows with their column names."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class Section(Answer):
    """One analysis of the report: its answer as the command of the same name prints it, or why there is none."""

    answer: dict[str, Any] | None = None
    reason: str | None = None


class Report(Answer):
    """A report: what was analysed, and what came of it.

    `as_of` is the instant that was asked about, `data_end` the last touchpoint's: neither is the clock's, so
    the same graph gives the same report.  `grain` says whose journeys it is about, `history` how its
    findings went in the reports before, and in this one.
    """

    title: str = TITLE
    grain: Grain = "customer"
    product_version: str
    as_of: str | None
    data_start: str | None
    data_end: str | None
    rules: dict[str, Any]
    findings_shown: int
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    anomalies: Section = Section(reason="This report was made without a look for anomalies.")
    gaps: Section
    paths: Section
    routes: Section = Section(reason="This report was made without ways to the goal.")
    funnel: Section
    attribution: Section = Section(reason="This report was made without attribution.")
    patterns: Section
    intent: Section
    history: tuple[Point, ...] = ()

    def table(self, name: str) -> Table:
        """The table of that name; one without rows where the report has none."""
        none = Table(name=name, title=name, columns=(), rows=(), cypher="")
        return next((table for table in self.tables if table.name == name), none)


def make_table(
    name: str, title: str, rows: Sequence[Mapping[str, Any]], cypher: str, parameters: Mapping[str, Any]
) -> Table:
    """A table of a result's rows, all of them."""
    columns = tuple(rows[0]) if rows else ()
    return Table(
        name=name,
        title=title,
        columns=columns,
        rows=tuple(tuple(row[column] for column in columns) for row in rows),
        cypher=cypher,
        parameters=dict(parameters),
    )


def pick(rows: Sequence[Mapping[str, Any]], figure: Figure) -> Iterator[Any]:
    """The values that a result has for a figure: exactly one where the figure is well described.

    >>> figure = Figure(name="n", label="", value=3, column="n", row={"step": "cart"}, cypher="", parameters={})
    >>> list(pick([{"step": "view", "n": 9}, {"step": "cart", "n": 3}], figure))
    [3]
    """
    for row in rows:
        if all(row.get(column) == value for column, value in figure.row.items()):
            yield row.get(figure.column)
