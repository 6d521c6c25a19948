"""`journeygraph quarantine`: the rows that could not be stored: which and why, once more, or given up."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeygraph.errors import UsageError
from journeygraph_cli.context import noted_list, open_graph, settings
from journeygraph_cli.output import JsonFlag, emit, say, table

if TYPE_CHECKING:
    from journeygraph.quality.waiting import BadRowEntry, Count, Dropped, Which

Ids = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Rows by their id in the list.")]
File = Annotated[
    str | None, typer.Option("--file", metavar="PATTERN", help="Only rows of files with such a name, e.g. 'till*'.")
]
Column = Annotated[str | None, typer.Option("--column", help="Only rows whose fault is in this column.")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Only rows whose reason has this in it.")]
InState = Annotated[
    str | None,
    typer.Option("--state", help="waiting, or outdated: their file was read again since, and has them no more."),
]
Batch = Annotated[str | None, typer.Option("--load", metavar="BATCH_ID", help="Only rows that this load met last.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    quarantine = typer.Typer(help="Rows that could not be stored: list, show, load again, drop.", no_args_is_help=True)
    quarantine.command("list")(list_bad_rows)
    quarantine.command("show")(show_bad_row)
    quarantine.command("replay")(replay_bad_rows)
    quarantine.command("drop")(drop_bad_rows)
    quarantine.command("history")(show_history)
    quarantine.command("export")(export_bad_rows)
    app.add_typer(quarantine, name="quarantine")


def _which(
    ids: list[int] | None,
    file: str | None,
    column: str | None,
    reason: str | None,
    state: str | None,
    batch: str | None,
) -> Which:
    from journeygraph.quality.waiting import Which

    if state not in (None, "waiting", "outdated"):
        raise UsageError(f"--state {state!r} is no state of a row in quarantine: waiting or outdated.")
    found: Any = state
    return Which(tuple(ids or ()), file, column, reason, found, batch)


def list_bad_rows(
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many at most; 0: all.")] = 0,
    file: File = None,
    column: Column = None,
    reason: Reason = None,
    state: InState = None,
    batch: Batch = None,
    as_json: JsonFlag = False,
) -> None:
    """Show the rows in quarantine: how many for which reason, and each with file, line, column, value and reason."""
    from journeygraph.quality import waiting
    from journeygraph_loaders.quarantine import rows_text

    which, home = _which(None, file, column, reason, state, batch), settings().home
    noted_list("read quarantine")
    count, counted, settled = waiting.total(home, which), waiting.counts(home, which), waiting.settled(home)
    entries = waiting.entries(home, which, limit=limit or None)

    def human() -> None:
        _show_counts(f"{rows_text(count)} in quarantine", counted)
        _show_entries(entries)
        if settled:
            told = ", ".join(f"{rows:,} {outcome}" for outcome, rows in settled.items())
            say(f"No longer in quarantine: {told}; `journeygraph quarantine history` lists them.")

    answer = {
        "count": count,
        "counts": [one.model_dump(mode="json") for one in counted],
        "settled": settled,
        "rows": [entry.model_dump(mode="json") for entry in entries],
    }
    emit(answer, as_json, human)


def _show_counts(title: str, counted: list[Count]) -> None:
    table(
        title,
        ("rows", "file", "column", "state", "reason"),
        [(one.rows, one.file, one.column, one.state, one.reason) for one in counted],
    )


def _show_entries(entries: list[BadRowEntry]) -> None:
    table(
        "Row by row",
        ("id", "file", "line", "column", "reason", "seen", "state"),
        [(entry.id, entry.file, entry.line, entry.column, entry.reason, entry.seen, entry.state) for entry in entries],
    )


def show_bad_row(
    entry: Annotated[int, typer.Argument(metavar="ID", help="Its id in the list.")], as_json: JsonFlag = False
) -> None:
    """Show one row in quarantine with all that it says."""
    from journeygraph.quality import waiting
    from journeygraph_loaders.quarantine import shown

    noted_list("read quarantine")
    found = waiting.one(settings().home, entry)

    def human() -> None:
        table(
            f"Row {found.id} of quarantine: {found.file}, line {found.line}",
            ("", ""),
            [
                ("state", found.state),
                *[("also in", place) for place in found.also_in],
                ("reason", found.reason),
                ("column", found.column),
                ("value", found.value),
                ("load", found.batch_id),
                ("seen by", f"{found.seen} load{'s' if found.seen > 1 else ''}"),
                ("can be replayed", "yes" if found.replayable else "only with a corrected row (--rows)"),
            ],
        )
        table("The row", ("column", "value"), [(name, shown(value)) for name, value in found.raw.items()])

    emit(found, as_json, human)


def replay_bad_rows(
    ids: Ids = None,
    mapping: Annotated[
        str | None, typer.Option("--mapping", metavar="FILE", help="The mended mapping; default: the one used.")
    ] = None,
    timezone: Annotated[str | None, typer.Option("--timezone", help="Zone of times without an offset.")] = None,
    rows: Annotated[
        Path | None,
        typer.Option("--rows", metavar="FILE", help="Corrected rows: id and raw, as `quarantine export` writes them."),
    ] = None,
    file: File = None,
    column: Column = None,
    reason: Reason = None,
    state: InState = None,
    batch: Batch = None,
    as_json: JsonFlag = False,
) -> None:
    """Load rows in quarantine again, by a mended mapping or corrected; what is good now is stored and leaves it."""
    from journeygraph_loaders import corrections
    from journeygraph_loaders.quarantine import rows_text
    from journeygraph_loaders.replay import replay

    which = _which(ids, file, column, reason, state, batch)
    if rows is not None and which:
        raise UsageError("--rows says itself which rows are loaded again: give it without ids and conditions.")
    given = None if rows is None else corrections.read(rows)
    with open_graph() as graph:
        result = replay(
            graph, settings().home, mapping=mapping, timezone=timezone, which=which, corrections=given, say=say
        )

    def human() -> None:
        say(
            f"{rows_text(result.received)}: {result.stored:,} stored, {result.duplicate:,} there already, "
            f"{result.quarantined:,} still in quarantine."
        )
        for one in result.refused:
            say(f"Row {one.id} as corrected is still bad: {one.reason}")

    emit(result, as_json, human)


def drop_bad_rows(
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why; it is kept.")],
    ids: Ids = None,
    everything: Annotated[bool, typer.Option("--all", help="Every row in quarantine.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many it would be, and drop none.")] = False,
    file: File = None,
    column: Column = None,
    reason: Reason = None,
    state: InState = None,
    batch: Batch = None,
    as_json: JsonFlag = False,
) -> None:
    """Give rows in quarantine up for good: what they said is deleted; that they were there stays on record."""
    from journeygraph.quality import waiting

    which = _which(ids, file, column, reason, state, batch)
    dropped = waiting.drop(settings().home, which, because, everything=everything, dry_run=dry_run)
    emit(dropped, as_json, lambda: _show_dropped(dropped))


def _show_dropped(dropped: Dropped) -> None:
    from journeygraph_loaders.quarantine import rows_text

    did = "dropped" if dropped.done else "would be dropped"
    say(f"{rows_text(dropped.rows)} {did}, because: {dropped.because}; {dropped.left:,} in quarantine.")


def show_history(
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many at most; 0: all.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Show the rows that are in quarantine no longer: replayed or dropped, when, by whom and why."""
    from journeygraph.quality import waiting

    home = settings().home
    counted, found = waiting.settled(home), waiting.history(home, limit=limit or None)

    def human() -> None:
        table(
            "No longer in quarantine",
            ("id", "file", "line", "outcome", "at", "by", "because", "load"),
            [(one.id, one.file, one.line, one.outcome, one.at, one.by, one.because, one.batch_id) for one in found],
        )

    emit({"settled": counted, "rows": [one.model_dump() for one in found]}, as_json, human)


