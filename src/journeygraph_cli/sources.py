"""`journeygraph sources`, `contracts` and `lineage`: what comes in, how good it is, and where it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph_cli import context
from journeygraph_cli.output import JsonFlag, emit, say, share, table

if TYPE_CHECKING:
    from journeygraph.quality.contracts import ContractList, Difference
    from journeygraph.quality.inventory import Inventory, SourceCard

At = Annotated[
    str | None, typer.Option("--at", metavar="T", help="Until when ages are counted (ISO 8601 with offset); now.")
]
Source = Annotated[str, typer.Argument(metavar="SOURCE")]
_RATINGS = ("relevance", "freshness", "granularity", "reliability")


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    sources = typer.Typer(
        help="Every source with its freshness, granularity, completeness, ratings.", no_args_is_help=True
    )
    sources.command("list")(list_sources)
    sources.command("show")(show_source)
    app.add_typer(sources, name="sources")
    contracts = typer.Typer(
        help="Which columns sources have, and what happens when that changes.", no_args_is_help=True
    )
    contracts.command("list")(list_contracts)
    contracts.command("show")(show_contract)
    contracts.command("diff")(diff_contract)
    contracts.command("set")(set_contract)
    app.add_typer(contracts, name="contracts")
    app.command("lineage")(lineage)


def list_sources(at: At = None, as_json: JsonFlag = False) -> None:
    """All sources, each with four ratings from 1 to 5 that are measured; docs/quality.md has the thresholds."""
    from journeygraph.quality.inventory import inventory

    until = context.instant(at, "--at")
    with context.open_graph() as graph:
        answer = inventory(graph, context.settings().home, at=until)
    for one in answer.refused:
        say(
            f"Of the source {one.source} nothing could be stored: {one.received:,} received, all of them in "
            "quarantine; `journeygraph quarantine list` says why."
        )
    emit(answer, as_json, lambda: _show_sources(answer))


def show_source(source: Source, at: At = None, as_json: JsonFlag = False) -> None:
    """One source: what its ratings rest on, and which fields it fills."""
    from journeygraph.quality.inventory import inventory

    until = context.instant(at, "--at")
    with context.open_graph() as graph:
        answer = inventory(graph, context.settings().home, source=source, at=until)
    emit(answer, as_json, lambda: _show_source(answer.sources[0]))


def list_contracts(as_json: JsonFlag = False) -> None:
    """All contracts: version, mode, and which load changed each last."""
    from journeygraph.quality import contracts

    answer = contracts.overview(context.settings().home)
    emit(answer, as_json, lambda: _show_contracts(answer))


def show_contract(source: Source, as_json: JsonFlag = False) -> None:
    """One contract: its columns, and its whole history."""
    from journeygraph.quality import contracts

    contract = contracts.one(context.settings().home, source)

    def human() -> None:
        table(
            f"{source}: version {contract.version}, {contract.mode or 'evolve'}",
            ["column", "kinds"],
            [(column, ", ".join(kinds)) for column, kinds in contract.columns.items()],
        )
        table(
            "Versions",
            ["version", "when", "load", "file", "changes"],
            [(one.version, f"{one.at:%Y-%m-%d %H:%M}", one.batch_id, one.file, "; ".join(one.changes))
             for one in contract.history],
        )  # fmt: skip

    emit(contract, as_json, human)


def diff_contract(
    source: Source,
    since: Annotated[int | None, typer.Option("--from", min=0, metavar="N", help="Version; the one before.")] = None,
    until: Annotated[int | None, typer.Option("--to", min=0, metavar="N", help="Version; the last one.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """What changed between two versions: which columns, in which load, when; and what loads departed from it."""
    from journeygraph.quality import contracts

    answer = contracts.difference(context.settings().home, source, since, until)
    emit(answer, as_json, lambda: _show_difference(answer))


def set_contract(
    source: Source,
    mode: Annotated[str, typer.Argument(metavar="MODE", help="evolve, freeze, discard_row or discard_value.")],
    new: Annotated[bool, typer.Option("--new", help="Also for a source that is still to be loaded first.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Say what is done from now on when the source changes; `contract:` in a mapping wins."""
    from journeygraph.quality import contracts

    contract = contracts.set_mode(context.settings().home, source, mode, new=new)
    emit(
        contract, as_json, lambda: say(f"The contract of {source} (version {contract.version}) is {contract.mode} now.")
    )


def lineage(touchpoint_id: Annotated[str, typer.Argument(metavar="TOUCHPOINT_ID")], as_json: JsonFlag = False) -> None:
    """Source, file, line, mapping version, contract version and load of one touchpoint."""
    from journeygraph.quality.lineage import lineage as find

    with context.open_graph() as graph:
        answer = find(graph, touchpoint_id)
    shown = answer.model_dump(exclude={"cypher", "parameters"})
    emit(answer, as_json, lambda: table("Lineage", ["what", "value"], list(shown.items())))


def _show_sources(answer: Inventory) -> None:
    table(
        f"Sources, 1 (poor) to 5 (good), at {answer.at:%Y-%m-%d %H:%M %Z}",
        ["source", "format", "protocol", "touchpoints", "customers", "newest", "age", "times by", "filled", *_RATINGS],
        [
            (
                one.source,
                ", ".join(one.formats),
                ", ".join(one.protocols),
                one.touchpoints,
                one.customers,
                one.last_at[:16].replace("T", " "),
                f"{one.age_days:.1f} d",
                one.resolution,
                share(one.completeness),
                *(one.rating(name) for name in _RATINGS),
            )
            for one in answer.sources
        ],
    )


def _show_source(card: SourceCard) -> None:
    table(
        f"{card.source}: ratings",
        ["rating", "", "rests on", "value", "of", "grade"],
        [
            (rating.name, rating.rating, measure.name, _value(measure.value),
             _of(measure.numerator, measure.denominator), measure.grade)
            for rating in card.ratings
            for measure in rating.measures
        ],
    )  # fmt: skip
    table(
        f"Fields that it fills, of {card.touchpoints} touchpoints",
        ["field", "filled", "share"],
        [(field.field, field.filled, share(field.share)) for field in card.fields],
    )


def _value(value: float | str | None) -> str:
    return f"{value:.3g}" if isinstance(value, float) else "" if value is None else str(value)


def _of(numerator: float | None, denominator: float | None) -> str:
    return "" if denominator is None else f"{'' if numerator is None else f'{numerator:g} of '}{denominator:g}"


def _show_contracts(answer: ContractList) -> None:
    table(
        "Contracts",
        ["source", "version", "mode", "columns", "changed", "by file", "in load", "departures"],
        [
            (one.source, one.version, one.mode, one.columns, one.changed_at and f"{one.changed_at:%Y-%m-%d %H:%M}",
             one.changed_by, one.batch_id, one.departures)
            for one in answer.contracts
        ],
    )  # fmt: skip


def _show_difference(answer: Difference) -> None:
    table(
        f"{answer.source}: version {answer.since} to {answer.until}",
        ["column", "before", "after"],
        [(one.column, ", ".join(one.before) or "(none)", ", ".join(one.after)) for one in answer.columns],
    )
    told = [(f"version {one.version}", one) for one in answer.loads] + [(one.mode, one) for one in answer.departures]
    table(
        "Loads that changed it or departed from it",
        ["", "when", "load", "file", "changes"],
        [(what, f"{one.at:%Y-%m-%d %H:%M}", one.batch_id, one.file, "; ".join(one.changes)) for what, one in told],
    )
