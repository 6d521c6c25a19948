"""Nothing is kept for longer than the policy says; the graph is then that of a load without the old rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from journeygraph.errors import UsageError
from journeygraph.graph import Connection, Graph
from journeygraph.privacy import policy
from journeygraph.privacy.retention import retain
from journeygraph_cli.main import app
from journeygraph_loaders import pipeline
from journeygraph_loaders.quarantine import Quarantine
from tests.privacy_sample import BAD, HEADER, HERS, OTHERS
from tests.support import canonical_graph, empty, execute

pytestmark = pytest.mark.graph
AT = datetime(2026, 1, 6, 8, tzinfo=UTC)
#: What is older than three days then: emil's and fritz's.
OLD, NEW = OTHERS.splitlines(keepends=True)[:5], OTHERS.splitlines(keepends=True)[5:]


def _load(graph: Graph, home: Path, rows: str) -> pipeline.LoadResult:
    home.mkdir(exist_ok=True)
    file = home.parent / "touchpoints.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    return pipeline.load(graph, [file], home=home)


def _declare(home: Path, text: str) -> None:
    file = home.parent / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    policy.declare(home, file)


@pytest.fixture
def home(graph: Graph, tmp_path: Path) -> Path:
    _load(graph, tmp_path / "home", OTHERS + HERS + BAD)
    return tmp_path / "home"


def test_the_graph_is_that_of_a_load_without_the_old_rows(graph: Graph, home: Path) -> None:
    with pytest.raises(UsageError, match="No time is set"):
        retain(graph, home)
    _declare(home, "sources: {file: {retention: [{older_than: 3d}]}}")
    before = canonical_graph(graph)
    counted = retain(graph, home, at=AT)
    assert canonical_graph(graph) == before, "a dry run changes nothing"
    assert (counted.due[0].touchpoints, counted.due[0].customers, counted.done) == (5, 2, False)
    assert graph.run(counted.due[0].cypher, counted.due[0].parameters)[0]["touchpoints"] == 5  # type: ignore[arg-type]
    removed = retain(graph, home, at=AT, run=True)
    assert (removed.removed["touchpoints"], removed.removed["customers"]) == (5, 2)
    assert removed.proof is not None
    assert removed.proof.statement["rules"][0]["touchpoints"] == 5
    left = canonical_graph(graph)
    assert retain(graph, home, at=AT, run=True).removed.get("touchpoints", 0) == 0
    assert canonical_graph(graph) == left
    empty(graph)
    _load(graph, home.parent / "fresh", "".join(NEW) + HERS)
    assert left == canonical_graph(graph)


def test_what_is_too_old_is_not_loaded_again(graph: Graph, home: Path) -> None:
    _declare(home, "sources: {'*': {retention: [{older_than: 1d, channels: [web]}]}, other: {}}")
    empty(graph)
    again = _load(graph, home, OTHERS)
    assert (again.received, again.stored, again.quarantined) == (6, 0, 6)
    with Quarantine(home, "look") as quarantine:
        entries = [entry for entry in quarantine.entries() if "older than the privacy policy" in entry.reason]
    assert {json.dumps(entry.raw) for entry in entries} == {"{}"}


def test_whoever_made_nothing_newer_becomes_nobody(graph: Graph, home: Path) -> None:
    _declare(home, "sources: {file: {retention: [{older_than: 3d, then: anonymise}]}}")
    totals = "MATCH (n:Touchpoint|Journey|Customer) RETURN labels(n)[0] AS label, count(*) AS n ORDER BY label"
    before = execute(graph, totals)
    counted = retain(graph, home, at=AT, run=True)
    assert (counted.due[0].customers, counted.removed["anonymised customers"]) == (2, 2)
    assert execute(graph, totals) == before
    everything = repr(execute(graph, "MATCH (n) RETURN properties(n)"))
    assert not any(name in everything for name in ("emil-1", "fritz-1", "emil@example.org"))
    assert retain(graph, home, at=AT).due[0].customers == 0


def test_quarantine_has_a_time_too(
    graph: Graph, home: Path, neo4j_server: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    _declare(home, "quarantine: {older_than: 30d}")
    for name, value in vars(neo4j_server).items():
        monkeypatch.setenv(f"NEO4J_{name.upper()}", value)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(home))
    run = CliRunner().invoke(app, ["privacy", "retention", "--json"])
    assert (run.exit_code, json.loads(run.stdout)["quarantine"]) == (0, 0)
    run = CliRunner().invoke(app, ["privacy", "retention", "--at", "2126-01-01T00:00:00Z", "--yes", "--json"])
    assert (run.exit_code, json.loads(run.stdout)["removed"]["quarantine"]) == (0, 2)
    with Quarantine(home, "look") as quarantine:
        assert quarantine.count() == 0
