"""Which paths a command is about: grain, instant, segment, period, and how steps are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from journeygraph.errors import UsageError
from journeygraph_cli import context

if TYPE_CHECKING:
    from journeygraph.journeys.filters import Selection
    from journeygraph.journeys.table import Grain, JourneyTable

Per = Annotated[str, typer.Option("--per", metavar="GRAIN", help="What is counted: journey, session or customer.")]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="Only journeys with such a touchpoint: platform=ios, channel=app|web, campaign!=spring; repeatable.",
    ),
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="T", help="Only journeys that start at or after this date or instant.")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="T", help="Only journeys that start before this date or instant.")
]
Group = Annotated[
    list[str] | None,
    typer.Option(
        "--group",
        metavar="NAME=STEPS",
        help="Show steps under one name: talk=phone|chat, view=prefix:view_, help=regex:.*help.*; repeatable.",
    ),
]
Without = Annotated[
    list[str] | None, typer.Option("--without", metavar="S", help="Leave this step or group out; repeatable.")
]
Collapse = Annotated[bool, typer.Option("--collapse", help="A step that follows itself in a journey counts once.")]


def read(
    per: str,
    as_of: str | None,
    *,
    where: Sequence[str] | None = None,
    since: str | None = None,
    until: str | None = None,
    by: str | None = None,
    group: Sequence[str] | None = None,
    without: Sequence[str] | None = None,
    collapse: bool = False,
) -> JourneyTable:
    """The paths at a grain, as of an instant, of a segment and period, with their steps as asked.

    Raises `UsageError` for an unknown grain, and for conditions and rules that cannot be used.
    """
    from journeygraph.journeys.shape import Shape, parse_rules
    from journeygraph.journeys.table import Grain, read_table

    if per not in get_args(Grain):
        raise UsageError(f"--per {per!r} is not one of journey, session and customer.")
    instant = context.instant(as_of)
    chosen = selection(where, since, until, by=by)
    shape = Shape(parse_rules(group or ()), tuple(without or ()), collapse)
    with context.open_graph() as graph:
        return read_table(graph, per=cast("Grain", per), as_of=instant, selection=chosen, shape=shape)


def selection(
    where: Sequence[str] | None, since: str | None = None, until: str | None = None, *, by: str | None = None
) -> Selection:
    """The selection of options."""
    from journeygraph.journeys import filters

    period = [f"{name}={value}" for name, value in (("since", since), ("until", until)) if value is not None]
    return filters.parse([*(where or ()), *period], by=by)
