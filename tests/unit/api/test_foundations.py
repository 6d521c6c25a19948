"""The API without a graph: health, failures as problem documents, keys, paging."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from journeygraph import limits
from journeygraph.keys import KeyStore
from journeygraph.settings import Settings
from journeygraph_api.app import MAXIMUM_BODY_BYTES
from journeygraph_api.paging import page
from journeygraph_api.problems import Refused
from journeygraph_cli.serve import application

NOWHERE = "bolt://127.0.0.1:9"  # the discard port: nothing listens there


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def client(home: Path) -> Iterator[TestClient]:
    settings = Settings(NEO4J_URI=NOWHERE, NEO4J_PASSWORD="x", JOURNEYGRAPH_HOME=home)
    with TestClient(application(settings), raise_server_exceptions=False) as client:
        yield client


def test_alive_without_neo4j(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"


@pytest.mark.parametrize("path", ["/readyz", "/v1/paths", "/v1/gaps", "/v1/journeys/c-1"])
def test_503_with_retry_after_while_neo4j_is_away(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "graph_unavailable"


def test_an_unknown_route_is_a_problem_document(client: TestClient) -> None:
    answer = client.get("/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_parameter_that_cannot_be_used_names_itself(client: TestClient) -> None:
    answer = client.get("/v1/gaps", params={"as_of": "yesterday"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "as_of" in answer.json()["detail"]


def test_a_parameter_that_a_route_has_not_is_refused_with_the_nearest(client: TestClient) -> None:
    answer = client.get("/v1/paths", params={"levls": "3", "levels": "3", "colapse": "true"})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "unknown_parameter")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "no parameter 'levls'; it has " in problem["detail"]
    assert "Did you mean 'levels'?" in problem["detail"]
    assert [error["where"] for error in problem["errors"]] == ["query.levls", "query.colapse"]
    assert problem["errors"][1]["why"] == "no such parameter. Did you mean 'collapse'?"


@pytest.mark.parametrize(
    ("path", "name", "most"),
    [
        ("/v1/paths", "levels", limits.MOST_LEVELS),
        ("/v1/paths/step-matrix", "positions", limits.MOST_POSITIONS),
        ("/v1/attribution", "resamples", limits.MOST_RESAMPLES),
    ],
)
def test_more_than_the_limit_is_refused_with_it(client: TestClient, path: str, name: str, most: int) -> None:
    answer = client.get(path, params={name: most + 1})
    assert answer.status_code == 422
    assert str(most) in answer.json()["detail"]
    assert client.get(path, params={name: most}).status_code == 503, "allowed: only Neo4j is missing"


def test_every_route_refuses_what_it_does_not_know(client: TestClient) -> None:
    tried = 0
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        if path.startswith("/v1/"):
            for method in methods:
                url = re.sub(r"\{\w+\}", "drop_off-0", path)
                answer = client.request(method, url, params={"no_such_thing": "1"})
                assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter"), (method, path)
                tried += 1
    assert tried >= 30
    assert client.get("/healthz", params={"no_such_thing": "1"}).status_code == 200


def test_a_body_too_large_is_refused_before_it_is_read(client: TestClient) -> None:
    answer = client.post("/v1/touchpoints", content=b"x", headers={"content-length": str(MAXIMUM_BODY_BYTES + 1)})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_once_a_key_exists_every_figure_needs_one_with_the_scope(client: TestClient, home: Path) -> None:
    store = KeyStore(home)
    presented, key = store.create("reports", ["read"])
    assert client.get("/v1/paths").json()["code"] == "key_missing"
    assert client.get("/v1/paths", headers={"Authorization": "Bearer jg_nobody_x"}).json()["code"] == "key_unknown"
    bearer = {"Authorization": f"Bearer {presented}"}
    assert client.get("/v1/paths", headers=bearer).status_code == 503  # let through, and Neo4j is away
    answer = client.get("/v1/journeys/c-1", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    store.revoke(key.key_id)
    store.create("another", [])
    assert client.get("/v1/paths", headers=bearer).json()["code"] == "key_unknown"


def test_only_the_hash_of_a_key_is_kept_and_only_the_owner_reads_it(home: Path) -> None:
    presented, _ = KeyStore(home).create("shop", ["read"])
    file = home / "keys.json"
    assert presented.rsplit("_", 1)[-1] not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


@given(st.lists(st.text(), unique=True, max_size=30), st.integers(1, 7))
def test_pages_together_are_the_list(items: list[str], limit: int) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        shown, cursor = page(items, limit=limit, cursor=cursor, question={"q": 1}, key=str)
        seen += shown
        if cursor is None:
            break
    assert seen == items


def test_a_cursor_of_another_question_or_a_damaged_one_is_refused() -> None:
    _, cursor = page("abc", limit=1, cursor=None, question={"q": 1}, key=str)
    with pytest.raises(Refused, match="other parameters"):
        page("abc", limit=1, cursor=cursor, question={"q": 2}, key=str)
    with pytest.raises(Refused, match="not a cursor"):
        page("abc", limit=1, cursor="%%%", question={"q": 1}, key=str)
