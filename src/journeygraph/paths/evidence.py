"""The statement and parameters that give an answer's figures again."""

from __future__ import annotations

from typing import Any

from journeygraph.journeys.evidence import Source, statement
from journeygraph.journeys.table import JourneyTable

__all__ = ["Source", "evidence", "statement"]


def evidence(query: str, table: JourneyTable, **parameters: Any) -> dict[str, Any]:
    """`cypher` and `parameters` of an answer about a table: `statement`, at the table's grain and with its steps."""
    sessions = table.as_of is not None and table.per == "session"
    shape = table.shaped_by
    asked = {"per": table.per, **parameters, **(shape or {})}
    return statement(query, table, asked, sessions=sessions, shaped=shape is not None)
