"""What a report is about: how much was analysed, where it came from, how it ended, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from journeygraph import queries
from journeygraph.graph import Graph
from journeygraph.journeys.grain import Belonging
from journeygraph.journeys.withheld import WithheldCustomers
from journeygraph.report.model import Figure, Table, make_table
from journeygraph.schema import Grain, to_microseconds

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


def read_tables(graph: Graph, as_of: datetime | None, grain: Grain = "customer") -> tuple[Table, ...]:
    """The tables above, in that order; sources, conversions and loads are of all touchpoints at any grain.

    What was loaded is told by the loads themselves, so as of an instant it covers the loads until then.
    """
    known_at = as_of.isoformat() if as_of else None
    tables = [_table(graph, name, query, title, as_of, grain) for name, (query, title) in _JOURNEY_TABLES.items()]
    for name, (query, title) in {**_TOUCHPOINT_TABLES, **_LOAD_TABLES}.items():
        tables.append(_table(graph, name, query, title, None, known_at=known_at))
    return tuple(tables)


def silences_table(graph: Graph, totals: Table, as_of: datetime | None) -> tuple[Table, ...]:
    """How long each source was silent, until the instant asked about or the last touchpoint; nothing of no data."""
    end = as_of.isoformat() if as_of else next((row["last_at"] for row in totals.dicts()), None)
    if end is None:
        return ()
    until_us = to_microseconds(datetime.fromisoformat(end))
    known_at = as_of.isoformat() if as_of else None
    title = "Sources that are late"
    return (_table(graph, "silences", "quality/silences", title, None, until_us=until_us, known_at=known_at),)


def learned_from(graph: Graph, answer: Mapping[str, Any] | None, as_of: datetime | None) -> tuple[Table, ...]:
    """What the graph holds until the end of the intent model's data; nothing where no model scored."""
    if answer is None:
        return ()
    until_us = to_microseconds(datetime.fromisoformat(answer["data_until"]))
    title = "What there is until the end of the intent model's data"
    return (_table(graph, "intent_learned_from", "intent/learned_from", title, as_of, until_us=until_us),)


def _table(
    graph: Graph,
    name: str,
    query: str,
    title: str,
    as_of: datetime | None,
    grain: Grain = "customer",
    **parameters: Any,
) -> Table:
    text = queries.get(query, as_of=as_of is not None, of_grain=grain != "customer")
    parameters |= queries.asked(as_of, grain)
    rows = graph.run(text.cypher, parameters, name=query)
    return make_table(name, title, rows, text.cypher, parameters)


def belonging_table(belonging: Belonging | None) -> tuple[Table, ...]:
    """What the journeys of another grain cover; nothing for those of customers."""
    if belonging is None:
        return ()
    rows = [belonging.model_dump(include={"owners", "touchpoints", "left_out"})]
    return (make_table("belonging", "What the journeys cover", rows, belonging.cypher, belonging.parameters),)


def withheld_table(withheld: WithheldCustomers | None) -> tuple[Table, ...]:
    """How many customers are in no figure; nothing where there are none."""
    if withheld is None:
        return ()
    rows = [{"customers": withheld.customers}]
    return (make_table("withheld", "Customers who withdrew consent", rows, withheld.cypher, withheld.parameters),)


def read_examples(graph: Graph, journey_ids: Sequence[str], as_of: datetime | None, grain: Grain = "customer") -> Table:
    """These journeys, step by step."""
    title, ids = "Example journeys", list(journey_ids)
    return _table(graph, "examples", "report/examples", title, as_of, grain, journey_ids=ids)


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
