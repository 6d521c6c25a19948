"""`journeygraph variants`, `step-matrix`, `transitions` and `waits`: paths as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from journeygraph.limits import MOST_POSITIONS
from journeygraph_cli.output import JsonFlag, emit, left_out, share, span, table
from journeygraph_cli.which_paths import WhichPaths, about_paths

if TYPE_CHECKING:
    from journeygraph.paths.matrix import StepMatrix
    from journeygraph.paths.transition_matrix import Normalise, TransitionMatrix
    from journeygraph.paths.variants import Variants
    from journeygraph.paths.waits import Waits


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("variants")(variants)
    app.command("step-matrix")(step_matrix)
    app.command("transitions")(transitions)
    app.command("waits")(waits)


@about_paths()
def variants(
    which: WhichPaths,
    top: Annotated[int, typer.Option("--top", metavar="K", help="Variants shown; the rest is '(other)'.")] = 10,
    as_json: JsonFlag = False,
) -> None:
    """The commonest step sequences, with their share, time, conversion and value."""
    from journeygraph.paths import variants as count

    data = which.read()
    answer = count(data, top=top)
    emit(answer, as_json, lambda: _show_variants(answer))


@about_paths()
def step_matrix(
    which: WhichPaths,
    positions: Annotated[
        int, typer.Option("--positions", metavar="N", min=1, max=MOST_POSITIONS, help="Touchpoints from the first on.")
    ] = 10,
    top: Annotated[int, typer.Option("--top", metavar="K", help="Steps shown; the rest is '(other)'.")] = 15,
    as_json: JsonFlag = False,
) -> None:
    """Where paths are at their first, second, ... touchpoint; every column adds up to 100 %."""
    from journeygraph.paths import step_matrix as count

    data = which.read()
    answer = count(data, positions=positions, top=top)
    emit(answer, as_json, lambda: _show_step_matrix(answer))


@about_paths()
def transitions(
    which: WhichPaths,
    normalise: Annotated[
        str, typer.Option("--normalise", metavar="HOW", help="Shares of a row, of a column or of the total.")
    ] = "row",
    as_json: JsonFlag = False,
) -> None:
    """The transition matrix: how often each step follows each, as a share."""
    from journeygraph.paths import transition_matrix

    data = which.read()
    answer = transition_matrix(data, normalise=cast("Normalise", normalise))
    emit(answer, as_json, lambda: _show_transitions(answer))


@about_paths()
def waits(
    which: WhichPaths,
    source: Annotated[str, typer.Argument(metavar="STEP", help="The earlier step.")],
    target: Annotated[str, typer.Argument(metavar="STEP", help="The later step.")],
    eventually: Annotated[
        bool, typer.Option("--eventually", help="From a path's first STEP to the next one, whatever lies between.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """How long it takes from one step to the next: quantiles and distribution."""
    from journeygraph.paths import waits as measure

    data = which.read()
    answer = measure(data, source, target, eventually=eventually)
    emit(answer, as_json, lambda: _show_waits(answer))


def _show_variants(answer: Variants) -> None:
    table(
        f"{answer.distinct} variants of {answer.denominator} {answer.counted}{left_out(answer.currencies)}",
        ["steps", answer.counted, "share", "converted", "value", "median time", "90th percentile"],
        [
            (
                " > ".join(row.steps) + (f" ({row.variants} variants)" if row.steps == ["(other)"] else ""),
                row.journeys,
                share(row.share),
                share(row.conversion),
                f"{row.value:.2f}" if row.value else "",
                span(row.median_seconds),
                span(row.p90_seconds),
            )
            for row in answer.variants
        ],
    )


def _show_step_matrix(answer: StepMatrix) -> None:
    table(
        f"Where {answer.denominator} {answer.counted} are, touchpoint by touchpoint",
        ["step", *(str(k + 1) for k in range(answer.positions))],
        [(row.step, *(share(value) if value else "" for value in row.shares)) for row in answer.rows],
    )


def _show_transitions(answer: TransitionMatrix) -> None:
    cells = {(cell.source, cell.target): cell.share for cell in answer.cells}
    shown = answer.steps[:15]
    table(
        f"{answer.denominator} transitions, shares of each {answer.normalise}"
        if answer.normalise != "total"
        else f"Shares of {answer.denominator} transitions",
        ["from \\ to", *shown],
        [(source, *(share(cells.get((source, target))) for target in shown)) for source in shown],
    )


def _show_waits(answer: Waits) -> None:
    between = "eventually" if answer.eventually else "directly"
    quantiles = ["p10", "p25", "median", "p75", "p90", "p99"]
    table(
        f"From {answer.source} {between} to {answer.target}: {answer.count} times in {answer.journeys} "
        f"{answer.counted}",
        quantiles,
        [[span(getattr(answer, f"{name}_seconds")) for name in quantiles]],
    )
    table(
        "Distribution",
        ["from", "to", "count", "share"],
        [
            (span(row.since_seconds), span(row.until_seconds), row.count, share(row.count / answer.count))
            for row in answer.distribution
            if row.count
        ],
    )
