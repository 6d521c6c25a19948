"""Patterns in data where nothing means anything: how often any is taken for a finding, by outcome and between groups.

Each log has customers with one to four journeys over steps of very different frequency, and customers differ in how
likely they convert and in which group they are, so journeys of one customer are alike; steps have nothing to do with
either.  At most 5 % of the logs may have a family-wise p-value of .05 or below.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import binomtest

from benchmarks import page
from journeygraph.intent.patterns.contrast import Pair, contrast
from journeygraph.intent.patterns.found import mine
from journeygraph.journeys.table import JourneyTable

QUESTIONS = ("outcome", "two segments of customers", "before and after")
SETTINGS: dict[str, Any] = {"minimum_support": 0.05, "max_length": 4, "permutations": 199, "top": None}
DAY = 86_400_000_000


class Found(NamedTuple):
    """The smallest family-wise p-value and the smallest q-value of a log, for each question."""

    family_wise: tuple[float, ...]
    q_values: tuple[float, ...]


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=400)
    parser.add_argument("--customers", type=int, default=300)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    with ProcessPoolExecutor(given.processes) as pool:
        found = list(pool.map(look, range(given.seeds), [given.customers] * given.seeds))
    page.replace("family_wise", report(found, given.customers))


def look(seed: int, customers: int) -> Found:
    """Ask a log without meaning all three questions."""
    table, of_group = log(seed, customers)
    before = table.occurred_at_us[table.offsets[:-1]] < 100 * DAY
    answers: list[Any] = [mine(table, seed=seed, **SETTINGS)]
    for first in (of_group, ~before):
        pair = Pair(table.select(first), table.select(~first), ("here", "there"))
        answers.append(contrast(pair, seed=seed, **SETTINGS))
    return Found(
        tuple(min((row.wy_p_value for row in answer.patterns), default=1.0) for answer in answers),
        tuple(min((row.q_value for row in answer.patterns), default=1.0) for answer in answers),
    )


def log(seed: int, customers: int) -> tuple[JourneyTable, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Journeys, and which of them are of customers of the smaller group."""
    chance = np.random.default_rng(seed)
    shares = 1 / np.arange(1, 13)
    rows = []
    in_group = chance.random(customers) < 0.3
    for customer in range(customers):
        often, tends = chance.dirichlet(8 * shares / shares.sum() + 0.05), chance.beta(2, 3)
        for number in range(int(chance.integers(1, 5))):
            steps = [f"s{step}" for step in chance.choice(12, int(chance.integers(2, 10)), p=often)]
            converted = bool(chance.random() < tends)
            began = int(chance.integers(0, 200)) * DAY
            steps = [*steps, "goal"] if converted else steps
            rows.append(
                {
                    "id": f"j{customer}-{number}",
                    "customer_id": f"k{customer:05}",
                    "outcome": "converted" if converted else "lost",
                    "value": None,
                    "steps": steps,
                    "channels": ["web"] * len(steps),
                    "occurred_at_us": [began + second * 1_000_000 for second in range(len(steps))],
                }
            )
    table = JourneyTable.from_rows(rows)
    return table, in_group[[int(table.customer_ids[code][1:]) for code in table.customers.tolist()]]


def report(found: list[Found], customers: int) -> str:
    """A row for each question."""
    rows = []
    for place, question in enumerate(QUESTIONS):
        cells = []
        for smallest in ([one.family_wise[place] for one in found], [one.q_values[place] for one in found]):
            hits = sum(value <= 0.05 for value in smallest)
            low, high = binomtest(hits, len(found)).proportion_ci(method="wilson")
            cells.append(f"{hits / len(found):.1%} ({low:.1%} to {high:.1%})")
        rows.append([question, *cells])
    head = ["patterns that go with", "family-wise p ≤ .05 (95 % interval)", "q ≤ .05 (95 % interval)"]
    return (
        f"Share of {len(found)} logs without meaning ({customers} customers with one to four journeys that are alike; "
        f"{SETTINGS['permutations']} permutations) in which any pattern has\n\n{page.table(head, rows)}"
    )


if __name__ == "__main__":
    main()
