"""Tables about customers: their rows become properties of customers, in any order with the touchpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeygraph.errors import InputError
from journeygraph.graph import Graph
from journeygraph_loaders.pipeline import load
from journeygraph_loaders.quarantine import Quarantine
from tests.support import canonical_graph, empty, execute

pytestmark = pytest.mark.graph

MAPPING = """
goals: [purchase]
files:
  "clicks.csv": {source: web}
  "people*.csv": {describes: customer, columns: {customer_id: household}, null_values: ["", "NA"]}
"""
CLICKS = "customer_id,step,occurred_at\na,view,2026-01-01T00:00:00Z\nb,purchase,2026-01-01T00:01:00Z\n"
PEOPLE = "household,age,Income (k)\na,25-34,50\nb,NA,70\nc,65+,\n"


def folder(path: Path) -> Path:
    path.mkdir()
    (path / "clicks.csv").write_text(CLICKS)
    (path / "people.csv").write_text(PEOPLE)
    (path / "m.yaml").write_text(MAPPING)
    return path


def known(graph: Graph) -> dict[str, tuple[str | None, str | None]]:
    rows = execute(graph, "MATCH (c:Customer) RETURN c.customer_id AS id, c.p_age AS age, c.p_income_k AS income")
    return {row["id"]: (row["age"], row["income"]) for row in rows}


def test_rows_about_customers_in_any_order_and_again(graph: Graph, tmp_path: Path) -> None:
    files = folder(tmp_path / "data")
    mapping = files / "m.yaml"
    result = load(graph, [files], home=tmp_path, mapping=mapping)
    assert (result.received, result.stored, result.duplicate, result.quarantined) == (5, 5, 0, 0)
    assert known(graph) == {"a": ("25-34", "50"), "b": (None, "70"), "c": ("65+", None)}
    before = canonical_graph(graph)
    result = load(graph, [files], home=tmp_path, mapping=mapping)
    assert (result.stored, result.duplicate) == (0, 5)
    empty(graph)
    for name in ("people.csv", "clicks.csv"):
        load(graph, [files / name], home=tmp_path, mapping=mapping)
    assert canonical_graph(graph) == before
    (files / "people.csv").write_text("household,age\na,35-44\n")
    assert load(graph, [files / "people.csv"], home=tmp_path, mapping=mapping).stored == 1
    assert known(graph)["a"] == ("35-44", "50")


def test_a_row_that_names_nobody_waits_and_a_table_that_names_nobody_is_refused(graph: Graph, tmp_path: Path) -> None:
    files = folder(tmp_path / "data")
    (files / "people.csv").write_text("household,age\n,25-34\nanonymous:x,30\na,40\n")
    result = load(graph, [files], home=tmp_path, mapping=files / "m.yaml")
    assert (result.received, result.stored, result.quarantined) == (5, 3, 2)
    with Quarantine(tmp_path, "look") as quarantine:
        assert [entry.line for entry in quarantine.entries()] == [2, 3]
    (files / "m.yaml").write_text(MAPPING.replace("columns: {customer_id: household}, ", ""))
    (files / "people.csv").write_text("who,age\na,40\n")
    with pytest.raises(InputError, match="no column that can be used as customer_id"):
        load(graph, [files], home=tmp_path, mapping=files / "m.yaml")
