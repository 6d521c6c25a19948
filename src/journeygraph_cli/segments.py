"""`journeygraph segments`: define, build, list and show segments of customers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph_cli import context
from journeygraph_cli.output import AsOf, JsonFlag, emit, share, table

if TYPE_CHECKING:
    from journeygraph.segments import Members, Segments
    from journeygraph.segments.answers import Quality


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    segments = typer.Typer(help="Segments of customers: define, build, list, show.", no_args_is_help=True)
    app.add_typer(segments, name="segments")
    segments.command("define")(define)
    segments.command("build")(build)
    segments.command("list")(list_segments)
    segments.command("show")(show)


def define(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML with name and where; or a list of customers.")],
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Of a list; none: the file's.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Define segments by conditions on journeys, or by a list of customers; their members are found at once."""
    from journeygraph import segments

    definitions = segments.read(file, name)
    with context.open_graph() as graph:
        answer = segments.define(graph, definitions)
    emit(answer, as_json, lambda: _show_segments(answer))


def build(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="None: all.")] = None,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Find the members of segments anew, after data came in; with --as-of, only tell how many there would have been.

    A membership keeps since when and until when it was.
    """
    from journeygraph import segments

    at = context.instant(as_of)
    with context.open_graph() as graph:
        answer = segments.build(graph, [] if name is None else [name], as_of=at)
    emit(answer, as_json, lambda: _show_segments(answer))


def list_segments(as_json: JsonFlag = False) -> None:
    """All segments with their sizes, and whether their members convert otherwise than all others."""
    from journeygraph import segments

    with context.open_graph() as graph:
        answer = segments.overview(graph)
    emit(answer, as_json, lambda: _show_segments(answer))


def show(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Customers to show.")] = 100,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """The customers in a segment, now or at an instant."""
    from journeygraph import segments

    at = context.instant(as_of)
    with context.open_graph() as graph:
        answer = segments.members(graph, name, as_of=at, limit=limit)
    context.noted_list("list segment members")
    emit(answer, as_json, lambda: _show_members(answer))


def _show_segments(answer: Segments) -> None:
    table(
        "Segments",
        ["name", "kind", "definition", "customers", "of all", "convert", "others convert", "q", "built"],
        [
            (
                one.name,
                one.kind,
                ", ".join(one.definition.get("where") or [f"{one.definition.get('listed')} listed"]),
                one.size,
                share(one.share) if one.share is not None else "",
                *_quality(one.quality),
                one.built_at.isoformat(timespec="minutes") if one.built_at else "",
            )
            for one in answer.segments
        ],
    )


def _quality(quality: Quality | None) -> tuple[str, str, str]:
    if quality is None:
        return ("", "", "")
    alike = " (no difference shown)" if quality.over_segmented else ""
    return (
        share(quality.converted / quality.decided),
        share(quality.others_converted / quality.others_decided),
        f"{quality.q_value:.2g}{alike}",
    )


def _show_members(answer: Members) -> None:
    table(
        f"{len(answer.members)} of {answer.size} customers in {answer.name}",
        ["customer", "since"],
        [(one.customer_id, one.since.isoformat() if one.since else "") for one in answer.members],
    )
