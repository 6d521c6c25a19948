"""The commands and routes that others build on: names and shapes, on one loaded graph, by the installed command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from journeygraph.graph import Connection, Graph
from journeygraph.settings import Settings
from journeygraph_cli.serve import application
from tests.support import empty

pytestmark = [pytest.mark.graph, pytest.mark.slow]

CUSTOMERS = 1_500


class Shop:
    """A generated shop, loaded; `run` calls the command as a user would."""

    def __init__(self, folder: Path, connection: Connection) -> None:
        self.folder, self.home = folder, folder / "home"
        self.environment = {
            **os.environ,
            "NEO4J_URI": connection.uri,
            "NEO4J_USERNAME": connection.username,
            "NEO4J_PASSWORD": connection.password,
            "JOURNEYGRAPH_HOME": str(self.home),
        }
        self.settings = Settings(
            NEO4J_URI=connection.uri,
            NEO4J_USERNAME=connection.username,
            NEO4J_PASSWORD=connection.password,
            JOURNEYGRAPH_HOME=self.home,
        )

    def call(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).parent / "journeygraph"), *arguments]
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=600,
        )

    def run(self, *arguments: str) -> dict[str, Any]:
        done = self.call(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)  # exactly one document, nothing else
        return answer


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, neo4j_server: Connection, _migrated: Graph) -> Shop:
    empty(_migrated)
    shop = Shop(tmp_path_factory.mktemp("shop"), neo4j_server)
    shop.run("generate", "--customers", str(CUSTOMERS), "--seed", "7", "--out", "data")
    loaded = shop.run("load", "data")
    assert loaded["received"] == loaded["stored"] + loaded["duplicate"] + loaded["quarantined"]
    assert loaded["stored"] > 0
    shop.run("intent", "train")
    return shop


@pytest.fixture(scope="module")
def loaded_graph(shop: Shop, _migrated: Graph) -> Graph:
    """The graph that the shop was loaded into."""
    return _migrated


@pytest.fixture(scope="module")
def api(shop: Shop) -> Iterator[TestClient]:
    with TestClient(application(shop.settings)) as client:
        yield client


@pytest.fixture(scope="module")
def customer(loaded_graph: Graph) -> str:
    rows = loaded_graph.run("MATCH (j:Journey {outcome: 'converted'}) RETURN min(j.customer_id) AS id", {})
    return str(rows[0]["id"])


def test_loading_twice_changes_nothing(shop: Shop) -> None:
    before = shop.run("paths")
    again = shop.run("load", "data")
    assert again["stored"] == 0
    assert again["received"] == again["duplicate"] + again["quarantined"]
    assert {"customers", "touchpoints", "seconds", "batch_id"} <= set(again)
    assert shop.run("paths") == before


FIELDS: dict[str, tuple[list[str], set[str]]] = {
    "paths": (["paths"], {"denominator", "nodes", "links", "cypher"}),
    "path view": (["paths", "--from", "view_product", "--levels", "3"], {"denominator", "nodes", "links", "cypher"}),
    "funnel": (["funnel", "view_product", "purchase"], {"denominator", "steps", "cypher"}),
    "gaps": (["gaps"], {"findings", "tested", "corrected_by"}),
    "attribution": (["attribution", "--resamples", "20"], {"conversions", "value", "channels"}),
    "patterns": (["patterns", "--top", "5"], {"sequences", "patterns"}),
    "intent evaluate": (["intent", "evaluate"], {"models", "chosen"}),
    "intent score": (["intent", "score", "--top", "3"], {"scores"}),
    "quarantine": (["quarantine", "list"], set()),
}


@pytest.mark.parametrize("name", FIELDS)
def test_commands_answer_with_their_fields(shop: Shop, name: str) -> None:
    arguments, fields = FIELDS[name]
    assert fields <= set(shop.run(*arguments))


def test_links_and_steps_have_their_fields_and_every_step_is_in_balance(shop: Shop) -> None:
    answer = shop.run("paths")
    balance: dict[str, int] = {}
    for link in answer["links"]:
        assert {"source", "target", "level", "journeys", "customers", "count"} <= set(link)
        balance[link["source"]] = balance.get(link["source"], 0) - link["count"]
        balance[link["target"]] = balance.get(link["target"], 0) + link["count"]
    start, end = balance.pop("(start)"), balance.pop("(end)")
    assert -start == end == answer["denominator"]
    assert set(balance.values()) == {0}
    for step in shop.run("funnel", "view_product", "purchase")["steps"]:
        assert {"step", "count", "conversion", "from_previous", "median_seconds", "p90_seconds"} <= set(step)


def test_findings_have_their_fields_and_their_cypher_gives_the_same_figures(shop: Shop, loaded_graph: Graph) -> None:
    answer = shop.run("gaps")
    assert answer["findings"], "the shop has planted gaps"
    for finding in answer["findings"]:
        assert {
            "id", "kind", "subject", "group", "since", "until", "channels", "affected", "denominator", "effect",
            "interval", "q_value", "lost_conversions", "lost_value", "status", "examples", "cypher", "parameters",
        } <= set(finding)  # fmt: skip
        row = loaded_graph.run(finding["cypher"], finding["parameters"])[0]
        assert (row["affected"], row["denominator"]) == (finding["affected"], finding["denominator"])


def test_one_customer(shop: Shop, customer: str) -> None:
    journey = shop.run("journey", customer)
    assert journey["customer_id"] == customer
    assert {"journey_id", "outcome", "touchpoints"} <= set(journey["journeys"][0])
    score = shop.run("intent", "score", customer)["scores"][0]
    assert {"customer_id", "score", "band", "engagement", "reasons", "model_version"} <= set(score)
    for kind in ("product", "touchpoint"):
        for item in shop.run("recommend", customer, "--kind", kind, "--k", "3")["items"]:
            assert {"id", "score", "strategy", "because"} <= set(item)
            assert {"path", "journeys", "cypher"} <= set(item["because"])


def test_as_of_before_anything_was_known_there_is_nothing(shop: Shop, customer: str) -> None:
    assert shop.run("paths", "--as-of", "2000-01-01T00:00:00Z")["links"] == []
    done = shop.call("journey", customer, "--as-of", "2000-01-01T00:00:00Z", "--json")
    assert done.returncode == 2 or json.loads(done.stdout)["journeys"] == []


def test_the_api_answers_as_the_commands_do(shop: Shop, api: TestClient, customer: str) -> None:
    same = {
        "/v1/paths": ["paths"],
        "/v1/funnels?step=view_product&step=purchase": ["funnel", "view_product", "purchase"],
        f"/v1/journeys/{customer}": ["journey", customer],
        "/v1/attribution?by=step&model=linear&model=markov&resamples=20": [
            "attribution",
            "--by",
            "step",
            "--model",
            "linear",
            "--model",
            "markov",
            "--resamples",
            "20",
        ],
        "/v1/attribution/removal?value=email&resamples=20": [
            "attribution",
            "--remove",
            "email",
            "--resamples",
            "20",
        ],
    }
    for route, arguments in same.items():
        answer = api.get(route)
        assert answer.status_code == 200, answer.text
        expected = shop.run(*arguments)
        assert {name: answer.json()[name] for name in expected} == expected, route
    by_command = shop.run("gaps")["findings"]
    by_api = api.get("/v1/gaps", params={"limit": 1000}).json()["findings"]
    assert by_api == by_command
    assert api.get(f"/v1/gaps/{by_command[0]['id']}").json() == by_command[0]


def test_every_documented_route_is_there(api: TestClient) -> None:
    paths = set(api.get("/openapi.json").json()["paths"])
    assert {
        "/v1/journeys/{customer_id}", "/v1/customers/{customer_id}", "/v1/paths", "/v1/funnels", "/v1/gaps",
        "/v1/gaps/{finding_id}", "/v1/attribution", "/v1/patterns", "/v1/intent/{customer_id}", "/v1/intent/score",
        "/v1/recommendations/{customer_id}", "/v1/recommendations/session", "/v1/touchpoints", "/v1/reports",
        "/v1/reports/{report_id}", "/healthz", "/readyz", "/metrics",
    } <= paths  # fmt: skip


def test_exit_statuses(shop: Shop, customer: str) -> None:
    unknown = shop.call("journey", "nobody-of-that-name", "--json")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "nobody-of-that-name" in unknown.stderr
    assert shop.call("load", "no-such-file.csv").returncode == 2
    assert shop.call("paths", "--per", "week").returncode == 2
    assert shop.call("paths", "--as-of", "yesterday").returncode == 2
    away = shop.call("paths", "--json", NEO4J_URI="bolt://127.0.0.1:9")
    assert (away.returncode, away.stdout) == (3, "")
    assert "Traceback" not in away.stderr
