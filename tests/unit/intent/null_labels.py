"""Outcomes that have nothing to do with what happened before them: whatever is found is chance."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np

from journeygraph.intent.features.timeline import Timeline, place
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.models.training import Training, train
from journeygraph.intent.patterns.found import mine
from journeygraph.intent.quality import metrics
from journeygraph.intent.quality.figures import ModelFigures
from journeygraph.journeys.table import JourneyTable
from journeygraph.schema import Touchpoint
from tests.unit.intent.small_shop import BEGIN, RULES, shop, table

_STEPS = ("ad", "view", "compare", "cart", "help")
_WEEK = 7 * 86_400.0
_DAYS = 75
#: Days between the purchases of a customer, whatever else happens.
_BETWEEN = 20.0


def patterns_found(seed: int, customers: int = 150, permutations: int = 199) -> tuple[bool, bool]:
    """Whether any pattern of journeys with shuffled outcomes has a family-wise p-value, or a q-value, up to 0.05.

    The journeys stay the same; customers with as many journeys exchange their outcomes, which go together.
    """
    paths, owners, outcomes = _journeys(customers)
    generator = np.random.default_rng(seed)
    shuffled = outcomes.copy()
    sizes = np.bincount(owners)[owners]
    for size in np.unique(sizes):
        own = np.flatnonzero(sizes == size).reshape(-1, size)
        shuffled[own] = outcomes[generator.permutation(own)]
    rows = [_row(number, *one) for number, one in enumerate(zip(paths, owners, shuffled, strict=True))]
    journeys = JourneyTable.from_rows(rows, stages={"purchase": "purchase"})
    asked: dict[str, Any] = {"minimum_support": 0.05, "max_length": 3, "top": None, "permutations": permutations}
    found = mine(journeys, **asked, seed=seed).patterns
    family_wise = [one.wy_p_value for one in found if one.wy_p_value is not None]
    return min(family_wise, default=1.0) <= 0.05, any(one.q_value <= 0.05 for one in found if one.q_value is not None)


@cache
def _journeys(customers: int) -> tuple[list[list[str]], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Journeys of 3 to 8 steps, 1 to 3 a customer, whose steps and outcomes both go together."""
    generator = np.random.default_rng(0)
    owners = np.repeat(np.arange(customers), generator.integers(1, 4, customers))
    liking = generator.dirichlet(np.ones(len(_STEPS)), customers)
    paths = [
        generator.choice(_STEPS, int(generator.integers(3, 9)), p=(liking[owner] + 0.1) / (1 + 0.1 * len(_STEPS)))
        for owner in owners
    ]
    luck = generator.beta(0.6, 1.4, customers)
    return [path.tolist() for path in paths], owners, generator.random(len(owners)) < luck[owners]


def _row(number: int, path: list[str], owner: int, converts: bool) -> dict[str, Any]:
    steps = [*path, "purchase"] if converts else path
    return {
        "id": f"j{number:05}",
        "customer_id": f"c{owner:05}",
        "outcome": "converted" if converts else "lost",
        "value": 1.0 if converts else None,
        "steps": steps,
        "channels": ["web"] * len(steps),
        "occurred_at_us": [number * 10**9 + place * 10**6 for place in range(len(steps))],
    }


def score_of_chance(seed: int, candidates: tuple[str, ...] = ("logistic",), customers: int = 120) -> IntentModel:
    """A model of a shop whose customers buy at instants drawn by lot, all at the same rate."""
    generator = np.random.default_rng(seed)
    touchpoints = list(_visits(customers))
    for customer in range(customers):
        at = float(generator.uniform(0, _BETWEEN))
        while at < _DAYS:
            touchpoints.append(_purchase(customer, len(touchpoints), at))
            at += float(generator.exponential(_BETWEEN))
    return train(table(touchpoints), RULES, Training(_WEEK, candidates=candidates, seed=seed))


def figures_of_chance(seed: int, customers: int = 120) -> ModelFigures:
    """Scores of one model against purchases by lot, drawn anew for each seed."""
    cuts, probability, owners = _scored(customers)
    generator = np.random.default_rng(seed)
    begin, week = int(cuts.min()), int(_WEEK * 1e6)
    width = int(cuts.max()) + week - begin
    bought = generator.poisson(width / (_BETWEEN * 86_400e6), customers)
    at = np.sort(np.repeat(np.arange(customers), bought) * 2 * width + generator.integers(0, width, bought.sum()))
    moment = owners * 2 * width + cuts - begin
    follows = np.searchsorted(at, moment + week, "right") > np.searchsorted(at, moment, "right")
    return metrics.figures("chance", follows, probability, 0.5, customers=owners)


@cache
def _scored(customers: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Late instants, their scores by a model of purchases by lot, and whose they are."""
    model = score_of_chance(0, customers=customers)
    visits = table(list(_visits(customers)))
    timeline = Timeline.from_table(visits, RULES)
    generator = np.random.default_rng(1)
    owners = np.sort(generator.integers(0, customers, 10 * customers)).astype(np.int64)
    at_us = timeline.times_us.max() - generator.integers(0, int(15 * 86_400e6), len(owners))
    cuts = place(timeline, owners, at_us)
    return cuts.at_us, model.probabilities(model.describe(timeline, cuts)[1]), cuts.customers


@cache
def _visits(customers: int) -> tuple[Touchpoint, ...]:
    return tuple(one for one in shop(customers, days=_DAYS) if one.step != "purchase")


def _purchase(customer: int, number: int, days: float) -> Touchpoint:
    visit = _visits(1)[0]
    own = {"touchpoint_id": f"p{number:07}", "customer_id": f"c{customer:05}", "step": "purchase"}
    return visit.model_copy(update={**own, "stage": "purchase", "occurred_at": BEGIN + timedelta(days=days)})
