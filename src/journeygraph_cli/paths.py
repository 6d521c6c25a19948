"""`journeygraph paths` and `journeygraph funnel`: how customers move, and how far they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from journeygraph.durations import seconds
from journeygraph.errors import UsageError
from journeygraph_cli import context
from journeygraph_cli.output import AsOf, JsonFlag, emit, table

if TYPE_CHECKING:
    from journeygraph.funnels.answers import Funnel
    from journeygraph.funnels.question import Mode
    from journeygraph.journeys.table import Grain, JourneyTable
    from journeygraph.paths.answers import PathView, Stops, Transitions

Per = Annotated[str, typer.Option("--per", metavar="GRAIN", help="What is counted: journey, session or customer.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("paths")(paths)
    app.command("funnel")(funnel)


def paths(
    from_step: Annotated[str | None, typer.Option("--from", metavar="S", help="Paths from this step on.")] = None,
    to_step: Annotated[str | None, typer.Option("--to", metavar="S", help="Paths up to this step.")] = None,
    levels: Annotated[int | None, typer.Option("--levels", metavar="N", help="Transitions to show (5).")] = None,
    per: Per = "journey",
    top: Annotated[int, typer.Option("--top", metavar="K", help="Steps shown a level; the rest is '(other)'.")] = 10,
    stops_at: Annotated[
        str | None, typer.Option("--stops-at", metavar="STEP@LEVEL", help="List the paths that stop there instead.")
    ] = None,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """All transitions; with --from, --to or --levels, a path view level by level."""
    from journeygraph.paths import path_view, transitions
    from journeygraph.paths import stops as list_stops

    data = read(per, as_of)
    if from_step is None and to_step is None and levels is None and stops_at is None:
        every = transitions(data)
        emit(every, as_json, lambda: _show_transitions(every))
        return
    view = path_view(data, from_step=from_step, to_step=to_step, levels=5 if levels is None else levels, top=top)
    if stops_at is None:
        emit(view, as_json, lambda: _show_view(view))
        return
    step, level = _place(stops_at)
    listed = list_stops(data, view, level=level, step=step)
    emit(listed, as_json, lambda: _show_stops(listed))


def funnel(
    steps: Annotated[list[str], typer.Argument(metavar="STEP...", help="Steps in order; 'a|b' is either of the two.")],
    mode: Annotated[str, typer.Option("--mode", help="ordered, strict (nothing between) or unordered.")] = "ordered",
    window: Annotated[
        str, typer.Option("--window", metavar="TIME", help="Time from the first step: 14d, 12h, 30m, 90s or none.")
    ] = "14d",
    per: Per = "customer",
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="S", help="A step that ends an attempt; repeatable.")
    ] = None,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """How many customers take the steps, how fast, and where they stop."""
    from journeygraph.funnels import funnel as count

    within = seconds(window, "--window")
    data = read(per, as_of)
    answer = count(data, steps, mode=cast("Mode", mode), window_seconds=within, exclude=exclude or [])
    emit(answer, as_json, lambda: _show_funnel(answer))


def read(per: str, as_of: str | None) -> JourneyTable:
    """The paths at a grain, as of an instant.

    Raises `UsageError` for an unknown grain.
    """
    from journeygraph.journeys.table import Grain, read_table

    if per not in get_args(Grain):
        raise UsageError(f"--per {per!r} is not one of journey, session and customer.")
    instant = context.instant(as_of)
    with context.open_graph() as graph:
        return read_table(graph, per=cast("Grain", per), as_of=instant)


def _place(text: str) -> tuple[str, int]:
    """Step and level of `STEP@LEVEL`; the step may itself hold an @."""
    step, _, level = text.rpartition("@")
    if not step or not level.isdigit():
        raise UsageError(f"--stops-at {text!r} is not a step and its level, such as cart@2.")
    return step, int(level)


def _show_transitions(answer: Transitions) -> None:
    table(
        f"Transitions of {answer.denominator} {answer.per}s",
        ["from", "to", "count", f"{answer.per}s", "customers", "median", "90th percentile", "ended after"],
        [
            (
                link.source,
                link.target,
                link.count,
                link.journeys,
                link.customers,
                span(link.median_seconds),
                span(link.p90_seconds),
                link.exits,
            )
            for link in sorted(answer.links, key=lambda link: (-link.count, link.source, link.target))
        ],
    )


def _show_view(answer: PathView) -> None:
    table(
        f"{answer.denominator} of {answer.population} {answer.per}s",
        ["level", "from", "to", f"{answer.per}s", "customers", "lost there"],
        [
            (link.level, link.source, link.target, link.journeys, link.customers, link.drop_off or "")
            for link in sorted(answer.links, key=lambda link: (link.level, -link.journeys, link.source, link.target))
        ],
    )


def _show_stops(answer: Stops) -> None:
    from journeygraph.schema import from_microseconds

    table(
        f"{len(answer.stops)} of {answer.denominator} {answer.per}s stop after {answer.step}, {answer.drop_off} lost",
        ["customer", answer.per, "outcome", "last touchpoint"],
        [
            (stop.customer_id, stop.path_id, stop.outcome, from_microseconds(stop.ended_at_us).isoformat())
            for stop in answer.stops
        ],
    )


def _show_funnel(answer: Funnel) -> None:
    within = "no window" if answer.window_seconds is None else f"within {span(answer.window_seconds)}"
    table(
        f"{answer.denominator} of {answer.population} {answer.per}s entered, {answer.mode}, {within}",
        ["step", f"{answer.per}s", "of all", "of the step before", "median wait", "90th percentile"],
        [
            (
                step.label,
                step.count,
                share(step.conversion),
                share(step.from_previous),
                span(step.median_seconds),
                span(step.p90_seconds),
            )
            for step in answer.steps
        ],
    )


def share(value: float | None) -> str:
    """A share as percent.

    >>> share(0.1234)
    '12.3 %'
    """
    return "" if value is None else f"{value:.1%}".replace("%", " %")


def span(seconds: float | None) -> str:
    """A duration in its largest unit.

    >>> span(5400.0), span(2.5)
    ('1.5 h', '2.5 s')
    """
    if seconds is None:
        return ""
    for unit, size in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"
