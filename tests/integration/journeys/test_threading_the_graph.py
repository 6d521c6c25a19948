"""Journeys in the real graph: as without a database, whatever the order of arrival, now and as of an instant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeygraph import identity, journeys
from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph
from journeygraph.journeys import configuration
from journeygraph.journeys.threading import build_rows, build_session_rows
from journeygraph.journeys.timeline import Timeline, profile, timeline
from journeygraph.schema import EPOCH, JourneyRules, Touchpoint
from journeygraph_loaders import pipeline
from tests.journey_strategies import distinct_touchpoints
from tests.support import canonical_graph, empty, execute

pytestmark = pytest.mark.graph

RULES = JourneyRules(goals=("buy", "renew"), session_idle_seconds=0.000003, journey_window_seconds=0.000007)
FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fresh(graph: Graph) -> None:
    """An empty graph with the short rules that the strategies are made for."""
    empty(graph)
    configuration.declare(
        graph,
        goals=RULES.goals,
        session_idle_seconds=RULES.session_idle_seconds,
        journey_window_seconds=RULES.journey_window_seconds,
    )


def plain(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    left_out = {"touchpoint_ids", "group"}
    return sorted(
        ({key: value for key, value in row.items() if key not in left_out} for row in rows), key=lambda r: r["id"]
    )


def without_product_names(timeline: Timeline) -> Any:
    """The journeys as plain values; which name a product had is not kept."""
    return timeline.model_dump(
        include={"journeys"}, exclude={"journeys": {"__all__": {"touchpoints": {"__all__": {"product_name"}}}}}
    )


def at(microseconds: int, **given: Any) -> Touchpoint:
    """A touchpoint of ann's in the shop, unless told otherwise."""
    defaults = {"step": "view", "channel": "web", "source": "shop", "customer_id": "ann"}
    return Touchpoint(occurred_at=EPOCH + timedelta(microseconds=microseconds), **{**defaults, **given})


@FEW
@given(distinct_touchpoints)
def test_the_graph_holds_what_the_pure_functions_say(graph: Graph, touchpoints: list[Touchpoint]) -> None:
    fresh(graph)
    pipeline.store(graph, touchpoints)
    assert plain(graph.read("journeys/table")) == plain(build_rows(touchpoints, RULES))
    assert plain(graph.read("journeys/sessions")) == plain(build_session_rows(touchpoints, RULES))


@FEW
@given(distinct_touchpoints, st.integers(0, 10_000), st.integers(1, 4))
def test_order_and_number_of_loads_make_no_difference(
    graph: Graph, touchpoints: list[Touchpoint], seed: int, loads: int
) -> None:
    fresh(graph)
    pipeline.store(graph, sorted(touchpoints, key=lambda t: (t.occurred_at, t.touchpoint_id)))
    ordered = canonical_graph(graph)
    fresh(graph)
    shuffled = Random(seed).sample(touchpoints, len(touchpoints))
    for part in range(loads):
        pipeline.store(graph, shuffled[part::loads], batch_rows=5)
    assert canonical_graph(graph) == ordered


@FEW
@given(distinct_touchpoints, st.integers(0, 30))
def test_an_answer_as_of_then_is_the_answer_given_then(graph: Graph, touchpoints: list[Touchpoint], cut: int) -> None:
    fresh(graph)
    early, late = touchpoints[:cut], touchpoints[cut:]
    pipeline.store(graph, early)
    then = datetime.now(UTC)
    tables = [plain(graph.read(name)) for name in ("journeys/table", "journeys/sessions")]
    people = [row["id"] for row in execute(graph, "MATCH (c:Customer) RETURN c.customer_id AS id")]
    lines = {who: without_product_names(timeline(graph, who)) for who in people}
    pipeline.store(graph, late)
    assert [plain(graph.read(name, as_of=then)) for name in ("journeys/table", "journeys/sessions")] == tables
    assert {who: without_product_names(timeline(graph, who, as_of=then)) for who in people} == lines
    now = datetime.now(UTC)
    assert plain(graph.read("journeys/table", as_of=now)) == plain(graph.read("journeys/table"))
    assert plain(graph.read("journeys/sessions", as_of=now)) == plain(graph.read("journeys/sessions"))


