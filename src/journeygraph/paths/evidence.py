"""The statement and parameters that give an answer's figures again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from journeygraph import queries
from journeygraph.journeys.filters import Selection
from journeygraph.journeys.table import JourneyTable
from journeygraph.schema import Grain


class Source(Protocol):
    """Whatever was made of journeys and still knows which: a journey table, the paths of an attribution."""

    @property
    def as_of(self) -> datetime | None:
        """The instant whose knowledge it is; None for now."""

    @property
    def grain(self) -> Grain:
        """Whose journeys these are."""

    @property
    def selection(self) -> Selection:
        """Which of them."""


def evidence(query: str, table: JourneyTable, **parameters: Any) -> dict[str, Any]:
    """`cypher` and `parameters` of an answer about a table: `statement`, at the table's grain and with its steps."""
    sessions = table.as_of is not None and table.per == "session"
    shape = table.shaped_by
    asked = {"per": table.per, **parameters, **(shape or {})}
    return statement(query, table, asked, sessions=sessions, shaped=shape is not None)


def statement(
    query: str, source: Source, parameters: Mapping[str, Any], *, sessions: bool = False, shaped: bool = False
) -> dict[str, Any]:
    """`cypher` and `parameters` of a query about the journeys that something was made of."""
    text = queries.get(
        query,
        as_of=source.as_of is not None,
        sessions=sessions,
        of_grain=source.grain != "customer",
        selected=bool(source.selection),
        shaped=shaped,
    )
    chosen = source.selection.parameters_at(source.as_of) if source.selection else {}
    return {"cypher": text.cypher, "parameters": {**parameters, **queries.asked(source.as_of, source.grain), **chosen}}
