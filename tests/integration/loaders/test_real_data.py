"""Real households and shops in the graph: known figures, by statements that an analyst would write."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeygraph.graph import Graph
from journeygraph_loaders import pipeline
from tests.support import execute, shared_data

pytestmark = [pytest.mark.graph, pytest.mark.slow]


def test_completejourney(graph: Graph, tmp_path: Path) -> None:
    result = pipeline.load(graph, [shared_data("completejourney")], home=tmp_path, mapping="completejourney")
    assert (result.received, result.stored, result.duplicate, result.quarantined) == (83_691, 83_691, 0, 0)
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


def test_ms_usage_repeats_rows_and_otto_knows_nobody(graph: Graph, tmp_path: Path) -> None:
    usage = pipeline.load(graph, [shared_data("ms_usage")], home=tmp_path, mapping="ms_usage")
    assert (usage.received, usage.stored, usage.duplicate, usage.customers) == (11_838, 11_678, 160, 2_343)
    products = execute(graph, "MATCH (p:Product)-[:IN_CATEGORY]->() WHERE p.name IS NOT NULL RETURN count(p) AS n")
    assert products[0]["n"] == 101
    otto = pipeline.load(graph, [shared_data("otto_fixture")], home=tmp_path, mapping="otto")
    assert (otto.received, otto.stored, otto.customers) == (862, 862, 2_343 + 20)
