"""`journeygraph load` and `journeygraph quarantine`: files into the graph, and the rows that could not go in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from journeygraph.errors import UsageError
from journeygraph_cli.context import open_graph, settings
from journeygraph_cli.output import JsonFlag, emit, say, stderr, table

quarantine_app = typer.Typer(help="Rows that could not be stored: list, export, load again.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("load")(load)
    quarantine_app.command("list")(list_bad_rows)
    quarantine_app.command("replay")(replay_bad_rows)
    quarantine_app.command("export")(export_bad_rows)
    app.add_typer(quarantine_app, name="quarantine")


def load(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders, or (quoted) globs.")],
    format: Annotated[str, typer.Option("--format", help="auto, csv, jsonl or parquet; packed ones too.")] = "auto",
    mapping: Annotated[
        str | None, typer.Option("--mapping", metavar="FILE", help="A mapping file, or the name of a shipped one.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="Source of rows that name none.")] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="Channel of rows that name none.")] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", help="Zone of times without an offset, e.g. Europe/Berlin.")
    ] = None,
    goal: Annotated[
        list[str] | None, typer.Option("--goal", metavar="STEP", help="A step that is a conversion; repeatable.")
    ] = None,
    bulk: Annotated[
        bool, typer.Option("--bulk", help="Neo4j's own import tool: an empty managed database only.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Load touchpoints from CSV, JSONL or Parquet, plain, gzip or zstd; loading twice changes nothing."""
    options: dict[str, Any] = {
        "mapping": mapping,
        "source": source,
        "channel": channel,
        "timezone": timezone,
        "goals": goal or [],
        "format": format,
        "say": say,
    }
    from journeygraph_loaders.quarantine import rows_text

    try:
        result = _bulk(paths, options) if bulk else _through_the_driver(paths, options)
    except KeyboardInterrupt:
        say("What was read so far is stored; the same command completes the load.")
        raise

    def human() -> None:
        rate = f"{result.received / result.seconds:,.0f} rows/s" if result.seconds else "at once"
        say(
            f"{rows_text(result.received)}: {result.stored:,} stored, {result.duplicate:,} there already, "
            f"{result.quarantined:,} in quarantine; {result.seconds:.1f} s, {rate}."
        )
        say(f"The graph holds {result.touchpoints:,} touchpoints of {result.customers:,} customers.")

    emit(result, as_json, human)
    if result.quarantined:
        _say_reasons(result.batch_id)


def _say_reasons(batch_id: str) -> None:
    from journeygraph_loaders.quarantine import Quarantine, rows_text

    with Quarantine(settings().home, batch_id) as quarantine:
        for reason, rows in quarantine.reasons():
            say(f"In quarantine, {rows_text(rows)} such as: {reason}" if rows > 1 else f"In quarantine: {reason}")
    say("`journeygraph quarantine list` shows every one of them.")


def _through_the_driver(paths: list[str], options: dict[str, Any]) -> Any:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from journeygraph_loaders import pipeline

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with open_graph() as graph, Progress(*columns, console=stderr, transient=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=None, rate="")

        def progress(read: int, total: int, rows: int) -> None:
            elapsed = bar.tasks[0].elapsed or 1e-9
            bar.update(task, completed=read, total=total, rate=f"{rows:,} rows, {rows / elapsed:,.0f}/s")

        return pipeline.load(graph, paths, home=settings().home, progress=progress, **options)


def _bulk(paths: list[str], options: dict[str, Any]) -> Any:
    from journeygraph_loaders import bulk

    return bulk.load(settings(), paths, **options)


def list_bad_rows(
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many at most; 0: all.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Show the rows in quarantine, with file, line, column, value and reason."""
    from journeygraph_loaders.quarantine import Quarantine, rows_text

    with Quarantine(settings().home, "list") as quarantine:
        count = quarantine.count()
        entries = list(quarantine.entries(limit=limit or None))

    def human() -> None:
        table(
            f"{rows_text(count)} in quarantine",
            ("id", "file", "line", "column", "reason", "seen"),
            [(entry.id, entry.file, entry.line, entry.column, entry.reason, entry.seen) for entry in entries],
        )

    emit({"count": count, "rows": [entry.model_dump() for entry in entries]}, as_json, human)


def replay_bad_rows(
    mapping: Annotated[
        str | None, typer.Option("--mapping", metavar="FILE", help="The mended mapping; default: the one used.")
    ] = None,
    timezone: Annotated[str | None, typer.Option("--timezone", help="Zone of times without an offset.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="PATTERN", help="Only rows of files with such a name, e.g. 'till*'.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Load the rows in quarantine again; what is good now is stored and leaves it."""
    from journeygraph_loaders.quarantine import rows_text
    from journeygraph_loaders.replay import replay

    with open_graph() as graph:
        result = replay(graph, settings().home, mapping=mapping, timezone=timezone, file=file, say=say)

    def human() -> None:
        say(
            f"{rows_text(result.received)}: {result.stored:,} stored, {result.duplicate:,} there already, "
            f"{result.quarantined:,} still in quarantine."
        )

    emit(result, as_json, human)


def export_bad_rows(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="CSV file; default: standard output.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the rows in quarantine as CSV that is safe to open in a spreadsheet."""
    from journeygraph_loaders.quarantine import Quarantine, export, rows_text

    if as_json and out is None:
        raise UsageError("quarantine export --json prints where the rows are: give --out FILE as well.")
    with Quarantine(settings().home, "export") as quarantine:
        if out is None:
            export(quarantine.entries(), sys.stdout)
            return
        try:
            with out.open("w", encoding="utf-8", newline="") as file:
                count = export(quarantine.entries(), file)
        except OSError as error:
            raise UsageError(
                f"--out {out} cannot be written: {error.strerror}. The name of a file is needed."
            ) from error
    emit({"rows": count, "file": str(out)}, as_json, lambda: say(f"{rows_text(count)} written to {out}."))
