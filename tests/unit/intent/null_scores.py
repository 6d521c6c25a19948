"""Scores that are right, of customers in groups drawn by lot: whatever is flagged is chance."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from scipy.stats import norm

from journeygraph.intent.features.timeline import Cuts, Timeline
from journeygraph.intent.quality import fairness
from journeygraph.intent.quality.fairness import Group
from journeygraph.intent.quality.resampled import Scored
from tests.unit.intent.small_shop import RULES, shop, table

#: Kinds of groups and how many values each has: 17 groups, 34 tests, and 6 spans of time.
KINDS = {"platform": 2, "first_source": 3, "first_channel": 5, "segment": 7}


def flagged(customers: int, seed: int, kinds: Mapping[str, int] = KINDS) -> bool:
    """Whether a card of 1 to 7 moments of so many customers, whose outcomes go together, flags anything."""
    generator = np.random.default_rng(seed)
    owners = np.repeat(np.arange(customers), generator.integers(1, 8, customers))
    habit, luck = generator.normal(size=customers), generator.normal(size=customers)
    score = 1 / (1 + np.exp(1.5 - 0.8 * habit[owners] - 0.5 * generator.normal(size=len(owners))))
    drawn = 0.7 * luck[owners] + np.sqrt(1 - 0.7**2) * generator.normal(size=len(owners))
    groups = []
    for kind, values in kinds.items():
        own = generator.choice(values, customers, p=generator.dirichlet(np.full(values, 2.0)))
        groups += [Group(kind, str(value), own == value) for value in range(values)]
    nobody = np.zeros(len(owners), dtype=np.int64)
    cuts = Cuts(owners, generator.integers(0, 10**12, len(owners)), nobody, nobody + 1, nobody)
    scored = Scored(score, norm.cdf(drawn) < score, owners, seed)
    by_group, by_time = fairness.measure(scored, _timeline(), cuts, groups)
    return any(one.flags for one in by_group) or any(one.flags for one in by_time)


@cache
def _timeline() -> Timeline:
    return Timeline.from_table(table(shop(3)), RULES)
