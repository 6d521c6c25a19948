"""`journeygraph generate`: the files of a synthetic shop, and the truth that was planted in it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from journeygraph.errors import UsageError
from journeygraph_cli.output import JsonFlag, emit, say


def register(app: typer.Typer) -> None:
    """Add this room's command."""
    app.command("generate")(generate)


def generate(
    out: Annotated[Path, typer.Option("--out", help="Folder for the touchpoint files and truth.json.")],
    customers: Annotated[int, typer.Option("--customers", min=1, help="Number of people.")] = 4_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same bytes.")] = 1,
    start: Annotated[str, typer.Option("--start", metavar="DATE", help="First day, e.g. 2025-07-01.")] = "2025-07-01",
    days: Annotated[int, typer.Option("--days", min=31, help="Days that the data covers.")] = 180,
    bad_rows: Annotated[float, typer.Option("--bad-rows", min=0, max=0.5, help="Share of unusable rows.")] = 0.0,
    planted: Annotated[bool, typer.Option("--planted/--no-planted", help="With gaps, or a shop without.")] = True,
    as_json: JsonFlag = False,
) -> None:
    """Write the touchpoints of a made-up shop with all seven channels, and what was planted in them."""
    from journeygraph import generator

    try:
        first_day = dt.date.fromisoformat(start)
    except ValueError as error:
        raise UsageError(f"--start {start!r} is not a date such as 2025-07-01.") from error
    simulation = generator.simulate(customers, seed, planted=planted, start=first_day, days=days)
    written = generator.write(simulation, out, bad_rows=bad_rows)

    def human() -> None:
        say(f"Synthetic data: {written.rows} rows of {written.customers} people in {len(written.files)} files.")
        for path in written.files:
            typer.echo(path)

    emit(written, as_json, human)
