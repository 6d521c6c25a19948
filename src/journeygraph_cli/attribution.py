"""`journeygraph attribution`: what conversions are owed to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph.errors import UsageError
from journeygraph.limits import MOST_RESAMPLES
from journeygraph_cli import context
from journeygraph_cli.output import AsOf, JsonFlag, emit, say, share, table
from journeygraph_cli.which_paths import Grain, Segment, Where, tell

if TYPE_CHECKING:
    from journeygraph.attribution import Options, Paths
    from journeygraph.attribution.answers import Attribution, Removal
    from journeygraph.journeys.filters import Selection

ModelNames = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="first, last, last_non_direct, linear, position, time_decay, markov, shapley or shapley_rate; repeatable.",
    ),
]
By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="WHAT",
        help="What is credited: channel, step, source, stage, campaign, product, or a touchpoint's property.",
    ),
]
File = Annotated[
    Path | None,
    typer.Option(
        "--paths", metavar="FILE", help="A table with path ('a > b > c'), conversions, value, null; no graph."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("attribution")(attribution)


def attribution(
    model: ModelNames = None,
    order: Annotated[int, typer.Option("--order", metavar="K", help="Memory of the Markov chain.")] = 1,
    paths: File = None,
    by: By = "channel",
    remove: Annotated[
        str | None, typer.Option("--remove", metavar="VALUE", help="What doing without it costs, and which journeys.")
    ] = None,
    direct: Annotated[
        list[str] | None, typer.Option("--direct", metavar="NAME", help="Passed over by last_non_direct; repeatable.")
    ] = None,
    half_life: Annotated[str, typer.Option("--half-life", metavar="TIME", help="Of time_decay.")] = "7d",
    resamples: Annotated[
        int,
        typer.Option(
            "--resamples", min=0, max=MOST_RESAMPLES, metavar="N", help="Bootstrap resamples; 0: no intervals."
        ),
    ] = 200,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the resamples.")] = 0,
    limit: Annotated[int, typer.Option("--limit", min=0, metavar="N", help="Journeys that --remove lists.")] = 100,
    separator: Annotated[str, typer.Option("--separator", metavar="TEXT", help="Between a file's names.")] = ">",
    grain: Grain = "customer",
    segment: Segment = None,
    where: Where = None,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Share conversions and their value out among channels, campaigns, steps, stores or agents.

    Open journeys are left out: nobody knows yet whether they convert.
    """
    from journeygraph.attribution import attribute
    from journeygraph.journeys import filters

    options = _options(order, direct, half_life, seed)
    if paths is not None:
        _refuse_with_file(by, remove, as_of, grain, segment, where)
        answer = _of_file(paths, separator, model, options, resamples)
        emit(answer, as_json, lambda: _show(answer))
        return
    found, moneys = _read(by, as_of, grain, filters.parse(where or (), segment=segment))
    if remove is not None:
        _removal(found, moneys, remove, options, limit, resamples, as_json)
        return
    answer = attribute(found, model, options, resamples=resamples, seed=seed, currencies=moneys)
    emit(answer, as_json, lambda: _show(answer))


def _options(order: int, direct: list[str] | None, half_life: str, seed: int) -> Options:
    from journeygraph import durations
    from journeygraph.attribution import Options
    from journeygraph.attribution.model import DIRECT

    half_life_days = durations.bounded_seconds(half_life, "--half-life") / durations.DAY_SECONDS
    return Options(order, half_life_days, tuple(direct) if direct else DIRECT, seed)


def _refuse_with_file(
    by: str, remove: str | None, as_of: str | None, grain: str, segment: str | None, where: list[str] | None
) -> None:
    given = {
        "--by": by != "channel",
        "--remove": remove is not None,
        "--grain": grain != "customer",
        "--segment": segment is not None,
        "--where": bool(where),
        "--as-of": as_of is not None,
    }
    for option, is_given in given.items():
        if is_given:
            raise UsageError(f"{option} asks about touchpoints in the graph; a file of --paths holds paths only.")


def _of_file(path: Path, separator: str, models: list[str] | None, options: Options, resamples: int) -> Attribution:
    from journeygraph.attribution import attribute, path_table
    from journeygraph_loaders.files import PACKING_ERRORS, damaged, open_file

    if not separator:
        raise UsageError("--separator '' separates nothing; it is a text such as '>'.")
    opened = open_file(path)
    try:
        found = path_table.read(opened.stream, opened.format, str(path), separator=separator)
    except PACKING_ERRORS as error:
        raise damaged(path, error) from error
    finally:
        opened.close()
    return attribute(found, models, options, resamples=resamples, seed=options.seed, from_graph=False)


def _read(by: str, as_of: str | None, grain: str, selection: Selection) -> tuple[Paths, list[str]]:
    from journeygraph.attribution import read_paths
    from journeygraph.journeys.configuration import currencies
    from journeygraph.journeys.grain import check

    at, whose = context.instant(as_of), check(grain)
    with context.open_graph() as graph:
        found, moneys = read_paths(graph, by, as_of=at, grain=whose, selection=selection), currencies(graph, at)
    tell(found.belonging)
    return found, moneys


def _removal(
    found: Paths, moneys: list[str], name: str, options: Options, limit: int, resamples: int, as_json: bool
) -> None:
    from journeygraph.attribution import remove

    with context.open_graph() as graph:
        answer = remove(
            graph, found, name, options, limit=limit, resamples=resamples, seed=options.seed, currencies=moneys
        )
    emit(answer, as_json, lambda: _show_removal(answer))


def _show(answer: Attribution) -> None:
    names = list(dict.fromkeys(row.channel for row in answer.channels))
    cells = {(row.channel, row.model): f"{row.credit:,.1f}" + _range(row.interval) for row in answer.channels}
    worth = "" if answer.value is None else f", worth {answer.value:,.2f} {answer.currency or ''}".rstrip()
    table(
        f"{answer.conversions} conversions{worth}, by {answer.by.removeprefix('p_')}",
        [answer.by.removeprefix("p_"), *(model.name for model in answer.models)],
        [(name, *(cells[name, model.name] for model in answer.models)) for name in names],
    )
    say(
        f"{answer.lost} lost journeys counted, {answer.left_out} open ones left out. In brackets: 95 % intervals of "
        f"{answer.resamples} bootstrap resamples. --json shows value, and the Cypher of each model."
    )
    for note in answer.notes:
        say(note)


def _range(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"\n[{interval[0]:,.1f}, {interval[1]:,.1f}]"


def _show_removal(answer: Removal) -> None:
    what = f"{answer.by.removeprefix('p_')} {answer.removed!r}"
    table(
        f"The {len(answer.journeys)} most valuable of {answer.conversions} conversions whose journeys hold the {what}",
        ("journey", "customer", "value", "path"),
        [
            (row.journey_id, row.customer_id, "" if row.value is None else f"{row.value:,.2f}", " > ".join(row.path))
            for row in answer.journeys
        ],
    )
    interval = "" if answer.interval is None else f" ({answer.interval[0]:,.1f} to {answer.interval[1]:,.1f})"
    say(
        f"{answer.conversions} of {answer.all_conversions} conversions hold it; by the Markov chain of order "
        f"{answer.order}, doing without it would cost {answer.expected_conversions:,.1f}{interval}, "
        f"{share(answer.removal_effect)} of all. {answer.lost} lost journeys hold it too."
    )
