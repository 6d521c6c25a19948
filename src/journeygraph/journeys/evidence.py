"""The statement and parameters that give again what was computed of journeys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from journeygraph import queries
from journeygraph.journeys.filters import Selection
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


def statement(
    query: str, source: Source, parameters: Mapping[str, Any], *, sessions: bool = False, shaped: bool = False
) -> dict[str, Any]:
    """`cypher` and `parameters` of a query about the journeys that something was made of.

    Raises `TypeError` where the query asks for a parameter that it was not given: evidence that cannot be run is none.
    """
    # Only tables of journeys can be read under some of the merges.
    sure: float | None = getattr(source, "least_confidence", None)
    text = queries.get(
        query,
        as_of=source.as_of is not None,
        sessions=sessions,
        of_grain=source.grain != "customer",
        surer=sure is not None,
        selected=bool(source.selection),
        shaped=shaped,
    )
    chosen = source.selection.parameters_at(source.as_of) if source.selection else {}
    given = {**parameters, **queries.asked(source.as_of, source.grain), **chosen}
    if sure is not None:
        given["least_confidence"] = sure
    if missing := queries.parameters_of(text.cypher) - given.keys():
        raise TypeError(f"{query} needs {', '.join(sorted(missing))}")
    return {"cypher": text.cypher, "parameters": given}
