"""Products, campaigns, steps and the like that are named after a person: whose they are, and what the proof says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from journeygraph.graph import Graph
from journeygraph.privacy.erase import Erasure, Mode, erase
from journeygraph_loaders import pipeline
from tests.support import execute

pytestmark = pytest.mark.graph
TESS, EMAIL = "anon-tess-77", "tess@uni.example"
HEADER = (
    "id,customer_id,step,occurred_at,email,product_id,product_category,product_name,campaign,order_id,account_id,"
    "household_id,source,note\n"
)
HERS = (
    f"a1,{TESS},view,2026-03-01T10:00:00Z,{EMAIL},gift-{EMAIL},cat {EMAIL},Mug for {EMAIL},mail-{EMAIL},O-{TESS},"
    f"acc-{TESS},,tst,\n"
    f"a2,{TESS},ask {EMAIL},2026-03-01T10:01:00Z,,p1,,,,,,hh-{TESS},of-{TESS},\n"
    f"a3,{TESS},ask {TESS},2026-03-01T10:02:00Z,,p1,,,,,,,tst,\n"
)
OTHERS = "b1,ute-1,view,2026-03-01T10:00:00Z,,p1,shoes,,,,,,tst,\n"


def _load(graph: Graph, home: Path, rows: str) -> None:
    home.mkdir(exist_ok=True)
    file = home.parent / "names.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    pipeline.load(graph, [file], home=home)


def _erased(graph: Graph, home: Path, rows: str, mode: Mode) -> Erasure:
    _load(graph, home, rows)
    erasure = erase(graph, home, TESS, mode=mode)
    assert erasure.proof.statement["remaining"] == erasure.remaining
    assert erasure.proof.statement["kept"] == erasure.kept
    return erasure


def _everything(graph: Graph) -> str:
    between = execute(graph, "MATCH ()-[r]->() RETURN properties(r) AS p")
    return repr([*execute(graph, "MATCH (n) RETURN labels(n) AS l, properties(n) AS p"), *between])


def _held(graph: Graph) -> set[str]:
    """Label and property of whatever holds an identifier."""
    rows = execute(graph, "MATCH (n) UNWIND keys(n) AS key RETURN labels(n) AS l, key, n[key] AS value")
    return {f"{sorted(row['l'])[0]}.{row['key']}" for row in rows if any(one in repr(row) for one in (TESS, EMAIL))}


def _counts(graph: Graph) -> Any:
    return execute(graph, "MATCH (n) WHERE NOT n:Identifier RETURN labels(n) AS labels, count(*) AS n ORDER BY labels")


@pytest.mark.parametrize("mode", ["erase", "anonymise"])
def test_what_nobody_else_touched_is_named_after_the_person_no_more(graph: Graph, tmp_path: Path, mode: Mode) -> None:
    own = HERS.replace(f"of-{TESS}", "tst")
    _load(graph, tmp_path / "home", own + OTHERS)
    before = _counts(graph)
    erasure = erase(graph, tmp_path / "home", TESS, mode=mode)
    assert (erasure.remaining, erasure.kept) == (0, {})
    assert not any(value in _everything(graph) for value in (TESS, EMAIL))
    if mode == "anonymise":
        assert _counts(graph) == before
        steps = execute(graph, "MATCH (c:Customer)-[:HAD]->(j) WHERE c.customer_id <> 'ute-1' RETURN j.steps AS s")[0][
            "s"
        ]
        assert (len(steps), len(set(steps)), steps[0]) == (3, 3, "view")
        told = execute(graph, "MATCH (a:Step)-[:LEADS_TO]->(b:Step) RETURN a.name AS a, b.name AS b")
        assert {(row["a"], row["b"]) for row in told} >= {(steps[0], steps[1]), (steps[1], steps[2])}
        assert execute(graph, "MATCH (k:Category) WHERE k.name STARTS WITH 'cat (erased ' RETURN k")
        mixed = (
            "MATCH (t {step: 'view'})-[:ABOUT]->()-[:IN_CATEGORY]->(k) WHERE t.p_product_category <> k.name RETURN k"
        )
        assert not execute(graph, mixed)


@pytest.mark.parametrize("mode", ["erase", "anonymise"])
def test_what_others_touched_too_stays_and_the_proof_tells(graph: Graph, tmp_path: Path, mode: Mode) -> None:
    also = f"b2,ute-1,ask {EMAIL},2026-03-01T10:05:00Z,,gift-{EMAIL},,,mail-{EMAIL},,acc-{TESS},hh-{TESS},of-{TESS},\n"
    erasure = _erased(graph, tmp_path / "home", HERS + OTHERS + also, mode)
    assert erasure.remaining == 0
    # The name and the category are of a product that ute touched.
    assert erasure.kept == {"campaign": 1, "category": 1, "product": 1, "source": 1, "step": 1}
    assert {place.partition(".")[2] for place in _held(graph)} <= {
        "product_id", "name", "step", "steps", "source", "sources",
    }  # fmt: skip
    # Accounts and households are no names of things; two that are rewritten stay two.
    shared = execute(graph, "MATCH (:Customer {customer_id: 'ute-1'})-[:MADE]->()-[:BELONGS_TO]->(g) RETURN g")
    assert len(shared) == 2


def test_what_is_left_is_counted(graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof's figure is measured: whatever is not taken out is told."""
    monkeypatch.setattr("journeygraph.privacy.mentions.rewrite", lambda *asked: 0)
    erasure = _erased(graph, tmp_path / "home", HERS + OTHERS, "anonymise")
    assert _held(graph) >= {"Product.product_id", "Product.name", "Category.name", "Campaign.name", "Journey.steps"}
    assert erasure.remaining >= 8
    assert erasure.kept == {"source": 1}


@pytest.mark.parametrize("mode", ["erase", "anonymise"])
def test_a_table_describes_what_the_person_touched(graph: Graph, tmp_path: Path, mode: Mode) -> None:
    home = tmp_path / "home"
    _load(graph, home, HERS.replace(f"of-{TESS}", "tst") + OTHERS)
    for name in (f"gift-{EMAIL}", "p1", f"book {TESS}"):
        execute(
            graph,
            "MERGE (p:Product {product_id: $name}) SET p.described = true, p.p_note = $note",
            name=name, note=f"asked by {EMAIL}",
        )  # fmt: skip
    erasure = erase(graph, home, TESS, mode=mode)
    # Nobody touched the book, and only she the gift; what is told of either is a text like any other.
    assert (erasure.remaining, erasure.kept) == (0, {"product": 1})
    told = execute(graph, "MATCH (p:Product) RETURN p.product_id AS id, p.p_note AS note ORDER BY id")
    assert [row["note"] for row in told] == ["asked by (erased)"] * 3
    assert [row["id"] for row in told if TESS in row["id"] or EMAIL in row["id"]] == [f"book {TESS}"]


def test_two_persons_after_whom_something_shared_is_named(graph: Graph, tmp_path: Path) -> None:
    """No two accounts may get the same id, however many are erased."""
    home = tmp_path / "home"
    rows = "".join(
        f"{who}{n},{customer},view,2026-03-01T10:00:00Z,,,,,,,acc-{who},,tst,\n"
        for who in ("tess-1001", "zoe-1002")
        for n, customer in enumerate((who, "ute-1"))
    )
    _load(graph, home, rows)
    for who in ("tess-1001", "zoe-1002"):
        assert erase(graph, home, who).remaining == 0
    accounts = execute(graph, "MATCH (a:Account) RETURN a.account_id AS id")
    assert len({row["id"] for row in accounts}) == 2
    assert all(row["id"].startswith("acc-(erased ") for row in accounts)
