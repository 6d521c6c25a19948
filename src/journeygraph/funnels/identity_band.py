"""A funnel under what is sure of who is who: its figures if only merges of at least some confidence stood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from journeygraph.errors import UsageError
from journeygraph.funnels.answers import Between, Funnel, IdentityBand, IdentityLevel, LevelStep
from journeygraph.graph import Graph
from journeygraph.journeys.evidence import statement
from journeygraph.journeys.table import CONVERTED, LOST, JourneyTable
from journeygraph.paths.figures import ratio

#: More levels than this are no band.
MOST_LEVELS: Final = 10


def parse(text: str) -> tuple[float, ...]:
    """Confidences as given on a command line, ascending.

    Raises `UsageError` for what is no list of numbers from 0 to 1.

    >>> parse("0.9,0.5")
    (0.5, 0.9)
    """
    try:
        found = sorted({float(part) for part in text.split(",")})
    except ValueError:
        found = []
    if not found or len(found) > MOST_LEVELS or not all(0 <= one <= 1 for one in found):
        raise UsageError(
            f"The identity band {text!r} is not one to {MOST_LEVELS} confidences from 0 to 1, as in '0.5,0.7,0.9'."
        )
    return tuple(found)


def band(
    graph: Graph,
    confidences: Sequence[float],
    read: Callable[[float], JourneyTable],
    count: Callable[[JourneyTable], Funnel],
) -> IdentityBand:
    """The funnel at each confidence; `read` gives the table of journeys there, `count` the funnel of one."""
    standing = {row["least_confidence"]: row for row in graph.read("identity/standing", confidences=list(confidences))}
    levels = [_level(one, standing[one]["merges"], read(one), count) for one in confidences]
    steps = range(len(levels[0].steps))
    return IdentityBand(
        merges=max(row["all_merges"] for row in standing.values()),
        levels=levels,
        counts=[_between(levels[0].steps[k].step, [level.steps[k].count for level in levels]) for k in steps],
        conversions=[_between(levels[0].steps[k].step, [level.steps[k].conversion for level in levels]) for k in steps],
        journey_conversion=_between("journeys", [level.conversion for level in levels]),
    )


def check(per: str, grain: str, as_of: object) -> None:
    """Raise `UsageError` for what a band cannot be asked of."""
    if per == "session":
        raise UsageError("An identity band counts journeys or customers: sessions don't depend on who is who.")
    if grain != "customer":
        raise UsageError(f"An identity band is about customers: journeys of {grain}s don't depend on who is who.")
    if as_of is not None:
        raise UsageError("An identity band is about the merges that stand now: leave the instant out.")


def _level(least: float, merges: int, table: JourneyTable, count: Callable[[JourneyTable], Funnel]) -> IdentityLevel:
    """`table` has a row for each journey."""
    found = count(table)
    converted, lost = (int((table.outcomes == outcome).sum()) for outcome in (CONVERTED, LOST))
    others = statement("identity/at_confidence", table, {})
    return IdentityLevel(
        least_confidence=least,
        merges=merges,
        customers=len(np.unique(table.customers)),
        journeys=table.n_paths,
        converted=converted,
        lost=lost,
        conversion=ratio(converted, converted + lost),
        steps=[LevelStep(step=one.step, count=one.count, conversion=one.conversion) for one in found.steps],
        cypher=found.cypher,
        parameters=found.parameters,
        journeys_cypher=others["cypher"],
        journeys_parameters=others["parameters"],
    )


def _between(name: str, figures: Sequence[float | None]) -> Between:
    known = [figure for figure in figures if figure is not None]
    return Between(name=name, low=min(known, default=None), high=max(known, default=None))
