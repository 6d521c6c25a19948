"""The schema's migrations on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from journeygraph import migrations
from journeygraph.errors import GraphError
from journeygraph.graph import Connection, Graph
from tests.support import execute

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
    assert len(execute(bare, "SHOW CONSTRAINTS YIELD name")) == 17


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
