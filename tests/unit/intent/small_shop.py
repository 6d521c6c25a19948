"""A small shop with planted intent, made for the tests of the intent score alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.threading import build_rows
from journeygraph.schema import JourneyRules, Stage, Touchpoint

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
STAGES = {
    "ad": Stage.AWARENESS,
    "view": Stage.CONSIDERATION,
    "compare": Stage.CONSIDERATION,
    "cart": Stage.PURCHASE,
    "purchase": Stage.PURCHASE,
}
RULES = JourneyRules()


def shop(customers: int = 300, *, seed: int = 0, days: int = 120) -> list[Touchpoint]:
    """Visits of customers: a cart reached through a comparison leads to a purchase in 4 of 5 cases, else rarely."""
    generator = np.random.default_rng(seed)
    made: list[Touchpoint] = []
    for customer in range(customers):
        at = BEGIN + timedelta(hours=float(generator.uniform(0, 24 * 40)))
        while (at - BEGIN).days < days:
            for minutes, step in _visit(generator):
                at += timedelta(minutes=minutes)
                made.append(_touchpoint(customer, len(made), step, at))
            at += timedelta(hours=float(generator.exponential(24 * 8)))
    return made


def table(touchpoints: list[Touchpoint]) -> JourneyTable:
    """Their journeys, as the graph would hold them."""
    stages = {step: str(stage) for step, stage in STAGES.items()}
    return JourneyTable.from_rows(build_rows(touchpoints, RULES), stages=stages)


def _visit(generator: np.random.Generator) -> list[tuple[float, str]]:
    steps = ["ad"] if generator.random() < 0.3 else []
    steps += ["view"] * int(generator.integers(1, 4))
    compared = generator.random() < 0.4
    steps += ["compare"] * compared
    if generator.random() < 0.5:
        steps.append("cart")
        bought = generator.random() < (0.8 if compared else 0.1)
        if bought:
            wait = float(generator.exponential(60 * 20))
            return [(float(generator.uniform(1, 20)), step) for step in steps] + [(wait, "purchase")]
    return [(float(generator.uniform(1, 20)), step) for step in steps]


def _touchpoint(customer: int, number: int, step: str, at: datetime) -> Touchpoint:
    return Touchpoint(
        touchpoint_id=f"t{number:07d}",
        step=step,
        channel="ad" if step == "ad" else "web",
        occurred_at=at,
        source="test",
        customer_id=f"c{customer:05d}",
        stage=STAGES[step],
    )
