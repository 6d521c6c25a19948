"""Only what was found is followed up: by command and by API, findings of other grains included."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from journeygraph import gaps
from journeygraph.errors import NotFound
from journeygraph.gaps import GapReport, follow_up
from journeygraph.graph import Connection, Graph
from journeygraph.settings import Settings
from journeygraph_cli.main import app
from journeygraph_cli.serve import application
from tests.support import execute
from tests.unit.generator.shop_data import table

pytestmark = pytest.mark.graph


@pytest.fixture(scope="module")
def report() -> GapReport:
    """What is found in a small shop that is in no graph."""
    found = gaps.find(table(400, 3, True))
    assert len(found.findings) > 1
    return found


@pytest.fixture(autouse=True)
def commands_read_the_same_graph(neo4j_server: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands and API find the test's server."""
    for name, value in vars(neo4j_server).items():
        monkeypatch.setenv(f"NEO4J_{name.upper()}", value)


def test_a_finding_is_followed_up_once_it_is_kept_or_shown(graph: Graph, report: GapReport) -> None:
    first, second = (finding.id for finding in report.findings[:2])
    with pytest.raises(NotFound, match=r"`journeygraph gaps`.*: run that first"):
        follow_up.put(graph, first, owner="Ann")
    gaps.store(graph, report.model_copy(update={"findings": report.findings[:1]}))
    assert follow_up.put(graph, first, owner="Ann").owner == "Ann"
    assert follow_up.put(graph, second, owner="Bob", shown=lambda: [second]).owner == "Bob"
    execute(graph, "MATCH (f:Finding) DETACH DELETE f")
    assert follow_up.put(graph, first, note="fixed").owner == "Ann", "followed up before: it stays so"


def test_what_was_never_found_is_refused_with_the_nearest_id(graph: Graph, report: GapReport) -> None:
    gaps.store(graph, report)
    first = report.findings[0].id
    near = first[:-1] + ("0" if first[-1] != "0" else "1")
    done = CliRunner().invoke(app, ["follow-up", near, "--owner", "Ann"])
    assert isinstance(done.exception, NotFound)
    assert f"no finding {near!r} in the graph. Did you mean {first!r}?" in str(done.exception)
    with pytest.raises(NotFound, match=r"no finding 'loop-000000000000' in the graph\. Findings"):
        follow_up.put(graph, "loop-000000000000", owner="Ann")
    assert follow_up.read(graph).follow_ups == ()
    with TestClient(application(Settings())) as api:
        refused = api.put("/v1/gaps/loop-000000000000/follow-up", json={"owner": "Ann"})
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
        assert api.put(f"/v1/gaps/{first}/follow-up", json={"owner": "Ann"}).json()["owner"] == "Ann"


def test_findings_of_a_part_are_kept_beside_those_of_all(graph: Graph, report: GapReport) -> None:
    kept = gaps.store(graph, report)
    execute(graph, "MATCH (f:Finding {id: $id}) SET f.title = 'of all'", id=report.findings[0].id)
    other = report.findings[0].model_copy(update={"id": "loop-000000000000"})
    assert gaps.store_beside(graph, report.model_copy(update={"findings": (*report.findings, other)})) == 1
    rows = graph.read("gaps/kept_ids")
    assert [row["finding_id"] for row in rows] == sorted([*(one.id for one in report.findings), other.id])
    (row,) = execute(graph, "MATCH (f:Finding {id: $id}) RETURN f.title AS title", id=report.findings[0].id)
    assert row["title"] == "of all"
    assert follow_up.put(graph, other.id, owner="Ann").owner == "Ann"
    assert gaps.store(graph, report) == kept
    assert json.loads(CliRunner().invoke(app, ["follow-up", "--json"]).stdout)["follow_ups"][0]["owner"] == "Ann"
