"""`journeygraph quality` and `dictionary`: quality report, reconciliation, proof of a migration, data dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeygraph_cli import context
from journeygraph_cli.output import JsonFlag, emit, say, share, stdout, table

if TYPE_CHECKING:
    from journeygraph.quality.dictionary import Dictionary
    from journeygraph.quality.stages import Stages
    from journeygraph.quality.totals import Comparison
    from journeygraph_loaders.proving import Proof, ProvedFile
    from journeygraph_loaders.reading import Options
    from journeygraph_loaders.tracing import FileTrace, Traced

Mapping = Annotated[
    str | None, typer.Option("--mapping", metavar="FILE", help="The mapping that the files were loaded with.")
]
Source = Annotated[str | None, typer.Option("--source", help="As the files were loaded with.")]
Channel = Annotated[str | None, typer.Option("--channel", help="As the files were loaded with.")]
Format = Annotated[str, typer.Option("--format", help="As the files were loaded with.")]
_SHOWN = 50
_SHOWN_EXAMPLES = 2
_PROVED = ("before", "after", "duplicate", "quarantined", "missing", "cleaned", "unexplained", "uncounted")


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    quality = typer.Typer(
        help="What the data are worth: a report, reconciliation, proof of a migration.", no_args_is_help=True
    )
    quality.command("report")(report)
    quality.command("reconcile")(reconcile)
    quality.command("stages")(stages)
    quality.command("prove")(prove)
    app.add_typer(quality, name="quality")
    app.command("dictionary")(dictionary)


def dictionary(as_json: JsonFlag = False) -> None:
    """Every property in the graph: meaning, type, unit, filled share, an example, and the files it came from."""
    from journeygraph.quality.dictionary import dictionary as find

    with context.open_graph() as graph:
        answer = find(graph, context.settings().home)
    emit(answer, as_json, lambda: _show_dictionary(answer))


def report(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the files; it is created.")],
    at: Annotated[
        str | None, typer.Option("--at", metavar="T", help="Until when ages are counted (ISO 8601 with offset); now.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the quality report: quality.html, which opens offline, quality.json, and each table as CSV.

    Completeness, uniqueness, validity, timeliness, consistency and trend of each source, sources with their ratings,
    contracts, the counts at every stage, and the data dictionary; every figure with its denominator and its Cypher.
    """
    from journeygraph.privacy.written import note
    from journeygraph.report.quality import collect, write

    until = context.instant(at, "--at")
    with context.open_graph() as graph:
        home = context.settings().home
        written = write(collect(graph, home, at=until), out, before=partial(note, home))

    def human() -> None:
        for name in written.files:
            stdout.print(str(Path(written.folder) / name), markup=False, soft_wrap=True)

    emit(written, as_json, human)


def reconcile(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[PATH]...", help="Files whose every row is looked up.")
    ] = None,
    totals: Annotated[
        Path | None, typer.Option("--totals", metavar="FILE", help="The source's own totals, CSV or JSON.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", min=0, metavar="SHARE", help="Of what is stated, e.g. 0.001.")
    ] = 0.0,
    timezone: Annotated[
        str | None, typer.Option("--timezone", help="Of the days in the totals (UTC), and of times without offset.")
    ] = None,
    mapping: Mapping = None,
    source: Source = None,
    channel: Channel = None,
    format: Format = "auto",
    as_json: JsonFlag = False,
) -> None:
    """Hold the graph against a source's own totals, and against its files row by row; check between every two stages.

    Exits with 1 where anything is off: a total by more than the tolerance, a row that is missing, two stages.
    """
    from journeygraph.quality import totals as own_totals
    from journeygraph.quality.stages import stages
    from journeygraph_loaders.tracing import trace, waiting

    stated = own_totals.read(totals) if totals else None
    with context.open_graph() as graph:
        checked = stages(graph, context.settings().home)
        compared = (
            own_totals.compare(graph, stated, tolerance=tolerance, timezone=timezone or "UTC") if stated else None
        )
        traces = trace(graph, paths, _options(mapping, source, channel, timezone, format)) if paths else []
    agrees = checked.agrees and not (compared and compared.off) and not any(found.counts["missing"] for found in traces)
    in_quarantine = waiting(context.settings().home) if compared and compared.off and not paths else []
    answer: dict[str, Any] = {
        "agrees": agrees,
        "totals": compared and compared.model_dump(mode="json"),
        "files": [found.model_dump(mode="json") for found in traces],
        "quarantined": [row.model_dump() for row in in_quarantine],
        "stages": checked.model_dump(mode="json"),
    }

    def human() -> None:
        if compared:
            _show_totals(compared)
        for found in traces:
            _show_trace(found)
        if in_quarantine:
            _show_rows(f"{len(in_quarantine)} rows in quarantine", in_quarantine)
        _show_stages(checked)
        say("All agrees." if agrees else "Not all agrees.")

    emit(answer, as_json, human)
    if not agrees:
        raise typer.Exit(1)


