"""What tests share that is no fixture."""

from __future__ import annotations

from pathlib import Path
from typing import LiteralString

import neo4j
import pytest

from journeygraph.graph import Graph

ROOT = Path(__file__).parents[1]


def shared_data(name: str) -> Path:
    """Path of `../shared/data/<name>`, a folder or a file; the test is skipped, with a sentence, where it is absent."""
    path = ROOT.parent / "shared" / "data" / name
    if not path.exists():
        pytest.skip(f"The real data shared/data/{name} lies beside the checkout on the project's machines only.")
    return path


def empty(graph: Graph) -> None:
    """Delete all data, in batches so that no transaction outgrows the heap; the schema and its record stay.

    Relationships go first: a campaign may have as many of them as all other nodes together.
    """
    batches: tuple[LiteralString, ...] = (
        "MATCH ()-[r]->() WITH r LIMIT 50000 DELETE r RETURN count(*) AS deleted",
        "MATCH (n) WHERE NOT n:Migration WITH n LIMIT 10000 DELETE n RETURN count(*) AS deleted",
    )
    for batch in batches:
        while execute(graph, batch)[0]["deleted"]:
            pass


def execute(graph: Graph, cypher: LiteralString, **parameters: object) -> list[neo4j.Record]:
    """Run any statement, also one that the product has no file for."""
    return graph._driver.execute_query(cypher, parameters).records


def canonical_graph(graph: Graph) -> dict[str, list[str]]:
    """The whole graph as sorted lines, without what differs between two loads of the same data.

    Left out are `ingested_at`, `batch_id`, the revision counters of the rules, where a touchpoint was read (`origins`
    compares that), and the nodes `Load`, `File` and `Migration`.
    Nodes are named by what is unique about them, so two graphs with the same content have equal canonical forms.
    """
    nodes = execute(
        graph,
        "MATCH (n) WHERE NOT n:Load AND NOT n:File AND NOT n:Migration AND NOT n:IdentityRun "
        "RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS p",
    )
    names = {row["id"]: _name(row["labels"], row["p"]) for row in nodes}
    edges = execute(
        graph,
        "MATCH (n)-[r]->(m) WHERE NOT n:Load AND NOT n:File AND NOT n:Migration AND NOT m:Load AND NOT m:Migration "
        "RETURN elementId(n) AS a, type(r) AS type, elementId(m) AS b, properties(r) AS p",
    )
    return {
        "nodes": sorted(f"{names[row['id']]} {_properties(row['p'])}" for row in nodes),
        "edges": sorted(f"{names[e['a']]} -{e['type']}-> {names[e['b']]} {_properties(e['p'])}" for e in edges),
    }


def origins(graph: Graph) -> list[tuple[str, str, int]]:
    """Touchpoint, file and line of all touchpoints that came from files."""
    rows = execute(
        graph,
        "MATCH (t:Touchpoint) MATCH (f:File {batch_id: t.batch_id, number: t.file_number}) "
        "RETURN t.touchpoint_id AS id, f.name AS file, t.line AS line ORDER BY id",
    )
    return [(row["id"], row["file"], row["line"]) for row in rows]


_VOLATILE = {"ingested_at", "batch_id", "revision", "step_graph_revision", "file_number", "line"}
_BELONGS = ("household_id", "account_id", "order_id")
_NAMES = ("touchpoint_id", "session_id", "journey_id", "customer_id", "product_id", *_BELONGS, "id", "name", "value")


def _name(labels: list[str], properties: dict[str, object]) -> str:
    unique = next(properties[name] for name in _NAMES if name in properties)
    if "Identifier" in labels:
        unique = (properties["kind"], unique)
    return f"(:{':'.join(sorted(labels))} {unique!r})"


def _properties(properties: dict[str, object]) -> str:
    shown = {key: str(value) for key, value in sorted(properties.items()) if key not in _VOLATILE}
    return repr(shown)
