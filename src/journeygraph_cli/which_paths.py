"""Which paths a command is about: grain, instant, segment, period, and how steps are shown."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, cast, get_args

import typer

from journeygraph.errors import UsageError
from journeygraph_cli import context
from journeygraph_cli.output import AsOf, say

if TYPE_CHECKING:
    from journeygraph.graph import Graph
    from journeygraph.journeys.grain import Belonging
    from journeygraph.journeys.table import JourneyTable

_Own = ParamSpec("_Own")

Per = Annotated[str, typer.Option("--per", metavar="KIND", help="What is counted: journey, session or customer.")]
Grain = Annotated[
    str,
    typer.Option(
        "--grain",
        metavar="WHOSE",
        help="Whose journeys: customer, household, account or order; --per customer then counts whole ones of these.",
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="Only journeys with such a touchpoint: platform=ios, channel=app|web, campaign!=spring; repeatable.",
    ),
]
Segment = Annotated[
    str | None,
    typer.Option("--segment", metavar="NAME", help="Only journeys of customers in this segment, see `segments list`."),
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


@dataclass(frozen=True)
class WhichPaths:
    """The options that every command over paths has; `read` reads what they describe."""

    per: Per
    grain: Grain = "customer"
    segment: Segment = None
    where: Where = None
    since: Since = None
    until: Until = None
    group: Group = None
    without: Without = None
    collapse: Collapse = False
    as_of: AsOf = None

    def read(
        self, *, where: Sequence[str] = (), by: str | None = None, graph: Graph | None = None, **how: Any
    ) -> JourneyTable:
        """The paths; `where` adds conditions, `by` puts them in groups; `how` is more for `read_table`.

        Raises `UsageError` for what is no kind of path or grain, and for conditions and rules that cannot be used.
        """
        from journeygraph.journeys import filters
        from journeygraph.journeys.grain import check
        from journeygraph.journeys.shape import Shape, parse_rules
        from journeygraph.journeys.table import PathKind, read_table

        if self.per not in get_args(PathKind):
            raise UsageError(f"--per {self.per!r} is not one of journey, session and customer.")
        grain = check(self.grain)
        instant = context.instant(self.as_of)
        period = [f"{name}={value}" for name in ("since", "until") if (value := getattr(self, name)) is not None]
        selection = filters.parse([*(self.where or ()), *where, *period], by=by, segment=self.segment)
        shape = Shape(parse_rules(self.group or ()), tuple(self.without or ()), self.collapse)
        asked = {"per": self.per, "grain": grain, "as_of": instant, "selection": selection, "shape": shape, **how}
        with nullcontext(graph) if graph is not None else context.open_graph() as opened:
            found = read_table(opened, **asked)
        tell(found.belonging)
        return found


def tell(belonging: Belonging | None) -> None:
    """Say how much is in no journey of the grain that was asked for."""
    if belonging is not None and belonging.left_out:
        say(
            f"{belonging.left_out:,} of {belonging.left_out + belonging.touchpoints:,} touchpoints belong to no "
            f"{belonging.grain}, so they are left out; the others belong to {belonging.owners:,}."
        )


def about_paths(
    *, per: str = "journey"
) -> Callable[[Callable[Concatenate[WhichPaths, _Own], None]], Callable[..., None]]:
    """Give a command the options of `WhichPaths` in place of its first parameter; `per` is the default grain."""

    def decorate(command: Callable[Concatenate[WhichPaths, _Own], None]) -> Callable[..., None]:
        shared = [
            option.replace(default=per) if option.name == "per" else option
            for option in inspect.signature(WhichPaths, eval_str=True).parameters.values()
        ]
        _, *own = inspect.signature(command, eval_str=True).parameters.values()

        @wraps(command)
        def run(**given: Any) -> None:
            cast("Any", command)(WhichPaths(**{option.name: given.pop(option.name) for option in shared}), **given)

        # The command line is made of what Typer reads here: the own options, the shared ones, and `--json` at the end.
        parameters = [*own[:-1], *shared, *own[-1:]]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        run.__dict__["__signature__"] = inspect.Signature(parameters)
        return run

    return decorate
