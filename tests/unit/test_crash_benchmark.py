"""What the crash benchmark kills and compares; the benchmark itself is run by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.crash_load import cut, stage_of
from benchmarks.crash_state import State
from journeygraph import queries
from journeygraph.generator import simulate, write
from tests.unit.loaders.helpers import read
from tests.unit.loaders.sources.samples import content


def test_the_parts_of_a_shop_are_all_of_it_once(tmp_path: Path) -> None:
    write(simulate(20, 1), tmp_path)
    whole, bad, _ = read(tmp_path)
    parts = cut(tmp_path, 4)
    found = [row for files in parts for row in read(*files)[0]]
    assert not bad
    assert len(parts) == 4
    assert len(found) == len(whole)
    assert content(found) == content(whole)


@pytest.mark.parametrize(
    ("query", "stage"),
    [("load/touchpoints", "rows are written"), ("load/thread_write", "journeys are built"),
     ("load/step_graph_write", "the step graph is made"), ("load/identity_resolve", "identity is resolved"),
     ("load/record", "it begins or ends")],
)  # fmt: skip
def test_a_query_tells_the_stage_of_a_load(query: str, stage: str) -> None:
    assert query in queries.names()
    assert stage_of(query) == stage


def test_graphs_differ_by_what_one_has_oftener() -> None:
    def state(*names: bytes) -> State:
        edges = np.frombuffer(b"", dtype="V16")
        return State(np.sort(np.frombuffer(b"".join(name * 16 for name in names), dtype="V16")), edges)

    assert state(b"a", b"b", b"b").differences(state(b"b", b"a", b"b")) == (0, 0)
    assert state(b"a", b"b", b"b").differences(state(b"b", b"c")) == (3, 0)
