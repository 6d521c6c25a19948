"""`journeygraph`: the commands, each in the module of its room, and what a failure looks like."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Annotated

import typer

from journeygraph import __version__
from journeygraph.errors import JourneyGraphError
from journeygraph_cli.output import say

#: Modules with a function `register(app)`, in the order that `--help` lists their commands.
ROOMS = (
    "db",
    "load",
    "quarantine",
    "sources",
    "quality",
    "anomalies",
    "cleaning",
    "pull",
    "journeys",
    "identity",
    "paths",
    "path_tables",
    "path_graph",
    "funnels",
    "patterns",
    "gaps",
    "attribution",
    "segments",
    "follow_up",
    "blueprint",
    "intent",
    "next_steps",
    "recommend",
    "privacy",
    "report",
    "schedule",
    "generate",
    "serve",
    "keys",
    "demo",
)

#: Typer brings a click of its own; this is the class of what is wrong with a command line.
_CommandLineError: type[Exception] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)

app = typer.Typer(
    name="journeygraph",
    help="Customer journeys as a graph, where every number carries the Cypher that reproduces it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    debug: Annotated[bool, typer.Option("--debug", help="Show the stack trace of a failure.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True)] = False,  # noqa: ARG001
) -> None:
    if debug:
        os.environ["JOURNEYGRAPH_DEBUG"] = "1"


for _room in ROOMS:
    importlib.import_module(f"journeygraph_cli.{_room}").register(app)


def main() -> None:
    """Run a command; a failure is one sentence on standard error and an exit status, see `errors`."""
    arguments = sys.argv[1:]
    if "--debug" in arguments:  # accepted anywhere, before or after the command
        arguments.remove("--debug")
        arguments.insert(0, "--debug")
    try:
        status = app(arguments, standalone_mode=False)
    except JourneyGraphError as error:
        _fail(error, str(error), error.exit_status)
    except _CommandLineError as error:
        getattr(error, "show")()  # noqa: B009 - the class has no name that typer exports
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        say("Stopped.")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        _fail(error, f"Unexpected: {type(error).__name__}: {error} (run again with --debug for the trace)", 1)
    sys.exit(status if isinstance(status, int) else 0)


def _fail(error: BaseException, sentence: str, status: int) -> None:
    if os.environ.get("JOURNEYGRAPH_DEBUG"):
        raise error
    say(sentence)
    sys.exit(status)


if __name__ == "__main__":
    main()
