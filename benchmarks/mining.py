"""Mining frequent sequential patterns against prefixspan, effspm and (where a jar is given) SPMF; and how it grows.

The peers run in a throw-away environment made for the run (or `--peers PYTHON` names one that has them), each in a
process of its own, in turns; pattern counts must be equal.  SPMF runs only as a separate process, from a jar of yours.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import page
from journeygraph.intent.miner import mine
from journeygraph.intent.sequences import Sequences

ENGINE = Path(__file__).parent / "mining_engines" / "run.py"
DATA = Path(__file__).parents[2] / "shared" / "data"
EFFSPM = ("PrefixProjection", "BTMiner", "HTMiner")
#: File, minimum support, whether prefixspan gets through in a minute.
SETTINGS = [
    ("SIGN", 146, True),
    ("SIGN", 73, False),
    ("SIGN", 37, False),
    ("LEVIATHAN", 292, True),
    ("LEVIATHAN", 59, False),
    ("NASA_AUG95", 700, True),
    ("NASA_AUG95", 350, True),
    ("eshop_2008", 240, True),
    ("eshop_2008", 60, True),
    ("generated", 1_250, True),
    ("generated", 250, False),
]
#: Seconds beyond which an engine has one turn only.
SLOW = 3.0
GROWTH = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)


def main() -> None:
    """Measure and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", metavar="PYTHON", help="an environment that has effspm and prefixspan")
    parser.add_argument("--spmf", metavar="JAR", type=Path, help="an SPMF jar of yours")
    parser.add_argument("--touchpoints", type=int, default=GROWTH[-1], help="the largest generated log")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="journeygraph-bench-") as name:
        folder = Path(name)
        files = prepared(folder)
        with peers(arguments.peers, folder) as python:
            speed = against(files, python, arguments.rounds, arguments.spmf)
    page.replace("mining", f"{speed}\n\n{growth(arguments.touchpoints)}")


def prepared(folder: Path) -> dict[str, Path]:
    """All sets as plain SPMF files; those that don't lie beside the checkout are left out."""
    files = {}
    for source in sorted((DATA / "sequences").glob("*.spmf*")):
        target = folder / f"{source.name.split('.')[0]}.spmf"
        packed = source.read_bytes()
        target.write_bytes(gzip.decompress(packed) if source.suffix == ".gz" else packed)
        files[target.stem] = target
    clicks = DATA / "eshop_2008" / "eshop_clothing_2008.csv.gz"
    if clicks.exists():
        files["eshop_2008"] = write_spmf(folder / "eshop_2008.spmf", shop(clicks))
    log = generated(1_000_000)
    parts = np.split(log.codes, log.offsets[1:-1])
    files["generated"] = write_spmf(folder / "generated.spmf", [part.tolist() for part in parts])
    return files


def shop(file: Path) -> list[list[int]]:
    """The models that each session looked at, numbered."""
    sessions: dict[str, list[tuple[int, int]]] = {}
    numbers: dict[str, int] = {}
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        for row in csv.DictReader(rows, delimiter=";"):
            model = numbers.setdefault(row["page 2 (clothing model)"], len(numbers) + 1)
            sessions.setdefault(row["session ID"], []).append((int(row["order"]), model))
    return [[model for _, model in sorted(clicks)] for clicks in sessions.values()]


def write_spmf(path: Path, log: list[list[int]]) -> Path:
    """The log in the SPMF text format."""
    lines = (" -1 ".join(map(str, sequence)) + " -1 -2\n" for sequence in log if sequence)
    path.write_text("".join(lines), encoding="ascii")
    return path


