"""Variants, matrices, waits, routes and drop-offs come out of their Cypher too, on a real Neo4j, shaped and not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import NotFound
from journeygraph.funnels import dropped
from journeygraph.graph import Graph
from journeygraph.journeys.shape import AS_IS, Rule, Shape
from journeygraph.journeys.table import JourneyTable, read_table
from journeygraph.paths import routes_to, step_matrix, step_structure, transition_matrix, transitions, variants, waits
from tests.integration.test_paths_cypher import GRAINS, LOGS, dump, same, store
from tests.unit.funnels.test_funnel import with_vocabulary
from tests.unit.paths import rows as of
from tests.unit.paths.tables import STEPS, rows

pytestmark = pytest.mark.graph
SHAPES = st.sampled_from(
    [
        AS_IS,
        Shape(collapse=True),
        Shape(rules=(Rule("x", "exact", "a|b"), Rule("c", "prefix", "d"))),
        Shape(without=("a",), collapse=True),
        Shape(rules=(Rule("hostile `'\"$x", "regex", "[ab]"),), without=("c",), collapse=True),
    ]
)


def read(graph: Graph, per: Any, shape: Shape) -> JourneyTable:
    """As `read_table` does, for a graph that knows all four steps."""
    table = read_table(graph, per="journey" if per == "customer" else per)
    shaped = shape.apply(with_vocabulary(table))
    return shaped.by_customer() if per == "customer" else shaped


@LOGS
@given(rows(max_length=6), GRAINS, SHAPES, st.integers(1, 3), st.sampled_from(["row", "column", "total"]))
def test_variants_and_matrices(
    graph: Graph, log: list[dict[str, Any]], per: Any, shape: Shape, top: int, normalise: Any
) -> None:
    store(graph, log)
    table = read(graph, per, shape)
    counted = variants(table, top=top)
    same(graph, counted, of.variant_rows(counted))
    places = step_matrix(table, positions=top + 1, top=top)
    same(graph, places, of.step_matrix_rows(places))
    matrix = transition_matrix(table, normalise=normalise)
    same(graph, matrix, of.transition_matrix_rows(matrix))
    links = transitions(table)
    same(graph, links, dump(links.links, {"level"}))
    structure = step_structure(table)
    same(graph, structure, of.structure_rows(structure))


@LOGS
@given(rows(max_length=6), GRAINS, st.sampled_from(STEPS), st.sampled_from(STEPS), st.booleans())
def test_waits_and_ways_to_a_goal(
    graph: Graph, log: list[dict[str, Any]], per: Any, source: str, target: str, eventually: bool
) -> None:
    store(graph, log)
    table = read(graph, per, AS_IS)
    times = waits(table, source, target, eventually=eventually)
    same(graph, times, of.wait_rows(times))
    try:
        found = routes_to(table, target)
    except NotFound:
        return
    legs = graph.run(found.cypher, found.parameters)  # type: ignore[arg-type]
    same(graph, found, of.leg_rows(found, legs))
    for route in found.routes:
        same(graph, route, of.route_rows(route))


@LOGS
@given(
    rows(max_length=8),
    GRAINS,
    st.sampled_from([("ordered", ["a", "b|c", "a"]), ("strict", ["a", "b|a", "c"]), ("unordered", ["a", "b", "c"])]),
    st.sampled_from([None, 0.0, 2.0]),
    st.booleans(),
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, "a", "(end)"]),
)
def test_who_stops_in_a_funnel(
    graph: Graph, log: list[dict[str, Any]], per: Any, asked: Any, window: Any, excluding: bool, reached: Any, step: Any
) -> None:
    store(graph, log)
    mode, steps = asked
    table = read(graph, per, AS_IS)
    answer = dropped(
        table,
        steps,
        mode=mode,
        window_seconds=window,
        exclude=["d"] if excluding else [],
        reached=reached,
        next_step=step,
        listed=True,
    )
    same(graph, answer, of.dropped_rows(answer))
    for stop in answer.steps:
        if reached == stop.reached and step is None:
            assert stop.count == len(answer.paths)
