"""The shipped mappings on the real files that they are for: counts known from elsewhere."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.reading import Options, touchpoints
from journeygraph_loaders.rows import Row
from tests.support import shared_data
from tests.unit.loaders.helpers import Kept


def load(folder: Path, mapping: str) -> list[Row]:
    kept = Kept()
    rows = [row for batch in touchpoints([folder], Options(mapping=mappings.load(mapping)), kept) for row in batch]
    assert not kept.rows
    return rows


@pytest.mark.parametrize(
    ("folder", "mapping", "rows", "distinct", "customers"),
    [
        ("simple_shop", "simple_shop", 32_283, 32_283, 3_751),
        ("ms_usage", "ms_usage", 11_838, 11_678, 2_343),
        ("rfm_orders", "rfm_orders", 4_906, 4_906, 995),
        ("eshop_2008", "eshop_2008", 165_474, 165_474, 24_026),
    ],
)
def test_rows_and_customers(folder: str, mapping: str, rows: int, distinct: int, customers: int) -> None:
    found = load(shared_data(folder), mapping)
    assert len(found) == rows
    assert len({row.touchpoint_id for row in found}) == distinct
    assert len({row.customer_id for row in found}) == customers


def test_otto_events_are_exploded() -> None:
    folder = shared_data("otto_fixture")
    found = load(folder, "otto")
    assert Counter(row.step for row in found) == {"view_product": 800, "add_to_cart": 52, "purchase": 10}
    lines = [json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()]
    expected = [(str(line["session"]), str(e["aid"]), e["ts"] * 1_000) for line in lines for e in line["events"]]
    assert [(row.anonymous_id, row.product_id, row.occurred_at_us) for row in found] == expected


def test_clicks_keep_their_order_without_times() -> None:
    sessions: dict[str, list[tuple[int, str]]] = {}
    found = load(shared_data("eshop_2008"), "eshop_2008")
    with gzip.open(shared_data("eshop_2008") / "eshop_clothing_2008.csv.gz", "rt") as file:
        for row, line in zip(found, csv.DictReader(file, delimiter=";"), strict=True):
            assert row.session_id == line["session ID"]
            sessions.setdefault(line["session ID"], []).append((row.occurred_at_us, line["order"]))
    for clicks in sessions.values():
        assert [int(order) for _, order in sorted(clicks)] == list(range(1, len(clicks) + 1))


def test_completejourney_by_one_mapping() -> None:
    found = load(shared_data("completejourney"), "completejourney")
    steps = Counter(row.step for row in found)
    assert steps == {"campaign_mailing": 6_589, "coupon_redemption": 2_102, "buy_product": 75_000}
    mailed = {row.customer_id for row in found if row.step == "campaign_mailing"}
    bought = [row for row in found if row.step == "buy_product"]
    assert len(mailed) == 1_559
    assert len({row.session_id for row in bought}) == 47_243
    assert len({row.customer_id for row in bought}) == 2_377
    assert len({row.product_id for row in bought}) == 20_902
    assert round(sum(row.value or 0 for row in bought), 2) == 233_935.24
    # Five products sold have no row in the product table, and 52 rows there have no category.
    with gzip.open(shared_data("completejourney") / "products_in_sample.csv.gz", "rt") as file:
        known = {line["product_id"].removesuffix(".0"): line["product_category"] for line in csv.DictReader(file)}
    assert len({row.product_id for row in bought} - set(known)) == 5
    assert all(row.product_category == (known.get(str(row.product_id)) or None) for row in bought)
