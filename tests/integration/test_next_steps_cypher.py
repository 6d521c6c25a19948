"""The counts and waits behind the next step come out of its Cypher too, and by command and API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeygraph.graph import Connection, Graph
from journeygraph.intent.next_steps.model import learn
from journeygraph.intent.next_steps.predict import LearntFrom, for_session
from journeygraph.journeys.table import read_table
from journeygraph.settings import Settings
from journeygraph_cli.serve import application
from tests.integration.test_paths_cypher import store
from tests.unit.paths.tables import SECOND, rows

pytestmark = pytest.mark.graph


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows(), st.lists(st.sampled_from("abcd"), max_size=3))
def test_counts_and_waits(graph: Graph, log: list[dict[str, Any]], steps: list[str]) -> None:
    store(graph, log)
    answer = for_session(learn(read_table(graph)), steps, LearntFrom(None), k=100)
    found = graph.run(answer.cypher, answer.parameters)  # type: ignore[arg-type]
    by_cypher = {(row["order"], row["step"]): row for row in found}
    for order, context in enumerate(answer.contexts):
        of_order = [row for row in found if row["order"] == order]
        assert (context.count, context.kinds) == (sum(row["count"] for row in of_order), len(of_order))
    for step in answer.next:
        for order, seen in enumerate(step.counts):
            assert seen == by_cypher.get((order, step.step), {"count": 0})["count"]
        if step.timed:
            waits = [by_cypher.get((order, step.step)) for order in range(len(answer.contexts))]
            pairs = [
                (row["median_seconds"], row["p90_seconds"]) for row in waits if row and row["p90_seconds"] is not None
            ]
            assert (step.median_seconds, step.p90_seconds) in [pytest.approx(pair) for pair in pairs]


def test_by_api(graph: Graph, neo4j_server: Connection, tmp_path: Path) -> None:
    log = [
        {"id": f"j{n}", "customer_id": f"k{n % 3}", "outcome": outcome, "steps": list(steps),
         "value": n + 0.5 if outcome == "converted" else None, "channels": ["web"] * 3,
         "occurred_at_us": [(10 * n + i) * SECOND for i in range(3)]}
        for n, (steps, outcome) in enumerate([("abc", "lost")] * 3 + [("abd", "converted")] * 3 + [("aab", "open")])
    ]  # fmt: skip
    store(graph, log)
    settings = Settings(
        NEO4J_URI=neo4j_server.uri,
        NEO4J_USERNAME=neo4j_server.username,
        NEO4J_PASSWORD=neo4j_server.password,
        JOURNEYGRAPH_HOME=tmp_path,
    )
    with TestClient(application(settings), raise_server_exceptions=False) as api:
        running = api.get("/v1/next/k0", params={"k": 2}).json()
        assert (running["journey_id"], running["contexts"][-1]["steps"][-1]) == ("j6", "b")
        assert {row["step"] for row in running["next"]} == {"c", "d"}
        same = api.post("/v1/next", json={"steps": ["a", "a", "b"], "k": 2}).json()
        assert same["next"] == running["next"]
        assert api.get("/v1/next/nobody").status_code == 404
        asked = {"min_support": 1, "representatives": True, "max_span_seconds": 60, "excluded": "c"}
        patterns = api.get("/v1/patterns", params=asked).json()
        assert len(patterns["patterns"]) == patterns["representatives"] < patterns["tested"]
        asked = {"min_support": 0.9, "weight": "value", "together": True}
        weighted = api.get("/v1/patterns", params=asked).json()
        assert (weighted["total_weight"], weighted["minimum_support"]) == (13.5, 12.2)  # 12.15, in tenths, rounded up
        assert [row["pattern"] for row in weighted["patterns"]] == [[["a"]], [["a"], ["b"]], [["b"]]]
        assert {(row["support"], row["weighted_support"]) for row in weighted["patterns"]} == {(7, 13.5)}
        assert api.get("/v1/patterns", params={"weight": "clicks"}).status_code == 422
        before = api.get("/v1/patterns/contrast", params={"min_support": 1, "before": "1970-01-01T00:00:30Z"}).json()
        assert (before["group"]["sequences"], before["against"]["sequences"]) == (4, 3)
        shares = {tuple(row["pattern"]): (row["share"], row["against_share"]) for row in before["patterns"]}
        assert (shares["c",], shares["d",]) == ((0.0, 1.0), (0.75, 0.0))
        assert all(row["wy_p_value"] >= row["p_value"] / 2 for row in before["patterns"])
        assert api.get("/v1/patterns/contrast").status_code == 422
