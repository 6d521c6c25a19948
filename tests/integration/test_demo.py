"""The demo: once, again, and where it must not go on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from journeygraph.errors import UsageError
from journeygraph.graph import Connection, Graph
from journeygraph_cli.main import app
from tests.support import canonical_graph

pytestmark = [pytest.mark.graph, pytest.mark.slow]


@pytest.fixture
def home(graph: Graph, neo4j_server: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and the test's Neo4j, emptied."""
    monkeypatch.setenv("NEO4J_URI", neo4j_server.uri)
    monkeypatch.setenv("NEO4J_USERNAME", neo4j_server.username)
    monkeypatch.setenv("NEO4J_PASSWORD", neo4j_server.password)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["demo", *arguments], catch_exceptions=False, standalone_mode=False)


def test_the_demo_twice_is_the_demo_once(home: Path, graph: Graph) -> None:
    first = _run("--customers", "300", "--json")
    answer = json.loads(first.stdout)
    assert "SYNTHETIC" in first.stderr
    assert "password_file" in answer
    page = (home / "demo" / "report" / "report.html").read_text(encoding="utf-8")
    assert "synthetic: made up" in page
    before = canonical_graph(graph)
    again = _run("--customers", "300", "--json")
    assert " 0 stored" in again.stderr
    assert canonical_graph(graph) == before
    with pytest.raises(UsageError, match="300 people, and one with 301 cannot be added"):
        _run("--customers", "301")


def test_ones_own_files_are_not_joined_by_the_made_up_shop(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("customer_id,step,occurred_at\nc1,view,2026-01-01T00:00:00Z\nc1,purchase,2026-01-01T00:05:00Z\n")
    first = _run("--data", str(own), "--json")
    assert "2 rows: 2 stored" in first.stderr
    assert "SYNTHETIC" not in first.stderr
    assert "No model" in first.stderr
    again = _run("--json")
    assert "therefore not added" in again.stderr
    assert "synthetic: made up" not in (home / "demo" / "report" / "report.html").read_text(encoding="utf-8")
