"""Every pattern's counts come out of its Cypher too, on a real Neo4j."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeygraph.graph import Graph
from journeygraph.intent.patterns import mine
from journeygraph.journeys.table import JourneyTable, read_table
from tests.integration.test_paths_cypher import store
from tests.unit.paths.tables import rows

pytestmark = pytest.mark.graph


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows(), st.sampled_from(["converted", "lost", "a"]), st.sampled_from([None, 0, 1]))
def test_counts(graph: Graph, log: list[dict[str, Any]], outcome: str, max_gap: int | None) -> None:
    store(graph, log)
    table: JourneyTable = read_table(graph)
    if outcome == "a" and "a" not in table.steps:
        outcome = "converted"
    report = mine(table, minimum_support=1, max_length=4, max_gap=max_gap, outcome=outcome, top=12)
    for row in report.patterns:
        assert graph.run(row.cypher, row.parameters) == [  # type: ignore[arg-type]
            {
                "sequences": report.sequences,
                "support": row.support,
                "decided": report.decided,
                "reached": report.reached,
                "decided_with": row.decided_with,
                "reached_with": row.reached_with,
            }
        ]
