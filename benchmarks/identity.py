"""Resolving tables of people: F1, pairs, records a second and the highest memory.

python -m benchmarks.identity --records 1000000
python -m benchmarks.identity --records 100000 --increments 10
python -m benchmarks.identity --table fake_1000.csv --truth cluster --engine own --engine splink

Splink runs in a throw-away environment made for the run, or in that of `--python`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import identity_table
from benchmarks.measure import Measured
from benchmarks.peers import environment

ROOT = Path(__file__).parents[1]
SIZES = (10_000, 100_000)
KEPT = (
    "engine",
    "records",
    "clusters",
    "precision",
    "recall",
    "f1",
    "new_records",
    "candidate_pairs",
    "largest_cluster",
    "bridged",
    "households_found",
    "seconds",
    "records_per_second",
)


def main() -> None:
    """Measure each size, each engine and each increment in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, action="append", help="of a generated table; repeatable")
    parser.add_argument("--table", type=Path, help="a table of yours")
    parser.add_argument("--truth", default="person", help="its column that says who is who")
    parser.add_argument("--engine", choices=("own", "splink"), action="append")
    parser.add_argument("--households", action="store_true", help="find households as well")
    parser.add_argument("--increments", type=int, default=1, help="resolve so many parts, one after the other")
    parser.add_argument("--python", help="an environment that has this package with its extra splink")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for table in [asked.table] if asked.table else _generated(Path(folder), asked.records or SIZES):
            for engine in asked.engine or ["own"]:
                for found in _measure(Path(folder), table, engine, asked):
                    print(json.dumps(found), flush=True)


def _generated(folder: Path, sizes: Any) -> Iterator[Path]:
    for records in sizes:
        table = folder / f"people_{records}.csv"
        identity_table.write(table, records)
        yield table


def _measure(folder: Path, table: Path, engine: str, asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    options = ["--truth", asked.truth, "--json", *(["--households"] if asked.households else [])]
    options += [] if asked.table else ["--column", "household=ignore"]
    if engine == "splink":
        with environment(asked.python, folder, f"{ROOT}[splink]") as python:
            yield _run(python, table, [*options, "--engine", "splink"])
        return
    if asked.increments == 1:
        yield _run(sys.executable, table, options)
        return
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    model, clusters, part = (folder / name for name in ("model.json", "clusters.csv", "part.csv"))
    for number in range(1, asked.increments + 1):
        part.write_text("".join(lines[: 1 + (len(lines) - 1) * number // asked.increments]), encoding="utf-8")
        known = ["--known", str(clusters)] if clusters.exists() else []
        yield _run(sys.executable, part, [*options, *known, "--model", str(model), "--output", str(clusters)])


def _run(python: str, table: Path, options: list[str]) -> dict[str, Any]:
    command = [python, "-m", "journeygraph_cli.main", "identity", "resolve", "--table", str(table), *options]
    with Measured() as measured:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    answer = json.loads(done.stdout)
    return {
        **{name: answer[name] for name in KEPT if answer[name] is not None},
        "wall_seconds": round(measured.usage.seconds, 1),
        "processor_seconds": round(measured.usage.python_seconds, 1),
        "peak_mb": round(measured.usage.python_mb),
    }


if __name__ == "__main__":
    main()
