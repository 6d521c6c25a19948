"""The planted missing step is in the touchpoints as the truth says, and is found with its size."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeygraph.blueprints import parse, read
from journeygraph.blueprints.conformance import conformance
from journeygraph.gaps import Finding, find
from journeygraph.generator import follow_up, write
from journeygraph.generator.truth import Planted
from tests.unit.generator.shop_data import journeys, simulated, table
from tests.unit.generator.shop_groups import groups

DAY_US = 86_400_000_000
BLUEPRINT = parse(follow_up.BLUEPRINT)


def planted(customers: int, seed: int) -> Planted:
    (item,) = (item for item in simulated(customers, seed, True).truth.planted if item.kind == "missing_step")
    return item


def findings(customers: int, seed: int, is_planted: bool = True) -> list[Finding]:
    of_shop = groups(customers, seed, is_planted)
    report = find(table(customers, seed, is_planted), groups=of_shop, blueprint=BLUEPRINT)
    return [finding for finding in report.findings if finding.kind == "missing_step"]


def test_the_truth_counts_purchases_whose_time_has_passed() -> None:
    item, rows = planted(1_500, 11), journeys(1_500, 11, True)
    end = max(row["occurred_at_us"][-1] for row in rows)
    bought = {(row["customer_id"], row["occurred_at_us"][-1]) for row in rows if row["outcome"] == "converted"}
    mails: dict[str, list[int]] = {}
    for row in rows:
        for step, at in zip(row["steps"], row["occurred_at_us"], strict=True):
            if step == "follow_up_email":
                mails.setdefault(row["customer_id"], []).append(at)
    due = [(who, at) for who, at in bought if at + 7 * DAY_US <= end]
    missing = [(who, at) for who, at in due if not any(at < mail <= at + 7 * DAY_US for mail in mails.get(who, []))]
    assert (item.journeys, item.observed["due"]) == (len(missing), len(due))
    assert item.customers == len({who for who, _ in missing})
    assert item.observed["missing_share"] == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_found_with_its_size(seed: int) -> None:
    _found_with_its_size(seed)


@pytest.mark.slow
def test_it_is_found_over_twelve_seeds() -> None:
    for seed in range(4, 13):
        _found_with_its_size(seed)


def _found_with_its_size(seed: int) -> None:
    item, (finding,) = planted(4_000, seed), findings(4_000, seed)
    assert (finding.subject, finding.steps) == (item.subject, item.steps)
    assert (finding.affected, finding.denominator) == (item.journeys, item.observed["due"])
    assert finding.interval[0] > 0
    missing = next(d for d in conformance(table(4_000, seed, True), BLUEPRINT).deviations if d.kind == "missing")
    assert missing.step == "follow_up_email"


@pytest.mark.slow
def test_where_nothing_is_planted_nothing_is_missing() -> None:
    """A step that comes by chance after a purchase: to miss it is a deviation, and costs nothing."""
    declared = parse(follow_up.BLUEPRINT.replace("follow_up_email", "delivery_update").replace("by: company", ""))
    told = [
        seed
        for seed in range(30)
        if any(f.kind == "missing_step" for f in find(table(1_500, seed, False), blueprint=declared).findings)
    ]
    assert len(told) <= 1, told


def test_the_declared_journey_lies_beside_the_data(tmp_path: Path) -> None:
    write(simulated(200, 1, True), tmp_path / "shop")
    assert read(tmp_path / "shop" / "blueprint.yaml") == BLUEPRINT
    write(simulated(200, 1, False), tmp_path / "null")
    assert not (tmp_path / "null" / "blueprint.yaml").exists()
