"""`journeygraph demo`: everything once, from an empty machine to the report, told step by step."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from journeygraph_cli import context
from journeygraph_cli.output import JsonFlag, emit, say, stdout

if TYPE_CHECKING:
    from journeygraph.blueprints import Blueprint
    from journeygraph.graph import Graph
    from journeygraph.journeys import JourneyTable
    from journeygraph.report import Report
    from journeygraph.server import ServerStatus
    from journeygraph.settings import Settings

SEED = 1
BAD_ROWS = 0.001


def register(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command("demo")(demo)


def demo(
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="FILES", help="Your own touchpoint files instead of the made-up shop."),
    ] = None,
    customers: Annotated[int, typer.Option("--customers", min=1, help="Size of the made-up shop.")] = 4_000,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Folder for the report.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Start Neo4j, load a made-up shop or your files, find gaps, score, recommend, and write the report.

    Nothing is deleted: running it again changes nothing, and your files are added to what the graph holds.
    """
    began, settings = time.monotonic(), context.settings()
    folder = out or settings.home / "demo" / "report"
    server = _started(settings)
    with context.open_graph() as graph:
        _fill(graph, settings, shlex.split(data) if data else [], customers)
        answer = _analyse(graph, settings, folder, _declared(settings) if data is None else None)
    seconds = round(time.monotonic() - began, 1)
    answer |= {
        "uri": server.uri,
        "browser": server.browser,
        "username": server.username,
        "password_file": server.password_file,
        "seconds": seconds,
    }
    emit(answer, as_json, lambda: _show(answer))


@contextmanager
def _step(what: str) -> Iterator[None]:
    """Tell what is being done, and how long it took."""
    began = time.monotonic()
    say(f"{what} ...")
    yield
    say(f"    {time.monotonic() - began:.1f} s")


def _started(settings: Settings) -> ServerStatus:
    from journeygraph import server
    from journeygraph_cli.db import managed_server

    if not settings.managed:
        say(f"Using the Neo4j at {settings.neo4j_uri}.")
        return server.status(settings)
    with _step("Starting Neo4j (the first time it is fetched, about 140 MB)"), managed_server() as managed:
        return managed.start()


def _fill(graph: Graph, settings: Settings, files: list[str], customers: int) -> None:
    """Load the files, or the made-up shop where none are named; say what was there already."""
    from journeygraph_loaders import pipeline

    sources = {row["source"] for row in graph.read("report/sources", known_at=None)}
    made_up = _made_up_sources()
    if sources:
        say(f"The graph holds data already, from: {', '.join(sorted(sources))}. Nothing of it is deleted.")
    if files:
        if sources & made_up:
            say(
                "Some of it is the made-up shop, and the report will cover both: set JOURNEYGRAPH_HOME to an empty "
                "folder, or run `journeygraph db reset --yes` first, for a report on your data alone."
            )
    elif sources - made_up:
        say("It is not the made-up shop, which is therefore not added: the report is about what is there.")
        return
    else:
        _check_size(settings, customers, loaded=bool(sources))
    chosen = files or [_shop(settings, customers)]
    with _step("Loading the touchpoints, and threading them to sessions and journeys"):
        loaded = pipeline.load(graph, chosen, home=settings.home, say=say)
    if not files:  # so that every report on this graph says so
        graph.write("load/record", batch_id=loaded.batch_id, properties={"synthetic": True})
    say(
        f"    {loaded.received:,} rows: {loaded.stored:,} stored, {loaded.duplicate:,} there already, "
        f"{loaded.quarantined:,} in quarantine. The graph holds {loaded.touchpoints:,} touchpoints of "
        f"{loaded.customers:,} customers."
    )


def _made_up_sources() -> set[str]:
    from journeygraph.generator.columns import SOURCES

    return set(SOURCES.values())


def _check_size(settings: Settings, customers: int, *, loaded: bool) -> None:
    """Refuse to mix shops of two sizes: they give the same ids to different touchpoints."""
    from journeygraph.errors import UsageError

    truth = settings.home / "demo" / "shop" / "truth.json"
    before = json.loads(truth.read_text(encoding="utf-8"))["customers"] if loaded and truth.is_file() else customers
    if before != customers:
        raise UsageError(
            f"The graph holds the made-up shop with {before:,} people, and one with {customers:,} cannot be added to "
            "it: run `journeygraph db reset --yes` first, or set JOURNEYGRAPH_HOME to an empty folder."
        )


