"""The API on a real graph: touchpoints come in once, answers carry their Cypher, Neo4j may go and come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from journeygraph.graph import Connection, Graph
from journeygraph.settings import Settings
from journeygraph_api.unbuilt import HEADER
from journeygraph_cli.serve import application
from tests.support import execute

pytestmark = pytest.mark.graph

HOSTILE = "'\"><script>alert(1)</script>"


def touchpoint(number: int, step: str, customer: str = "c-1", **more: Any) -> dict[str, Any]:
    return {
        "customer_id": customer,
        "step": step,
        "channel": "web",
        "occurred_at": f"2026-01-01T10:{number:02}:00Z",
        **more,
    }


BODY = [
    touchpoint(1, "view_product", properties={"platform": "ios"}),
    touchpoint(2, "add_to_cart"),
    touchpoint(3, "purchase", value=20.0, currency="EUR"),
]


@pytest.fixture
def api(graph: Graph, neo4j_server: Connection, tmp_path: Path) -> Iterator[TestClient]:
    settings = Settings(
        NEO4J_URI=neo4j_server.uri,
        NEO4J_USERNAME=neo4j_server.username,
        NEO4J_PASSWORD=neo4j_server.password,
        JOURNEYGRAPH_HOME=tmp_path,
    )
    with TestClient(application(settings), raise_server_exceptions=False) as client:
        yield client


def counts(answer: Any) -> tuple[int, int, int, int]:
    body = answer.json()
    assert answer.status_code == 202, body
    return body["received"], body["stored"], body["duplicate"], body["quarantined"]


def test_figures_tell_of_journeys_that_are_still_to_be_built(api: TestClient, graph: Graph) -> None:
    api.post("/v1/touchpoints", json=BODY)
    routes = ("/v1/journeys/c-1", "/v1/paths", "/v1/funnels?step=add_to_cart&step=purchase", "/v1/segments")
    assert {api.get(route).headers.get(HEADER) for route in routes} == {None}
    execute(graph, "MATCH (c:Customer {customer_id: 'c-1'}) SET c:Unthreaded")  # as an interrupted load leaves it
    assert {api.get(route).headers.get(HEADER) for route in routes} == {"1"}
    assert HEADER not in api.get("/v1/paths?no_such=1").headers


def test_touchpoints_become_a_journey_and_sent_again_change_nothing(api: TestClient) -> None:
    assert counts(api.post("/v1/touchpoints", json=BODY)) == (3, 3, 0, 0)
    journey = api.get("/v1/journeys/c-1").json()
    assert [one["step"] for one in journey["journeys"][0]["touchpoints"]] == ["view_product", "add_to_cart", "purchase"]
    assert journey["journeys"][0]["outcome"] == "converted"
    assert counts(api.post("/v1/touchpoints", json={"touchpoints": BODY})) == (3, 0, 3, 0)
    assert api.get("/v1/journeys/c-1").json() == journey


def test_an_idempotency_key_gives_the_first_answer_again_and_no_other_body(api: TestClient) -> None:
    key = {"Idempotency-Key": "order-17"}
    assert counts(api.post("/v1/touchpoints", json=BODY, headers=key)) == (3, 3, 0, 0)
    assert counts(api.post("/v1/touchpoints", json=BODY, headers=key)) == (3, 3, 0, 0)
    conflict = api.post("/v1/touchpoints", json=BODY[:1], headers=key)
    assert (conflict.status_code, conflict.json()["code"]) == (409, "idempotency_conflict")


def test_bad_touchpoints_are_quarantined_with_the_good_ones_kept(api: TestClient) -> None:
    bad = [{**BODY[0], "occurred_at": "yesterday"}, {"step": "view_product"}, {**BODY[0], "value": "much"}]
    assert counts(api.post("/v1/touchpoints", json=[*BODY, *bad])) == (6, 3, 0, 3)


@pytest.mark.parametrize("body", [[], [1], "text", {"touchpoints": []}, {"touchpoints": "x"}, None])
def test_a_body_that_is_no_touchpoints_is_refused(api: TestClient, body: Any) -> None:
    answer = api.post("/v1/touchpoints", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


def test_whatever_a_customer_typed_comes_back_as_typed(api: TestClient) -> None:
    sent = touchpoint(1, HOSTILE, customer=HOSTILE, product_id=HOSTILE, campaign=HOSTILE)
    assert counts(api.post("/v1/touchpoints", json=sent)) == (1, 1, 0, 0)
    names = {node["name"] for node in api.get("/v1/paths").json()["nodes"]}
    assert HOSTILE in names
    answer = api.get("/v1/journeys/" + HOSTILE.replace("/", "%2F").replace("?", "%3F"))
    assert answer.status_code in (200, 404)  # an id with a slash cannot be a path segment everywhere
    funnel = api.get("/v1/funnels", params={"step": [HOSTILE]}).json()
    assert funnel["steps"][0]["count"] == 1


def test_answers_carry_cypher_that_gives_the_same_rows(api: TestClient, graph: Graph) -> None:
    api.post("/v1/touchpoints", json=BODY)
    answer = api.get("/v1/paths").json()
    rows = graph.run(answer["cypher"], answer["parameters"])
    links = {(link["source"], link["target"]): link["count"] for link in answer["links"]}
    assert {(row["source"], row["target"]): row["count"] for row in rows} == links


def test_figures_follow_the_graph_at_once(api: TestClient) -> None:
    assert api.get("/v1/paths").json()["denominator"] == 0
    api.post("/v1/touchpoints", json=BODY)
    assert api.get("/v1/paths").json()["denominator"] == 1
    api.post("/v1/touchpoints", json=[touchpoint(1, "view_product", customer="c-2")])
    assert api.get("/v1/paths").json()["denominator"] == 2


def test_unknown_customers_are_404_and_those_without_a_history_get_what_is_common(api: TestClient) -> None:
    looked = [touchpoint(1, "view_product", product_id="p-1"), touchpoint(2, "visit", customer="c-without")]
    api.post("/v1/touchpoints", json=looked)
    for route in ("/v1/journeys/nobody", "/v1/customers/nobody", "/v1/recommendations/nobody"):
        answer = api.get(route)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "Did you mean 'c-1'?" in api.get("/v1/recommendations/c-11").json()["detail"]
    items = api.get("/v1/recommendations/c-without").json()["items"]
    assert [(item["id"], item["strategy"]) for item in items] == [("p-1", "popularity")]
    again = api.post("/v1/recommendations/session", json={"items": ["p-unknown"]}).json()["items"]
    assert [item["id"] for item in again] == ["p-1"]


def test_without_a_model_intent_says_how_to_get_one(api: TestClient) -> None:
    session = {"touchpoints": [{"step": "view_product", "occurred_at": "2026-01-01T10:00:00Z"}]}
    answer = api.post("/v1/intent/score", json=session)
    assert answer.status_code == 422
    assert "intent train" in answer.json()["detail"]


def test_ready_and_measured(api: TestClient) -> None:
    assert api.get("/readyz").json()["status"] == "ready"
    api.get("/v1/paths")
    metrics = api.get("/metrics").text
    assert 'journeygraph_requests_total{method="GET",route="/v1/paths",status="200"} 1.0' in metrics