def export_bad_rows(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="CSV file; default: standard output.")
    ] = None,
    file: File = None,
    column: Column = None,
    reason: Reason = None,
    state: InState = None,
    batch: Batch = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the rows in quarantine as CSV that is safe to open in a spreadsheet; `replay --rows` reads it mended."""
    from journeygraph.privacy.written import note_file
    from journeygraph_loaders.quarantine import Quarantine, export, rows_text

    which = _which(None, file, column, reason, state, batch)
    if as_json and out is None:
        raise UsageError("quarantine export --json prints where the rows are: give --out FILE as well.")
    noted_list("export quarantine")
    with Quarantine(settings().home, "export") as quarantine:
        if out is None:
            export(quarantine.entries(which), sys.stdout)
            return
        note_file(settings().home, out)  # first: it may be killed while it writes
        try:
            with open(out, "w", encoding="utf-8", newline="", opener=_private) as written:
                count = export(quarantine.entries(which), written)
        except OSError as error:
            raise UsageError(
                f"--out {out} cannot be written: {error.strerror}. The name of a file is needed."
            ) from error
    emit({"rows": count, "file": str(out)}, as_json, lambda: say(f"{rows_text(count)} written to {out}."))


def _private(path: str, flags: int) -> int:
    """Opens a file that its owner alone can read: rows name people."""
    return os.open(path, flags, 0o600)
