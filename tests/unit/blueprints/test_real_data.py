"""A declared journey of real households: a mailing, a redemption within thirty days, a purchase."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from journeygraph.blueprints import parse
from journeygraph.blueprints.cases import cases
from journeygraph.blueprints.conformance import conformance
from journeygraph.blueprints.history import History
from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.threading import build_rows
from journeygraph.schema import JourneyRules, Touchpoint, from_microseconds
from tests.support import shared_data
from tests.unit.blueprints.plain import judged_cases
from tests.unit.loaders.test_real_files import load

RULES = JourneyRules(goals=("buy_product",))
CAMPAIGN = parse("""
name: campaign
starts: campaign_mailing
stages:
  - {stage: consideration, steps: [{step: coupon_redemption, within: 30d, by: customer}]}
  - {stage: purchase, steps: [{step: buy_product, channels: [store]}]}
""")


@pytest.fixture(scope="module")
def touchpoints() -> list[Touchpoint]:
    return [
        Touchpoint(
            touchpoint_id=row.touchpoint_id,
            step=row.step,
            channel=row.channel,
            occurred_at=from_microseconds(row.occurred_at_us),
            source=row.source,
            customer_id=row.customer_id,
        )
        for row in load(shared_data("completejourney"), "completejourney")
    ]


@pytest.mark.slow
def test_mailed_households_are_held_against_the_declared_journey(touchpoints: list[Touchpoint]) -> None:
    table = JourneyTable.from_rows(build_rows(touchpoints, RULES))
    every = cases(History(table), CAMPAIGN, RULES)
    assert len(np.unique(table.customers[every.path])) == 1_559, "EXPECTED.md: households with a mailing"
    answer = conformance(table, CAMPAIGN, rules=RULES)
    assert answer.cases + answer.not_yet_judged == len(every.path)
    redeemed = {row.customer_id for row in touchpoints if row.step == "coupon_redemption"}
    assert len(redeemed) == 410, "EXPECTED.md: households with a redemption"
    missing = next(one for one in answer.deviations if (one.kind, one.step) == ("missing", "coupon_redemption"))
    assert missing.customers >= answer.customers - 410


@pytest.mark.slow
def test_some_households_counted_by_plain_loops(touchpoints: list[Touchpoint]) -> None:
    mailed = sorted({str(row.customer_id) for row in touchpoints if row.step == "campaign_mailing"})[::12]
    rows = build_rows([row for row in touchpoints if row.customer_id in mailed], RULES)
    rows.sort(key=lambda row: (row["customer_id"], row["occurred_at_us"][0], row["id"]))
    expected = judged_cases(rows, CAMPAIGN, RULES)
    answer = conformance(JourneyTable.from_rows(rows), CAMPAIGN, rules=RULES)
    assert answer.cases == len(expected) > 100
    assert answer.fitness == pytest.approx(np.mean([case["fitness"] for case in expected]))
    counted = Counter(deviation for case in expected for deviation in case["deviations"])
    assert {(one.kind, one.step): one.cases for one in answer.deviations} == counted
