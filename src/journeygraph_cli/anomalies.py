"""`journeygraph quality anomalies` and `late`: when a source sent something else than usual, and who has stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph.errors import UsageError
from journeygraph_cli import context
from journeygraph_cli.output import JsonFlag, emit, say, table

if TYPE_CHECKING:
    from journeygraph.quality.anomalies import Anomalies
    from journeygraph.quality.silences import Silences


def register(app: typer.Typer) -> None:
    """Add the command to those of `quality`, whose room comes before this one."""
    quality = next(group.typer_instance for group in app.registered_groups if group.name == "quality")
    if quality is not None:
        quality.command("anomalies")(anomalies)
        quality.command("late")(late)


def anomalies(
    level: Annotated[
        float, typer.Option(metavar="P", help="Chance of any false alarm at all, over everything that is tested.")
    ] = 0.05,
    as_json: JsonFlag = False,
) -> None:
    """Find spans in which a source sent far more, far less or other values than in the same hours of other weeks."""
    from journeygraph.quality.anomalies import anomalies as find

    if not 0 < level < 1:
        raise UsageError(f"--level {level:g} is no chance: more than 0 and less than 1 is needed.")
    with context.open_graph() as graph:
        answer = find(graph, level=level)
    emit(answer, as_json, lambda: _show(answer))


def late(
    at: Annotated[
        str | None, typer.Option("--at", metavar="T", help="Until when silence is counted (ISO 8601 with offset); now.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Name the sources that have sent nothing for longer than they ever paused, while others went on."""
    from journeygraph.quality.silences import silences

    until = context.instant(at, "--at")
    with context.open_graph() as graph:
        answer = silences(graph, until=until)
    emit(answer, as_json, lambda: _show_silences(answer))


def _show_silences(answer: Silences) -> None:
    table(
        f"{answer.late:,} of {len(answer.sources):,} sources are late; silence until {answer.until:%Y-%m-%d %H:%M}",
        (
            "source",
            "state",
            "newest (hour)",
            "silent for h",
            "behind others h",
            "longest pause h",
            "usual pause h",
            "pauses",
        ),
        [
            (
                one.source,
                one.state,
                f"{one.last_at:%Y-%m-%d %H:%M}",
                f"{max(one.silent_hours, 0):,}",
                f"{one.behind_hours:,}",
                "" if one.longest_pause_hours is None else f"{one.longest_pause_hours:,}",
                "" if one.usual_pause_hours is None else f"{one.usual_pause_hours:,}",
                f"{one.pauses:,}",
            )
            for one in answer.sources
        ],
    )


def _show(answer: Anomalies) -> None:
    table(
        f"{len(answer.anomalies):,} anomalies in {answer.tested:,} tests",
        ("source", "what", "step", "since", "until", "observed", "expected", "p (corrected)"),
        [
            (
                one.source,
                one.kind,
                one.step or "",
                f"{one.since:%Y-%m-%d %H:%M}",
                f"{one.until:%Y-%m-%d %H:%M}",
                f"{one.observed:,.6g}",
                f"{one.expected:,.6g}",
                f"{one.p_corrected:.2g}",
            )
            for one in answer.anomalies
        ],
    )
    for sentence in answer.untested:
        say(f"Not tested: {sentence}.")