def test_lists_on_journeys_and_sessions_repeat_what_they_include(graph: Graph) -> None:
    fresh(graph)
    rng = Random(5)
    pipeline.store(
        graph,
        [
            at(rng.randrange(200), touchpoint_id=f"t{n}", customer_id=f"c{n % 7}", session_id=rng.choice([None, "s"]))
            for n in range(200)
        ],
    )
    differing = execute(
        graph,
        "MATCH (p:Journey|Session)-[i:INCLUDES]->(t) WITH p, i, t ORDER BY i.position "
        "WITH p, collect(i.position) AS positions, collect(t.step) AS steps, collect(t.channel) AS channels, "
        "collect(t.occurred_at_us) AS times "
        "WHERE positions <> range(0, size(steps) - 1) OR steps <> p.steps OR channels <> p.channels "
        "OR times <> p.occurred_at_us RETURN p",
    )
    assert differing == []
    assert execute(graph, "MATCH (t:Touchpoint) WHERE COUNT { (t)<-[:INCLUDES]-() } <> 2 RETURN t") == []


def test_threading_again_changes_nothing(graph: Graph) -> None:
    pipeline.store(graph, [at(n, touchpoint_id=f"t{n}") for n in range(5)])
    before = canonical_graph(graph)
    revision = graph.read("journeys/revision")
    assert journeys.thread(graph) == 0
    assert canonical_graph(graph) == before
    assert graph.read("journeys/revision") == revision


def test_an_interrupted_run_is_completed_by_the_next(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    touchpoints = [at(n * 10**9, touchpoint_id=f"t{n}", customer_id=f"c{n % 9}") for n in range(60)]
    pipeline.store(graph, touchpoints)
    undisturbed = canonical_graph(graph)
    empty(graph)
    monkeypatch.setattr("journeygraph.journeys.rebuild._PAGE_TOUCHPOINTS", 10)
    pages = 0

    def stop(done: int, total: int) -> None:
        nonlocal pages
        pages += 1
        if pages == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "finish", lambda graph: None)
    pipeline.store(graph, touchpoints)
    identity.resolve(graph)
    with pytest.raises(KeyboardInterrupt):
        journeys.thread(graph, stop)
    assert journeys.thread(graph) > 0
    assert canonical_graph(graph) == undisturbed


