"""The gap finders against the planted truth: all of it is found, and where nothing is planted nothing is."""

from __future__ import annotations

import pytest

from journeygraph import gaps
from journeygraph.blueprints import parse
from journeygraph.generator import follow_up
from tests.unit.generator.shop_data import simulated, table
from tests.unit.generator.shop_groups import groups

BLUEPRINT = parse(follow_up.BLUEPRINT)
Gap = tuple[str, tuple[str, ...], str | None]


def gap(kind: str, steps: tuple[str, ...], group: str | None) -> Gap:
    """A gap by kind, steps and group; a cycle is the same from whichever step it is told."""
    if kind != "loop":
        return kind, steps, group
    way = steps[:-1] if steps[0] == steps[-1] else steps
    turn = way.index(min(way))
    return kind, way[turn:] + way[:turn], group


def found(customers: int, seed: int, planted: bool) -> set[Gap]:
    of_shop = groups(customers, seed, planted)
    report = gaps.find(table(customers, seed, planted), groups=of_shop, blueprint=BLUEPRINT)
    return {gap(finding.kind, finding.steps, finding.group) for finding in report.findings}


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_all_planted_gaps_are_found(seed: int) -> None:
    planted = simulated(4_000, seed, True).truth.planted
    truth = {gap(item.kind, item.steps, item.group) for item in planted if item.steps}
    assert len(truth) >= 11
    assert truth <= found(4_000, seed, True)


@pytest.mark.slow
def test_without_plants_at_most_one_run_in_twenty_finds_any() -> None:
    with_findings = [seed for seed in range(100) if found(500, seed, False)]  # more: `benchmarks.family_wise`
    assert len(with_findings) <= 5, with_findings
