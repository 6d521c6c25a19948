"""An id that was merged leads to the customer who stays: in every command's function and every route."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from journeygraph import identity
from journeygraph.graph import Connection, Graph
from journeygraph.journeys.settle import settle
from journeygraph.journeys.timeline import profile, timeline
from journeygraph.keys import KeyStore
from journeygraph.privacy import audit, consent
from journeygraph.privacy.erase import erase
from journeygraph.privacy.export import export
from journeygraph.recommend.customer import recommend
from journeygraph.settings import Settings
from journeygraph_cli.serve import application
from journeygraph_loaders import pipeline
from tests.integration.identity.test_merging import at

pytestmark = pytest.mark.graph


@pytest.fixture
def api(graph: Graph, neo4j_server: Connection, tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings(
        NEO4J_URI=neo4j_server.uri,
        NEO4J_USERNAME=neo4j_server.username,
        NEO4J_PASSWORD=neo4j_server.password,
        JOURNEYGRAPH_HOME=tmp_path,
    )
    pipeline.store(graph, [at(1, "ann", product_id="p1"), at(2, "ann-2", product_id="p2"), at(3, "bob")])
    with TestClient(application(settings), raise_server_exceptions=False) as client:
        yield client


def test_a_merged_id_leads_on_and_the_answer_says_so(graph: Graph, api: TestClient, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    made = api.post("/v1/identity/merge", json={"keep": "ann", "absorb": "ann-2", "because": "same card"}).json()
    for route in (
        "/v1/journeys/ann-2",
        "/v1/customers/ann-2",
        "/v1/next/ann-2",
        "/v1/recommendations/ann-2",
        "/v1/identity/ann-2/explain",
        "/v1/privacy/ann-2/export",
        "/v1/privacy/ann-2/consent",
        "/v1/intent/engagement/ann-2",
    ):
        answer = api.get(route)
        assert answer.status_code == 200, (route, answer.text)
        assert (answer.json()["customer_id"], answer.json()["asked_for"]) == ("ann", "ann-2"), route
        assert api.get(route.replace("ann-2", "ann")).json()["asked_for"] is None, route
    assert profile(graph, "ann-2").touchpoints == 2
    then = api.get("/v1/next/ann-2", params={"as_of": before.isoformat()}).json()
    assert (then["customer_id"], then["asked_for"]) == ("ann-2", None), "as of before the merge they were themselves"
    assert timeline(graph, "ann-2", as_of=before).asked_for is None
    assert recommend(graph, "ann-2", as_of=before).customer_id == "ann-2"
    back = api.post("/v1/identity/unmerge", json={"merge_id": made["merge_id"]}).json()
    assert (back["restored"], back["lost_by"], back["touchpoints_moved"]) == ("ann-2", "ann", 1)
    assert api.get("/v1/journeys/ann-2").json()["asked_for"] is None
    assert identity.lead(graph, "nobody") == identity.Lead("nobody", None)


def test_consent_stays_with_the_id_that_gave_it_and_erasure_takes_the_whole_person(
    graph: Graph, api: TestClient, tmp_path: Path
) -> None:
    made = identity.merge(graph, "ann", "ann-2")
    settle(graph)
    said = consent.note(graph, tmp_path, "ann-2", "personalisation", "withdrawn")
    assert (said.customer_id, said.asked_for) == ("ann", "ann-2")
    assert not consent.allows(graph, "ann", "personalisation")
    identity.unmerge(graph, made.merge_id)
    settle(graph)
    assert consent.allows(graph, "ann", "personalisation")
    assert not consent.allows(graph, "ann-2", "personalisation")
    identity.merge(graph, "ann", "ann-2")
    settle(graph)
    assert export(graph, tmp_path, "ann-2").counts["touchpoints"] == 2
    gone = erase(graph, tmp_path, "ann-2")
    assert (gone.merged, gone.removed["touchpoints"], gone.remaining) == (True, 2, 0)
    assert api.get("/v1/customers/ann").status_code == api.get("/v1/customers/ann-2").status_code == 404


def test_routes_need_their_scopes_and_are_written_down(graph: Graph, api: TestClient, tmp_path: Path) -> None:
    keys = KeyStore(tmp_path)
    reader, writer = (
        {"Authorization": f"Bearer {keys.create(name, scopes)[0]}"}
        for name, scopes in (("reader", ["customers"]), ("writer", ["customers", "write"]))
    )
    pair = {"keep": "ann", "absorb": "ann-2"}
    for route, body in (("merge", pair), ("unmerge", {"merge_id": "m-1"}), ("resolve", {})):
        refused = api.post(f"/v1/identity/{route}", json=body, headers=reader)
        assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing"), route
    planned = api.post("/v1/identity/resolve", json={}, headers=writer).json()
    assert (planned["customers"], planned["merged"]) == (3, 0)
    assert api.post("/v1/identity/resolve", json={"threshold": 1.5}, headers=writer).status_code == 422
    assert api.post("/v1/identity/resolve", json={"blocked": ["shoe: 7"]}, headers=writer).status_code == 422
    assert api.post("/v1/identity/merge", json=pair, headers=writer).status_code == 200
    assert api.post("/v1/identity/merge", json=pair, headers=writer).status_code == 422, "one customer already"
    assert api.post("/v1/identity/unmerge", json={"merge_id": "m-1"}, headers=writer).status_code == 404
    assert api.get("/v1/identity/ann-2/explain", headers=reader).json()["merges"][0]["merged"] == "ann-2"
    actions = [(entry.action.split(" r-")[0], entry.actor.split(" ")[0]) for entry in audit.entries(tmp_path)]
    assert actions == [
        ("identity run", "key:writer"),
        ("merge", "key:writer"),
        ("merge", "key:writer"),
        ("read /v1/identity/.../explain", "key:reader"),
    ]
