"""Whose journeys: a customer's, or those of the households, accounts or orders that touchpoints belong to."""

from __future__ import annotations

from datetime import datetime
from typing import Final, get_args

from journeygraph import queries
from journeygraph.answers import Reproducible
from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.schema import BELONGS_TO, Grain

GRAINS: Final[tuple[Grain, ...]] = get_args(Grain)


class Belonging(Reproducible):
    """What an answer about households, accounts or orders covers; the statement gives the three counts.

    `left_out` touchpoints belong to none of them, so they are in no journey of this grain.  Counts are of the whole
    graph, before any selection.
    """

    grain: Grain
    owners: int
    touchpoints: int
    left_out: int


def check(grain: str) -> Grain:
    """The grain of that name; raises `UsageError` for another.

    >>> check("account")
    'account'
    """
    for known in GRAINS:
        if grain == known:
            return known
    raise UsageError(f"The grain {grain!r} is not one of {', '.join(GRAINS)}.")


def read_belonging(graph: Graph, grain: Grain, as_of: datetime | None = None) -> Belonging:
    """How many touchpoints belong to a household, account or order, and how many to none.

    Raises `UsageError` where touchpoints are known, but none of them belongs to one.
    """
    query = queries.get("journeys/grain_totals")
    parameters = {"grain": grain, "as_of": None if as_of is None else as_of.isoformat()}
    found = graph.run(query.cypher, parameters, name=query.name)[0]
    if found["left_out"] and not found["owners"]:
        then = "" if as_of is None else f" as of {as_of.isoformat()}"
        raise UsageError(
            f"None of the {found['left_out']} touchpoints belongs to {_ARTICLE[grain]} {grain}{then}: the grain "
            f"{grain!r} needs rows with {grain}_id, see docs/loading.md."
        )
    return Belonging(grain=grain, cypher=query.cypher, parameters=parameters, **found)


def counted(grain: Grain, per: str) -> str:
    """What a denominator counts.

    >>> counted("customer", "journey"), counted("account", "customer"), counted("order", "journey")
    ('journeys', 'accounts', 'journeys of orders')
    """
    if grain == "customer":
        return f"{per}s"
    return f"{grain}s" if per == "customer" else f"{per}s of {grain}s"


_ARTICLE: Final = {grain: "a" if grain == "household" else "an" for grain in BELONGS_TO}
