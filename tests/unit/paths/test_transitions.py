"""Transitions against counting in plain Python, and the laws that they keep."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from statistics import median

import numpy as np
import pytest
from hypothesis import given

from journeygraph.journeys.table import JourneyTable
from journeygraph.paths import step_graph, transitions
from tests.unit.paths.tables import paths_of, tables


@given(tables())
def test_equal_to_counting_by_hand(table: JourneyTable) -> None:
    count: Counter[tuple[str, str]] = Counter()
    exits: Counter[tuple[str, str]] = Counter()
    journeys, customers, waits = defaultdict(set), defaultdict(set), defaultdict(list)
    for path, (customer, steps, times) in enumerate(paths_of(table)):
        closed = ["(start)", *steps, "(end)"]
        for k, edge in enumerate(pairwise(closed)):
            count[edge] += 1
            journeys[edge].add(path)
            customers[edge].add(customer)
            if 0 < k < len(steps):
                waits[edge].append((times[k] - times[k - 1]) / 1e6)
        exits[closed[-3], closed[-2]] += 1
        exits[closed[-2], closed[-1]] += 1
    links = {(link.source, link.target): link for link in transitions(table).links}
    assert list(links) == sorted(count)
    for edge, link in links.items():
        assert link.count == count[edge]
        assert link.journeys == len(journeys[edge])
        assert link.customers == len(customers[edge])
        assert link.exits == exits[edge]
        if waits[edge]:
            assert link.median_seconds == pytest.approx(median(waits[edge]))
            assert link.p90_seconds == pytest.approx(np.quantile(waits[edge], 0.9))
        else:
            assert link.median_seconds is None
            assert link.p90_seconds is None


@given(tables())
def test_inflow_equals_outflow(table: JourneyTable) -> None:
    answer = transitions(table)
    inflow: Counter[str] = Counter()
    outflow: Counter[str] = Counter()
    for link in answer.links:
        inflow[link.target] += link.count
        outflow[link.source] += link.count
    for node in answer.nodes:
        if node.name not in ("(start)", "(end)"):
            assert inflow[node.name] == outflow[node.name] == node.count
    assert inflow["(end)"] == outflow["(start)"] == table.n_paths == answer.denominator


@given(tables())
def test_nodes(table: JourneyTable) -> None:
    for node in transitions(table).nodes:
        holding = [(who, steps) for who, steps, _ in paths_of(table) if node.name in steps or node.name[0] == "("]
        assert node.journeys == len(holding)
        assert node.customers == len({who for who, _ in holding})


@given(tables())
def test_step_graph_has_the_same_figures(table: JourneyTable) -> None:
    graph = step_graph(table)
    links = transitions(table).links
    assert graph.number_of_edges() == len(links)
    for link in links:
        assert graph[link.source][link.target]["exits"] == link.exits
        assert graph[link.source][link.target]["median_seconds"] == link.median_seconds


def test_nothing_at_all() -> None:
    answer = transitions(JourneyTable.from_rows([]))
    assert (answer.denominator, answer.nodes, answer.links) == (0, [], [])