def _shop(settings: Settings, customers: int) -> str:
    from journeygraph import generator

    folder = settings.home / "demo" / "shop"
    with _step(f"Making up a shop with {customers:,} people"):
        generator.write(generator.simulate(customers, SEED), folder, bad_rows=BAD_ROWS)
    say("    This data is SYNTHETIC: no such person, product or purchase exists.")
    say(f"    The gaps in it were planted; {folder / 'truth.json'} says which.")
    return str(folder)


def _declared(settings: Settings) -> Blueprint | None:
    """The declared journey of the made-up shop, where it was made."""
    from journeygraph.blueprints import read

    path = settings.home / "demo" / "shop" / "blueprint.yaml"
    return read(path) if path.is_file() else None


def _analyse(graph: Graph, settings: Settings, folder: Path, blueprint: Blueprint | None) -> dict[str, Any]:
    """One table of journeys for all analyses."""
    from journeygraph import gaps, report
    from journeygraph.journeys import read_table

    with _step("Reading the journeys"):
        table = read_table(graph)
    with _step("Training an intent model on the past, measured on what came later"):
        _train(table, graph, settings)
    found = report.collect(graph, settings, table=table, blueprint=blueprint, progress=_Timer())
    if found.gaps.answer:
        gaps.store(graph, gaps.GapReport.model_validate(found.gaps.answer))
    customer = _recommend(graph, settings, table)
    written = report.save(found, folder, settings)
    return {"report": str(folder / "report.html"), "report_id": written.id, "findings": _titles(found)} | customer


class _Timer:
    """Tells each part of the report as it begins, and how long the one before took."""

    def __init__(self) -> None:
        self._began: float | None = None

    def __call__(self, what: str) -> None:
        now = time.monotonic()
        if self._began is not None:
            say(f"    {now - self._began:.1f} s")
        self._began = now
        say(f"{what} ...")


def _titles(found: Report) -> list[str]:
    return [finding["title"] for finding in (found.gaps.answer or {}).get("findings", [])]


def _train(table: JourneyTable, graph: Graph, settings: Settings) -> None:
    """Train and keep a model; where there is too little to learn from, say so and go on without."""
    from journeygraph.errors import UsageError
    from journeygraph.intent.features import traits
    from journeygraph.intent.models import store, training
    from journeygraph.journeys.configuration import read_rules

    asked = training.Training(settings.intent_horizon_days * 86_400.0, high_above=settings.high_intent_above)
    try:
        groups = graph.read("intent/groups")
        model = training.train(table, read_rules(graph), asked, traits.read(graph, table), groups)
    except UsageError as error:
        say(f"    No model: {error}")
        return
    store.save(model, settings.home)
    say("    " + "; ".join(f"{figures.name}: AUC {figures.auc:.3f}" for figures in model.figures))


def _recommend(graph: Graph, settings: Settings, table: JourneyTable) -> dict[str, Any]:
    """The likeliest customer, why, and what comes next for them."""
    from journeygraph.errors import UsageError
    from journeygraph.intent.models import store
    from journeygraph.intent.scores.score import score
    from journeygraph.recommend.customer import recommend

    if table.n_paths == 0:
        return {}
    with _step("Scoring customers, and recommending to the likeliest"):
        try:
            likeliest = score(graph, store.load(settings.home), settings, top=1).scores[0]
        except UsageError as error:
            say(f"    No scores: {error}")
            return {}
        items = recommend(graph, likeliest.customer_id, k=3).items
    products = ", ".join(item.id for item in items) or "no product is known"
    say(f"    {likeliest.customer_id}: {likeliest.score:.2f} ({likeliest.band}). Likely next: {products}.")
    return {
        "customer_id": likeliest.customer_id,
        "score": likeliest.score,
        "band": likeliest.band,
        "recommended": [item.id for item in items],
    }


def _show(answer: dict[str, Any]) -> None:
    """Where everything is."""
    lines = [
        "",
        f"Done in {answer['seconds']} s, {len(answer['findings'])} findings. The costliest:",
        *(f"  - {title}" for title in answer["findings"][:3]),
        "",
        f"Report         {answer['report']}",
        "Commands       source .venv/bin/activate, then journeygraph --help",
        "API            make serve, then http://127.0.0.1:8000/docs (journeygraph keys create gives a key)",
    ]
    if answer["browser"]:
        lines += [
            f"Neo4j Browser  {answer['browser']}  connect to {answer['uri']}",
            f"               user {answer['username']}, password: cat {shlex.quote(answer['password_file'])}",
        ]
    else:
        lines.append(f"Neo4j          {answer['uri']} as {answer['username']}")
    for line in lines:
        stdout.print(line, markup=False, soft_wrap=True)
