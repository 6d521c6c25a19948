"""The step graph of a large graph is not made with every request that brings touchpoints, but beside them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from journeygraph import journeys
from journeygraph.graph import Connection, Graph
from journeygraph.journeys import step_graph
from journeygraph.quality.waiting.entries import entries
from journeygraph.settings import Settings
from journeygraph_api.graphs import Graphs
from journeygraph_cli.refreshing import step_graph_refreshed
from journeygraph_loaders import documents, pipeline
from journeygraph_loaders.replay import replay
from tests.support import canonical_graph, empty, execute

pytestmark = pytest.mark.graph


def touchpoint(number: int, step: str) -> dict[str, Any]:
    return {"customer_id": f"c{number % 3}", "step": step, "occurred_at": f"2026-01-01T10:{number:02}:00Z"}


FIRST = [touchpoint(number, "view") for number in range(6)]
SECOND = [touchpoint(number, "purchase") for number in range(6, 9)]


def send(graph: Graph, home: Path, given: list[dict[str, Any]]) -> None:
    documents.store(graph, home, given, refreshed_later=True)


def shown(graph: Graph) -> list[tuple[str, str, int]]:
    rows = execute(graph, "MATCH (a)-[l:LEADS_TO]->(b) RETURN a.name AS a, b.name AS b, l.count AS n ORDER BY a, b")
    return [(row["a"], row["b"], row["n"]) for row in rows]


AFTER_FIRST = [("(start)", "view", 3), ("view", "(end)", 3), ("view", "view", 3)]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any graph counts as a large one."""
    monkeypatch.setattr(pipeline, "AT_ONCE_TOUCHPOINTS", 0)


def test_in_a_small_graph_it_is_made_at_once(graph: Graph, tmp_path: Path) -> None:
    send(graph, tmp_path, FIRST)
    assert shown(graph) == AFTER_FIRST
    assert not journeys.refresh_step_graph(graph)


@pytest.mark.usefixtures("large")
def test_made_later_it_is_the_same_graph_and_journeys_do_not_wait(graph: Graph, tmp_path: Path) -> None:
    send(graph, tmp_path, FIRST)
    assert shown(graph) == []
    assert len(graph.read("journeys/table")) == 3
    revision = graph.read("journeys/revision")
    assert journeys.refresh_step_graph(graph)
    assert shown(graph) == AFTER_FIRST
    assert not journeys.refresh_step_graph(graph)
    assert graph.read("journeys/revision") == revision, "what was computed of the journeys stays true"
    send(graph, tmp_path, SECOND)
    assert shown(graph) == AFTER_FIRST
    assert graph.read("journeys/revision") != revision
    assert journeys.refresh_step_graph(graph)
    later = canonical_graph(graph)
    empty(graph)
    documents.store(graph, tmp_path, FIRST)
    documents.store(graph, tmp_path, SECOND)
    assert canonical_graph(graph) == later


@pytest.mark.usefixtures("large")
def test_rows_mended_in_quarantine_do_not_wait_for_it_either(graph: Graph, tmp_path: Path) -> None:
    send(graph, tmp_path, [*FIRST, {**touchpoint(6, "view"), "occurred_at": "yesterday"}])
    assert journeys.refresh_step_graph(graph)
    [waiting] = [entry.id for entry in entries(tmp_path)]
    done = replay(graph, tmp_path, corrections={waiting: touchpoint(6, "purchase")}, refreshed_later=True)
    assert (done.received, done.stored) == (1, 1)
    assert shown(graph) == AFTER_FIRST
    assert journeys.refresh_step_graph(graph)
    assert ("view", "purchase", 1) in shown(graph)


@pytest.mark.usefixtures("large")
def test_the_next_load_makes_it_too(graph: Graph, tmp_path: Path) -> None:
    send(graph, tmp_path, FIRST)
    assert journeys.thread(graph) == 0
    assert shown(graph) == AFTER_FIRST


@pytest.mark.usefixtures("large")
def test_what_changes_while_it_is_made(graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send(graph, tmp_path, FIRST)
    made, then = step_graph.statements, [lambda: send(graph, tmp_path, SECOND)]

    def disturbed(*given: Any) -> Any:
        statements = made(*given)
        if then:
            then.pop()()
        return statements

    monkeypatch.setattr(step_graph, "statements", disturbed)
    # Touchpoints came: it shows the former state, and is known to.
    assert journeys.refresh_step_graph(graph)
    assert shown(graph) == AFTER_FIRST
    assert journeys.refresh_step_graph(graph)
    assert sum(count for _, target, count in shown(graph) if target == "(end)") == 3
    after_both = shown(graph)
    # Somebody else made it of what is there now: theirs stays.
    send(graph, tmp_path, [touchpoint(9, "view")])
    then.append(lambda: documents.store(graph, tmp_path, [touchpoint(10, "view")]) and None)
    assert journeys.refresh_step_graph(graph)
    assert shown(graph) != after_both
    assert not journeys.refresh_step_graph(graph)


@pytest.mark.usefixtures("large")
def test_beside_the_api_it_is_made_in_the_background(graph: Graph, neo4j_server: Connection, tmp_path: Path) -> None:
    send(graph, tmp_path, FIRST)
    graphs = Graphs(
        Settings(
            NEO4J_URI=neo4j_server.uri, NEO4J_USERNAME=neo4j_server.username, NEO4J_PASSWORD=neo4j_server.password,
            JOURNEYGRAPH_HOME=tmp_path,
        )
    )  # fmt: skip
    with step_graph_refreshed(graphs, every_seconds=0.1):
        until = time.monotonic() + 60
        while not shown(graph) and time.monotonic() < until:
            time.sleep(0.1)
    graphs.close()
    assert shown(graph) == AFTER_FIRST
