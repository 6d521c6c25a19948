"""Segments, periods and groups: the right journeys, and every answer about them out of its own Cypher, now and then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.funnels import dropped, funnel
from journeygraph.generator.simulate import simulate
from journeygraph.graph import Graph
from journeygraph.journeys.filters import Selection, parse
from journeygraph.journeys.shape import AS_IS, Rule, Shape
from journeygraph.journeys.table import JourneyTable, read_table
from journeygraph.journeys.threading import build_rows, build_session_rows
from journeygraph.paths import (
    compare,
    path_view,
    routes_to,
    step_matrix,
    step_structure,
    stops,
    transition_matrix,
    transitions,
    variants,
    waits,
)
from journeygraph.schema import Touchpoint, to_microseconds
from journeygraph_loaders import pipeline
from tests.integration.test_paths_cypher import LOGS, dump, same
from tests.journey_strategies import distinct_touchpoints
from tests.support import empty
from tests.unit.paths import rows as of

pytestmark = pytest.mark.graph

VALUES: dict[str, Callable[[Touchpoint], Any]] = {
    "channel": lambda t: t.channel,
    "source": lambda t: t.source,
    "step": lambda t: t.step,
    "campaign": lambda t: t.campaign,
    "product": lambda t: t.product_id,
    "category": lambda t: t.product_category if t.product_id else None,
    "store": lambda t: t.properties.get("store"),
    "visit": lambda t: None if "visit" not in t.properties else str(t.properties["visit"]),
}


@settings(LOGS, max_examples=12)
@given(
    distinct_touchpoints,
    st.sampled_from(
        [
            ["channel=app"],
            ["channel!=app", "step=view|cart"],
            ["campaign=spring, 'early'"],
            ["campaign!=spring, 'early'", "source=shop"],
            ['store=a "quoted", name'],
            ["visit=0|7|14"],
            ["product=p0", "since=1970-01-01"],
            ["category!=c0"],
            ["outcome=converted"],
            ["step!=buy", "until=1970-01-01T00:00:00.000010Z"],
        ]
    ),
    st.sampled_from(["channel", "campaign", "visit", "product"]),
    st.sampled_from(["journey", "session"]),
)
def test_the_journeys_and_groups_are_those_of_their_touchpoints(
    graph: Graph, touchpoints: list[Touchpoint], conditions: list[str], by: str, per: Any
) -> None:
    empty(graph)
    pipeline.store(graph, touchpoints)
    selection = parse(conditions, by=by)
    known = {touchpoint.touchpoint_id: touchpoint for touchpoint in touchpoints}
    expected = []
    for row in (build_rows if per == "journey" else build_session_rows)(touchpoints):
        members = [known[identity] for identity in row["touchpoint_ids"]]
        if matches(selection, row, members):
            seen = [value for member in members if (value := VALUES[by](member)) is not None]
            expected.append((row["id"], seen[0] if seen else None))
    for as_of in (None, datetime.now(UTC)):
        table = read_table(graph, per=per, as_of=as_of, selection=selection)
        assert table.group_codes is not None
        groups = [None if code < 0 else table.groups[code] for code in table.group_codes]
        assert sorted(zip(table.ids, groups, strict=True)) == sorted(expected)


def matches(selection: Selection, row: dict[str, Any], members: list[Touchpoint]) -> bool:
    """Whether a journey is selected, in plain Python."""
    start = to_microseconds(members[0].occurred_at)
    if selection.since is not None and start < to_microseconds(selection.since):
        return False
    if selection.until is not None and start >= to_microseconds(selection.until):
        return False
    for asked in selection.filters:
        value = VALUES.get(asked.key.removeprefix("p_"), lambda _: row["outcome"])
        if any(value(member) in asked.values for member in members) == asked.without:
            return False
    return True


@pytest.fixture
def before_the_second_load(graph: Graph) -> datetime:
    """A graph of two loads, and an instant between them."""
    touchpoints = sorted(simulate(60, seed=3).touchpoints, key=lambda t: (t.occurred_at, t.touchpoint_id))
    pipeline.store(graph, touchpoints[::2])
    instant = datetime.now(UTC)
    pipeline.store(graph, touchpoints[1::2])
    return instant


def everything_agrees(graph: Graph, table: JourneyTable) -> None:
    """Each analysis of the table, against its own Cypher."""
    ranked = sorted(transitions(table).nodes, key=lambda node: -node.journeys)
    first, second = [node.name for node in ranked if not node.name.startswith("(")][:2]
    links = transitions(table)
    same(graph, links, dump(links.links, {"level"}))
    view = path_view(table, from_step=first, levels=2, top=3)
    same(graph, view, dump(view.links, set()))
    listed = stops(table, view, level=0, step=first)
    same(graph, listed, dump(listed.stops, set()))
    counted = variants(table, top=3)
    same(graph, counted, of.variant_rows(counted))
    places = step_matrix(table, positions=3, top=4)
    same(graph, places, of.step_matrix_rows(places))
    matrix = transition_matrix(table, normalise="column")
    same(graph, matrix, of.transition_matrix_rows(matrix))
    times = waits(table, first, second, eventually=True)
    same(graph, times, of.wait_rows(times))
    structure = step_structure(table)
    same(graph, structure, of.structure_rows(structure))
    ways = routes_to(table, first)
    same(graph, ways, of.leg_rows(ways, graph.run(ways.cypher, ways.parameters)))  # type: ignore[arg-type]
    for route in ways.routes:
        same(graph, route, of.route_rows(route))
    for mode in ("ordered", "unordered"):
        answer = funnel(table, [first, second], mode=mode)  # type: ignore[arg-type]
        same(graph, answer, of.funnel_rows(answer))
        assert answer.breakdown is not None
        same(graph, answer.breakdown, of.breakdown_rows(answer))
        stopped = dropped(table, [first, second], mode=mode, listed=True)  # type: ignore[arg-type]
        same(graph, stopped, of.dropped_rows(stopped))


def test_now_and_as_of_an_instant_shaped_and_not(graph: Graph, before_the_second_load: datetime) -> None:
    selection = parse(["channel=app|web", "since=2025-01-01"], by="platform")
    shape = Shape((Rule("view's", "prefix", "view_"),), ("email_open",), collapse=True)
    for per, as_of, shown in (
        ("journey", None, AS_IS),
        ("customer", None, shape),
        ("session", None, shape),
        ("journey", before_the_second_load, shape),
        ("customer", before_the_second_load, AS_IS),
        ("session", before_the_second_load, AS_IS),
    ):
        table = read_table(graph, per=per, as_of=as_of, selection=selection, shape=shown)  # type: ignore[arg-type]
        assert table.n_paths > 0
        everything_agrees(graph, table)


def test_both_sides_of_a_comparison(graph: Graph, before_the_second_load: datetime) -> None:
    sides = [read_table(graph, per="customer", selection=parse([f"platform={name}"])) for name in ("ios", "android")]
    answer = compare(*sides)
    assert answer.first.label == "platform=ios"
    counted: list[dict[tuple[str, ...], int]] = []
    for side in (answer.first, answer.second):
        links = graph.run(side.cypher, side.parameters)  # type: ignore[arg-type]
        steps = graph.run(side.steps_cypher, side.parameters)  # type: ignore[arg-type]
        ends = graph.run(side.outcomes_cypher, side.parameters)[0]  # type: ignore[arg-type]
        assert (ends["journeys"], ends["customers"]) == (side.denominator, side.customers)
        assert (ends["converted"], ends["converted"] + ends["lost"]) == (side.converted, side.closed)
        counted.append(
            {(row["source"], row["target"]): row["journeys"] for row in links}
            | {(row["name"],): row["journeys"] for row in steps}
            | {(): ends["converted"]}
        )
    for row in answer.differences:
        if row.kind != "wait":
            found = tuple(side.get(tuple(row.subject), 0) for side in counted)
            assert found == (row.first_count, row.second_count)


def test_a_property_that_nothing_has_is_refused(graph: Graph, before_the_second_load: datetime) -> None:
    with pytest.raises(UsageError, match=r"No touchpoint has a property 'platfrom'. Did you mean platform"):
        read_table(graph, selection=parse(["platfrom=ios"]))
