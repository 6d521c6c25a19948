"""What is held of a person is corrected, stays so when the file is loaded again, and stands in the audit log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Connection, Graph
from journeygraph.privacy import audit, proof
from journeygraph.privacy.export import export
from journeygraph.privacy.rectify import rectify
from journeygraph.settings import Settings
from journeygraph_cli.main import app
from journeygraph_cli.serve import application
from journeygraph_loaders import pipeline
from tests.privacy_sample import DORA, EMAIL, HEADER, HERS, OTHERS
from tests.support import execute

pytestmark = pytest.mark.graph
_TOLD = [[DORA, {"p_city": "Bern", "p_size": 4}]]


def _load(graph: Graph, home: Path) -> None:
    home.mkdir(exist_ok=True)
    file = home.parent / "touchpoints.csv"
    file.write_text(HEADER + OTHERS + HERS, encoding="utf-8")
    pipeline.load(graph, [file], home=home)
    graph.write("load/customers", rows=_TOLD)


def test_what_was_corrected_stays_when_everything_is_loaded_again(graph: Graph, tmp_path: Path) -> None:
    home = tmp_path / "home"
    _load(graph, home)
    for name, value in (("city", "Basel"), ("size", "3")):
        assert rectify(graph, home, DORA, name, value).again.startswith("The same file loaded again does not")
    # A purchase that was worth less, and a visit that was a month earlier.
    rectify(graph, home, DORA, "value", "40", touchpoint_id="d3")
    rectify(graph, home, DORA, "note", "nobody asked", touchpoint_id="d5")
    moved = rectify(graph, home, DORA, "occurred_at", "2026-01-20T11:00:00+01:00", touchpoint_id="d5")
    assert [row["properties"]["touchpoint_id"] for row in graph.run(moved.cypher, moved.parameters)][-1] == "d5"  # type: ignore[arg-type]
    _load(graph, home)
    held = {part.name: part.rows for part in export(graph, home, DORA).parts}
    assert (held["customer"][0]["p_city"], held["customer"][0]["p_size"]) == ("Basel", 3)
    fifth = next(row for row in held["touchpoints"] if row["touchpoint_id"] == "d5")
    assert (fifth["p_note"], str(fifth["occurred_at"])) == ("nobody asked", "2026-01-20 10:00:00+00:00")
    assert execute(graph, "MATCH (j:Journey {journey_id: 'j:d1'}) RETURN j.value AS v")[0]["v"] == 40.0
    # With d5 a month earlier, the end of the data is earlier, too.
    assert graph.read("journeys/rules")[0]["data_end_us"] == 1_768_903_200_000_000
    everything = repr(execute(graph, "MATCH (n) RETURN properties(n)"))
    assert "Bern" not in everything
    assert f"asked by {EMAIL}" not in everything


def test_an_address_is_corrected_wherever_it_leads(graph: Graph, tmp_path: Path) -> None:
    home = tmp_path / "home"
    _load(graph, home)
    done = rectify(graph, home, DORA, "email", "Dora.New@example.org", former=EMAIL.upper())
    assert "correct it there, too" in done.again
    found = execute(
        graph,
        "MATCH (i:Identifier {kind: 'email'})-[r:IDENTIFIES]->(c) RETURN i.value AS v, c.customer_id AS c ORDER BY v",
    )
    assert [tuple(row.values()) for row in found] == [("dora.new@example.org", DORA), ("emil@example.org", "emil-1")]
    _load(graph, home)
    assert not execute(graph, "MATCH (i:Identifier {value: $old}) RETURN i", old=EMAIL)
    with pytest.raises(NotFound, match="is no email that leads to"):
        rectify(graph, home, DORA, "email", "x@example.org", former=EMAIL)


def test_what_cannot_be_corrected_is_refused_in_a_sentence(graph: Graph, tmp_path: Path) -> None:
    home = tmp_path / "home"
    _load(graph, home)
    for error, match, asked in (
        (NotFound, "no customer 'nobody'", {"customer_id": "nobody", "name": "city", "value": "x"}),
        (NotFound, "no touchpoint 't1'", {"name": "value", "value": "1", "touchpoint_id": "t1"}),
        (UsageError, "can be corrected: city, size", {"name": "touchpoint_id", "value": "x"}),
        (UsageError, "value 'dear' is no number", {"name": "value", "value": "dear", "touchpoint_id": "d3"}),
        (UsageError, "has no offset", {"name": "occurred_at", "value": "2026-01-01", "touchpoint_id": "d3"}),
        (UsageError, "Give it as --was", {"name": "email", "value": "x@example.org"}),
    ):
        with pytest.raises(error, match=match):
            rectify(graph, home, **{"customer_id": DORA, **asked})


def test_the_command_and_the_route_sign_and_write_down(
    graph: Graph, tmp_path: Path, neo4j_server: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    _load(graph, home)
    for name, value in vars(neo4j_server).items():
        monkeypatch.setenv(f"NEO4J_{name.upper()}", value)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(home))
    run = CliRunner().invoke(app, ["privacy", "correct", DORA, "value", "45", "--touchpoint", "d3", "--json"])
    assert (run.exit_code, json.loads(run.stdout)["property"]) == (0, "value")
    (tmp_path / "proof.json").write_text(run.stdout)
    assert proof.check(home, tmp_path / "proof.json").valid
    with TestClient(application(Settings())) as api:
        done = api.patch(f"/v1/privacy/{DORA}", json={"property": "city", "value": "Basel"})
        assert (done.status_code, done.json()["property"]) == (200, "p_city")
        assert api.patch("/v1/privacy/nobody", json={"property": "city", "value": "x"}).status_code == 404
    assert [entry.action for entry in audit.entries(home)] == ["corrected value", "corrected city"]
    assert "Basel" not in repr(done.json()["proof"])
