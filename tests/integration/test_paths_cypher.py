"""Every row that the analyses of paths answer comes out of their Cypher too, on a real Neo4j."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeygraph.answers import Reproducible
from journeygraph.funnels import funnel
from journeygraph.funnels.answers import Funnel
from journeygraph.graph import Graph
from journeygraph.journeys.table import JourneyTable, read_table
from journeygraph.paths import path_view, stops, transitions
from tests.support import empty, execute
from tests.unit.funnels.test_funnel import with_vocabulary
from tests.unit.paths.tables import STEPS, rows

pytestmark = pytest.mark.graph
LOGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
GRAINS = st.sampled_from(["journey", "session", "customer"])


def store(graph: Graph, journeys: list[dict[str, Any]]) -> None:
    """Journeys as the analyses read them, and for each a session for every two touchpoints."""
    empty(graph)
    execute(
        graph,
        "UNWIND $rows AS row CREATE (j:Journey) SET j = row, j.journey_id = row.id, j.id = null",
        rows=journeys,
    )
    sessions = [
        {
            "session_id": f"{row['id']}.{k:02}",
            "journey_id": row["id"],
            "customer_id": row["customer_id"],
            "outcome": row["outcome"] if k + 2 >= len(row["steps"]) else "open",
            "steps": row["steps"][k : k + 2],
            "channels": row["channels"][k : k + 2],
            "occurred_at_us": row["occurred_at_us"][k : k + 2],
        }
        for row in journeys
        for k in range(0, len(row["steps"]), 2)
    ]
    execute(graph, "UNWIND $rows AS row CREATE (s:Session) SET s = row", rows=sessions)


def read(graph: Graph, per: Any) -> JourneyTable:
    return with_vocabulary(read_table(graph, per=per))


def same(graph: Graph, answer: Reproducible, expected: list[dict[str, Any]]) -> None:
    """The answer's own statement gives these rows, in this order, with numbers equal to the last digits."""
    found = graph.run(answer.cypher, answer.parameters)  # type: ignore[arg-type]
    assert len(found) == len(expected)
    for row, wanted in zip(found, expected, strict=True):
        assert list(row) == [name for name in row if name in wanted]
        for name, value in wanted.items():
            assert row[name] == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value), name


def dump(items: list[Any], leave_out: set[str]) -> list[dict[str, Any]]:
    return [item.model_dump(exclude=leave_out) for item in items]


def funnel_rows(answer: Funnel) -> list[dict[str, Any]]:
    """The rows of a funnel's statement."""
    return [{"group": None, **row} for row in dump(answer.steps, {"label"})]


@LOGS
@given(rows(max_length=6), GRAINS)
def test_transitions(graph: Graph, log: list[dict[str, Any]], per: Any) -> None:
    store(graph, log)
    answer = transitions(read(graph, per))
    same(graph, answer, dump(answer.links, {"level"}))
    nodes = [node for node in answer.nodes if not node.name.startswith("(")]
    found = graph.run(answer.nodes_cypher, answer.parameters)  # type: ignore[arg-type]
    assert found == dump(nodes, {"id", "level", "stage"})


@LOGS
@given(
    rows(max_length=6),
    GRAINS,
    st.sampled_from([None, *STEPS]),
    st.sampled_from([None, *STEPS]),
    st.integers(1, 5),
    st.sampled_from([1, 2, None]),
)
def test_path_views_and_who_stops(
    graph: Graph, log: list[dict[str, Any]], per: Any, source: str | None, target: str | None, levels: int, top: Any
) -> None:
    store(graph, log)
    table = read(graph, per)
    view = path_view(table, from_step=source, to_step=target, levels=levels, top=top)
    same(graph, view, dump(view.links, set()))
    for link in [link for link in view.links if link.target == "(end)"][:2]:
        listed = stops(table, view, level=link.level - 1, step=link.source)
        assert len(listed.stops) == link.journeys
        same(graph, listed, dump(listed.stops, set()))


@LOGS
@given(
    rows(max_length=9),
    GRAINS,
    st.sampled_from(
        [
            ("ordered", ["a", "b|c", "a"]),
            ("ordered", ["a", "a"]),
            ("strict", ["a", "b|a", "c"]),
            ("strict", ["a", "b"]),
            ("unordered", ["a", "b", "c"]),
            ("unordered", ["b", "a|c", "b"]),
        ]
    ),
    st.sampled_from([None, 0.0, 2.0, 6.0]),
    st.booleans(),
)
def test_funnels(graph: Graph, log: list[dict[str, Any]], per: Any, asked: Any, window: Any, excluding: bool) -> None:
    store(graph, log)
    mode, steps = asked
    table = read(graph, per)
    answer = funnel(table, steps, mode=mode, window_seconds=window, exclude=["d"] if excluding else [])
    same(graph, answer, funnel_rows(answer) if table.n_paths else [])
