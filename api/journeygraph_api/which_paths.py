"""Which paths a request is about: grain, instant, segment, period, and how steps are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from journeygraph.errors import UsageError
from journeygraph.journeys import filters
from journeygraph.journeys.shape import Shape, parse_rules
from journeygraph.journeys.table import JourneyTable, PathKind
from journeygraph.schema import Grain
from journeygraph_api.dependencies import AsOf, TheGraphs
from journeygraph_api.graphs import Graphs

Per = Annotated[PathKind, Query(description="what is counted")]
TheGrain = Annotated[
    Grain, Query(description="whose journeys; `per=customer` then counts whole households, accounts or orders")
]
TheSegment = Annotated[str | None, Query(description="only journeys of customers in this segment")]
Conditions = Annotated[
    list[str] | None,
    Query(description="only journeys with such a touchpoint: `platform=ios`, `channel=app|web`, `campaign!=spring`"),
]


@dataclass(frozen=True)
class Asked:
    """The paths of a request; `table` reads them (or finds them among what was read for the graph's present state)."""

    graphs: Graphs
    as_of: datetime | None
    grain: Grain
    segment: str | None
    where: tuple[str, ...]
    shape: Shape

    def table(
        self,
        per: PathKind,
        *,
        where: Sequence[str] = (),
        by: str | None = None,
        least_confidence: float | None = None,
    ) -> JourneyTable:
        """The paths at a grain; `where` adds conditions, `by` puts them in groups.

        `least_confidence`: as they are under merges of customers that are at least as sure.
        """
        selection = filters.parse([*self.where, *where], by=by, segment=self.segment)
        return self.graphs.table(
            per=per,
            grain=self.grain,
            as_of=self.as_of,
            selection=selection,
            shape=self.shape,
            least_confidence=least_confidence,
        )


def _asked(
    graphs: TheGraphs,
    as_of: AsOf,
    grain: TheGrain = "customer",
    segment: TheSegment = None,
    where: Conditions = None,
    since: Annotated[str | None, Query(description="only journeys that start at or after this date or instant")] = None,
    until: Annotated[str | None, Query(description="only journeys that start before this date or instant")] = None,
    group: Annotated[
        list[str] | None,
        Query(description="show steps under one name: `talk=phone|chat`, `view=prefix:view_`"),
    ] = None,
    without: Annotated[list[str] | None, Query(description="steps or groups to leave out")] = None,
    collapse: Annotated[bool, Query(description="a step that follows itself in a journey counts once")] = False,
) -> Asked:
    rules = parse_rules(group or ())
    if any(rule.match == "regex" for rule in rules):
        # A pattern can take for ever, and every other request would wait with it.
        raise UsageError("The API groups steps by name or by prefix; a regular expression is for the command line.")
    period = [f"{name}={value}" for name, value in (("since", since), ("until", until)) if value is not None]
    shape = Shape(rules, tuple(without or ()), collapse)
    return Asked(graphs, as_of, grain, segment, (*(where or ()), *period), shape)


ThePaths = Annotated[Asked, Depends(_asked)]
