"""`journeygraph blueprint`: declared journeys, drafted from what happened and held against it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph_cli.output import AsOf, JsonFlag, emit, say, table
from journeygraph_cli.which_paths import Grain

if TYPE_CHECKING:
    from journeygraph.blueprints.answers import Conformance, Deviation
    from journeygraph.blueprints.suggest import Suggestion

File = Annotated[Path, typer.Argument(metavar="FILE", help="The declared journey, a YAML file (docs/blueprints.md).")]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    room = typer.Typer(no_args_is_help=True, help="Declared journeys, and how well what happened fits them.")
    room.command("check")(check)
    room.command("suggest")(suggest)
    app.add_typer(room, name="blueprint")


def check(file: File, grain: Grain = "customer", as_of: AsOf = None, as_json: JsonFlag = False) -> None:
    """Hold a declared journey against what happened: fitness, deviations, the customers behind each."""
    from journeygraph.blueprints import read
    from journeygraph.blueprints.conformance import check as hold
    from journeygraph.journeys.grain import check as known
    from journeygraph_cli.context import instant, open_graph

    blueprint, whose, at = read(file), known(grain), instant(as_of)
    with open_graph() as graph:
        answer = hold(graph, blueprint, as_of=at, grain=whose)
    for step in answer.unknown_steps:
        say(f"No touchpoint has the step {step!r}: is it spelt as in the data?")
    emit(answer, as_json, lambda: _show(answer))


def suggest(
    starts: Annotated[
        str, typer.Option("--starts", metavar="STEP", help="What follows this step, instead of converted journeys.")
    ] = "journeys",
    required: Annotated[float, typer.Option("--required", metavar="X", help="Share that makes a step required.")] = 0.8,
    optional: Annotated[float, typer.Option("--optional", metavar="X", help="Share that makes one optional.")] = 0.2,
    grain: Grain = "customer",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the draft there.")] = None,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Draft a declared journey from the data, with the figures as comments."""
    from journeygraph.blueprints.suggest import suggest as draft
    from journeygraph.errors import UsageError
    from journeygraph.journeys.grain import check as known
    from journeygraph_cli.context import instant, open_graph

    whose, at = known(grain), instant(as_of)
    with open_graph() as graph:
        answer = draft(graph, starts=starts, required_share=required, optional_share=optional, as_of=at, grain=whose)
    if out is not None:
        try:
            out.write_text(answer.yaml, encoding="utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"--out {out} cannot be written: {error.strerror}.") from error
        say(f"Written to {out}.")
    emit(answer, as_json, lambda: _draft(answer, out))


def _draft(answer: Suggestion, out: Path | None) -> None:
    if out is None:
        typer.echo(answer.yaml, nl=False)


def _show(answer: Conformance) -> None:
    if answer.deviations:
        columns = ("deviation", "cases", f"{answer.grain}s", "converted with it", "without it", "difference")
        table(f"{answer.blueprint}: deviations", columns, [_row(one) for one in answer.deviations])
    fitness = "not known" if answer.fitness is None else f"{answer.fitness:.1%}"
    between = f" ({answer.interval[0]:.1%} to {answer.interval[1]:.1%})" if answer.interval else ""
    say(
        f"Fitness {fitness}{between}: {answer.perfect} of {answer.cases} cases of {answer.customers} {answer.grain}s "
        f"went as declared; {answer.not_yet_judged} cannot be judged yet. --json shows the Cypher of each figure."
    )


def _row(one: Deviation) -> tuple[object, ...]:
    difference = ""
    if one.conversion_difference is not None and one.conversion_interval is not None:
        low, high = one.conversion_interval
        difference = f"{100 * one.conversion_difference:+.1f} points\n{100 * low:+.1f} to {100 * high:+.1f}"
    return (
        f"{one.step}\n{one.kind}",
        f"{one.cases} of {one.denominator}\n{one.share:.1%}",
        f"{one.customers} of {one.denominator_customers}",
        f"{one.converted_with} of {one.known_with}",
        f"{one.converted_without} of {one.known_without}",
        difference,
    )
