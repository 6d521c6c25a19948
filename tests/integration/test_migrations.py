"""The schema's migrations on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from journeygraph import journeys, migrations
from journeygraph.errors import GraphError
from journeygraph.graph import Connection, Graph
from journeygraph.schema import Touchpoint, from_microseconds
from journeygraph_loaders import pipeline
from tests.support import canonical_graph, empty, execute

pytestmark = pytest.mark.graph


@pytest.fixture
def bare(graph: Graph) -> Graph:
    """A database that has never been migrated."""
    execute(graph, "MATCH (n) DETACH DELETE n")
    for record in execute(graph, "SHOW CONSTRAINTS YIELD name"):
        execute(graph, f"DROP CONSTRAINT `{record['name']}`")  # type: ignore[arg-type]
    for record in execute(graph, "SHOW INDEXES YIELD name, type WHERE type = 'RANGE'"):
        execute(graph, f"DROP INDEX `{record['name']}`")  # type: ignore[arg-type]
    return graph


def test_first_applies_all_then_nothing(bare: Graph) -> None:
    assert migrations.apply(bare) == [migration.name for migration in migrations.known()]
    assert migrations.apply(bare) == []
    states = {record["state"] for record in execute(bare, "SHOW INDEXES YIELD state")}
    assert states == {"ONLINE"}
    assert len(execute(bare, "SHOW CONSTRAINTS YIELD name")) == 20


def test_two_processes_at_once_leave_one_record_each(bare: Graph, neo4j_server: Connection) -> None:
    def migrate(_: int) -> list[str]:
        with Graph(neo4j_server) as own:
            return migrations.apply(own)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, range(3)))
    records = execute(bare, "MATCH (m:Migration) RETURN m.version AS version ORDER BY version")
    assert [record["version"] for record in records] == [migration.version for migration in migrations.known()]


def test_a_newer_database_is_refused(graph: Graph) -> None:
    execute(graph, "CREATE (:Migration {version: 9000, name: '9000_future', checksum: 'x'})")
    try:
        with pytest.raises(GraphError, match=r"migration 9000 \(9000_future\).*newer JourneyGraph"):
            migrations.apply(graph)
    finally:
        execute(graph, "MATCH (m:Migration {version: 9000}) DELETE m")


def test_a_changed_checksum_is_refused(graph: Graph) -> None:
    execute(graph, "MATCH (m:Migration {version: 1}) SET m.kept = m.checksum, m.checksum = 'other'")
    try:
        with pytest.raises(GraphError, match="another migration 1"):
            migrations.apply(graph)
    finally:
        execute(graph, "MATCH (m:Migration {version: 1}) SET m.checksum = m.kept REMOVE m.kept")


def test_a_touchpoint_cannot_be_stored_twice(graph: Graph) -> None:
    execute(graph, "CREATE (:Touchpoint {touchpoint_id: 't1'})")
    with pytest.raises(Exception, match="already exists"):
        execute(graph, "CREATE (:Touchpoint {touchpoint_id: 't1'})")


def test_values_that_no_load_would_store_count_no_more(graph: Graph) -> None:
    """A graph that has them from before is that of a load without them, but for what they were."""

    def load(big: float | None) -> None:
        values = [("view", None), ("purchase", 5.0), ("purchase", big), ("purchase", 7.0), ("view", big)]
        rows = [
            Touchpoint(touchpoint_id=f"t{n}", step=step, channel="web", source="shop", customer_id="anna", value=value,
                       occurred_at=from_microseconds(1_767_225_600_000_000 + n * 1_000_000))
            for n, (step, value) in enumerate(values)
        ]  # fmt: skip
        pipeline.store(graph, rows)

    load(None)
    expected = canonical_graph(graph)
    empty(graph)
    load(1.0)
    execute(graph, "MATCH (c:Customer)-[:MADE]->(t:Touchpoint {value: 1.0}) SET t.value = 1e308, c:Unthreaded")
    journeys.thread(graph)
    assert execute(graph, "MATCH (s:Session) RETURN max(s.value) AS value")[0]["value"] > 1e300
    execute(graph, "MATCH (m:Migration {version: 8}) DELETE m")
    assert migrations.apply(graph) == ["0008_values"]
    assert execute(graph, "MATCH (t:Touchpoint) RETURN max(t.value_out_of_range) AS value")[0]["value"] == 1e308
    execute(graph, "MATCH (t:Touchpoint) REMOVE t.value_out_of_range")
    assert canonical_graph(graph) == expected
