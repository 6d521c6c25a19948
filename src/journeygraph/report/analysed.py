"""What a report is about: how much was analysed, where it came from, how it ended, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from journeygraph import queries
from journeygraph.graph import Graph
from journeygraph.report.model import Figure, Table, make_table

#: Table of the report -> its query and title; those over journeys can be asked as of an instant.
_JOURNEY_TABLES: Mapping[str, tuple[str, str]] = {
    "totals": ("report/totals", "How much was analysed"),
    "outcomes": ("report/outcomes", "How journeys ended"),
    "channels": ("report/channels", "Where customers were met"),
}
_TOUCHPOINT_TABLES: Mapping[str, tuple[str, str]] = {
    "sources": ("report/sources", "Where the data came from"),
    "conversions": ("report/conversions", "What conversions were worth"),
}
_LOAD_TABLES: Mapping[str, tuple[str, str]] = {"loads": ("report/loads", "What was loaded, and what was left out")}


def read_tables(graph: Graph, as_of: datetime | None) -> tuple[Table, ...]:
    """The tables above, in that order.

    What was loaded is told by the loads themselves, so as of an instant it covers the loads until then.
    """
    known_at = as_of.isoformat() if as_of else None
    tables = [_table(graph, name, query, title, as_of) for name, (query, title) in _JOURNEY_TABLES.items()]
    for name, (query, title) in {**_TOUCHPOINT_TABLES, **_LOAD_TABLES}.items():
        tables.append(_table(graph, name, query, title, None, known_at=known_at))
    return tuple(tables)


def _table(graph: Graph, name: str, query: str, title: str, as_of: datetime | None, **parameters: Any) -> Table:
    text = queries.get(query, as_of=as_of is not None)
    if as_of is not None:
        parameters["as_of"] = as_of.isoformat()
    rows = graph.run(text.cypher, parameters, name=query)
    return make_table(name, title, rows, text.cypher, parameters)


def read_examples(graph: Graph, journey_ids: Sequence[str], as_of: datetime | None) -> Table:
    """These journeys, step by step."""
    return _table(graph, "examples", "report/examples", "Example journeys", as_of, journey_ids=list(journey_ids))


def headline_figures(tables: Sequence[Table]) -> tuple[Figure, ...]:
    """The numbers of the page's tiles, each named by its table and row."""
    figures: list[Figure] = []
    for table in tables:
        if table.name == "totals" and table.rows:
            figures += [
                _figure(table, f"totals/{column}", table.title, column, value, {})
                for column, value in table.dicts()[0].items()
            ]
        if table.name == "outcomes":
            figures += [
                _figure(
                    table,
                    f"outcomes/{row['outcome']}/journeys",
                    f"{row['outcome']} journeys",
                    "journeys",
                    row["journeys"],
                    {"outcome": row["outcome"]},
                )
                for row in table.dicts()
            ]
    return tuple(figures)


def _figure(table: Table, name: str, label: str, column: str, value: JsonValue, row: dict[str, JsonValue]) -> Figure:
    return Figure(
        name=name, label=label, value=value, column=column, row=row, cypher=table.cypher, parameters=table.parameters
    )