def generated(touchpoints: int, seed: int = 1) -> Sequences:
    """Journeys of 8 touchpoints on average over 200 steps, some far more frequent than others."""
    chance = np.random.default_rng(seed)
    lengths = chance.geometric(1 / 8, size=touchpoints // 8)
    shares = 1 / np.arange(3, 203)
    codes = np.searchsorted(np.cumsum(shares / shares.sum()), chance.random(int(lengths.sum())))
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Sequences(np.minimum(codes, 199).astype(np.int64), offsets, list(range(200)))


@contextmanager
def peers(python: str | None, folder: Path) -> Iterator[str]:
    """The interpreter of an environment with the peers, made for this run where none is given."""
    if python:
        yield python
        return
    place = folder / "peers"
    venv.create(place, with_pip=True)
    made = str(place / "bin" / "python")
    packages = ["effspm==1.0.0", "prefixspan==0.5.2"]
    subprocess.run([made, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages], check=True)
    yield made


def against(files: dict[str, Path], python: str, rounds: int, jar: Path | None) -> str:
    """A row for each setting, the geometric means below."""
    rows, ratios, slow = [], [], []
    load = []
    for name, support, patient in SETTINGS:
        if name not in files:
            continue
        engines = {"ours": sys.executable, **dict.fromkeys(EFFSPM, python)}
        if patient:
            engines["prefixspan"] = python
        results = turns(files[name], support, engines, rounds)
        load.append(os.getloadavg()[0])
        own = results.pop("ours")
        check(f"{name} at {support}", own, results, files[name], support)
        slowest = results.pop("prefixspan", None)
        fastest = min(results.values(), key=lambda result: result["seconds"], default=None)
        named = next((key for key, result in results.items() if result is fastest), "none")
        if fastest:
            ratios.append(fastest["seconds"] / own["seconds"])
        if slowest:
            slow.append(slowest["seconds"] / own["seconds"])
        rows.append(
            [
                f"{name} {support}",
                f"{own['patterns']:,}",
                f"{own['seconds']:.4f}",
                f"{own['peak_mb']:.0f}",
                f"{fastest['seconds']:.2f} ({named})" if fastest else "",
                f"{fastest['peak_mb']:.0f}" if fastest else "",
                f"{ratios[-1]:.0f}" if fastest else "",
                f"{slowest['seconds']:.1f}" if slowest else "",
                f"{slow[-1]:.0f}" if slowest else "",
                f"{spmf(jar, files[name], support):.2f}" if jar else "",
                f"{whole(files[name], support):.2f}",
            ]
        )
        print(rows[-1], flush=True)
    head = ["set, support", "patterns", "s", "peak MB", "fastest of effspm s", "MB", "times ours"]
    head += ["prefixspan s", "times ours", "SPMF s", "command s"]
    return (
        f"Best of {rounds} processes in turns, each mining up to 3 times (once beyond 3 s). "
        f"Load average {min(load):.1f} to {max(load):.1f}. "
        f"effspm's own time counts, without its reading. `command` is `journeygraph mine`, compiled before.\n\n"
        f"{page.table(head, rows)}\n\n"
        f"Against the fastest peer: {mean(ratios):.0f} times as fast (geometric mean), {min(ratios):.0f} at the least. "
        f"Against prefixspan: {mean(slow):.0f} times, {min(slow):.0f} at the least. "
        f"Compiling, once on a machine: {cold(files['SIGN']):.1f} s."
    )


def turns(file: Path, support: int, engines: dict[str, str], rounds: int) -> dict[str, dict[str, Any]]:
    """Each engine in a process of its own, in turns; the best round of each; those that crash or hang are left out."""
    best: dict[str, dict[str, Any]] = {}
    dropped: set[str] = set()
    for _ in range(rounds):
        for engine, python in engines.items():
            if engine in dropped or (engine in best and best[engine]["seconds"] > SLOW):
                continue
            command = [python, str(ENGINE), engine, str(file), str(support), "3"]
            try:
                done = subprocess.run(command, capture_output=True, check=True, timeout=60)
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
                dropped.add(engine)
                best.pop(engine, None)
                continue
            result = json.loads(done.stdout.splitlines()[-1])
            if engine not in best or result["seconds"] < best[engine]["seconds"]:
                best[engine] = result
    return best


def check(what: str, own: dict[str, Any], results: dict[str, dict[str, Any]], file: Path, support: int) -> None:
    """Stop with a sentence where an engine finds another number of patterns."""
    holders: dict[str, int] = {}
    for line in file.read_text(encoding="ascii").splitlines():
        for item in set(line.split()) - {"-1", "-2"}:
            holders[item] = holders.get(item, 0) + 1
    singles = sum(count >= support for count in holders.values())
    for engine, result in results.items():
        expected = own["patterns"] - singles * result["no_singles"]
        if result["patterns"] != expected:
            raise SystemExit(f"{what}: {engine} finds {result['patterns']} patterns, not {expected}.")


def mean(ratios: list[float]) -> float:
    """Geometric mean."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else math.nan


def whole(file: Path, support: int) -> float:
    """Seconds of the command as a process, the better of two."""
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "patterns.spmf")
        command = [sys.executable, "-m", "journeygraph_cli.main", "mine", str(file), "--min-support", str(support)]
        return min(clock([*command, "--output", target]) for _ in range(2))


def cold(file: Path) -> float:
    """Seconds of mining where nothing was compiled before."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(ENGINE), "ours", str(file), "146", "1"]
        environment = {**os.environ, "JOURNEYGRAPH_CACHE": folder}
        done = subprocess.run(command, capture_output=True, check=True, env=environment)
        return float(json.loads(done.stdout.splitlines()[-1])["first"])


def spmf(jar: Path, file: Path, support: int) -> float:
    """Seconds that SPMF's CM-SPADE or PrefixSpan tells, the faster one."""
    seconds = []
    share = f"{100 * support / len(file.read_text(encoding='ascii').splitlines()):.6f}%"
    for algorithm in ("PrefixSpan", "CM-SPADE"):
        command = ["java", "-jar", str(jar), "run", algorithm, str(file), os.devnull, share]
        told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        words = next(line for line in told.splitlines() if "time" in line.lower()).replace("~", " ").split()
        seconds.append(next(float(word) for word in words if word.replace(".", "").isdigit()) / 1_000)
    return min(seconds)


def clock(command: list[str]) -> float:
    """Seconds of a process."""
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - started


def growth(largest: int) -> str:
    """Generated logs at fixed relative support."""
    rows = []
    for touchpoints in GROWTH:
        if touchpoints > largest:
            break
        log = generated(touchpoints)
        cells: list[str] = []
        for options in ({}, {"max_gap": 2}):
            seconds = []
            for _ in range(3):
                started = time.perf_counter()
                count = len(mine(log, minimum_support=0.005, engine="compiled", **options))  # type: ignore[arg-type]
                seconds.append(time.perf_counter() - started)
            cells += [f"{count:,}", f"{min(seconds):.3f}", f"{min(seconds) / len(log.codes) * 1e9:.0f}"]
        rows.append([f"{len(log.codes):,}", *cells])
    head = ["touchpoints", "patterns", "s", "ns a touchpoint", "patterns, max_gap 2", "s", "ns a touchpoint"]
    return f"Generated journeys at a support of 0.5 %, best of 3:\n\n{page.table(head, rows)}"


if __name__ == "__main__":
    main()
