"""Path views: flows conserve, nothing is dropped, and who stops is listed."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths import path_view, stops
from tests.unit.funnels.test_funnel import table_of, with_vocabulary
from tests.unit.paths.tables import STEPS, paths_of, tables

ENDS = st.sampled_from([None, *STEPS])


def cut(steps: list[str], source: str | None, target: str | None, levels: int) -> list[str | None]:
    """What a view shows of a path: levels + 1 names, None where it has none; [] where it isn't in the view."""
    nodes = ["(start)", *steps, "(end)"]
    if source is not None:
        if source not in steps:
            return []
        nodes = nodes[nodes.index(source) :]
    if target is not None:
        if target not in nodes[1:]:
            return []
        nodes = nodes[: nodes.index(target, 1) + 1]
    if source is None and target is not None:
        nodes = nodes[-levels - 1 :]
        return [None] * (levels + 1 - len(nodes)) + nodes
    return (nodes + [None] * levels)[: levels + 1]


@given(tables(), ENDS, ENDS, st.integers(1, 6))
def test_all_links_equal_to_counting_by_hand(
    table: JourneyTable, source: str | None, target: str | None, levels: int
) -> None:
    view = path_view(with_vocabulary(table), from_step=source, to_step=target, levels=levels, top=None)
    shown = [(who, cut(steps, source, target, levels)) for who, steps, _ in paths_of(table)]
    shown = [(who, nodes) for who, nodes in shown if nodes]
    links: Counter[tuple[int, str, str]] = Counter()
    owners: dict[tuple[int, str, str], set[str]] = {}
    for who, nodes in shown:
        for level in range(1, levels + 1):
            if (a := nodes[level - 1]) and (b := nodes[level]):
                links[level, a, b] += 1
                owners.setdefault((level, a, b), set()).add(who)
    assert view.denominator == len(shown)
    assert {(link.level, link.source, link.target): link.journeys for link in view.links} == links
    for link in view.links:
        assert link.customers == len(owners[link.level, link.source, link.target])


@given(tables(), ENDS, ENDS, st.integers(1, 5), st.integers(1, 3))
def test_flows_conserve_and_the_rest_is_other(
    table: JourneyTable, source: str | None, target: str | None, levels: int, top: int
) -> None:
    view = path_view(with_vocabulary(table), from_step=source, to_step=target, levels=levels, top=top)
    inflow: Counter[tuple[int, str]] = Counter()
    outflow: Counter[tuple[int, str]] = Counter()
    for link in view.links:
        outflow[link.level - 1, link.source] += link.journeys
        inflow[link.level, link.target] += link.journeys
    for node in view.nodes:
        place = (node.level, node.name)
        assert max(inflow[place], outflow[place]) == node.journeys
        absorbing = node.name in ("(end)", target)
        if 0 < node.level < levels and node.name != "(start)" and not absorbing:
            assert inflow[place] == outflow[place]
    named = {"(start)", "(end)", "(other)", target}
    for level in range(levels + 1):
        assert sum(node.level == level and node.name not in named for node in view.nodes) <= top


@given(tables(), ENDS, st.integers(1, 5), st.integers(1, 3))
def test_the_drop_off_shown_is_the_drop_off_listed(
    table: JourneyTable, source: str | None, levels: int, top: int
) -> None:
    table = with_vocabulary(table)
    view = path_view(table, from_step=source, levels=levels, top=top)
    for link in view.links:
        if link.target == "(end)":
            listed = stops(table, view, level=link.level - 1, step=link.source)
            assert len(listed.stops) == link.journeys
            assert len({stop.customer_id for stop in listed.stops}) == link.customers
            assert listed.drop_off == link.drop_off == sum(stop.outcome == "lost" for stop in listed.stops)


def test_from_to_and_between() -> None:
    table = table_of("abcd", "xbd", "ba")
    assert path_view(table, from_step="b").denominator == 3
    assert [(n.level, n.name) for n in path_view(table, to_step="b", levels=2).nodes if n.level == 0] == [
        (0, "(start)")
    ]
    between = path_view(table, from_step="b", to_step="d", levels=3)
    assert between.denominator == 2
    assert [(link.level, link.source, link.target) for link in between.links] == [
        (1, "b", "c"),
        (1, "b", "d"),
        (2, "c", "d"),
    ]


def test_refusals_are_sentences() -> None:
    table = table_of("ab")
    with pytest.raises(UsageError, match="no step 'q'"):
        path_view(table, from_step="q")
    with pytest.raises(UsageError, match="at least one level"):
        path_view(table, levels=0)
    with pytest.raises(UsageError, match="no 'b' at level 0"):
        stops(table, path_view(table, from_step="a"), level=0, step="b")


def test_empty_graph() -> None:
    view = path_view(JourneyTable.from_rows([]), from_step="a")
    assert (view.denominator, view.nodes, view.links) == (0, [], [])
