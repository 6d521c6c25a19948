"""What arrives in a graph that is large already: single touchpoints as the API takes them, and a file of a day.

The step graph is made of all journeys.  It is measured with each request, as it would be without the refresh in the
background, and later, as the API does it.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import page
from benchmarks.million import TOUCHPOINTS_A_CUSTOMER, run
from benchmarks.scratch import Scratch, scratch
from journeygraph import journeys
from journeygraph.graph import Graph
from journeygraph_loaders import documents

_DAY_ROWS, _DAY_CUSTOMERS = 1_000, 500


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchpoints", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=50)
    given = parser.parse_args()
    with scratch(started=False) as place:
        customers = round(given.touchpoints / TOUCHPOINTS_A_CUSTOMER)
        run(["generate", "--customers", str(customers), "--out", str(place.folder / "shop"), "--json"], place.home)
        _, loaded = run(["load", str(place.folder / "shop"), "--bulk", "--json"], place.home)
        run(["db", "start", "--json"], place.home)
        page.replace("arriving", measure(place, loaded["touchpoints"], given.requests))


def measure(place: Scratch, touchpoints: int, requests: int) -> str:
    """Requests, the step graph, and a day's file."""
    with place.graph() as graph:
        known = sorted(row["customer_id"] for row in islice(graph.stream("journeys/table"), 2 * _DAY_CUSTOMERS))
        arriving = _arriving(known)
        _send(place, graph, next(arriving), later=True)  # the server plans each statement once
        later = [_send(place, graph, next(arriving), later=True) for _ in range(requests)]
        started = time.monotonic()
        journeys.refresh_step_graph(graph)
        refresh = time.monotonic() - started
        at_once = [_send(place, graph, next(arriving), later=False) for _ in range(max(requests // 10, 2))]
        day = _file(place.folder / "day.csv", arriving)
    usage, _ = run(["load", str(day), "--json"], place.home)
    rows = [
        ["request with a touchpoint, step graph later", *_figures(later)],
        ["request with a touchpoint, step graph at once", *_figures(at_once)],
        ["step graph, in the background", f"{refresh:.2f}", ""],
        [f"`load` of {_DAY_ROWS:,} rows, a process of its own", f"{usage.seconds:.2f}", ""],
    ]
    times = statistics.median(at_once) / statistics.median(later)
    told = (
        f"{touchpoints:,} touchpoints are there. {requests} requests of known customers; with the step graph each "
        f"time they would take {times:.0f} times as long."
    )
    return told + "\n\n" + page.table(["what arrives", "median s", "longest s"], rows)


def _send(place: Scratch, graph: Graph, one: dict[str, Any], *, later: bool) -> float:
    started = time.monotonic()
    documents.store(graph, place.home, [one], refreshed_later=later)
    return time.monotonic() - started


def _figures(seconds: list[float]) -> tuple[str, str]:
    return f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}"


def _arriving(customers: list[str]) -> Iterator[dict[str, Any]]:
    """Touchpoints of these customers, one after the other, a second apart, from the end of the shop's data on."""
    at, number = datetime(2026, 7, 1, tzinfo=UTC), 0
    while True:
        yield {
            "customer_id": customers[number % len(customers)], "step": "view_product", "channel": "web",
            "occurred_at": (at + timedelta(seconds=number)).isoformat(),
        }  # fmt: skip
        number += 1


def _file(path: Path, arriving: Iterator[dict[str, Any]]) -> Path:
    rows = list(islice(arriving, _DAY_ROWS))
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


if __name__ == "__main__":
    main()
