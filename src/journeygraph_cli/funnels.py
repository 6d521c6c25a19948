"""`journeygraph funnel` and `funnel-dropped`: how far customers come, and what those who stop do instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, cast

import typer

from journeygraph.durations import seconds
from journeygraph.errors import UsageError
from journeygraph_cli import context
from journeygraph_cli.output import JsonFlag, emit, say, share, span, table
from journeygraph_cli.which_paths import WhichPaths, about_paths

if TYPE_CHECKING:
    from journeygraph.funnels.answers import Breakdown, Dropped, Funnel, IdentityBand
    from journeygraph.funnels.question import Mode
    from journeygraph.journeys.table import JourneyTable

Steps = Annotated[list[str], typer.Argument(metavar="STEP...", help="Steps in order; 'a|b' is either of the two.")]
ModeOption = Annotated[str, typer.Option("--mode", help="ordered, strict (nothing between) or unordered.")]
Window = Annotated[
    str, typer.Option("--window", metavar="TIME", help="Time from the first step: 14d, 12h, 30m, 90s or none.")
]
Exclude = Annotated[
    list[str] | None, typer.Option("--exclude", metavar="S", help="A step that ends an attempt; repeatable.")
]
_GROUPS_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("funnel")(funnel)
    app.command("funnel-dropped")(funnel_dropped)


@about_paths(per="customer")
def funnel(
    which: WhichPaths,
    steps: Steps,
    mode: ModeOption = "ordered",
    window: Window = "14d",
    exclude: Exclude = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="KEY", help="A funnel for each value of a property, channel, ...")
    ] = None,
    identity_band: Annotated[
        str | None,
        typer.Option("--identity-band", metavar="P,P,...", help="Also under merges of at least each confidence."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """How many customers take the steps, how fast, and where they stop."""
    from journeygraph.funnels import funnel as count

    within = seconds(window, "--window")

    def counted(data: JourneyTable) -> Funnel:
        return count(data, steps, mode=cast("Mode", mode), window_seconds=within, exclude=exclude or [])

    if identity_band is None:
        answer = counted(which.read(by=by))
    else:
        answer = _banded(which, identity_band, counted, by)
    emit(answer, as_json, lambda: _show_funnel(answer))


@about_paths(per="customer")
def funnel_dropped(
    which: WhichPaths,
    steps: Steps,
    after: Annotated[
        str | None, typer.Option("--after", metavar="STEP", help="List those who stopped after this step.")
    ] = None,
    next_step: Annotated[
        str | None, typer.Option("--next", metavar="S", help="List those who did this next; '(end)': nothing.")
    ] = None,
    mode: ModeOption = "ordered",
    window: Window = "14d",
    exclude: Exclude = None,
    as_json: JsonFlag = False,
) -> None:
    """Who stops at each step of a funnel, and what they do instead; with --after or --next, one by one."""
    from journeygraph.funnels import dropped

    within = seconds(window, "--window")
    data = which.read()
    answer = dropped(
        data,
        steps,
        mode=cast("Mode", mode),
        window_seconds=within,
        exclude=exclude or [],
        reached=None if after is None else _number(after, steps),
        next_step=next_step,
        listed=after is not None or next_step is not None,
    )
    emit(answer, as_json, lambda: _show_dropped(answer))


def _banded(which: WhichPaths, levels: str, counted: Callable[[JourneyTable], Funnel], by: str | None) -> Funnel:
    from journeygraph.funnels import identity_band

    confidences = identity_band.parse(levels)
    identity_band.check(which.per, which.grain, which.as_of)
    one = replace(which, per="journey")

    def read(least: float) -> JourneyTable:
        return one.read(graph=graph, least_confidence=least)

    def at_grain(table: JourneyTable) -> Funnel:
        return counted(table.by_customer() if which.per == "customer" else table)

    with context.open_graph() as graph:
        band = identity_band.band(graph, confidences, read, at_grain)
        whole = counted(which.read(by=by, graph=graph))
    return whole.model_copy(update={"identity_band": band})


def _number(after: str, steps: list[str]) -> int:
    """Which of the funnel's steps that is, from 1; a step that the funnel has twice is given by its number."""
    if after in steps:
        return steps.index(after) + 1
    if after.isdigit():
        return int(after)
    raise UsageError(f"--after {after!r} is not one of the funnel's steps: {', '.join(steps)}.")


def _show_funnel(answer: Funnel) -> None:
    within = "no window" if answer.window_seconds is None else f"within {span(answer.window_seconds)}"
    table(
        f"{answer.denominator} of {answer.population} {answer.counted} entered, {answer.mode}, {within}",
        ["step", answer.counted, "of all", "of the step before", "median wait", "90th percentile"],
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
    if answer.breakdown is not None:
        _show_breakdown(answer, answer.breakdown)
    if answer.identity_band is not None:
        _show_band(answer.identity_band)


def _show_band(band: IdentityBand) -> None:
    table(
        f"Under merges of at least some confidence, of {band.merges} that stand",
        ["confidence", "merges", "customers", *(step.step for step in band.levels[0].steps), "conversion", "journeys'"],
        [
            (
                f"{level.least_confidence:g}",
                level.merges,
                level.customers,
                *(step.count for step in level.steps),
                share(level.steps[-1].conversion),
                share(level.conversion),
            )
            for level in band.levels
        ],
    )
    last, ended = band.conversions[-1], band.journey_conversion
    say(
        f"Conversion lies between {share(last.low)} and {share(last.high)}; of journeys that ended, between "
        f"{share(ended.low)} and {share(ended.high)}."
    )


def _show_breakdown(answer: Funnel, breakdown: Breakdown) -> None:
    groups = sorted(breakdown.groups, key=lambda group: (-group.denominator, group.group or ""))
    table(
        f"By {breakdown.by}"
        + (f", the {_GROUPS_SHOWN} largest of {len(groups)}" if len(groups) > _GROUPS_SHOWN else ""),
        [breakdown.by, *(step.label for step in answer.steps), "conversion", "95 % interval", "q"],
        [
            (
                "(not known)" if group.group is None else group.group,
                *(step.count for step in group.steps),
                share(group.steps[-1].conversion),
                "" if group.interval is None else f"{share(group.interval[0])} to {share(group.interval[1])}",
                "" if group.q_value is None else f"{group.q_value:.2g}",
            )
            for group in groups[:_GROUPS_SHOWN]
        ],
    )


def _show_dropped(answer: Dropped) -> None:
    if answer.paths:
        table(
            f"{len(answer.paths)} of {answer.denominator} {answer.counted} that entered",
            [answer.grain, "path" if answer.per == "customer" else answer.per, "outcome", "steps reached", "did next"],
            [(row.customer_id, row.path_id, row.outcome, row.reached, row.next_step) for row in answer.paths],
        )
        return
    for step in answer.steps:
        table(
            f"{step.count} of {answer.denominator} {answer.counted} stop after {step.step}: "
            f"{step.lost} lost, {step.converted} converted otherwise, {step.open} open",
            ["did next", answer.counted, f"{answer.grain}s", "share"],
            [(row.step, row.count, row.customers, share(row.share)) for row in step.instead[:10]],
        )
