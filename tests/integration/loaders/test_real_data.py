"""Real households and shops in the graph: known figures, by statements that an analyst would write."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from journeygraph.graph import Connection, Graph
from journeygraph_cli.main import app
from journeygraph_loaders import pipeline
from tests.support import execute, shared_data

pytestmark = [pytest.mark.graph, pytest.mark.slow]


def test_completejourney(graph: Graph, tmp_path: Path) -> None:
    result = pipeline.load(graph, [shared_data("completejourney")], home=tmp_path, mapping="completejourney")
    # 83,691 touchpoints, and what tables say of 801 households, 20,897 products, 27 campaigns, and of 116,204 offers of
    # coupons, of which 4,872 repeat another.
    more = 801 + 20_897 + 27 + 111_332
    assert (result.received, result.duplicate, result.quarantined) == (83_691 + more + 4_872, 4_872, 0)
    assert (result.touchpoints, result.stored) == (83_691, 83_691 + more)
    described = execute(
        graph,
        "MATCH (c:Customer) WHERE c.p_income IS NOT NULL RETURN count(c) AS n, "
        "count(DISTINCT c.p_household_size) AS sizes",
    )[0]
    assert (described["n"], described["sizes"]) == (801, 5)
    _coupons(graph)
    by_type = execute(
        graph,
        "MATCH (c:Customer)-[:MADE]->(m:Touchpoint {step: 'campaign_mailing'})-[:CAME_FROM]->(k:Campaign) "
        "WITH m.p_campaign_type AS type, c, k, EXISTS { "
        "  (c)-[:MADE]->(:Touchpoint {step: 'coupon_redemption'})-[:CAME_FROM]->(k) } AS redeemed "
        "RETURN type, count(*) AS mailings, count(CASE WHEN redeemed THEN 1 END) AS redeemed ORDER BY type",
    )
    assert [(row["type"], row["mailings"], row["redeemed"]) for row in by_type] == [
        ("Type A", 3_647, 604),
        ("Type B", 2_368, 154),
        ("Type C", 574, 34),
    ]
    sums = execute(
        graph,
        "MATCH (c:Customer)-[:MADE]->(t:StoreVisit {step: 'buy_product'})-[:ABOUT]->(p) "
        "RETURN count(*) AS lines, count(DISTINCT c) AS households, count(DISTINCT t.source_session_id) AS baskets, "
        "count(DISTINCT p) AS products, round(sum(t.value), 2) AS sales",
    )[0]
    assert dict(sums) == {
        "lines": 75_000, "households": 2_377, "baskets": 47_243, "products": 20_902, "sales": 233_935.24
    }  # fmt: skip
    redeemed = execute(
        graph, "MATCH (j:Journey {outcome: 'converted'}) RETURN count(DISTINCT j.customer_id) AS n, count(j) AS j"
    )
    assert (redeemed[0]["n"], redeemed[0]["j"]) == (410, 2_102)


def _coupons(graph: Graph) -> None:
    """What coupons are for, counted in pandas from the table: 981 coupons, 41,857 products, 27 campaigns."""
    offers = execute(
        graph,
        "MATCH (k:Campaign)-[o:OFFERS]->(p:Product) "
        "RETURN count(o) AS offers, count(DISTINCT o.p_coupon_upc) AS coupons, count(DISTINCT p) AS products, "
        "count(DISTINCT k) AS campaigns",
    )[0]
    assert dict(offers) == {"offers": 111_332, "coupons": 981, "products": 41_857, "campaigns": 27}
    redeemed = execute(
        graph,
        "MATCH (t:Touchpoint {step: 'coupon_redemption'})-[:CAME_FROM]->(k:Campaign) "
        "WITH k, t.p_coupon_upc AS coupon, count(t) AS redemptions MATCH (k)-[o:OFFERS {p_coupon_upc: coupon}]->(p) "
        "WITH k, coupon, redemptions, collect(p.product_id) AS products "
        "RETURN sum(redemptions) AS redemptions, sum(redemptions * size(products)) AS pairs",
    )[0]
    assert dict(redeemed) == {"redemptions": 2_102, "pairs": 2_168_568}
    products = execute(
        graph,
        "MATCH (p:Product) RETURN count(p) AS n, count(p.p_department) AS told, count(DISTINCT p.p_department) AS d",
    )[0]
    assert dict(products) == {"n": 52_301, "told": 20_897, "d": 26}


def test_ms_usage_repeats_rows_and_otto_knows_nobody(graph: Graph, tmp_path: Path) -> None:
    usage = pipeline.load(graph, [shared_data("ms_usage")], home=tmp_path, mapping="ms_usage")
    assert (usage.received, usage.stored, usage.duplicate, usage.customers) == (11_838, 11_678, 160, 2_343)
    products = execute(graph, "MATCH (p:Product)-[:IN_CATEGORY]->() WHERE p.name IS NOT NULL RETURN count(p) AS n")
    assert products[0]["n"] == 101
    otto = pipeline.load(graph, [shared_data("otto_fixture")], home=tmp_path, mapping="otto")
    assert (otto.received, otto.stored, otto.customers) == (862, 862, 2_343 + 20)


def test_rfm_orders_by_its_mapping_alone(
    graph: Graph, neo4j_server: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("URI", neo4j_server.uri), ("USERNAME", neo4j_server.username),
                        ("PASSWORD", neo4j_server.password)):  # fmt: skip
        monkeypatch.setenv(f"NEO4J_{name}", value)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(tmp_path))
    command = ["load", str(shared_data("rfm_orders")), "--mapping", "rfm_orders", "--format", "auto", "--json"]
    for stored, duplicate in ((4_906, 0), (0, 4_906)):
        done = CliRunner().invoke(app, command)
        told = json.loads(done.stdout)
        assert {name: told[name] for name in ("received", "stored", "duplicate", "quarantined", "customers")} == {
            "received": 4_906, "stored": stored, "duplicate": duplicate, "quarantined": 0, "customers": 995,
        }  # fmt: skip
    orders = execute(
        graph,
        "MATCH (c:Customer)-[:MADE]->(t:Touchpoint {step: 'purchase'}) RETURN count(t) AS orders, "
        "count(DISTINCT c) AS customers, sum(t.value) AS revenue, min(date(t.occurred_at)) AS first, "
        "max(date(t.occurred_at)) AS last, sum(size([key IN keys(t) WHERE key CONTAINS 'name'])) AS names",
    )[0]
    assert (orders["orders"], orders["customers"], orders["revenue"], orders["names"]) == (4_906, 995, 464_158, 0)
    assert (str(orders["first"]), str(orders["last"])) == ("2001-10-29", "2006-12-30")
    # An analyst's own recipe (the file's EXPECTED.md) on what the graph holds gives the published table.
    customers = execute(
        graph,
        "MATCH (c:Customer)-[:MADE]->(t:Touchpoint) RETURN c.customer_id AS id, count(t) AS orders, "
        "sum(t.value) AS revenue, duration.inDays(date(max(t.occurred_at)), date('2006-12-31')).days AS recency",
    )
    assert _segments([(row["recency"], row["orders"], row["revenue"]) for row in customers]) == {
        "About To Sleep": (102, 283, 23_449), "At Risk": (28, 216, 22_227), "Can't Lose Them": (47, 274, 32_446),
        "Champions": (35, 316, 31_646), "Lost": (148, 393, 35_324), "Loyal Customers": (170, 799, 76_562),
        "Need Attention": (10, 57, 4_562), "New Customers": (104, 329, 28_837),
        "Potential Loyalist": (342, 2_211, 204_856), "Promising": (9, 28, 4_249),
    }  # fmt: skip


#: Segment, and the ranges of its scores of recency, frequency and monetary value; the first that fits wins.
_RECIPE = (
    ("Champions", (5, 5), (5, 5), (5, 5)), ("Potential Loyalist", (3, 5), (3, 5), (2, 5)),
    ("Loyal Customers", (2, 4), (2, 4), (2, 4)), ("Promising", (3, 4), (1, 3), (3, 5)),
    ("New Customers", (4, 5), (1, 3), (1, 5)), ("Can't Lose Them", (1, 2), (3, 4), (4, 5)),
    ("At Risk", (1, 2), (2, 5), (4, 5)), ("Need Attention", (1, 3), (3, 5), (3, 5)),
    ("About To Sleep", (2, 3), (1, 3), (1, 4)), ("Lost", (1, 1), (1, 5), (1, 5)),
)  # fmt: skip


def _segments(customers: list[tuple[int, int, float]]) -> dict[str, tuple[int, int, float]]:
    """Customers, orders and revenue of each segment."""
    scores = []
    for place, reverse in enumerate((True, False, False)):
        values = np.array([one[place] for one in customers], dtype=float)
        cuts = np.quantile(values, [0.2, 0.4, 0.6, 0.8]) + 1
        score = 1 + (values[:, None] >= cuts[None, :]).sum(axis=1)
        scores.append(6 - score if reverse else score)
    found: dict[str, tuple[int, int, float]] = {}
    for number, (_, orders, revenue) in enumerate(customers):
        own = [int(score[number]) for score in scores]
        name = next(
            (segment for segment, *ranges in _RECIPE
             if all(low <= one <= high for one, (low, high) in zip(own, ranges, strict=True))), "Others",
        )  # fmt: skip
        before = found.get(name, (0, 0, 0.0))
        found[name] = (before[0] + 1, before[1] + orders, before[2] + revenue)
    return found
