"""The statement and parameters that give a table's figures again."""

from __future__ import annotations

from typing import Any

from journeygraph import queries
from journeygraph.journeys.table import JourneyTable


def evidence(query: str, table: JourneyTable, **parameters: Any) -> dict[str, Any]:
    """`cypher` and `parameters` of an answer about a table, at the table's grain and instant, as it was selected."""
    text = queries.get(
        query,
        as_of=table.as_of is not None,
        sessions=table.as_of is not None and table.per == "session",
        of_grain=table.grain != "customer",
        selected=bool(table.selection),
        shaped=table.shaped_by is not None,
    )
    asked: dict[str, Any] = {"per": table.per, **parameters}
    if table.as_of is not None or table.grain != "customer":
        asked["as_of"] = None if table.as_of is None else table.as_of.isoformat()
    if table.grain != "customer":
        asked["grain"] = table.grain
    if table.selection:
        asked |= table.selection.parameters
    return {"cypher": text.cypher, "parameters": asked | dict(table.shaped_by or {})}
