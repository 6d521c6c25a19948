"""Every pattern's counts come out of its Cypher too, on a real Neo4j."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeygraph.graph import Graph
from journeygraph.intent.patterns.contrast import before_and_after, contrast
from journeygraph.intent.patterns.found import mine
from journeygraph.journeys import filters
from journeygraph.journeys.table import JourneyTable, read_table
from tests.integration.test_paths_cypher import store
from tests.unit.intent.test_patterns_together import tied
from tests.unit.paths.tables import rows

pytestmark = pytest.mark.graph
LIMIT = st.sampled_from([None, 0, 1])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows(), st.sampled_from(["converted", "lost", "a"]), LIMIT, LIMIT, st.sampled_from([None, 2]), st.booleans())
def test_counts(
    graph: Graph,
    log: list[dict[str, Any]],
    outcome: str,
    max_gap: int | None,
    gap_s: int | None,
    span_s: int | None,
    together: bool,
) -> None:
    log = tied(log) if together else log
    store(graph, log)
    table: JourneyTable = read_table(graph)
    if outcome == "a" and "a" not in table.steps:
        outcome = "converted"
    limits: dict[str, Any] = {"max_gap": max_gap, "max_gap_seconds": gap_s, "max_span_seconds": span_s}
    limits |= {"together": together, "weight": "value" if table.values.any() else None}
    report = mine(table, minimum_support=1, max_length=4, outcome=outcome, top=12, permutations=0, **limits)
    for row in report.patterns:
        (counted,) = graph.run(row.cypher, row.parameters)  # type: ignore[arg-type]
        assert counted.pop("median_seconds_to_outcome") == pytest.approx(row.median_seconds_to_outcome)
        assert counted.pop("weighted_support") == pytest.approx(row.weighted_support or 0)
        assert counted.pop("total_weight") == pytest.approx(report.total_weight or 0)
        assert counted == (
            {
                "sequences": report.sequences,
                "support": row.support,
                "decided": report.decided,
                "reached": report.reached,
                "decided_with": row.decided_with,
                "reached_with": row.reached_with,
                "part_decided_with": row.part_decided_with or 0,
                "part_reached_with": row.part_reached_with or 0,
                "timed": row.timed,
                "examples": row.examples,
                "sequences_by_slice": [part.sequences for part in report.slices],
                "support_by_slice": row.support_by_slice,
            }
        )


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows(), LIMIT, st.integers(1, 12), st.booleans())
def test_contrast(graph: Graph, log: list[dict[str, Any]], max_gap: int | None, second: int, together: bool) -> None:
    log = tied(log) if together else log
    store(graph, log)
    instant = f"1970-01-01T00:00:{second:02}Z"
    parts = [read_table(graph, selection=filters.parse([f"{key}={instant}"])) for key in ("until", "since")]
    pair = before_and_after(*parts, instant)
    if not pair.one.n_paths or not pair.other.n_paths:
        return
    limits: dict[str, Any] = {"max_gap": max_gap, "together": together, "permutations": 10}
    answer = contrast(pair, minimum_support=1, max_length=3, top=6, **limits)
    for row in answer.patterns:
        for group, parameters, held in (
            (answer.group, row.parameters, row.support),
            (answer.against, row.against_parameters, row.against_support),
        ):
            counted = graph.run(row.cypher, parameters)  # type: ignore[arg-type]
            assert counted == [{"sequences": group.sequences, "support": held}]
