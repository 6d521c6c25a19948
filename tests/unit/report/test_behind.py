"""The tables behind pictures, against plain Python over random journeys with ties and repeats."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.journeys.table import JourneyTable
from journeygraph.report.behind import step_graph as step_graph_room
from journeygraph.report.behind.step_graph import step_graph, steps_by_name
from journeygraph.report.behind.step_matrix import POSITIONS, step_matrix
from journeygraph.report.behind.transition_matrix import transition_matrix
from journeygraph.report.behind.waits import EDGES, TRANSITIONS, waits
from journeygraph.schema import END, OTHER, START

_JOURNEYS = st.lists(
    st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 5_000_000)), min_size=1, max_size=12), max_size=12
)
Journey = list[tuple[str, int]]


def _table(journeys: list[Journey]) -> JourneyTable:
    rows: list[dict[str, Any]] = []
    for number, journey in enumerate(journeys):
        instants = [sum(seconds for _, seconds in journey[: place + 1]) for place in range(len(journey))]
        rows.append(
            {
                "id": f"j{number}",
                "customer_id": f"c{number % 3}",
                "outcome": "lost",
                "value": None,
                "steps": [step for step, _ in journey],
                "channels": ["web"] * len(journey),
                "occurred_at_us": [instant * 1_000_000 for instant in instants],
            }
        )
    return JourneyTable.from_rows(rows)


@given(_JOURNEYS)
def test_step_matrix_counts_every_journey_at_every_position(journeys: list[Journey]) -> None:
    counted: Counter[tuple[str, int]] = Counter()
    for journey in journeys:
        names = [step for step, _ in journey] + [END] * POSITIONS
        counted.update((step, place) for place, step in enumerate(names[:POSITIONS], start=1))
    found = step_matrix(_table(journeys)).dicts()
    assert {(row["step"], row["position"]): row["journeys"] for row in found} == dict(counted)
    assert [(row["step"], row["position"]) for row in found] == sorted(counted)


@given(_JOURNEYS, st.sets(st.sampled_from("abcde")))
def test_step_graph_counts_every_transition_once(journeys: list[Journey], kept: set[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step_graph_room, "steps_by_name", lambda *_: frozenset(kept))
        found = step_graph(_table(journeys))
    counts: Counter[tuple[str, str]] = Counter()
    holders: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for number, journey in enumerate(journeys):
        names = [START, *(step if step in kept else OTHER for step, _ in journey), END]
        counts.update(pairwise(names))
        for pair in pairwise(names):
            holders[pair].add(number)
    assert [row[:4] for row in found.rows] == [(*pair, counts[pair], len(holders[pair])) for pair in sorted(counts)]
    assert [row[4] for row in found.rows] == [len({n % 3 for n in holders[pair]}) for pair in sorted(counts)]
    assert found.parameters == {"kept": sorted(kept)}


@given(_JOURNEYS)
def test_transition_matrix_shares_add_up_each_way(journeys: list[Journey]) -> None:
    counts = Counter(pair for journey in journeys for pair in pairwise([START, *(step for step, _ in journey), END]))
    found = transition_matrix(_table(journeys)).dicts()
    assert {(row["source"], row["target"]): row["count"] for row in found} == dict(counts)
    for field, side in (("of_source", "source"), ("of_target", "target"), ("of_all", None)):
        sums: defaultdict[str, float] = defaultdict(float)
        for row in found:
            sums[row[side] if side else ""] += row[field]
        assert list(sums.values()) == pytest.approx([1.0] * len(sums))


@given(_JOURNEYS)
def test_waits_of_every_transition(journeys: list[Journey]) -> None:
    found = waits(_table(journeys), [("e", "e")])
    named = {tuple(pair) for pair in found.parameters["pairs"]}
    seconds: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    taken: Counter[tuple[str, str]] = Counter()
    for journey in journeys:
        for (before, _), (after, wait) in pairwise(journey):
            taken[before, after] += 1
            seconds[(before, after) if (before, after) in named else (OTHER, OTHER)].append(wait)
    commonest = sorted(taken, key=lambda pair: (-taken[pair], pair))[:TRANSITIONS]
    assert named == {*commonest, *({("e", "e")} & set(taken))}
    assert [(row["source"], row["target"]) for row in found.dicts()] == sorted(seconds)
    for row in found.dicts():
        those = seconds[row["source"], row["target"]]
        assert row["count"] == len(those) == sum(row["counts"])
        assert row["median_seconds"] == median(those)
        for begin, end, count in zip(EDGES, [*EDGES[1:], float("inf")], row["counts"], strict=True):
            assert count == sum(begin <= wait < end for wait in those)


def test_steps_that_findings_concern_are_shown_by_name() -> None:
    journeys = [[(f"s{number:02}", 1)] * (60 - number) for number in range(60)]
    kept = steps_by_name(_table(journeys), ["s50", "gone", "s51", *(f"s{number}" for number in range(40, 60))])
    assert {"s00", "s11", "s50", "s51"} <= kept
    assert len(kept) == step_graph_room.MOST
    assert "gone" not in kept
