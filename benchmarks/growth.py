"""How the cost of paths, funnels and the gap report grows with the touchpoints, and the gap report against pandas.

The data is that of `benchmarks.paths`.  The goal for a million touchpoints: the whole gap report takes less than ten
times as long as the transition table (with journeys, customers and waits) alone takes in pandas, and under 2 GiB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import page
from benchmarks.paths import TASKS, run, write

#: Task -> what it is called; the first of pandas.
NAMES = {"pandas": "transitions in pandas", **TASKS, "gaps": "gap report"}
TIMES, MOST_MB = 10, 2_048


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchpoints", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 3_000_000])
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    measured: dict[int, dict[str, dict[str, Any]]] = {}
    for touchpoints in given.touchpoints:
        with tempfile.TemporaryDirectory(prefix="journeygraph-bench-") as folder:
            file = Path(folder) / "touchpoints.parquet"
            write(file, touchpoints)
            measured[touchpoints] = {
                task: run(
                    sys.executable,
                    *(("with_pandas", "transitions") if task == "pandas" else ("ours", task)),
                    file,
                    given.rounds,
                )
                for task in NAMES
            }
    page.replace("growth", report(measured))


def report(measured: dict[int, dict[str, dict[str, Any]]]) -> str:
    """Seconds of each task by size, memory at the largest, and whether the gap report keeps its goal."""
    largest = max(measured)
    rows = [
        [
            name,
            *(f"{tasks[task]['seconds']:.3f}" for tasks in measured.values()),
            f"{measured[largest][task]['peak_mb']:.0f}",
        ]
        for task, name in NAMES.items()
    ]
    head = ["s", *(f"{touchpoints:,}" for touchpoints in measured), f"peak MB at {largest:,}"]
    ratios = ", ".join(f"{_ratio(tasks)} at {touchpoints:,}" for touchpoints, tasks in measured.items())
    return (
        f"{page.table(head, rows)}\n\nThe gap report takes this many times as long as the transition table in pandas: "
        f"{ratios}. The goal at a million: under {TIMES} times, under {MOST_MB:,} MB."
    )


def _ratio(tasks: dict[str, dict[str, Any]]) -> str:
    times = tasks["gaps"]["seconds"] / tasks["pandas"]["seconds"]
    return f"{times:.1f} ({tasks['gaps']['peak_mb']:,.0f} MB)"


if __name__ == "__main__":
    main()
