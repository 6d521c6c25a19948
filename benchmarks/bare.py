"""The yardstick of the driver load: ready-made rows, and a loop of `UNWIND $rows` that writes them, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString, cast

import neo4j

from journeygraph.graph import Connection, batches

BATCH_ROWS = 5_000
Statement = tuple[str, list[Any]]

#: Nodes that stand alone: label and key.
_PLAIN = (("Customer", "customer_id"), ("Product", "product_id"), ("Category", "name"), ("Campaign", "name"),
          ("Step", "name"), ("Configuration", "name"), ("Identifier", "value"))  # fmt: skip
#: Relationships that are written by themselves: start label and key, type, end label and key.
_EDGES = (
    ("Touchpoint", "touchpoint_id", "NEXT", "Touchpoint", "touchpoint_id"),
    ("Touchpoint", "touchpoint_id", "ABOUT", "Product", "product_id"),
    ("Touchpoint", "touchpoint_id", "CAME_FROM", "Campaign", "name"),
    ("Product", "product_id", "IN_CATEGORY", "Category", "name"),
    ("Step", "name", "LEADS_TO", "Step", "name"),
)
_TOUCHPOINTS = """
UNWIND $rows AS row
MATCH (c:Customer {{customer_id: row.customer_id}})
{verb}
CREATE (c)-[:MADE]->(t)
"""
_PATHS = {
    "Journey": """
UNWIND $rows AS row
CREATE (p:Journey) SET p = row.p
WITH p, row
MATCH (c:Customer {customer_id: row.p.customer_id})
CREATE (c)-[:HAD]->(p)
WITH p, row
UNWIND range(0, size(row.members) - 1) AS position
MATCH (t:Touchpoint {touchpoint_id: row.members[position]})
CREATE (p)-[:INCLUDES {position: position}]->(t)
""",
    "Session": """
UNWIND $rows AS row
CREATE (p:Session) SET p = row.p
WITH p, row
UNWIND range(0, size(row.members) - 1) AS position
MATCH (t:Touchpoint {touchpoint_id: row.members[position]})
CREATE (p)-[:INCLUDES {position: position}]->(t)
""",
}
_IDENTIFIES = """
UNWIND $rows AS row
MATCH (i:Identifier {kind: row.kind, value: row.value})
MATCH (c:Customer {customer_id: row.customer_id})
CREATE (i)-[r:IDENTIFIES]->(c) SET r = row.p
"""


class Bare:
    """A plain driver on the same server."""

    def __init__(self, connection: Connection) -> None:
        self.driver = neo4j.GraphDatabase.driver(connection.uri, auth=(connection.username, connection.password))

    def run(self, cypher: str, **parameters: Any) -> list[dict[str, Any]]:
        """All rows of a statement."""
        return [record.data() for record in self.driver.execute_query(cast(LiteralString, cypher), parameters).records]

    def empty(self) -> None:
        """Delete all but the schema."""
        while self.run("MATCH (n) WHERE NOT n:Migration WITH n LIMIT 5000 DETACH DELETE n RETURN count(*) AS n")[0][
            "n"
        ]:
            pass

    def ready_made(self, *, merge: bool) -> list[Statement]:
        """The graph as it stands, as statements with all their rows."""
        return [*self._nodes(), *self._touchpoints(merge=merge), *self._relationships(), *self._paths()]

    def write(self, statements: list[Statement]) -> None:
        """Write all rows, a batch a transaction."""
        with self.driver.session() as session:
            for cypher, rows in statements:
                for batch in batches(rows, BATCH_ROWS):
                    session.execute_write(
                        lambda tx, text, part: tx.run(text, rows=part).consume(), cast(LiteralString, cypher), batch
                    )

    def counts(self) -> dict[str, int]:
        """Nodes and relationships by kind, to compare two graphs."""
        nodes = self.run("MATCH (n) UNWIND labels(n) AS kind RETURN kind, count(*) AS n")
        edges = self.run("MATCH ()-[r]->() RETURN type(r) AS kind, count(*) AS n")
        ignored = ("Migration", "Load", "Unresolved", "Unthreaded")
        return {row["kind"]: row["n"] for row in nodes + edges if row["kind"] not in ignored}

    def _nodes(self) -> Iterator[Statement]:
        for label, _ in _PLAIN:
            rows = self.run(f"MATCH (n:{label}) RETURN properties(n) AS p")
            yield f"UNWIND $rows AS row CREATE (n:{label}) SET n = row", [row["p"] for row in rows]

    def _touchpoints(self, *, merge: bool) -> Iterator[Statement]:
        rows = self.run(
            "MATCH (c:Customer)-[:MADE]->(t:Touchpoint) "
            "RETURN labels(t) AS labels, c.customer_id AS customer_id, properties(t) AS p"
        )
        groups: dict[str, list[Any]] = {}
        for row in rows:
            groups.setdefault(":".join(sorted(row.pop("labels"))), []).append(row)
        for labels, members in sorted(groups.items()):
            channel = labels.replace("Touchpoint", "").strip(":")
            verb = (
                f"MERGE (t:Touchpoint {{touchpoint_id: row.p.touchpoint_id}}) SET t:{channel}, t = row.p"
                if merge
                else f"CREATE (t:{labels}) SET t = row.p"
            )
            yield _TOUCHPOINTS.format(verb=verb), members

    def _relationships(self) -> Iterator[Statement]:
        for start, key, kind, end, other in _EDGES:
            rows = self.run(
                f"MATCH (a:{start})-[r:{kind}]->(b:{end}) RETURN a.{key} AS a, b.{other} AS b, properties(r) AS p"
            )
            match = f"MATCH (a:{start} {{{key}: row.a}}) MATCH (b:{end} {{{other}: row.b}})"
            yield f"UNWIND $rows AS row {match} CREATE (a)-[r:{kind}]->(b) SET r = row.p", rows
        rows = self.run(
            "MATCH (i:Identifier)-[r:IDENTIFIES]->(c:Customer) "
            "RETURN i.kind AS kind, i.value AS value, c.customer_id AS customer_id, properties(r) AS p"
        )
        yield _IDENTIFIES, rows

    def _paths(self) -> Iterator[Statement]:
        for label, cypher in _PATHS.items():
            rows = self.run(
                f"MATCH (p:{label})-[r:INCLUDES]->(t) WITH p, r, t ORDER BY r.position "
                "RETURN properties(p) AS p, collect(t.touchpoint_id) AS members"
            )
            yield cypher, rows
