"""Figures under merges of at least some confidence are those of a graph where the others were really undone."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from journeygraph import identity, journeys
from journeygraph.errors import NotFound, UsageError
from journeygraph.funnels import funnel, identity_band
from journeygraph.graph import Connection, Graph
from journeygraph.journeys.settle import settle
from journeygraph.privacy import consent
from journeygraph.report.collect import surer_funnel
from journeygraph.settings import Settings
from journeygraph_cli.main import app
from journeygraph_cli.serve import application
from journeygraph_loaders import pipeline
from tests.integration.identity.test_merging import at
from tests.support import empty

pytestmark = pytest.mark.graph
STEPS = ("view", "cart", "purchase")
_visits = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cat", "dan", None]),
        st.sampled_from(["x", "y", "z", None]),
        st.sampled_from(STEPS),
    ).filter(lambda visit: visit[0] or visit[1]),
    min_size=6,
    max_size=20,
)


def rows(graph: Graph, least: float | None = None) -> list[tuple[object, ...]]:
    table = journeys.read_table(graph, least_confidence=least)
    owners = [table.customer_ids[code] for code in table.customers.tolist()]
    paths = range(table.n_paths)
    return [
        (table.ids[k], owners[k], int(table.outcomes[k]), float(table.values[k]), *table.sequence(k)) for k in paths
    ]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_visits, st.integers(0, 1_000))
def test_journeys_under_sure_merges_are_those_of_a_graph_without_the_others(
    graph: Graph, visits: list[tuple[str | None, str | None, str]], seed: int
) -> None:
    empty(graph)
    rng = Random(seed)
    touchpoints = [
        at(20_000 * n, customer, visitor).model_copy(update={"step": step})
        for n, (customer, visitor, step) in enumerate(visits)
    ]
    pipeline.store(graph, touchpoints)
    made: list[tuple[float, str]] = []
    for confidence in (0.6, 0.7, 0.8, 0.95):
        customers = ["ann", "bob", "cat", "dan", "anonymous:x", "anonymous:y", "anonymous:z"]
        try:
            merge = identity.merge(graph, *rng.sample(customers, 2), confidence=rng.choice([confidence, 0.75]))
        except (UsageError, NotFound):
            continue
        settle(graph)
        made.append((identity.explain(graph, merge.kept).merges[-1].confidence, merge.merge_id))
    found = {least: rows(graph, least) for least in (0.0, 0.65, 0.8, 0.9, 1.0)}
    for least, table in found.items():
        for merge_id in [merge_id for confidence, merge_id in made if confidence < least]:
            identity.unmerge(graph, merge_id, forget=True)
        made = [one for one in made if one[0] >= least]
        settle(graph)
        assert table == rows(graph), least


def test_a_funnel_says_between_what_it_lies(graph: Graph, neo4j_server: Connection, tmp_path: Path) -> None:
    pipeline.store(
        graph,
        [
            at(1, "ann"),
            at(2, "ann-2").model_copy(update={"step": "purchase"}),
            at(3, "bob"),
            at(4, "bob-2").model_copy(update={"step": "purchase"}),
            at(5, "cat"),
        ],
    )
    identity.merge(graph, "ann", "ann-2", confidence=0.95)
    identity.merge(graph, "bob", "bob-2", confidence=0.7)
    settle(graph)
    environment = {
        "NEO4J_URI": neo4j_server.uri,
        "NEO4J_USERNAME": neo4j_server.username,
        "NEO4J_PASSWORD": neo4j_server.password,
        "JOURNEYGRAPH_HOME": str(tmp_path),
    }
    command = ["funnel", "view", "purchase", "--identity-band", "0.9,0.5,0.99", "--json"]
    answer = json.loads(CliRunner().invoke(app, command, env=environment).stdout)
    band = answer["identity_band"]
    assert [step["count"] for step in answer["steps"]] == [3, 2]
    assert [(one["least_confidence"], one["merges"], one["customers"]) for one in band["levels"]] == [
        (0.5, 2, 3),
        (0.9, 1, 4),
        (0.99, 0, 5),
    ]
    assert [[step["count"] for step in one["steps"]] for one in band["levels"]] == [[3, 2], [3, 1], [3, 0]]
    assert band["counts"] == [
        {"name": "view", "low": 3.0, "high": 3.0},
        {"name": "purchase", "low": 0.0, "high": 2.0},
    ]
    assert band["conversions"][1]["high"] == pytest.approx(2 / 3)
    for level in band["levels"]:
        again = graph.run(level["cypher"], level["parameters"])
        assert [row["count"] for row in again] == [step["count"] for step in level["steps"]]
        [counts] = graph.run(level["journeys_cypher"], level["journeys_parameters"])
        assert counts == {name: level[name] for name in ("customers", "journeys", "converted", "lost")}
    reported = surer_funnel(graph, journeys.read_table(graph), ["view", "purchase"])
    assert reported is not None
    assert [one.merges for one in reported.levels] == [2, 1, 0], "in the report as well"
    with TestClient(application(Settings(**environment)), raise_server_exceptions=False) as api:  # type: ignore[arg-type]
        asked = {"step": ["view", "purchase"], "identity_band": "0.5,0.9,0.99"}
        assert api.get("/v1/funnels", params=asked).json()["identity_band"] == band
        for wrong in ({"identity_band": "2"}, {"per": "session"}, {"grain": "account"}):
            assert api.get("/v1/funnels", params={**asked, **wrong}).status_code == 422, wrong
    consent.note(graph, tmp_path, "bob-2", "analytics", "withdrawn")
    settle(graph)
    for least in (0.5, 0.9):
        owners = {row[1] for row in rows(graph, least)}
        assert not owners & {"bob", "bob-2"}, "whoever withdrew is in no journey, with all who are merged with them"
    selected = CliRunner().invoke(app, [*command, "--where", "step=purchase"], env=environment)
    assert json.loads(selected.stdout)["identity_band"]["levels"][0]["customers"] == 1
    shown = CliRunner().invoke(app, command[:-1], env=environment)
    assert shown.exit_code == 0, shown.output
    for bad in (["--per", "session"], ["--grain", "household"], ["--as-of", "2026-01-01T00:00:00Z"]):
        assert CliRunner().invoke(app, [*command, *bad], env=environment).exit_code != 0, bad


def test_a_funnel_of_one_level_is_the_funnel_itself(graph: Graph) -> None:
    pipeline.store(graph, [at(1, "ann"), at(2, "ann").model_copy(update={"step": "purchase"})])
    whole = journeys.read_table(graph)
    band = identity_band.band(
        graph,
        (0.0,),
        lambda least: journeys.read_table(graph, least_confidence=least),
        lambda table: funnel(table.by_customer(), ["view", "purchase"]),
    )
    assert [one.count for one in band.levels[0].steps] == [
        one.count for one in funnel(whole.by_customer(), ["view", "purchase"]).steps
    ]
