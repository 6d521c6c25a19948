"""The statement and parameters that give a table's figures again."""

from __future__ import annotations

from typing import Any

from journeygraph import queries
from journeygraph.journeys.table import JourneyTable


def evidence(query: str, table: JourneyTable, **parameters: Any) -> dict[str, Any]:
    """`cypher` and `parameters` of an answer about a table, at the table's grain and instant."""
    if table.as_of is None:
        return {"cypher": queries.get(query).cypher, "parameters": {"per": table.per, **parameters}}
    text = queries.get(query, as_of=True, sessions=table.per == "session")
    return {"cypher": text.cypher, "parameters": {"per": table.per, "as_of": table.as_of.isoformat(), **parameters}}
