"""`journeygraph schedule`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from journeygraph.errors import JourneyGraphError
from journeygraph_cli.output import JsonFlag, emit, say, stdout
from journeygraph_cli.which_paths import Grain

if TYPE_CHECKING:
    from journeygraph.graph import Graph
    from journeygraph.report import Report, Written
    from journeygraph.report.write import Format
    from journeygraph.schedule import Run
    from journeygraph.schema import Grain as TheGrain
    from journeygraph.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("schedule")(schedule)


def schedule(
    cron: Annotated[str, typer.Option("--cron", metavar="EXPRESSION", help="When, e.g. '0 6 * * 1': Mondays at six.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Each report gets a folder of its own in here.")],
    name: Annotated[str, typer.Option(help="Which schedule this is: its memory goes by this name.")] = "report",
    time_zone: Annotated[str, typer.Option(help="Time zone of the expression.")] = "UTC",
    formats: Annotated[str, typer.Option(help="Which files to write; json is needed to compare.")] = "html,json,md,csv",
    blueprint: Annotated[
        Path | None,
        typer.Option("--blueprint", metavar="FILE", help="A declared journey (YAML) whose missing steps are tested."),
    ] = None,
    grain: Grain = "customer",
    train: Annotated[
        bool, typer.Option("--train", help="Before each report, train the intent model again where it no longer holds.")
    ] = False,
    mail: Annotated[list[str] | None, typer.Option("--mail", metavar="ADDRESS", help="Send the digest here.")] = None,
    webhook: Annotated[list[str] | None, typer.Option("--webhook", metavar="URL", help="Post the digest here.")] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Run if it is due, and end: for cron or a systemd timer.")
    ] = False,
    now: Annotated[bool, typer.Option("--now", help="Run once whether it is due or not, and end.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write the report at its times, compare it with the one before, and deliver it.

    Runs until it is stopped, unless --once or --now is given. A time that was missed is caught up at the next start.
    """
    from journeygraph.blueprints import read
    from journeygraph.journeys.grain import check
    from journeygraph.report.write import chosen
    from journeygraph.schedule import Cron, Schedule, destination, run_if_due, serve
    from journeygraph_cli.context import settings

    if blueprint:
        read(blueprint)  # refused now rather than at the first run; read anew at each
    own, whose = settings(), check(grain)
    mails = [destination("mail", address, own) for address in mail or ()]
    hooks = [destination("webhook", url, own) for url in webhook or ()]
    wanted = Schedule(name, Cron(cron, time_zone), out, (*mails, *hooks), chosen(formats))

    def look() -> Run:
        done = run_if_due(wanted, partial(_make, wanted.formats, blueprint, whose, train), own, at_once=now)
        emit(done, as_json, lambda: _print(done))
        sys.stdout.flush()
        return done

    if once or now:
        if look().failed:
            raise typer.Exit(1)
        return
    say(f"{wanted.cron.words}; the next time is {wanted.cron.after(datetime.now(UTC)).isoformat()}. Ctrl-C ends it.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serve(wanted, lambda: _went_well(look), own)


def _make(
    formats: tuple[Format, ...], blueprint: Path | None, grain: TheGrain, train: bool, folder: Path, last: str | None
) -> tuple[Report, Written]:
    from journeygraph.blueprints import read
    from journeygraph.report import collect, earlier, save
    from journeygraph_cli.context import open_graph, settings

    own = settings()
    with open_graph() as graph:
        if train:
            _train(graph, own)
        before = earlier.read(last, own.home) if last else None
        declared = read(blueprint) if blueprint else None
        report = collect(
            graph, own, grain=grain, earlier=before, blueprint=declared, progress=lambda what: say(f"{what} ...")
        )
    return report, save(report, folder, own, formats)


def _train(graph: Graph, own: Settings) -> None:
    """Each goal's model again where it no longer holds; that there is too little to learn from ends no report."""
    from journeygraph.intent.models import retraining, store

    for goal in store.goals(own.home):
        try:
            verdict, _ = retraining.renew(graph, own, goal)
        except JourneyGraphError as error:
            say(f"No new intent model for {goal}: {error}")
        else:
            said = "Trained again" if verdict.needed else "Not trained again"
            say(f"{said} for {goal}: {'; '.join(verdict.why)}.")


def _went_well(look: Callable[[], Run]) -> bool:
    """A look whose failure ends nothing: it is said, and tried again soon."""
    try:
        return not look().failed
    except JourneyGraphError as error:
        say(str(error))
        return False


def _print(run: Run) -> None:
    if run.skipped:
        stdout.print(f"No report: {run.skipped}.", markup=False)
    if run.digest:
        stdout.print(run.digest, markup=False, soft_wrap=True)
    for delivery in run.deliveries:
        to = delivery.destination
        stdout.print(
            f"{to.kind} {to.target}: {'delivered' if delivery.delivered else delivery.error}",
            markup=False,
            soft_wrap=True,
        )
