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
    """Delete all data, in batches so that no transaction outgrows the heap; the schema and its record stay."""
    batch: LiteralString = (
        "MATCH (n) WHERE NOT n:Migration WITH n LIMIT 20000 DETACH DELETE n RETURN count(*) AS deleted"
    )
    while execute(graph, batch)[0]["deleted"]:
        pass


def execute(graph: Graph, cypher: LiteralString, **parameters: object) -> list[neo4j.Record]:
    """Run any statement, also one that the product has no file for."""
    return graph._driver.execute_query(cypher, parameters).records
