"""Every figure of a comparison with a declared journey is given by the Cypher it carries, now and as of an instant."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString, cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from journeygraph import queries
from journeygraph.blueprints import Blueprint, parse
from journeygraph.blueprints.answers import Conformance
from journeygraph.blueprints.conformance import check, conformance
from journeygraph.blueprints.suggest import draft
from journeygraph.gaps.kinds import missing_step
from journeygraph.gaps.visits import Visits
from journeygraph.generator import simulate
from journeygraph.graph import Graph
from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.threading import build_rows
from journeygraph.schema import JourneyRules
from journeygraph.settings import Settings
from journeygraph.statistics import Strata, excess_p, risk_difference
from journeygraph_api.graphs import Graphs
from journeygraph_api.routers import blueprints as routes
from journeygraph_loaders import pipeline
from tests.support import empty, execute
from tests.unit.blueprints.plain import blueprints, histories, rows_of

pytestmark = [pytest.mark.graph, pytest.mark.slow]
RULES = JourneyRules(journey_window_seconds=10 * 86_400)
CREATE: LiteralString = """
    UNWIND $rows AS row
    CREATE (j:Journey {journey_id: row.id})
    SET j += row {.customer_id, .outcome, .value, .steps, .channels, .occurred_at_us}
"""
AFTER_SALES = parse("""
name: after sales
starts: purchase
until: 20d
stages:
  - stage: post-purchase
    any_order: true
    steps:
      - {step: delivery_update, within: 6d, channels: [email]}
      - {step: track_order, required: false, repeats: false, channels: [app]}
  - stage: what follows
    steps:
      - one_of: [[{step: return_request, within: 3d, since: delivery_update}, return_in_store], [write_review]]
forbidden: [complaint]
""")
BUYING = parse("""
name: buying
stages:
  - {stage: consideration, steps: [view_product, {step: cart, within: 2d, since: view_product}]}
  - {stage: purchase, steps: [{step: checkout, required: false}, purchase]}
