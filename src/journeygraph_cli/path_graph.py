"""`journeygraph path-to`, `step-graph` and `compare-paths`: ways to a goal, the steps' roles, and differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph_cli.output import JsonFlag, emit, left_out, share, span, table
from journeygraph_cli.which_paths import WhichPaths, about_paths

if TYPE_CHECKING:
    from journeygraph.paths.compare import Difference, PathComparison
    from journeygraph.paths.routes import Routes
    from journeygraph.paths.structure import StepStructure


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("path-to")(path_to)
    app.command("step-graph")(step_graph)
    app.command("compare-paths")(compare_paths)


@about_paths()
def path_to(
    which: WhichPaths,
    goal: Annotated[str, typer.Argument(metavar="GOAL", help="The step to reach.")],
    minimum: Annotated[
        int, typer.Option("--min-journeys", metavar="N", help="Only over transitions that so many took.")
    ] = 5,
    as_json: JsonFlag = False,
) -> None:
    """The way to a step with the fewest steps, the fastest, the most likely and the most valuable one."""
    from journeygraph.paths import routes_to

    data = which.read()
    answer = routes_to(data, goal, minimum=minimum)
    emit(answer, as_json, lambda: _show_routes(answer))


@about_paths()
def step_graph(
    which: WhichPaths,
    as_json: JsonFlag = False,
) -> None:
    """Where paths begin and end, which steps are bridges, and which belong together."""
    from journeygraph.paths import step_structure

    data = which.read()
    answer = step_structure(data)
    emit(answer, as_json, lambda: _show_structure(answer))


@about_paths(per="customer")
def compare_paths(
    which: WhichPaths,
    first: Annotated[
        list[str], typer.Option("--first", metavar="CONDITION", help="The one side: platform=ios, since=2026-01-01.")
    ],
    second: Annotated[list[str], typer.Option("--second", metavar="CONDITION", help="The other side; repeatable.")],
    minimum: Annotated[
        int, typer.Option("--min-journeys", metavar="N", help="Compare only what so many on both sides have.")
    ] = 10,
    as_json: JsonFlag = False,
) -> None:
    """How the paths of two segments or two periods differ, with significance."""
    from journeygraph.paths import compare

    answer = compare(which.read(where=first), which.read(where=second), minimum=minimum)
    emit(answer, as_json, lambda: _show_comparison(answer))


def _show_routes(answer: Routes) -> None:
    table(
        f"{answer.reached} of {answer.denominator} {answer.counted} reach {answer.goal}{left_out(answer.currencies)}",
        ["way", "steps", "likely", "of the value", "median time", f"{answer.counted} exactly so"],
        [
            (
                route.best.replace("_", " "),
                " > ".join(route.steps),
                share(route.probability),
                share(route.value_share),
                span(route.seconds),
                route.journeys,
            )
            for route in answer.routes
        ],
    )


def _show_structure(answer: StepStructure) -> None:
    table(
        f"The steps of {answer.denominator} {answer.counted}",
        ["step", "begin here", "end here", "lost here", "betweenness", "cuts the graph", "community"],
        [
            (
                row.step,
                share(row.entry_share),
                share(row.exit_share),
                row.lost,
                f"{row.betweenness:.3f}",
                "yes" if row.articulation else "",
                row.community,
            )
            for row in answer.steps
        ],
    )


def _show_comparison(answer: PathComparison) -> None:
    first, second = answer.first, answer.second
    table(
        f"{second.label} ({second.denominator} {answer.counted}) against {first.label} ({first.denominator}); "
        f"{answer.tested} tests, {answer.corrected_by}",
        ["what", first.label, second.label, "difference", "95 % interval", "q"],
        [_difference(row) for row in answer.differences if row.q_value <= 0.05],
    )


def _difference(row: Difference) -> tuple[object, ...]:
    shown = span if row.kind == "wait" else share
    change = row.difference or 0.0
    interval = "" if row.interval is None else " to ".join(f"{bound:+.1%}" for bound in row.interval)
    return (
        " ".join([row.kind, " > ".join(row.subject)]).strip(),
        shown(row.first),
        shown(row.second),
        ("-" if change < 0 else "+") + shown(abs(change)),
        interval,
        f"{row.q_value:.2g}",
    )
