"""The truth says what is in the touchpoints: recounted in plain Python over the product's own journeys."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from journeygraph.generator.truth import Planted
from tests.unit.generator.shop_data import journeys, simulated

CUSTOMERS, SEED = 1_500, 11
DAY_US = 86_400 * 1_000_000
ROWS = journeys(CUSTOMERS, SEED, True)
TRUTH = simulated(CUSTOMERS, SEED, True).truth
END = max(row["occurred_at_us"][-1] for row in ROWS)


def places(row: dict[str, Any], steps: tuple[str, ...]) -> list[int]:
    """Positions at which these steps end, one right after the other."""
    width = len(steps)
    return [at for at in range(width - 1, len(row["steps"])) if tuple(row["steps"][at - width + 1 : at + 1]) == steps]


def counted_steps(item: Planted) -> tuple[str, ...]:
    """A single cut counts who came to its first step."""
    return item.steps[:1] if item.kind == "unreachable" else item.steps


def test_totals_are_those_of_the_products_journeys() -> None:
    outcomes = Counter(row["outcome"] for row in ROWS)
    totals = TRUTH.totals
    assert (totals.journeys, totals.converted, totals.lost, totals.open) == (
        len(ROWS),
        outcomes["converted"],
        outcomes["lost"],
        outcomes["open"],
    )
    assert totals.customers == len({row["customer_id"] for row in ROWS})
    assert totals.touchpoints == sum(len(row["steps"]) for row in ROWS)
    assert totals.value == pytest.approx(sum(row["value"] or 0 for row in ROWS))


KINDS = ("drop_off", "silence", "loop", "unreachable")
EVERYWHERE = [item for item in TRUTH.planted if item.kind in KINDS and item.group is None]
CONFINED = [item for item in TRUTH.planted if item.group or item.since]


@pytest.mark.parametrize("item", EVERYWHERE, ids=lambda item: item.subject)
def test_planted_counts_are_in_the_touchpoints(item: Planted) -> None:
    steps = counted_steps(item)
    hits = [(row, at) for row in ROWS for at in places(row, steps)]
    assert item.occurrences == len(hits) > 0
    assert item.journeys == len({row["id"] for row, _ in hits})
    assert item.customers == len({row["customer_id"] for row, _ in hits})


@pytest.mark.parametrize(
    "item", [item for item in EVERYWHERE if "exit_share" in item.observed], ids=lambda i: i.subject
)
def test_exit_shares_are_in_the_touchpoints(item: Planted) -> None:
    hits = [
        (row, at) for row in ROWS for at in places(row, item.steps) if row["occurred_at_us"][at] < END - 30 * DAY_US
    ]
    lost = sum(row["outcome"] == "lost" and at == len(row["steps"]) - 1 for row, at in hits)
    assert item.observed["exit_share"] == pytest.approx(lost / len(hits), abs=1e-4)
    assert lost / len(hits) == pytest.approx(item.size["exit_rate"], abs=0.12)


def within(item: Planted, at: datetime) -> bool:
    if item.since is None or item.until is None:
        return True
    return datetime.fromisoformat(item.since) <= at < datetime.fromisoformat(item.until)


@pytest.mark.parametrize("item", [i for i in CONFINED if i.steps], ids=lambda i: f"{i.subject} {i.group}")
def test_exits_confined_to_a_platform_or_a_time_are_in_the_touchpoints(item: Planted) -> None:
    touchpoints = {touchpoint.touchpoint_id: touchpoint for touchpoint in simulated(CUSTOMERS, SEED, True).touchpoints}
    hits = []
    for row in ROWS:
        for at, touchpoint_id in enumerate(row["touchpoint_ids"]):
            touchpoint = touchpoints[touchpoint_id]
            theirs = item.group is None or f"platform={touchpoint.properties.get('platform')}" == item.group
            if touchpoint.step == item.steps[0] and theirs and within(item, touchpoint.occurred_at):
                hits.append((row, at))
    assert item.occurrences == len(hits) > 0
    assert item.journeys == len({row["id"] for row, _ in hits})
    settled = [(row, at) for row, at in hits if row["occurred_at_us"][at] < END - 30 * DAY_US]
    lost = sum(row["outcome"] == "lost" and at == len(row["steps"]) - 1 for row, at in settled)
    assert item.observed["exit_share"] == pytest.approx(lost / len(settled), abs=1e-4)
    assert lost / len(settled) == pytest.approx(item.size["exit_rate"], abs=0.25)


def test_blind_spots_are_in_the_touchpoints() -> None:
    outage, emptied = (item for item in CONFINED if item.kind == "blind_spot")
    touchpoints = list(simulated(CUSTOMERS, SEED, True).touchpoints)
    assert not [t for t in touchpoints if t.source == outage.subject and within(outage, t.occurred_at)]
    assert outage.occurrences > 0
    helpdesk = [t for t in touchpoints if t.source == "helpdesk"]
    assert {"topic" in t.properties for t in helpdesk if within(emptied, t.occurred_at)} == {False}
    assert {"topic" in t.properties for t in helpdesk if not within(emptied, t.occurred_at)} == {True}
    assert emptied.occurrences == sum(within(emptied, t.occurred_at) for t in helpdesk) > 0


@pytest.mark.parametrize("item", [item for item in TRUTH.planted if item.kind == "silence"], ids=lambda i: i.subject)
def test_conversion_falls_after_long_waits(item: Planted) -> None:
    groups: dict[bool, dict[str, str]] = {True: {}, False: {}}
    for row in ROWS:
        for at in places(row, item.steps):
            wait = row["occurred_at_us"][at] - row["occurred_at_us"][at - 1]
            groups[wait > DAY_US][row["id"]] = row["outcome"]
    for name, long in (("conversion_after_long", True), ("conversion_after_short", False)):
        closed = [outcome for outcome in groups[long].values() if outcome != "open"]
        assert item.observed[name] == pytest.approx(closed.count("converted") / len(closed), abs=1e-4)
    assert item.observed["conversion_after_long"] < item.observed["conversion_after_short"] / 2


def test_dead_end_and_single_cut_are_in_the_steps() -> None:
    dead, cut = (item for item in TRUTH.planted if item.kind == "unreachable")
    assert not [row for row in ROWS if dead.steps[0] in row["steps"] and row["outcome"] == "converted"]
    for row in ROWS:
        for at, step in enumerate(row["steps"][:-1]):
            assert (step == cut.steps[0]) == (row["steps"][at + 1] == cut.steps[1])


def contains(steps: list[str], pattern: tuple[str, ...]) -> bool:
    remaining = iter(steps)
    return all(step in remaining for step in pattern)


def test_intents_raise_conversion_as_recorded() -> None:
    closed = [row for row in ROWS if row["outcome"] != "open"]
    overall = sum(row["outcome"] == "converted" for row in closed) / len(closed)
    for intent in TRUTH.intents:
        holders = [row for row in ROWS if contains(row["steps"], intent.pattern)]
        assert intent.journeys == len(holders)
        assert intent.converted == sum(row["outcome"] == "converted" for row in holders)
        settled = [row["outcome"] == "converted" for row in holders if row["outcome"] != "open"]
        assert intent.lift == pytest.approx(sum(settled) / len(settled) / overall, abs=1e-3)
        assert intent.lift > 1.4


def test_nothing_is_planted_without_plants() -> None:
    truth = simulated(200, 1, False).truth
    assert (truth.planted, truth.intents, truth.affinities, truth.summary()) == ((), (), (), [])
