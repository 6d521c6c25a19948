"""`journeygraph paths`: all transitions, or a view from, to or between steps, level by level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph.errors import UsageError
from journeygraph.limits import MOST_LEVELS
from journeygraph_cli.output import JsonFlag, emit, say, span, table
from journeygraph_cli.which_paths import WhichPaths, about_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journeygraph.paths.answers import PathView, Stops, Transition, Transitions

#: Transitions that fit a screen.
_SHOWN = 40


def register(app: typer.Typer) -> None:
    """Add the command of this room."""
    app.command("paths")(paths)


@about_paths()
def paths(
    which: WhichPaths,
    from_step: Annotated[str | None, typer.Option("--from", metavar="S", help="Paths from this step on.")] = None,
    to_step: Annotated[str | None, typer.Option("--to", metavar="S", help="Paths up to this step.")] = None,
    levels: Annotated[
        int | None, typer.Option("--levels", min=1, max=MOST_LEVELS, metavar="N", help="Transitions to show (5).")
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            min=1,
            metavar="K",
            help="Steps shown a level (10), the rest is '(other)'; of all transitions, the K most frequent.",
        ),
    ] = None,
    stops_at: Annotated[
        str | None, typer.Option("--stops-at", metavar="STEP@LEVEL", help="List the paths that stop there instead.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """All transitions; with --from, --to or --levels, a path view level by level."""
    from journeygraph.paths import path_view, transitions
    from journeygraph.paths import stops as list_stops

    data = which.read()
    if from_step is None and to_step is None and levels is None and stops_at is None:
        every = transitions(data)
        shown = most_frequent(every, top if as_json else top or _SHOWN)
        emit(shown, as_json, lambda: _show_transitions(shown))
        if more := len(every.links) - len(shown.links):
            say(f"({more:,} more) --top {len(every.links)} shows all transitions.")
        return
    view = path_view(data, from_step=from_step, to_step=to_step, levels=levels or 5, top=top or 10)
    if stops_at is None:
        emit(view, as_json, lambda: _show_view(view))
        return
    step, level = _place(stops_at)
    listed = list_stops(data, view, level=level, step=step)
    emit(listed, as_json, lambda: _show_stops(listed))


def most_frequent(answer: Transitions, top: int | None) -> Transitions:
    """The answer with its `top` most frequent transitions, ties by name, in the order that it had; None: with all."""
    if top is None or top >= len(answer.links):
        return answer
    kept = {(link.source, link.target) for link in _by_count(answer.links)[:top]}
    links = [link for link in answer.links if (link.source, link.target) in kept]
    return answer.model_copy(update={"links": links})


def _by_count(links: Sequence[Transition]) -> list[Transition]:
    return sorted(links, key=lambda link: (-link.count, link.source, link.target))


def _place(text: str) -> tuple[str, int]:
    """Step and level of `STEP@LEVEL`; the step may itself hold an @."""
    step, _, level = text.rpartition("@")
    if not step or not level.isdigit():
        raise UsageError(f"--stops-at {text!r} is not a step and its level, such as cart@2.")
    return step, int(level)


def _show_transitions(answer: Transitions) -> None:
    table(
        f"Transitions of {answer.denominator} {answer.counted}",
        ["from", "to", "count", answer.counted, f"{answer.grain}s", "median", "90th percentile", "ended after"],
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
            for link in _by_count(answer.links)
        ],
    )


def _show_view(answer: PathView) -> None:
    table(
        f"{answer.denominator} of {answer.population} {answer.counted}",
        ["level", "from", "to", answer.counted, f"{answer.grain}s", "lost there"],
        [
            (link.level, link.source, link.target, link.journeys, link.customers, link.drop_off or "")
            for link in sorted(answer.links, key=lambda link: (link.level, -link.journeys, link.source, link.target))
        ],
    )


def _show_stops(answer: Stops) -> None:
    from journeygraph.schema import from_microseconds

    table(
        f"{len(answer.stops)} of {answer.denominator} {answer.counted} stop after {answer.step}, "
        f"{answer.drop_off} lost",
        [answer.grain, "path" if answer.per == "customer" else answer.per, "outcome", "last touchpoint"],
        [
            (stop.customer_id, stop.path_id, stop.outcome, from_microseconds(stop.ended_at_us).isoformat())
            for stop in answer.stops
        ],
    )
