"""`journeygraph report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from journeygraph_cli.context import instant, open_graph, settings
from journeygraph_cli.output import AsOf, JsonFlag, emit, say, stdout
from journeygraph_cli.which_paths import Grain


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("report")(report)


def report(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the files; it is created.")],
    formats: Annotated[str, typer.Option(help="Which files to write, separated by commas.")] = "html,json,md,csv",
    compare: Annotated[
        str | None,
        typer.Option("--compare", metavar="DIR_OR_ID", help="The earlier report that each finding is compared with."),
    ] = None,
    blueprint: Annotated[
        Path | None,
        typer.Option("--blueprint", metavar="FILE", help="A declared journey (YAML) whose missing steps are tested."),
    ] = None,
    grain: Grain = "customer",
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the gap report: one page that opens offline, and the same figures as JSON, Markdown and CSV.

    The same graph gives the same bytes.
    """
    from journeygraph.blueprints import read
    from journeygraph.journeys.grain import check
    from journeygraph.report import build, earlier
    from journeygraph.report.write import chosen

    whose = check(grain)
    known_at, wanted, chosen_settings = instant(as_of), chosen(formats), settings()
    declared = read(blueprint) if blueprint else None
    before = earlier.read(compare, chosen_settings.home) if compare else None
    with open_graph() as graph:
        written = build(
            graph,
            out,
            chosen_settings,
            formats=wanted,
            as_of=known_at,
            grain=whose,
            earlier=before,
            blueprint=declared,
            progress=lambda what: say(f"{what} ..."),
        )

    def human() -> None:
        for name in written.files:
            stdout.print(str(Path(written.folder) / name), markup=False, soft_wrap=True)

    emit(written, as_json, human)
