"""Transitions, step matrix, funnel and variants against pandas, DuckDB and pm4py: same work, same results, with memory.

The peers are installed into a throw-away environment for the run (or `--peers PYTHON` names one that has them); nothing
of the project depends on them.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import page
from benchmarks.peers import environment

ENGINES = Path(__file__).parent / "path_engines"
PACKAGES = ("pandas", "pyarrow", "duckdb", "pm4py")
PEERS = {"with_pandas": "pandas", "with_duckdb": "DuckDB", "with_pm4py": "pm4py"}
TASKS = {
    "counts": "transition counts",
    "transitions": "transitions with journeys, customers, waits",
    "step_matrix": "step matrix, 10 positions",
    "funnel": "funnel, 3 steps, window",
    "variants": "variants",
}
STEPS = 25
DAY = 86_400


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchpoints", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", metavar="PYTHON", help="an environment that has pandas, duckdb, pm4py and pyarrow")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="journeygraph-bench-") as folder:
        file = Path(folder) / "touchpoints.parquet"
        write(file, arguments.touchpoints)
        with environment(arguments.peers, Path(folder), *PACKAGES) as python:
            page.replace("paths", measure(file, python, arguments.touchpoints, arguments.rounds))


def write(file: Path, touchpoints: int, seed: int = 1) -> None:
    """Journeys of a Markov chain over 25 steps, about 8 touchpoints each; three a customer in two years; no ties."""
    chance = np.random.default_rng(seed)
    lengths = chance.geometric(1 / 8, size=touchpoints // 8 + 1)
    lengths = lengths[: int(np.searchsorted(np.cumsum(lengths), touchpoints)) + 1]
    journey = np.repeat(np.arange(len(lengths)), lengths)
    follows = np.cumsum(chance.dirichlet(np.full(STEPS, 0.3), size=STEPS), axis=1)
    first, toss = np.concatenate([[True], journey[1:] != journey[:-1]]), chance.random(len(journey))
    step = np.zeros(len(journey), dtype=np.int32)
    step[first] = np.minimum((toss[first] ** 2 * STEPS).astype(np.int32), STEPS - 1)
    place = np.arange(len(journey)) - np.repeat(np.flatnonzero(first), lengths)
    for k in range(1, int(lengths.max())):
        at = np.flatnonzero(place == k)
        step[at] = np.minimum((toss[at, None] > follows[step[at - 1]]).sum(axis=1), STEPS - 1)
    waits = 1 + (chance.lognormal(9, 2.5, size=len(journey)) % (2 * DAY)).astype(np.int64)
    begin = np.arange(len(lengths)) % 3 * 240 * DAY + chance.integers(0, 60 * DAY, size=len(lengths))
    since = np.cumsum(waits)
    at = 1_700_000_000 + begin[journey] + since - np.repeat(since[np.flatnonzero(first)], lengths)
    names = pa.array([f"step_{k:02}" for k in range(STEPS)])
    columns = {
        "journey": journey,
        "customer": journey // 3,
        "step": pa.DictionaryArray.from_arrays(step, names),
        "at_us": at * 1_000_000,
    }
    pq.write_table(pa.table(columns), file)


def measure(file: Path, python: str, touchpoints: int, rounds: int) -> str:
    """All tasks by all engines, one process each, one after the other; results must be equal."""
    results: dict[tuple[str, str], dict[str, Any]] = {}
    for task in TASKS:
        results[task, "ours"] = run(sys.executable, "ours", task, file, rounds)
        for engine in PEERS:
            if engine != "with_pm4py" or task == "counts":
                results[task, engine] = run(python, engine, task, file, rounds)
                compare(task, engine, results[task, "ours"]["found"], results[task, engine]["found"])
    return table(results, touchpoints, rounds)


def run(python: str, engine: str, task: str, file: Path, rounds: int) -> dict[str, Any]:
    """One task by one engine."""
    command = [python, str(ENGINES / "run.py"), engine, task, str(file), str(rounds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def compare(task: str, engine: str, ours: Any, theirs: Any) -> None:
    """Stop with a sentence where two engines say different things."""
    if not equal(ours, theirs):
        raise SystemExit(f"{task}: {engine} found something else: {str(theirs)[:500]}\ninstead of {str(ours)[:500]}")


def equal(one: Any, other: Any) -> bool:
    """Equal lists of lists, texts and numbers; numbers with a fraction to 9 digits."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


def table(results: dict[tuple[str, str], dict[str, Any]], touchpoints: int, rounds: int) -> str:
    """A row for each task and engine."""
    names = {"ours": "journeygraph", **PEERS}
    rows = [
        [
            TASKS[task],
            f"{names[engine]} {result['version']}",
            f"{result['seconds']:.3f}",
            f"{result['seconds'] / results[task, 'ours']['seconds']:.1f}",
            f"{result['processor_seconds']:.3f}",
            f"{result['processor_seconds'] / results[task, 'ours']['processor_seconds']:.1f}",
            f"{result['loaded_mb']:.0f}",
            f"{result['peak_mb']:.0f}",
        ]
        for (task, engine), result in results.items()
    ]
    head = ["task", "engine", "s", "times ours", "CPU s", "times ours", "MB with data loaded", "peak MB"]
    return (
        f"{touchpoints:,} touchpoints, best of {rounds} rounds, each task in a process of its own, data already in the "
        f"engine's own form. All results are equal.\n\n{page.table(head, rows)}"
    )


if __name__ == "__main__":
    main()
