"""Every route about paths answers as the domain does, for the journeys that it was asked about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from journeygraph import paths
from journeygraph.funnels import dropped, funnel
from journeygraph.generator.simulate import simulate
from journeygraph.graph import Connection, Graph
from journeygraph.journeys.filters import parse
from journeygraph.journeys.shape import Shape
from journeygraph.journeys.table import read_table
from journeygraph.settings import Settings
from journeygraph_cli.serve import application
from journeygraph_loaders import pipeline

pytestmark = pytest.mark.graph
ASKED = "where=platform%3Dios&where=channel!%3Dstore&collapse=true"


@pytest.fixture
def api(graph: Graph, neo4j_server: Connection, tmp_path: Path) -> Iterator[TestClient]:
    pipeline.store(graph, simulate(60, seed=3).touchpoints)
    settings = Settings(
        NEO4J_URI=neo4j_server.uri,
        NEO4J_USERNAME=neo4j_server.username,
        NEO4J_PASSWORD=neo4j_server.password,
        JOURNEYGRAPH_HOME=tmp_path,
    )
    with TestClient(application(settings)) as client:
        yield client


def test_routes_answer_as_the_domain_does(graph: Graph, api: TestClient) -> None:
    conditions, shape = ["platform=ios", "channel!=store"], Shape(collapse=True)
    table = read_table(graph, selection=parse(conditions), shape=shape)
    grouped = read_table(graph, per="customer", selection=parse(conditions, by="channel"), shape=shape)
    whole = read_table(graph, per="customer", selection=parse(conditions), shape=shape)
    sides = [
        read_table(graph, per="customer", selection=parse([*conditions, side]), shape=shape)
        for side in ("channel=app", "channel!=app")
    ]
    steps = ["visit_home", "purchase"]
    answers = {
        "/v1/paths?": paths.transitions(table),
        "/v1/paths/variants?top=3": paths.variants(table, top=3),
        "/v1/paths/step-matrix?positions=2": paths.step_matrix(table, positions=2),
        "/v1/paths/transitions?normalise=column": paths.transition_matrix(table, normalise="column"),
        "/v1/paths/waits?source=visit_home&target=purchase&eventually=true": paths.waits(
            table, "visit_home", "purchase", eventually=True
        ),
        "/v1/paths/step-graph?": paths.step_structure(table),
        "/v1/paths/to?goal=visit_home&min_journeys=1": paths.routes_to(table, "visit_home"),
        "/v1/paths/compare?first=channel%3Dapp&second=channel!%3Dapp": paths.compare(sides[0], sides[1]),
        "/v1/funnels?step=visit_home&step=purchase&by=channel": funnel(grouped, steps),
        "/v1/funnels/dropped?step=visit_home&step=purchase&reached=1": dropped(whole, steps, reached=1, listed=True),
    }
    for route, expected in answers.items():
        answer = api.get(f"{route}&{ASKED}")
        assert answer.status_code == 200, answer.text
        assert answer.json() == expected.model_dump(mode="json"), route


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("where=platfrom%3Dios", "Did you mean platform"),
        ("group=x%3Dregex:a", "command line"),
        ("since=soon", "a date"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(api: TestClient, query: str, sentence: str) -> None:
    answer = api.get(f"/v1/paths/variants?{query}")
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]
