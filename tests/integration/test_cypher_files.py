"""Every Cypher file plans on the real server, with the columns that it promises, now and as of an instant."""

from __future__ import annotations

import re

import pytest

from journeygraph import queries
from journeygraph.graph import Graph
from tests.support import execute

pytestmark = pytest.mark.graph
NAMES = [name for name in queries.names() if not re.match(r"schema/\d{4}_", name)]


@pytest.mark.parametrize("name", NAMES)
def test_it_plans_and_its_example_parameters_suffice(graph: Graph, name: str) -> None:
    query = queries.get(name)
    # The example is Cypher text: the server itself evaluates it into parameters.
    parameters = execute(graph, f"RETURN {query.example} AS parameters")[0]["parameters"]  # type: ignore[arg-type]
    columns = graph.explain(query.cypher, parameters)
    if query.reads_journeys:
        then = queries.get(name, as_of=True)
        assert graph.explain(then.cypher, {**parameters, "as_of": "2026-01-01T00:00:00Z"}) == columns
    if "// journeys {" in query.cypher:
        of_grain = queries.get(name, of_grain=True)
        assert graph.explain(of_grain.cypher, {**parameters, "grain": "account", "as_of": None}) == columns


def _writes(name: str) -> bool:
    return bool(
        re.search(r"\b(MERGE|CREATE|SET|DELETE|REMOVE)\b", re.sub(r"//.*|'[^']*'", "", queries.get(name).cypher))
    )


@pytest.mark.parametrize("name", [name for name in NAMES if not _writes(name)])
def test_a_reading_example_runs_on_an_empty_graph(graph: Graph, name: str) -> None:
    query = queries.get(name)
    parameters = execute(graph, f"RETURN {query.example} AS parameters")[0]["parameters"]  # type: ignore[arg-type]
    graph.run(query.cypher, parameters, name=name)
