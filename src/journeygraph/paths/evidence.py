"""The statement and parameters that give a table's figures again."""

from __future__ import annotations

from typing import Any

from journeygraph import queries
from journeygraph.errors import UsageError
from journeygraph.journeys.table import JourneyTable


def evidence(query: str, table: JourneyTable, **parameters: Any) -> dict[str, Any]:
    """`cypher` and `parameters` of an answer about a table, at the table's grain and instant.

    Raises `UsageError` for sessions as of an instant: the graph keeps the sessions of now only.
    """
    if table.as_of is None:
        return {"cypher": queries.get(query).cypher, "parameters": {"per": table.per, **parameters}}
    if table.per == "session":
        raise UsageError("Sessions cannot be asked as of an instant: choose journey or customer.")
    text = queries.get(query, as_of=True)
    return {
        "cypher": text.cypher,
        "parameters": {"per": table.per, "as_of": table.as_of.isoformat(), **parameters},
    }
