"""`journeygraph pull`: what is new in a SQL database or behind an HTTP API, into the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph.errors import UsageError
from journeygraph_cli.context import open_graph, settings
from journeygraph_cli.load import say_reasons
from journeygraph_cli.output import JsonFlag, emit, say, table

if TYPE_CHECKING:
    from journeygraph_loaders.pull import Pull


def register(app: typer.Typer) -> None:
    """Add the command of this room."""
    app.command("pull")(pull)


def pull(
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="A pull declared in YAML, or give --url and --table.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="SQLAlchemy URL; '${VARIABLE}' is taken from the environment.")
    ] = None,
    table: Annotated[str | None, typer.Option("--table", help="Table or view to read.")] = None,
    query: Annotated[str | None, typer.Option("--query", help="SELECT statement to read, instead of a table.")] = None,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="COLUMN", help="A column that grows: only what is new is read.")
    ] = None,
    overlap: Annotated[
        str | None, typer.Option("--overlap", metavar="DURATION", help="Read that far back again, e.g. 10m.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Its state goes by this name; default: the table's.")
    ] = None,
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
            help="The pull brings all of each value of PROPERTY that it reads: what it lacks of it is set aside.",
        ),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Read nothing: show every pull, how far it came and its counts.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="From the start; what is stored is there already.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Load what is new since the last time from a SQL database or an HTTP API; killed, the same command goes on."""
    from journeygraph_loaders import pull as pulls
    from journeygraph_loaders.quarantine import rows_text

    if listed:
        _list(as_json)
        return
    own = {"url": url, "table": table, "query": query, "cursor": cursor, "overlap": overlap}
    others = {"name": name, "mapping": mapping, "source": source, "channel": channel, "timezone": timezone,
              "replaces": replaces}  # fmt: skip
    declared = _declared(file, own, others)
    with open_graph() as graph:
        result = pulls.pull(graph, declared, home=settings().home, again=again, goals=goal or [], say=say)

    def human() -> None:
        say(
            f"{rows_text(result.received)} of {result.place}: {result.stored:,} stored, {result.duplicate:,} there "
            f"already, {result.quarantined:,} in quarantine; {result.seconds:.1f} s."
        )
        say(f"The graph holds {result.touchpoints:,} touchpoints of {result.customers:,} customers.")

    emit(result, as_json, human)
    if result.quarantined:
        say_reasons(result.batch_id)


def _list(as_json: bool) -> None:
    from journeygraph.quality.pulls import pulls

    with open_graph() as graph:
        answer = pulls(graph, settings().home)
    columns = ["pull", "of", "state", "up to", "last", "pulls", "interrupted", "received", "stored", "there already",
               "in quarantine"]  # fmt: skip
    rows = [
        (one.name, one.place, one.state, one.position, one.last_started_at and one.last_started_at[:16], one.pulls,
         one.interrupted, one.received, one.stored, one.duplicate, one.quarantined)
        for one in answer.pulls
    ]  # fmt: skip
    emit(answer, as_json, lambda: table("Pulls", columns, rows))


def _declared(file: str | None, own: dict[str, str | None], others: dict[str, str | None]) -> Pull:
    """The pull that a file declares (options win over it), or the options do."""
    from journeygraph_loaders.pull import declared, read

    told = {key: value for key, value in others.items() if value is not None}
    if file is not None:
        if any(own.values()):
            raise UsageError("Give either FILE, or --url with --table or --query: a file says these itself.")
        return read(file, told)
    if own["url"] is None:
        raise UsageError("Give FILE (a pull declared in YAML), or --url with --table or --query.")
    place = "of the command line"
    sql = {key: value for key, value in own.items() if value is not None}
    if "name" not in told and own["table"] is None:
        raise UsageError("A pull by --query needs --name: its state goes by it.")
    return declared({"name": own["table"], **told, "sql": sql}, place)
