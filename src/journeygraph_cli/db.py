"""`journeygraph db`: the managed Neo4j, started, stopped, looked at and emptied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph.errors import UsageError
from journeygraph_cli.context import settings
from journeygraph_cli.output import JsonFlag, emit, say, stderr, stdout

if TYPE_CHECKING:
    from journeygraph.server import ManagedServer, ServerStatus

app = typer.Typer(help="The managed local Neo4j.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Add the commands."""
    root.add_typer(app, name="db")


@app.command()
def start(as_json: JsonFlag = False) -> None:
    """Start Neo4j, fetching it the first time; nothing happens where it runs already."""
    with managed_server() as server:
        if not server.is_running():
            say(f"Starting Neo4j {server.layout.version} ...")
        _show(server.start(), as_json)


@app.command()
def stop(as_json: JsonFlag = False) -> None:
    """Stop Neo4j cleanly; its data stays."""
    with managed_server() as server:
        _show(server.stop(), as_json)


@app.command()
def status(as_json: JsonFlag = False) -> None:
    """Tell where the graph is and whether it answers; starts nothing."""
    from journeygraph import server

    _show(server.status(settings()), as_json)


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Really delete all data of the managed Neo4j.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Stop Neo4j and delete its data, login and logs; what was fetched stays."""
    with managed_server() as server:
        if not yes:
            raise UsageError(
                f"`journeygraph db reset` deletes all data in {server.layout.base}: add --yes if that is meant."
            )
        _show(server.reset(), as_json)


@contextmanager
def managed_server() -> Iterator[ManagedServer]:
    """The managed server, with a bar while it is fetched."""
    from journeygraph.server import ManagedServer

    with _progress() as progress:
        yield ManagedServer(settings(), progress=progress, tell=say)


@contextmanager
def _progress() -> Iterator[_Bar]:
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.close()


class _Bar:
    """A progress bar that appears with the first byte fetched: rate, share, and how long it will take."""

    def __init__(self) -> None:
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        columns = (
            TextColumn("Fetching Neo4j"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=stderr)
        self._task = self._bar.add_task("Fetching Neo4j", start=False, visible=False)

    def __call__(self, done: int, total: int) -> None:
        if not self._bar.tasks[0].started:
            self._bar.start()
            self._bar.update(self._task, visible=True, total=total, completed=done)
            self._bar.start_task(self._task)
        self._bar.update(self._task, completed=done, total=total)

    def close(self) -> None:
        self._bar.stop()


def _show(answer: ServerStatus, as_json: bool) -> None:
    def human() -> None:
        stdout.print(
            f"Neo4j {answer.version or ''} {'is running' if answer.running else 'is not running'}", markup=False
        )
        for label, value in (
            ("Bolt", answer.uri),
            ("Browser", answer.browser),
            ("User", answer.username),
            ("Password", _there(answer.password_file) and f"in {answer.password_file}"),
            ("Log", _there(answer.log)),
        ):
            if value:
                stdout.print(f"  {label:<9}{value}", markup=False)

    emit(answer, as_json, human)


def _there(file: str | None) -> str | None:
    """The file, where there is one: a server that was never started, or was reset, has none."""
    return file if file and Path(file).exists() else None
