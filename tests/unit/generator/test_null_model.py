"""Without plants nobody leaves because of a step, a channel or a wait; seeds are fixed, bounds are loose."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from journeygraph.gaps.visits import Visits
from journeygraph.generator import shop
from journeygraph.journeys.table import CONVERTED
from journeygraph.schema import JourneyRules
from tests.unit.generator.shop_data import table

VISITS = Visits(table(3_000, 5, False), JourneyRules(), 30)
UNLIKELY = 0.001


def homogeneous(groups: np.ndarray, events: np.ndarray) -> float:
    """P-value of "all groups have one event rate" (chi-square)."""
    trials, hits = np.bincount(groups), np.bincount(groups, weights=events)
    kept = trials >= 30
    return float(stats.chi2_contingency(np.stack([hits, trials - hits])[:, kept])[1])


@pytest.mark.parametrize("stage", range(4))
def test_leaving_depends_on_the_stage_alone(stage: int) -> None:
    codes = np.array([shop.CODE[step] for step in VISITS.table.steps])
    here = VISITS.at_risk & (shop.STAGE_OF[codes][VISITS.steps] == stage)
    lost = VISITS.lost_here[here]
    assert lost.mean() == pytest.approx(shop.EXIT[stage], abs=0.02)
    assert homogeneous(VISITS.steps[here], lost) > UNLIKELY
    assert homogeneous(VISITS.table.channel_codes[here], lost) > UNLIKELY
    assert homogeneous(VISITS.bucket[here], lost) > UNLIKELY
    assert homogeneous(VISITS.previous[here] + 1, lost) > UNLIKELY


def test_outcome_does_not_depend_on_the_wait() -> None:
    """Within a transition, over journeys that began early enough for every wait to end."""
    times, steps = VISITS.table.occurred_at_us, VISITS.steps
    early = times < times.min() + 90 * 86_400 * 1_000_000
    rows = np.flatnonzero((VISITS.previous >= 0) & early & ~VISITS.is_goal[steps])
    pairs = VISITS.previous[rows] * len(VISITS.table.steps) + steps[rows]
    converted = VISITS.table.outcomes[VISITS.path[rows]] == CONVERTED
    ranks = np.zeros(len(rows))
    for pair in np.unique(pairs):
        mine = pairs == pair
        ranks[mine] = (stats.rankdata((times[rows] - times[rows - 1])[mine]) - 0.5) / mine.sum()
    assert stats.mannwhitneyu(ranks[converted], ranks[~converted]).pvalue > UNLIKELY


def test_steps_of_a_stage_come_in_no_order() -> None:
    """A step is as often followed by itself as its share of the stage says."""
    goals = VISITS.is_goal[VISITS.steps]
    same_stage = np.zeros(len(VISITS.steps), dtype=bool)
    stage = VISITS.stage_of[VISITS.steps]
    same_stage[1:] = (stage[1:] == stage[:-1]) & (VISITS.position[1:] > 0) & ~goals[1:]
    for code in range(4):
        rows = np.flatnonzero(same_stage & (stage == code))
        shares = np.bincount(VISITS.steps[rows]) / len(rows)
        repeats = (VISITS.steps[rows] == VISITS.previous[rows]).sum()
        assert stats.binomtest(int(repeats), len(rows), float((shares**2).sum())).pvalue > UNLIKELY


def test_journeys_never_run_into_each_other() -> None:
    """Waits inside a journey end well before its window, and a lost customer stays away well beyond it."""
    days = np.diff(VISITS.table.occurred_at_us) / 86_400e6
    inside = VISITS.position[1:] > 0
    assert days[inside].max() < 25
    customer = VISITS.table.customers[VISITS.path]
    next_journey = ~inside & (customer[1:] == customer[:-1]) & (VISITS.outcome[:-1] != CONVERTED)
    assert days[next_journey].min() > 30.9
