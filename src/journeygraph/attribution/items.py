"""Journeys of a graph as what can be credited for them: channels, steps, or any property of their touchpoints."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches

from journeygraph.attribution.paths import Paths, from_table
from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.journeys.filters import EVERYTHING, Selection
from journeygraph.journeys.table import read_table
from journeygraph.schema import Grain

#: What a touchpoint says of itself without a property of its source.
BUILT_IN = ("channel", "step", "source", "stage", "campaign", "product")


def read_paths(
    graph: Graph,
    by: str = "channel",
    *,
    as_of: datetime | None = None,
    grain: Grain = "customer",
    selection: Selection = EVERYTHING,
) -> Paths:
    """The decided journeys of a graph, as of an instant where one is given; of a grain, those of a selection.

    `by` is one of `BUILT_IN`, else a property of touchpoints with or without its `p_`.  Raises `UsageError`, which
    names those that there are, for a property that no touchpoint has.
    """
    by = dimension(by)
    if by in ("channel", "step"):
        return from_table(read_table(graph, as_of=as_of, grain=grain, selection=selection), by)
    table = read_table(graph, as_of=as_of, grain=grain, selection=selection, query="attribution/items", by=by)
    if by not in BUILT_IN and table.n_paths and not any(table.channels):
        _check_known(graph, by)
    return from_table(table, by)


def dimension(by: str) -> str:
    """What `$by` is for a word of the user: one of `BUILT_IN`, or a property's full name.

    >>> dimension("campaign"), dimension("store"), dimension("p_store")
    ('campaign', 'p_store', 'p_store')
    """
    if not by.strip():
        raise UsageError(f"Credit by {by!r} is not possible: name {', '.join(BUILT_IN)} or a property.")
    return by if by in BUILT_IN or by.startswith("p_") else f"p_{by}"


def _check_known(graph: Graph, by: str) -> None:
    known = [row["name"] for row in graph.read("attribution/properties")]
    if by in known:
        return
    there = ", ".join([*BUILT_IN, *(name.removeprefix("p_") for name in known)])
    near = get_close_matches(by, known, n=1)
    guess = f" Did you mean {near[0].removeprefix('p_')!r}?" if near else ""
    raise UsageError(f"No touchpoint has a property {by.removeprefix('p_')!r}; credit can be by {there}.{guess}")
