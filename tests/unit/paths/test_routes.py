"""Ways to a goal against trying every simple way through the counted transitions."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import NotFound
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths import routes_to
from tests.unit.funnels.test_funnel import table_of, with_vocabulary
from tests.unit.paths.tables import STEPS, paths_of, tables


@given(tables(max_length=6), st.sampled_from(STEPS))
def test_the_best_of_all_simple_ways(table: JourneyTable, goal: str) -> None:
    count: Counter[tuple[str, str]] = Counter()
    value: defaultdict[tuple[str, str], float] = defaultdict(float)
    for path, (_, steps, _) in enumerate(paths_of(table)):
        arrives = goal in steps
        nodes = ["(start)", *(steps[: steps.index(goal) + 1] if arrives else [*steps, "(end)"])]
        for edge in pairwise(nodes):
            count[edge] += 1
            value[edge] += table.values[path] if arrives else 0
    others = [step for step in STEPS if step != goal]
    ways = [
        ("(start)", *between, goal)
        for n in range(len(others) + 1)
        for between in permutations(others, n)
        if all(edge in count for edge in pairwise(("(start)", *between, goal)))
    ]
    if not ways:
        with pytest.raises(NotFound):
            routes_to(with_vocabulary(table), goal)
        return
    found = {route.best: route for route in routes_to(with_vocabulary(table), goal).routes}

    def product(way: tuple[str, ...], weight: dict[tuple[str, str], float]) -> float:
        shares = [
            weight[e] / sum(w for (a, _), w in weight.items() if a == e[0]) if weight[e] else 0 for e in pairwise(way)
        ]
        return math.prod(shares)

    assert len(found["fewest_steps"].steps) == min(map(len, ways)) - 1
    counts = {edge: float(n) for edge, n in count.items()}
    assert found["most_likely"].probability == pytest.approx(max(product(way, counts) for way in ways))
    most_valuable = max(product(way, value) for way in ways)
    if most_valuable:
        assert found["most_valuable"].value_share == pytest.approx(most_valuable)
    else:
        assert "most_valuable" not in found
    for route in found.values():
        exact = [s for _, s, _ in paths_of(table) if s[: len(route.steps)] == route.steps]
        assert route.journeys == len(exact)


def test_the_fastest_way_is_not_the_shortest() -> None:
    table = JourneyTable.from_rows(
        {
            "id": f"j{number}",
            "customer_id": f"c{number}",
            "outcome": "converted",
            "value": 1.0,
            "steps": steps,
            "channels": ["web"] * len(steps),
            "occurred_at_us": times,
        }
        for number, (steps, times) in enumerate(
            [(["a", "d"], [0, 90_000_000]), (["a", "b", "d"], [0, 1_000_000, 2_000_000])]
        )
    )
    routes = {route.best: route for route in routes_to(table, "d").routes}
    assert routes["fewest_steps"].steps == ["a", "d"]
    assert (routes["fastest"].steps, routes["fastest"].seconds) == (["a", "b", "d"], 2.0)


def test_rare_transitions_are_left_out() -> None:
    table = table_of("ad", "abd", "abd")
    assert {tuple(route.steps) for route in routes_to(table, "d", minimum=2).routes} == {("a", "b", "d")}
    with pytest.raises(NotFound, match="4 or more journeys leads to 'd'"):
        routes_to(table, "d", minimum=4)