""")


def run(graph: Graph, cypher: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    return graph.run(cast(LiteralString, cypher), parameters)


def verify(graph: Graph, answer: Conformance) -> None:
    (row,) = run(graph, answer.cypher, answer.parameters)
    assert (row["cases"], row["customers"], row["perfect"]) == (answer.cases, answer.customers, answer.perfect)
    assert (row["fitness"] is None) == (answer.fitness is None)
    assert answer.fitness is None or math.isclose(row["fitness"], answer.fitness, rel_tol=1e-9)
    for deviation in answer.deviations:
        (row,) = run(graph, deviation.cypher, deviation.parameters)
        assert row == {name: getattr(deviation, name) for name in row}, (deviation.title, row)
        behind = run(graph, deviation.listed.cypher, deviation.listed.parameters)
        assert len(behind) == deviation.cases
        assert len({one["customer_id"] for one in behind}) == deviation.customers
        assert tuple(dict.fromkeys(one["customer_id"] for one in behind))[:5] == deviation.examples


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(touches=histories(), blueprint=blueprints())
def test_any_declared_journey_has_its_cypher(
    graph: Graph, touches: dict[str, list[tuple[str, str, int]]], blueprint: Blueprint
) -> None:
    empty(graph)
    rows = rows_of(touches, RULES)
    execute(graph, CREATE, rows=rows)
    verify(graph, conformance(JourneyTable.from_rows(rows), blueprint, rules=RULES))


def test_the_shop_now_and_as_of_an_instant(graph: Graph) -> None:
    pipeline.store(graph, simulate(150, seed=5).touchpoints)
    (row,) = execute(graph, "MATCH (t:Touchpoint) RETURN max(t.ingested_at) AS at")
    at: datetime = row["at"].to_native().astimezone(UTC)
    known = [check(graph, blueprint) for blueprint in (AFTER_SALES, BUYING)]
    late = [
        touchpoint.model_copy(update={"touchpoint_id": f"late-{touchpoint.touchpoint_id}"})
        for touchpoint in simulate(60, seed=9).touchpoints
    ]
    pipeline.store(graph, late)
    without = {"cypher", "parameters", "listed", "as_of"}
    for blueprint, before in zip((AFTER_SALES, BUYING), known, strict=True):
        now, then = check(graph, blueprint), check(graph, blueprint, as_of=at)
        assert now.cases > before.cases > 20
        assert len(then.deviations) >= 3
        assert then.model_dump(exclude=without | {"deviations"}) == before.model_dump(exclude=without | {"deviations"})
        for one, other in zip(then.deviations, before.deviations, strict=True):
            assert one.model_dump(exclude=without) == other.model_dump(exclude=without)
        verify(graph, now)
        verify(graph, then)


def verify_missing(graph: Graph, table: JourneyTable, blueprint: Blueprint, rules: JourneyRules) -> int:
    """Every test that the kind makes, whether or not it became a finding: its counts and its strata."""
    tests = missing_step.tests(Visits(table, rules, 2, blueprint=blueprint))
    for test in tests:
        evidence = test.describe()
        assert evidence.inputs is not None
        query = queries.get(evidence.statement.query)
        (row,) = run(graph, query.cypher, {**evidence.statement.parameters, "examples": 3})
        assert row["counts"] == evidence.counts
        assert (row["affected"], row["denominator"]) == (evidence.affected.sum(), evidence.denominator.sum())
        rows = run(graph, queries.get(evidence.inputs.query).cypher, evidence.inputs.parameters)
        names = ("events", "trials", "reference_events", "reference_trials")
        strata = Strata(*(np.array([row[name] for row in rows]) for name in names))
        assert math.isclose(test.p_value, excess_p(strata), rel_tol=1e-6)
        assert math.isclose(evidence.effect.value, risk_difference(strata).value, rel_tol=1e-9, abs_tol=1e-12)
    return len(tests)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(touches=histories(), blueprint=blueprints())
def test_any_missing_step_has_its_cypher(
    graph: Graph, touches: dict[str, list[tuple[str, str, int]]], blueprint: Blueprint
) -> None:
    empty(graph)
    rows = rows_of(touches, RULES)
    execute(graph, CREATE, rows=rows)
    verify_missing(graph, JourneyTable.from_rows(rows), blueprint, RULES)


def test_missing_steps_of_the_shop_have_their_cypher(graph: Graph) -> None:
    rows = build_rows(list(simulate(400, seed=5).touchpoints))
    execute(graph, CREATE, rows=rows)
    for blueprint in (AFTER_SALES, BUYING):
        assert verify_missing(graph, JourneyTable.from_rows(rows), blueprint, JourneyRules()) >= 1


def test_a_draft_has_its_cypher(graph: Graph) -> None:
    rows = build_rows(list(simulate(200, seed=5).touchpoints))
    execute(graph, CREATE, rows=rows)
    for starts in ("journeys", "purchase"):
        suggestion = draft(JourneyTable.from_rows(rows), starts=starts, optional_share=1e-9)
        found = {row["step"]: row for row in run(graph, suggestion.cypher, suggestion.parameters)}
        assert set(found) == {one.step for one in suggestion.steps}
        for one in suggestion.steps:
            row = found[one.step]
            assert (row["cases"], row["cases_in_all"]) == (one.cases, suggestion.cases)
            assert math.isclose(row["place"], one.place, rel_tol=1e-9, abs_tol=1e-12)
            assert math.isclose(row["p95_seconds"], one.p95_seconds)


def test_an_empty_graph_has_no_cases(graph: Graph) -> None:
    answer = check(graph, AFTER_SALES)
    assert (answer.cases, answer.fitness, answer.deviations) == (0, None, ())
    verify(graph, answer)


def test_the_api_takes_a_declared_journey_in_the_body(graph: Graph, tmp_path: Path) -> None:
    pipeline.store(graph, simulate(60, seed=5).touchpoints)
    uri, username, password = graph.connection.uri, graph.connection.username, graph.connection.password
    settings_ = Settings(JOURNEYGRAPH_HOME=tmp_path, NEO4J_URI=uri, NEO4J_USERNAME=username, NEO4J_PASSWORD=password)
    graphs = Graphs(settings_)
    answer = routes.check(graphs, None, AFTER_SALES)
    assert answer == check(graph, AFTER_SALES)
    assert routes.missing_steps(graphs, None, AFTER_SALES, 30).tested > 0
    assert routes.suggest(graphs, None, "journeys", 0.8, 0.2).cases > 0
    graphs.close()
