"""The load through the driver against a bare loop that writes the same graph from ready-made rows.

Goal: at least 0.8 of its rate.  The product's side reads and validates the files, decides identities, divides
sessions and journeys and survives being killed; the bare loop does none of that.
"""

from __future__ import annotations

import argparse
from statistics import median

from benchmarks import page
from benchmarks.bare import Bare
from benchmarks.measure import Measured, Usage
from benchmarks.scratch import Scratch, scratch, server_pids
from journeygraph.graph import Graph
from journeygraph_loaders import pipeline

GOAL = 0.8


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    with scratch() as place, place.graph() as graph:
        bare = Bare(graph.connection)
        page.replace("driver", measure(place, graph, bare, arguments.customers, arguments.rounds))
        bare.driver.close()


def measure(place: Scratch, graph: Graph, bare: Bare, customers: int, rounds: int) -> str:
    """Rounds of both, one after the other, after one of each to warm the server up."""
    files, pids = place.shop(customers), server_pids(place.home)
    used: dict[str, list[Usage]] = {"journeygraph load": [], "bare loop, MERGE": [], "bare loop, CREATE": []}
    touchpoints = 0
    for number in range(rounds + 1):
        bare.empty()
        with Measured(*pids) as product:
            touchpoints = pipeline.load(graph, [files], home=place.home).touchpoints
        counts = bare.counts()
        statements = {merge: bare.ready_made(merge=merge) for merge in (True, False)}
        sides = {"journeygraph load": product.usage}
        for merge, name in ((True, "bare loop, MERGE"), (False, "bare loop, CREATE")):
            bare.empty()
            with Measured(*pids) as measured:
                bare.write(statements[merge])
            assert bare.counts() == counts, "the bare loop wrote another graph"
            sides[name] = measured.usage
        if number:  # the first round warms up
            for name, usage in sides.items():
                used[name].append(usage)
    return report(used, touchpoints)


def report(used: dict[str, list[Usage]], touchpoints: int) -> str:
    """The table: medians of the rounds, and the rate against the bare loops."""
    rows = []
    for name, usages in used.items():
        seconds = median(usage.seconds for usage in usages)
        rows.append(
            [
                name,
                f"{seconds:.1f}",
                f"{touchpoints / seconds:,.0f}",
                f"{median(usage.python_seconds for usage in usages):.1f}",
                f"{median(usage.java_seconds for usage in usages):.1f}",
                f"{max(usage.python_mb for usage in usages):.0f}",
                f"{max(usage.java_mb for usage in usages):.0f}",
            ]
        )
    product = used["journeygraph load"]
    lines = [
        page.table(["", "s", "touchpoints/s", "Python CPU s", "Java CPU s", "Python peak MB", "Java peak MB"], rows),
        "",
    ]
    for name, usages in used.items():
        if usages is not product:
            ratio = median(other.seconds / own.seconds for own, other in zip(product, usages, strict=True))
            lines.append(f"`load` reaches {ratio:.2f} of the rate of the {name} (goal: at least {GOAL}).")
    return f"{touchpoints:,} touchpoints, {len(product)} rounds after one to warm up, medians.\n\n" + "\n".join(lines)


if __name__ == "__main__":
    main()
