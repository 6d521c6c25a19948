"""The engine `spark` with a real Spark: the same patterns as ours on random logs, and how long it takes on real ones.

pyspark (300 MB) is installed into a folder of this run (or `--pyspark FOLDER` names one that has it); it needs Java 17.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import page
from benchmarks.mining import prepared
from journeygraph.intent.mining import spmf
from journeygraph.intent.mining.miner import mine
from journeygraph.intent.mining.sequences import Sequences

PYSPARK = "pyspark==4.0.1"
SETTINGS = [("SIGN", 146), ("LEVIATHAN", 292), ("NASA_AUG95", 350), ("eshop_2008", 240), ("generated", 1_250)]


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pyspark", type=Path, metavar="FOLDER", help="a folder that pyspark is installed in")
    parser.add_argument("--logs", type=int, default=30, help="random logs on which both engines must agree")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="journeygraph-bench-") as name:
        folder = Path(name)
        packages = given.pyspark or installed(folder / "packages")
        sys.path.append(str(packages))
        started = time.perf_counter()
        session = _session()
        up = time.perf_counter() - started
        agree(given.logs)
        files = prepared(folder)
        rows = [measured(file, files[file], least) for file, least in SETTINGS if file in files]
        version = session.version
        session.stop()
        whole = command(packages, files["SIGN"])
    head = ["set, support", "patterns", "Spark s", "ours s", "times ours"]
    page.replace(
        "spark",
        f"Spark {version} on this machine, each once after {up:.0f} s to start; our compiled engine in the same "
        f"process, best of 3. `journeygraph mine SIGN --engine spark` as a command: {whole:.0f} s. On {given.logs} "
        f"random logs (single items, item sets, lengths, closed, excluded items) both give the same patterns.\n\n"
        f"{page.table(head, rows)}",
    )


def installed(folder: Path) -> Path:
    """pyspark in a folder of its own."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(folder)]
    subprocess.run([*command, PYSPARK], check=True)
    return folder


def _session() -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[*]").appName("journeygraph").config("spark.ui.enabled", "false")
    builder = builder.config("spark.log.level", "ERROR").config("spark.sql.shuffle.partitions", "4")
    return builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()


def agree(logs: int) -> None:
    """Stop with a sentence where the engines find different patterns."""
    for seed in range(logs):
        chance = np.random.default_rng(seed)
        rows = [
            [
                set(chance.integers(0, 5, chance.integers(1, 1 + 3 * (seed % 2) + 1)).tolist())
                for _ in range(chance.integers(0, 8))
            ]
            for _ in range(chance.integers(1, 12))
        ]
        sequences = Sequences.of_sets(rows) if seed % 2 else Sequences.of([[min(s) for s in row] for row in rows])
        options: dict[str, Any] = {"minimum_support": int(chance.integers(1, 4)), "closed": seed % 5 == 0}
        options |= {"max_length": [None, 3, 12][seed % 3], "excluded": [2] if seed % 4 == 0 else []}
        if seed % 2 and options["max_length"] is None:
            options["max_length"] = 5
        ours = list(mine(sequences, engine="projection", **options))
        theirs = list(mine(sequences, engine="spark", **options))
        if ours != theirs:
            raise SystemExit(f"Seed {seed}, {options}: Spark finds {len(theirs)} patterns, not {len(ours)}, or others.")


def measured(name: str, file: Path, least: int) -> list[str]:
    """A row: both engines on a set."""
    sequences = spmf.read(file)
    started = time.perf_counter()
    theirs = mine(sequences, minimum_support=least, engine="spark")
    spark_s = time.perf_counter() - started
    own = []
    for _ in range(3):
        started = time.perf_counter()
        ours = mine(sequences, minimum_support=least, engine="compiled")
        own.append(time.perf_counter() - started)
    if list(ours) != list(theirs):
        raise SystemExit(f"{name} at {least}: Spark finds {len(theirs)} patterns, not {len(ours)}, or others.")
    row = [f"{name} {least}", f"{len(ours):,}", f"{spark_s:.1f}", f"{min(own):.4f}", f"{spark_s / min(own):,.0f}"]
    print(row, flush=True)
    return row


def command(packages: Path, file: Path) -> float:
    """Seconds of the command as a process, Spark started for it."""
    arguments = [sys.executable, "-m", "journeygraph_cli.main", "mine", str(file), "--min-support", "146"]
    environment = {**os.environ, "PYTHONPATH": str(packages)}
    started = time.perf_counter()
    done = subprocess.run([*arguments, "--engine", "spark"], check=True, capture_output=True, env=environment)
    if len(done.stdout.splitlines()) != 9_718:
        raise SystemExit("The command does not write the 9,718 patterns that are in SIGN at 146.")
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
