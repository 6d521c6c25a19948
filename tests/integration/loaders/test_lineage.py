"""Every touchpoint leads to its file, line and mapping, however it came; the counts of each file add up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from journeygraph.graph import Graph
from journeygraph_loaders import documents, pipeline
from journeygraph_loaders.replay import replay
from tests.support import execute, origins

pytestmark = pytest.mark.graph

_COUNTS = (
    "MATCH (l:Load)-[:READ]->(f:File) RETURN f.name AS name, f.protocol AS protocol, f.received AS received, "
    "f.stored AS stored, f.duplicate AS duplicate, f.quarantined AS quarantined, f.sources AS sources "
    "ORDER BY f.batch_id, f.number"
)


def files(graph: Graph) -> list[tuple[object, ...]]:
    """Name, protocol and counts of each file of each load."""
    return [tuple(row.values()) for row in execute(graph, _COUNTS)]


def test_files_lines_and_counts(graph: Graph, tmp_path: Path) -> None:
    """A header, a row over two lines, a bad row, a duplicate in the other file; JSON rows with other columns."""
    first, second = tmp_path / "a.csv", tmp_path / "b.jsonl"
    first.write_text(
        "touchpoint_id,customer_id,step,occurred_at,note\n"
        't1,c,view,2026-01-01T00:00:00Z,"two\nlines"\nt2,c,cart,2026-01-01T00:01:00Z,\nt3,c,pay,yesterday,\n'
    )
    rows = [
        {"touchpoint_id": "t4", "customer_id": "d", "step": "view", "occurred_at": 1767225600, "source": "till"},
        {"touchpoint_id": "t2", "customer_id": "c", "step": "cart", "occurred_at": "2026-01-01T00:01:00Z"},
        {"touchpoint_id": "t5", "customer_id": "d", "step": "pay", "occurred_at": 1767225700, "value": 3},
    ]
    second.write_text("".join(json.dumps(row) + "\n" for row in rows))
    pipeline.load(graph, [first, second], home=tmp_path, source="shop", timezone="UTC")
    assert origins(graph) == [("t1", "a.csv", 2), ("t2", "a.csv", 4), ("t4", "b.jsonl", 1), ("t5", "b.jsonl", 3)]
    assert files(graph) == [
        ("a.csv", "file", 3, 2, 0, 1, ["shop"]),
        ("b.jsonl", "file", 3, 2, 1, 0, ["shop", "till"]),
    ]
    (loaded,) = {row["version"] for row in execute(graph, "MATCH (f:File) RETURN f.mapping_version AS version")}
    assert json.loads((tmp_path / "mappings" / f"{loaded}.json").read_text())["options"] == {
        "source": "shop",
        "timezone": "UTC",
    }


def test_replayed_rows_keep_their_line_and_documents_their_place(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("customer_id,step,occurred_at\nc,view,2026-01-01T00:00:00Z\nc,view,2026-01-02 00:00\n")
    pipeline.load(graph, [path], home=tmp_path)
    replay(graph, tmp_path, timezone="UTC")
    document = {"customer_id": "c", "step": "view", "occurred_at": "2026-01-03T00:00:00Z"}
    documents.store(graph, tmp_path, [{"step": "view"}, document])
    assert [(file, line) for _, file, line in sorted(origins(graph), key=lambda origin: origin[1:])] == [
        ("api", 2), ("x.csv", 2), ("x.csv", 3),
    ]  # fmt: skip
    assert files(graph) == [
        ("x.csv", "file", 2, 1, 0, 1, ["file"]),
        ("x.csv", "replay", 1, 1, 0, 0, ["file"]),
        ("api", "api", 2, 1, 0, 1, ["api"]),
    ]
    (row,) = [row for row in graph.read("report/loads", known_at=None) if row["files"] == "x.csv"]
    assert (row["loads"], row["received"], row["quarantined"]) == (1, 2, 1)