def test_a_touchpoint_that_comes_between_reading_and_writing_keeps_the_mark(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.store(graph, [at(1, touchpoint_id="t1")])
    pipeline.BatchWriter(graph, "second").write([pipeline.from_touchpoint(at(2, touchpoint_id="t2"))])
    read, interfered = Graph.read, []

    def read_and_interfere(self: Graph, query: str, **parameters: Any) -> Any:
        rows = read(self, query, **parameters)
        if query == "load/thread_read" and not interfered:
            interfered.append(query)
            pipeline.BatchWriter(graph, "third").write([pipeline.from_touchpoint(at(0, touchpoint_id="t0"))])
        return rows

    monkeypatch.setattr(Graph, "read", read_and_interfere)
    journeys.thread(graph)
    assert interfered
    assert [row["id"] for row in graph.read("journeys/table")] == ["j:t0"]
    assert execute(graph, "MATCH (c:Unthreaded) RETURN c") == []


def test_what_a_killed_load_commits_after_the_next_one_looked_is_no_obstacle(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends a transaction whose client is dead; here the journeys are all there once they were to be made."""
    touchpoints = [at(n * 10**9, touchpoint_id=f"t{n}", customer_id=f"c{n % 3}") for n in range(12)]
    pipeline.store(graph, touchpoints)
    undisturbed = canonical_graph(graph)
    empty(graph)
    monkeypatch.setattr(pipeline, "finish", lambda graph: None)
    pipeline.store(graph, touchpoints)
    read, interfered = Graph.read, []

    def read_and_interfere(self: Graph, query: str, **parameters: Any) -> Any:
        rows = read(self, query, **parameters)
        if query == "load/thread_read" and not interfered:
            interfered.append(query)
            journeys.thread(graph)
        return rows

    monkeypatch.setattr(Graph, "read", read_and_interfere)
    journeys.thread(graph)
    assert interfered
    assert canonical_graph(graph) == undisturbed


def test_an_open_journey_is_lost_once_its_window_has_passed(graph: Graph) -> None:
    fresh(graph)
    pipeline.store(graph, [at(0, touchpoint_id="t0"), at(7, touchpoint_id="t1", customer_id="bob")])
    assert {row["id"]: row["outcome"] for row in graph.read("journeys/table")} == {"j:t0": "open", "j:t1": "open"}
    pipeline.store(graph, [at(8, touchpoint_id="t2", customer_id="bob")])
    for name in ("journeys/table", "journeys/sessions"):
        outcomes = {row["customer_id"]: row["outcome"] for row in graph.read(name)}
        assert outcomes == {"ann": "lost", "bob": "open"}


def test_new_rules_rebuild_every_journey(graph: Graph) -> None:
    pipeline.store(graph, [at(0, touchpoint_id="t0", step="sign"), at(1, touchpoint_id="t1")])
    assert len(graph.read("journeys/table")) == 1
    configuration.declare(graph, goals=["sign"])
    assert journeys.thread(graph) == 1
    assert {row["id"]: row["outcome"] for row in graph.read("journeys/table")} == {"j:t0": "converted", "j:t1": "open"}
    with pytest.raises(UsageError, match="at least one goal"):
        configuration.declare(graph, goals=[])


def test_a_shared_device_gives_its_anonymous_touchpoints_back(graph: Graph) -> None:
    pipeline.store(graph, [at(0, touchpoint_id="t0", customer_id=None, anonymous_id="a")])
    assert timeline(graph, "a").customer_id == "anonymous:a"
    pipeline.store(graph, [at(1, touchpoint_id="t1", anonymous_id="a", email="ann@example.org")])
    assert timeline(graph, "a").customer_id == "ann"
    assert [t.touchpoint_id for t in timeline(graph, "anonymous:a").journeys[0].touchpoints] == ["t0", "t1"]
    assert timeline(graph, "ann@example.org ").customer_id == "ann"
    assert execute(graph, "MATCH (c:Customer {anonymous: true}) RETURN c") == []
    [device] = [i for i in identity.explain(graph, "ann").identifiers if i.kind == "anonymous_id"]
    assert (device.evidence, device.confidence, device.touchpoints_given) == ("same_row", 1.0, 1)
    then = datetime.now(UTC)
    pipeline.store(graph, [at(2, touchpoint_id="t2", customer_id="bob", anonymous_id="a")])
    assert timeline(graph, "a").customer_id == "anonymous:a"
    assert [t.touchpoint_id for t in timeline(graph, "ann").journeys[0].touchpoints] == ["t1"]
    assert [t.touchpoint_id for t in timeline(graph, "a", as_of=then).journeys[0].touchpoints] == ["t0", "t1"]
    assert profile(graph, "anonymous:a").anonymous


def test_a_profile_counts_what_the_customer_did(graph: Graph) -> None:
    pipeline.store(
        graph,
        [
            at(0, touchpoint_id="t0"),
            at(5, touchpoint_id="t1", channel="store", step="purchase", value=12.5, currency="EUR"),
        ],
    )
    found = profile(graph, "ann")
    assert (found.touchpoints, found.journeys, found.converted) == (2, 1, 1)
    assert [(c.channel, c.touchpoints) for c in found.channels] == [("store", 1), ("web", 1)]
    assert [(v.currency, v.value) for v in found.values] == [("EUR", 12.5)]
    assert graph.run(found.cypher, found.parameters)[0]["touchpoints"] == 2


def test_who_is_not_there_is_named(graph: Graph) -> None:
    for call in (timeline, profile, identity.explain):
        with pytest.raises(NotFound, match="no customer 'nobody'"):
            call(graph, "nobody")
    pipeline.store(graph, [at(0, touchpoint_id="t0")])
    with pytest.raises(NotFound, match="as of 1970"):
        timeline(graph, "ann", as_of=EPOCH)


def test_an_address_of_two_customers_leads_to_neither(graph: Graph) -> None:
    pipeline.store(
        graph,
        [at(n, touchpoint_id=f"t{n}", customer_id=who, email="us@example.org") for n, who in enumerate(("ann", "bob"))],
    )
    with pytest.raises(UsageError, match="leads to 2 customers"):
        timeline(graph, "us@example.org")


@FEW
@given(distinct_touchpoints)
def test_a_large_customer_is_threaded_like_any_other(graph: Graph, touchpoints: list[Touchpoint]) -> None:
    fresh(graph)
    pipeline.store(graph, touchpoints[::2])
    pipeline.store(graph, touchpoints[1::2])
    expected = canonical_graph(graph)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("journeygraph.journeys.rebuild._PAGE_TOUCHPOINTS", 1)
        patch.setattr("journeygraph.journeys.rebuild._LARGE_TOUCHPOINTS", 0)
        patch.setattr("journeygraph.journeys.large._BATCH", 2)
        fresh(graph)
        pipeline.store(graph, touchpoints[::2])
        pipeline.store(graph, touchpoints[1::2])
    assert canonical_graph(graph) == expected


@pytest.mark.parametrize("late", ["clear", "order", "journeys", "sessions", "includes", "done"])
def test_what_a_dead_load_commits_late_spoils_no_large_customer(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    """Any transaction of a load that died is committed while the next one is at any of its own."""
    touchpoints = [at(n * 10**9, touchpoint_id=f"t{n}", session_id=f"s{n // 2}") for n in range(6)]
    touchpoints += [at(10**13 + n, touchpoint_id=f"u{n}") for n in range(3)]
    for where in ("rebuild._PAGE_TOUCHPOINTS", "rebuild._LARGE_TOUCHPOINTS"):
        monkeypatch.setattr(f"journeygraph.journeys.{where}", 0)
    write, written = Graph.write, list[tuple[str, dict[str, Any]]]()

    def write_down(self: Graph, query: str, **parameters: Any) -> Any:
        written.append((query, parameters))
        return write(self, query, **parameters)

    with monkeypatch.context() as patch:
        patch.setattr(Graph, "write", write_down)
        # Without the first touchpoint, the first journey and session have other names.
        pipeline.store(graph, touchpoints[1:])
        dead = next(one for one in written if one[0] == f"load/thread_large_{late}")
        pipeline.store(graph, touchpoints[:1])
    undisturbed = canonical_graph(graph)
    places = range(8)
    for place in places:
        written.clear()

        def interfere(self: Graph, query: str, at_place: int = place, **parameters: Any) -> Any:
            if "thread_large" in query:
                written.append((query, parameters))
                if len(written) == at_place + 1:
                    write(self, dead[0], **dead[1])
            return write(self, query, **parameters)

        monkeypatch.setattr(Graph, "write", interfere)
        execute(graph, "MATCH (c:Customer) SET c:Unthreaded")
        journeys.thread(graph)
        assert len(written) >= 7
        assert canonical_graph(graph) == undisturbed, place


@pytest.mark.slow
def test_a_customer_with_a_hundred_thousand_touchpoints(graph: Graph) -> None:
    pipeline.store(graph, (at(n * 1_000_000, touchpoint_id=f"t{n:06d}") for n in range(100_000)))
    [journey] = graph.read("journeys/table")
    assert len(journey["steps"]) == 100_000
    pipeline.store(graph, [at(500_000, touchpoint_id="late", step="cart")])
    [journey] = graph.read("journeys/table")
    assert journey["steps"][:3] == ["view", "cart", "view"]
    assert execute(graph, "MATCH ()-[n:NEXT]->() RETURN count(n) AS n")[0]["n"] == 100_000
