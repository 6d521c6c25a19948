"""The gap finders against the planted truth: all of it is found, and where nothing is planted nothing is."""

from __future__ import annotations

import pytest

from journeygraph import gaps
from tests.unit.generator.shop_data import simulated, table

Gap = tuple[str, tuple[str, ...]]


def gap(kind: str, steps: tuple[str, ...]) -> Gap:
    """A gap by kind and steps; a cycle is the same from whichever step it is told."""
    if kind != "loop":
        return kind, steps
    way = steps[:-1] if steps[0] == steps[-1] else steps
    turn = way.index(min(way))
    return kind, way[turn:] + way[:turn]


def found(customers: int, seed: int, planted: bool) -> set[Gap]:
    return {gap(finding.kind, finding.steps) for finding in gaps.find(table(customers, seed, planted)).findings}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_planted_gaps_are_found(seed: int) -> None:
    truth = {gap(item.kind, item.steps) for item in simulated(4_000, seed, True).truth.planted}
    assert len(truth) == 8
    assert truth <= found(4_000, seed, True)


@pytest.mark.slow
def test_without_plants_at_most_one_run_in_twenty_finds_any() -> None:
    with_findings = [seed for seed in range(200) if found(500, seed, False)]
    assert len(with_findings) <= 10, with_findings
