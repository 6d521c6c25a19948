"""The shop looks like one: channels, hours, weekends, devices, prices; and a seed stands for one shop."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from zoneinfo import ZoneInfo

import pytest

from journeygraph.errors import UsageError
from journeygraph.generator import shop, simulate
from journeygraph.schema import CHANNELS
from tests.unit.generator.shop_data import simulated

SHOP = simulated(1_500, 11, True)
TOUCHPOINTS = list(SHOP.touchpoints)


def test_all_channels_stages_and_steps_occur() -> None:
    assert {touchpoint.channel for touchpoint in TOUCHPOINTS} == set(CHANNELS)
    assert {touchpoint.stage for touchpoint in TOUCHPOINTS} == set(shop.STAGES)
    assert {touchpoint.step for touchpoint in TOUCHPOINTS} == {step.name for step in shop.STEPS}


def test_size_and_conversion_are_plausible() -> None:
    totals = SHOP.truth.totals
    assert 9 < totals.touchpoints / totals.customers < 18
    assert 0.15 < totals.converted / totals.journeys < 0.27
    assert all(touchpoint.value and touchpoint.currency for touchpoint in TOUCHPOINTS if touchpoint.step == "purchase")
    assert sum(touchpoint.value is not None for touchpoint in TOUCHPOINTS) == totals.converted


def test_hours_weekends_and_newsletter_days() -> None:
    zone = ZoneInfo(shop.TIME_ZONE)
    hours: dict[str, Counter[int]] = defaultdict(Counter)
    weekdays: Counter[int] = Counter()
    for touchpoint in TOUCHPOINTS:
        local = touchpoint.occurred_at.astimezone(zone)
        hours[touchpoint.channel][local.hour] += 1
        weekdays[local.weekday()] += 1
    assert hours["web"][20] > 2 * hours["web"][8]
    assert not hours["store"].keys() - range(9, 21)
    assert weekdays[5] > 1.3 * weekdays[2]
    first_of_day = [touchpoint for touchpoint in TOUCHPOINTS if touchpoint.step == "delivery_update"]
    days = Counter(touchpoint.occurred_at.astimezone(zone).weekday() for touchpoint in first_of_day)
    assert sum(days[day] for day in shop.EMAIL_DAYS) > 0.8 * len(first_of_day)


def test_a_customers_instants_are_distinct_and_inside_the_days() -> None:
    owner_of = {touchpoint.anonymous_id: touchpoint.customer_id for touchpoint in TOUCHPOINTS if touchpoint.customer_id}
    seen = Counter(
        (
            touchpoint.customer_id or owner_of.get(touchpoint.anonymous_id, touchpoint.anonymous_id),
            touchpoint.occurred_at,
        )
        for touchpoint in TOUCHPOINTS
    )
    assert max(seen.values()) == 1
    start = dt.datetime(2025, 7, 1, tzinfo=ZoneInfo(shop.TIME_ZONE))
    assert all(start <= touchpoint.occurred_at < start + dt.timedelta(days=180) for touchpoint in TOUCHPOINTS)


def test_devices_are_joined_or_shared_as_the_truth_says() -> None:
    customers_of: dict[str, set[str]] = defaultdict(set)
    anonymous_rows: Counter[str] = Counter()
    for touchpoint in TOUCHPOINTS:
        if touchpoint.anonymous_id and touchpoint.customer_id:
            customers_of[touchpoint.anonymous_id].add(touchpoint.customer_id)
        elif touchpoint.anonymous_id:
            anonymous_rows[touchpoint.anonymous_id] += 1
    assert {device: {customer} for device, customer in SHOP.truth.devices.items()} == {
        device: customers for device, customers in customers_of.items() if len(customers) == 1
    }
    shared = {device.anonymous_id: set(device.customer_ids) for device in SHOP.truth.shared_devices}
    assert shared == {device: customers for device, customers in customers_of.items() if len(customers) > 1}
    assert len(shared) > 5
    assert all(anonymous_rows[device] for device in shared)
    later_known = [device for device in anonymous_rows if device in SHOP.truth.devices]
    assert len(later_known) > 1_000


def test_partners_follow_each_other_as_planted() -> None:
    pairs: Counter[bool] = Counter()
    last: dict[str, str] = {}
    partner = {affinity.product_id: affinity.partner_id for affinity in SHOP.truth.affinities}
    for touchpoint in sorted(TOUCHPOINTS, key=lambda one: one.occurred_at):
        if touchpoint.customer_id and touchpoint.product_id and touchpoint.step == "view_product":
            if touchpoint.customer_id in last:
                pairs[partner[last[touchpoint.customer_id]] == touchpoint.product_id] += 1
            last[touchpoint.customer_id] = touchpoint.product_id
    assert pairs[True] / pairs.total() > 0.2


def test_a_seed_stands_for_one_shop() -> None:
    first, second, other = simulate(80, 3), simulate(80, 3), simulate(80, 4)
    assert list(first.touchpoints) == list(second.touchpoints)
    assert first.truth == second.truth
    assert list(first.touchpoints) != list(other.touchpoints)


@pytest.mark.parametrize(("customers", "days"), [(0, 180), (-3, 180), (10, 30)])
def test_impossible_shops_are_refused(customers: int, days: int) -> None:
    with pytest.raises(UsageError, match="or more"):
        simulate(customers, 1, days=days)


def test_one_customer_is_enough() -> None:
    for seed in range(5):
        touchpoints, truth = simulate(1, seed, days=40)
        assert len(touchpoints) == truth.totals.touchpoints
