"""`journeygraph cleaning`: what is set aside, by which rules, and the lineages of one event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph.errors import UsageError
from journeygraph_cli import context
from journeygraph_cli.output import JsonFlag, emit, say, table

if TYPE_CHECKING:
    from journeygraph.set_aside import Event, Rate, Rules, SetAside

_RATE = re.compile(r"(\d+)/(\d+(?:\.\d+)?)")
TouchpointId = Annotated[str, typer.Argument(metavar="TOUCHPOINT_ID")]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    cleaning = typer.Typer(
        help="Touchpoints seen twice, of bots and of tests: what is set aside.", no_args_is_help=True
    )
    cleaning.command("set-aside")(show_set_aside)
    cleaning.command("rules")(rules)
    cleaning.command("explain")(explain)
    cleaning.command("keep")(keep)
    cleaning.command("fit")(fit)
    app.add_typer(cleaning, name="cleaning")


def show_set_aside(as_json: JsonFlag = False) -> None:
    """Show how many touchpoints are set aside, as what, by which rule and of which source."""
    from journeygraph import set_aside

    with context.open_graph() as graph:
        answer = set_aside.overview(graph)
    emit(answer, as_json, lambda: _show(answer))


def rules(
    near_duplicates: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Merge what several sources saw within so many seconds.")
    ] = None,
    prefer: Annotated[
        list[str] | None, typer.Option(metavar="SOURCE", help="Whose touchpoint stays; repeatable, the first first.")
    ] = None,
    rate: Annotated[
        str | None, typer.Option(metavar="N/SECONDS", help="Visitors with more than N touchpoints in these are bots.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="No rules: all that they set aside counts again.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show or change the rules by which touchpoints are set aside; journeys are rebuilt where they change."""
    from journeygraph import set_aside
    from journeygraph_loaders import pipeline

    if prefer and near_duplicates is None:
        raise UsageError("--prefer says whose near-duplicate stays: give --near-duplicates SECONDS as well.")
    if none and (near_duplicates is not None or rate is not None):
        raise UsageError("--none removes all rules: give it alone.")
    if near_duplicates is not None and near_duplicates <= 0:
        raise UsageError(f"--near-duplicates {near_duplicates:g} is no time: more than 0 seconds are needed.")
    with context.open_graph() as graph:
        found = set_aside.Rules() if none else set_aside.read_rules(graph)
        if near_duplicates is not None:
            near = set_aside.NearDuplicates(seconds=near_duplicates, prefer=tuple(prefer or ()))
            found = found.model_copy(update={"near": near})
        if rate is not None:
            found = found.model_copy(update={"rates": (_rate(rate),)})
        if none or near_duplicates is not None or rate is not None:
            set_aside.declare(graph, found)
            pipeline.finish(graph, say)
    emit(found, as_json, lambda: _show_rules(found))


def _rate(text: str) -> Rate:
    from journeygraph.set_aside import Rate

    found = _RATE.fullmatch(text.strip())
    if found is None or int(found[1]) < 2 or float(found[2]) <= 0:
        raise UsageError(f"--rate {text!r} is no rate: one such as 60/60 (touchpoints/seconds, 2 or more) is needed.")
    return Rate(name="rate", touchpoints=int(found[1]), seconds=float(found[2]))


def explain(touchpoint_id: TouchpointId, as_json: JsonFlag = False) -> None:
    """Show one event as all sources saw it: each touchpoint with source, file, line, and why it is set aside."""
    from journeygraph import set_aside

    with context.open_graph() as graph:
        answer = set_aside.event(graph, touchpoint_id)
    context.noted("read touchpoint", *{one.customer_id for one in answer.touchpoints})
    emit(answer, as_json, lambda: _show_event(answer))


def keep(
    touchpoint_id: TouchpointId,
    undo: Annotated[bool, typer.Option("--undo", help="Leave it to the rules again.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Let a touchpoint count whatever the rules say."""
    from journeygraph import set_aside
    from journeygraph_loaders import pipeline

    with context.open_graph() as graph:
        customer = set_aside.keep(graph, touchpoint_id, kept=not undo)
        pipeline.finish(graph, say)
        answer = set_aside.event(graph, touchpoint_id)
    context.noted("keep touchpoint", customer)
    emit(answer, as_json, lambda: _show_event(answer))


def fit(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders, or (quoted) globs.")],
    mapping: Annotated[str, typer.Option("--mapping", metavar="FILE", help="A mapping with impute: and statistics:.")],
    timezone: Annotated[str | None, typer.Option("--timezone", help="Zone of times without an offset.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace statistics that are frozen already.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Compute the statistics that missing values are filled from; the file that the mapping names keeps them."""
    from journeygraph_loaders.cleaning import fitting

    answer = fitting.fit(paths, mapping, timezone=timezone, replace=replace, say=say)

    def human() -> None:
        for name, (by, rows) in answer.fields.items():
            say(f"{name}: {by}, of {rows:,} rows.")
        say(f"Frozen in {answer.file}, of a sample of {answer.rows:,} rows.")

    emit(answer, as_json, human)


def _show(answer: SetAside) -> None:
    table(
        f"{answer.total:,} touchpoints are set aside",
        ("as", "by the rule", "source", "touchpoints", "customers", "such as"),
        [
            (one.set_aside_as, one.set_aside_by, one.source, f"{one.touchpoints:,}", f"{one.customers:,}",
             ", ".join(one.examples))
            for one in answer.counts
        ],
    )  # fmt: skip
    _show_rules(answer.rules)


def _show_rules(found: Rules) -> None:
    if found.near is not None:
        prefer = f"; that of {', then '.join(found.near.prefer)} stays" if found.near.prefer else ""
        say(f"What several sources saw within {found.near.seconds:g} s is one event{prefer}.")
    for rate in found.rates:
        say(
            f"{rate.name}: visitors with more than {rate.touchpoints} touchpoints in {rate.seconds:g} s "
            f"count as {rate.kind} traffic."
        )
    if found.near is None and not found.rates:
        say("No rule looks at several touchpoints.")


def _show_event(answer: Event) -> None:
    table(
        "One event, as all sources saw it",
        ("touchpoint", "customer", "step", "at", "source", "file", "line", "counts"),
        [
            (one.touchpoint_id, one.customer_id, one.step, one.occurred_at.isoformat(), one.source, one.file, one.line,
             "yes" if one.set_aside_as is None else f"no: {one.set_aside_as} ({one.set_aside_by})")
            for one in answer.touchpoints
        ],
    )  # fmt: skip
