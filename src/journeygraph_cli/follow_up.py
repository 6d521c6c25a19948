"""`journeygraph follow-up`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph_cli.output import JsonFlag, emit, stdout, table

if TYPE_CHECKING:
    from journeygraph.gaps.follow_up import FollowUp


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("follow-up")(follow_up)


def follow_up(
    finding_id: Annotated[str | None, typer.Argument(metavar="FINDING_ID", help="None: list all.")] = None,
    owner: Annotated[str | None, typer.Option(help='Who follows the finding up; "" takes the owner away.')] = None,
    note: Annotated[str | None, typer.Option(help='What is being done; "" takes the note away.')] = None,
    as_json: JsonFlag = False,
) -> None:
    """Put an owner and a note on a finding, or list them; they stay with its id from report to report."""
    from journeygraph.errors import UsageError
    from journeygraph.gaps import follow_up as domain
    from journeygraph_cli.context import open_graph

    if finding_id is None and (owner is not None or note is not None):
        raise UsageError("--owner and --note need the id of a finding, which `journeygraph gaps` shows.")
    with open_graph() as graph:
        if finding_id is not None and (owner is not None or note is not None):
            domain.put(graph, finding_id, owner=owner, note=note)
        answer = domain.read(graph)
    if finding_id is not None:
        shown = tuple(one for one in answer.follow_ups if one.finding_id == finding_id)
        answer = answer.model_copy(update={"follow_ups": shown})
    emit(answer, as_json, lambda: _print(answer.follow_ups))


def _print(follow_ups: tuple[FollowUp, ...]) -> None:
    if not follow_ups:
        stdout.print("Nobody follows up a finding.")
        return
    rows = [(one.finding_id, one.owner, one.note, one.noted_at) for one in follow_ups]
    table("Findings that are followed up", ("finding", "owner", "note", "since"), rows)
