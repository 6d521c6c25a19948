"""`journeygraph load`: files into the graph."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from journeygraph.errors import UsageError
from journeygraph_cli.context import open_graph, settings
from journeygraph_cli.output import JsonFlag, emit, say, stderr


def register(app: typer.Typer) -> None:
    """Add the command of this room."""
    app.command("load")(load)


def load(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders, or (quoted) globs.")],
    format: Annotated[
        str, typer.Option("--format", help="auto, csv, jsonl, parquet, or a source: see `docs/sources.md`.")
    ] = "auto",
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
    replaces: Annotated[
        str | None,
        typer.Option(
            "--replaces",
            metavar="PROPERTY",
            help="The files are all of each value of PROPERTY, e.g. event_date: what they lack of it is set aside.",
        ),
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
        if bulk and replaces:
            raise UsageError("--bulk loads into an empty database, where nothing is replaced: leave --replaces out.")
        result = _bulk(paths, options) if bulk else _through_the_driver(paths, {**options, "replaces": replaces})
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
        say_reasons(result.batch_id)


def say_reasons(batch_id: str) -> None:
    """Why rows of a load are in quarantine, the commonest reasons first."""
    from journeygraph_loaders.quarantine import Quarantine, rows_text

    with Quarantine(settings().home, batch_id) as quarantine:
        for reason, file, line, rows in quarantine.reasons():
            many = f", {rows_text(rows)} such as" if rows > 1 else ""
            say(f"In quarantine{many}: {file}, line {line}: {reason}")
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
