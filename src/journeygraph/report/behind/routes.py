"""Ways to the goal: the shortest, the fastest, the most likely and the most valuable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from journeygraph import paths
from journeygraph.errors import NotFound
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths.evidence import evidence
from journeygraph.paths.routes import legs as legs_to
from journeygraph.report.model import Figure, Section, Table, make_table

#: A transition that fewer journeys took is no part of a way.
LEAST_JOURNEYS: Final = 5
#: Fields of a way that its own statement returns.
_COUNTED: Final = ("journeys", "customers", "converted", "value")
_LEGS: Final = ("source", "target", "count", "journeys", "median_seconds", "value")


def routes(table: JourneyTable, goal: str | None) -> Section:
    """The best ways to a goal, or why there is none."""
    if goal is None:
        return Section(reason="No journey reached a goal, so no way leads to one.")
    try:
        return Section(answer=paths.routes_to(table, goal, minimum=LEAST_JOURNEYS).model_dump(mode="json"))
    except NotFound as error:
        return Section(reason=str(error))


def legs(table: JourneyTable, goal: str) -> Table:
    """Every transition of every journey up to its first goal, by source and target: what the ways are found among.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "converted", "value": 5.0,
    ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5_000_000]}])
    >>> legs(table, "cart").rows[-1]
    ('view', 'cart', 1, 1, 5.0, 5.0)
    """
    found = legs_to(table, goal)
    rows = [leg.model_dump(mode="json", include=set(_LEGS)) for leg in found]
    rows.sort(key=lambda row: (row["source"], row["target"]))
    statement = evidence("paths/to_goal", table, goal=goal, with_value=table.one_currency)
    return make_table("routes", f"On the way to {goal}", rows, **statement)


def figures(section: Section) -> list[Figure]:
    """How many journeys went exactly each way, and what came of them."""
    found: list[Mapping[str, Any]] = (section.answer or {}).get("routes", [])
    return [
        Figure(
            name=f"routes/{route['best']}/{field}",
            label=f"{' → '.join(route['steps'])}: {field}",
            value=route[field],
            column=field,
            cypher=route["cypher"],
            parameters=route["parameters"],
        )
        for route in found
        for field in _COUNTED
    ]
