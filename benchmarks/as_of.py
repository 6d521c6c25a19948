"""Questions about the past where customers were merged, against the same questions before the merges.

Each question is a command as a user runs it, on the synthetic shop.  Goal: merges cost at most twice the time.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from random import Random

from benchmarks import page
from benchmarks.measure import Usage
from benchmarks.million import TOUCHPOINTS_A_CUSTOMER, run
from benchmarks.scratch import Scratch, scratch
from journeygraph import identity
from journeygraph.graph import Graph
from journeygraph.journeys.settle import settle

GOAL = 2.0
_SEED = 11


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchpoints", type=int, default=300_000)
    parser.add_argument("--merges", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    with scratch(started=False) as place:
        customers = round(given.touchpoints / TOUCHPOINTS_A_CUSTOMER)
        run(["generate", "--customers", str(customers), "--out", str(place.folder / "shop"), "--json"], place.home)
        _, loaded = run(["load", str(place.folder / "shop"), "--bulk", "--json"], place.home)
        run(["db", "start", "--json"], place.home)
        page.replace("as_of", measure(place, loaded["touchpoints"], given.merges, given.rounds))


def measure(place: Scratch, touchpoints: int, merges: int, rounds: int) -> str:
    """All questions before the merges, after them as of before, and as of after."""
    before = datetime.now(UTC).isoformat()
    used = {"before any merge": asked(place, before, rounds)}
    with place.graph() as graph:
        merge(graph, merges)
    used["of before, asked after"] = asked(place, before, rounds)
    used["of after"] = asked(place, datetime.now(UTC).isoformat(), rounds)
    return report(used, touchpoints, merges)


def asked(place: Scratch, as_of: str, rounds: int) -> dict[str, Usage]:
    """The quickest of some rounds of each question."""
    questions = {
        "funnel": ["funnel", "view_product", "cart", "purchase", "--as-of", as_of],
        "paths": ["paths", "--as-of", as_of],
        "report": ["report", "--as-of", as_of, "--out", str(place.folder / "report")],
        "funnel, now": ["funnel", "view_product", "cart", "purchase"],
    }
    return {
        name: min((run([*command, "--json"], place.home)[0] for _ in range(rounds)), key=lambda usage: usage.seconds)
        for name, command in questions.items()
    }


def merge(graph: Graph, merges: int) -> None:
    """Merge pairs of customers drawn by lot, a tenth of them visitors."""
    rows = graph.read("identity/records")
    known = sorted(row["customer_id"] for row in rows if not row["anonymous"])
    visitors = sorted(row["customer_id"] for row in rows if row["anonymous"])
    rng = Random(_SEED)
    both = rng.sample(known, 2 * merges)
    for number, (keep, absorb) in enumerate(zip(both[::2], both[1::2], strict=True)):
        other = visitors[number] if number % 10 == 0 and number < len(visitors) else absorb
        identity.merge(graph, keep, other, confidence=0.95)
    settle(graph)


def report(used: dict[str, dict[str, Usage]], touchpoints: int, merges: int) -> str:
    """Seconds of each question, and how many times as long it takes after the merges."""
    first = used["before any merge"]
    rows = [
        [
            f"`{question}`",
            *(f"{one[question].seconds:.1f} ({one[question].java_seconds:.1f})" for one in used.values()),
            f"{used['of after'][question].seconds / first[question].seconds:.2f}",
            f"{max(one[question].java_mb for one in used.values()):.0f}",
        ]
        for question in first
    ]
    head = ["as of an instant, s (Java CPU s)", *used, "times", "Java peak MB"]
    return (
        f"{touchpoints:,} touchpoints, {merges:,} merges of customers drawn by lot (goal: at most {GOAL:g} times).\n\n"
        f"{page.table(head, rows)}"
    )


if __name__ == "__main__":
    main()