def stages(
    cypher: Annotated[bool, typer.Option("--cypher", help="Print the statements that give the counts, too.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check the counts between every two stages: rows, quarantine, graph, what counts, journeys, sessions, report.

    Exits with 1 where two differ and nothing explains it.
    """
    from journeygraph.quality.stages import stages as count

    with context.open_graph() as graph:
        answer = count(graph, context.settings().home)

    def human() -> None:
        _show_stages(answer)
        for name, statement in answer.statements.items() if cypher else ():
            stdout.print(f"// {name}\n{statement.browser_text}\n", markup=False, highlight=False, soft_wrap=True)
        say("All agrees." if answer.agrees else "Not all agrees.")

    emit(answer, as_json, human)
    if not answer.agrees:
        raise typer.Exit(1)


def prove(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="The files that were loaded.")],
    mapping: Mapping = None,
    source: Source = None,
    channel: Channel = None,
    timezone: Annotated[str | None, typer.Option("--timezone", help="As the files were loaded with.")] = None,
    format: Format = "auto",
    as_json: JsonFlag = False,
) -> None:
    """Prove a migration: rows, sums, customers of each file by pandas before, by Cypher after; differences explained.

    Where the mapping cleans values, it is told which rule changed how many, and what that makes of sums and customers.
    Exits with 1 where rows are missing or not counted, or a difference is unexplained.
    """
    from journeygraph_loaders.proving import prove as find

    with context.open_graph() as graph:
        answer = find(graph, paths, _options(mapping, source, channel, timezone, format))
    emit(answer, as_json, lambda: _show_proof(answer))
    if not answer.holds:
        raise typer.Exit(1)


def _options(
    mapping: str | None, source: str | None, channel: str | None, timezone: str | None, format: str
) -> Options:
    from journeygraph.privacy.suppression import Suppressions
    from journeygraph_loaders.pipeline import as_mapping
    from journeygraph_loaders.reading import Options

    home = context.settings().home
    return Options(as_mapping(mapping), source, channel, timezone, format, suppressed=Suppressions(home))


def _show_dictionary(answer: Dictionary) -> None:
    table(
        "Data dictionary",
        ["of", "property", "meaning", "unit", "type", "filled", "", "example", "from"],
        [
            (one.kind, one.property, one.meaning, one.unit, ", ".join(one.types), f"{one.filled:,} of {one.of:,}",
             share(one.share), "(personal)" if one.personal else one.example,
             ", ".join(sorted({f"{origin.source}: {origin.column or one.property}" for origin in one.origins})))
            for one in answer.entries
        ],
    )  # fmt: skip


def _show_totals(answer: Comparison) -> None:
    off = [line for line in answer.lines if not line.within]
    table(
        f"Totals: {answer.compared - answer.off} of {answer.compared} figures agree",
        ["source", "day", "step", "figure", "stated", "stored", "difference"],
        [
            (line.source, line.day, line.step, line.figure, _number(line.stated), _number(line.stored),
             _number(line.difference))
            for line in off[:_SHOWN]
        ],
    )  # fmt: skip
    if len(off) > _SHOWN:
        say(f"{len(off) - _SHOWN} more differ; --json has all of them.")


def _show_trace(found: FileTrace) -> None:
    counts = ", ".join(f"{count:,} {state}" for state, count in found.counts.items())
    _show_rows(f"{found.file}: {found.received:,} rows: {counts}", found.rows)


def _show_rows(title: str, rows: Sequence[Traced]) -> None:
    table(
        title,
        ["state", "file", "line", "touchpoint", "reason"],
        [(row.state, row.file, row.line, row.touchpoint_id, row.reason) for row in rows[:_SHOWN]],
    )
    if len(rows) > _SHOWN:
        say(f"{len(rows) - _SHOWN} more rows; --json has all of them.")


def _show_stages(answer: Stages) -> None:
    table(
        "Between every two stages",
        ["stage", "", "", "", "", "agrees", "Cypher"],
        [
            (check.stage, check.left, f"{check.left_count:,}", check.right, f"{check.right_count:,}",
             "; ".join(filter(None, ("yes" if check.agrees else check.explained or "NO", check.note))),
             ", ".join(check.statements))
            for check in answer.checks
        ],
    )  # fmt: skip


def _show_proof(answer: Proof) -> None:
    for file in answer.files:
        table(
            f"{file.file} (counted by {file.counted_by}): {'proved' if file.holds else 'NOT proved'}",
            ["figure", *(name.replace("uncounted", "not counted") for name in _PROVED)],
            [(one.figure, *(_number(getattr(one, name)) for name in _PROVED)) for one in file.figures],
        )  # fmt: skip
        if rows := max(one.uncounted for one in file.figures):
            say(f"{rows:,} rows in quarantine could not be counted: value and customers are those of the other rows.")
        if file.changes:
            _show_changes(file)
    stdout.print("Every difference is explained." if answer.holds else "Not every difference is explained.")


def _show_changes(file: ProvedFile) -> None:
    table(
        f"{file.file}: values that rules changed, of those that can be stored",
        ["field", "rule", "changed", "of", "for example"],
        [
            (one.field, one.rule, f"{one.changed:,}", f"{one.of:,}",
             "; ".join(f"{_text(example.before)} → {_text(example.after)} (line {example.line})"
                       for example in one.examples[:_SHOWN_EXAMPLES]))
            for one in file.changes
        ],
    )  # fmt: skip


def _text(value: str | None) -> str:
    return "nothing" if value is None else repr(value)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
