"""Paths and patterns of data that went through the real load: as of an instant, and with published figures."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from journeygraph.funnels import dropped, funnel
from journeygraph.generator.simulate import simulate
from journeygraph.graph import Graph
from journeygraph.intent.patterns.found import mine
from journeygraph.journeys.filters import parse
from journeygraph.journeys.table import JourneyTable, read_table
from journeygraph.paths import path_view, stops, transitions
from journeygraph_loaders import pipeline
from tests.integration.test_paths_cypher import dump, funnel_rows, same
from tests.support import execute, shared_data
from tests.unit.paths.rows import breakdown_rows, dropped_rows

pytestmark = pytest.mark.graph


@pytest.fixture
def before_the_second_load(graph: Graph) -> datetime:
    """A graph of two loads, and an instant between them."""
    touchpoints = sorted(simulate(40, seed=3).touchpoints, key=lambda t: (t.occurred_at, t.touchpoint_id))
    pipeline.store(graph, touchpoints[::2])
    instant = datetime.now(UTC)
    pipeline.store(graph, touchpoints[1::2])
    return instant


def everything_agrees(graph: Graph, table: JourneyTable) -> None:
    """Each analysis of the table, against its own Cypher."""
    steps = sorted(transitions(table).nodes, key=lambda node: (-node.journeys, node.name))
    first, second = [node.name for node in steps if not node.name.startswith("(")][:2]
    links = transitions(table)
    same(graph, links, dump(links.links, {"level"}))
    view = path_view(table, from_step=first, levels=3, top=3)
    same(graph, view, dump(view.links, set()))
    end = next(link for link in view.links if link.target == "(end)")
    listed = stops(table, view, level=end.level - 1, step=end.source)
    same(graph, listed, dump(listed.stops, set()))
    for mode in ("ordered", "strict", "unordered"):
        counted = funnel(table, [first, second], mode=mode)  # type: ignore[arg-type]
        same(graph, counted, funnel_rows(counted))


def test_now_and_as_of_an_instant(graph: Graph, before_the_second_load: datetime) -> None:
    now = read_table(graph)
    then = read_table(graph, as_of=before_the_second_load)
    assert 0 < then.n_touchpoints < now.n_touchpoints
    sessions = read_table(graph, per="session")
    sessions_then = read_table(graph, per="session", as_of=before_the_second_load)
    for table in (now, now.by_customer(), sessions, then, then.by_customer(), sessions_then):
        everything_agrees(graph, table)
    for table in (now, then):
        for row in mine(table, top=3).patterns:
            counted = graph.run(row.cypher, row.parameters)[0]  # type: ignore[arg-type]
            assert (counted["support"], counted["reached_with"]) == (row.support, row.reached_with)


def test_transitions_are_the_stored_step_graph(graph: Graph, before_the_second_load: datetime) -> None:
    stored = execute(
        graph, "MATCH (a:Step)-[r:LEADS_TO]->(b:Step) RETURN a.name AS a, b.name AS b, r {.*} AS r ORDER BY a, b"
    )
    links = transitions(read_table(graph)).links
    assert [(row["a"], row["b"]) for row in stored] == [(link.source, link.target) for link in links]
    for row, link in zip(stored, links, strict=True):
        assert row["r"]["exits"] == link.exits
        assert row["r"]["journeys"] == link.journeys
        assert row["r"].get("median_seconds") == pytest.approx(link.median_seconds)


@pytest.mark.slow
def test_published_figures_of_simple_shop(graph: Graph, tmp_path: Path) -> None:
    file = shared_data("simple_shop") / "simple_shop.csv"
    loaded = pipeline.load(graph, [file], mapping="simple_shop", home=tmp_path)
    assert (loaded.received, loaded.stored, loaded.customers) == (32283, 32283, 3751)
    users, sessions = read_table(graph, per="customer"), read_table(graph, per="session")
    assert (users.n_paths, sessions.n_paths) == (3751, 6454)
    for steps, counts in (
        (["catalog", "cart", "payment_done"], [3611, 1924, 653]),
        (["catalog", "product1|product2", "cart", "payment_done"], [3611, 2010, 1257, 429]),
    ):
        answer = funnel(users, steps, window_seconds=None)
        assert [step.count for step in answer.steps] == counts
        same(graph, answer, funnel_rows(answer))
    links = transitions(users)
    pairs = {(link.source, link.target): link.customers for link in links.links}
    assert (pairs["catalog", "cart"], pairs["main", "main"]) == (1324, 603)
    same(graph, links, dump(links.links, {"level"}))


@pytest.mark.slow
def test_figures_of_completejourney(graph: Graph, tmp_path: Path) -> None:
    """Every redemption has its mailing: of 1559 households that got one, 410 redeemed."""
    tables = [shared_data("completejourney") / f"{name}.csv" for name in ("campaigns", "coupon_redemptions")]
    tables.append(shared_data("completejourney") / "transactions_sample.csv.gz")
    loaded = pipeline.load(graph, tables, mapping="completejourney", home=tmp_path)
    assert (loaded.touchpoints, loaded.stored) == (83_691, 83_691)
    steps = ["campaign_mailing", "coupon_redemption"]
    households = read_table(graph, per="customer", selection=parse([], by="campaign_type"))
    answer = funnel(households, steps, window_seconds=None)
    assert [step.count for step in answer.steps] == [1559, 410]
    same(graph, answer, funnel_rows(answer))
    stopped = dropped(households, steps, window_seconds=None, reached=1, listed=True)
    assert len(stopped.paths) == 1559 - 410
    same(graph, stopped, dropped_rows(stopped))
    assert answer.breakdown is not None
    assert sum(group.denominator for group in answer.breakdown.groups) == 1559
    same(graph, answer.breakdown, breakdown_rows(answer))
