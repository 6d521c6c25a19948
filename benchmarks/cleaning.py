"""Rate and memory of cleaning: `python -m benchmarks.cleaning [ROWS]` reads one file with more and more rules.

Beside it stands what a pandas user would write for the same values, checks and traffic.

Each case is a process of its own, so that its largest memory is its own.  Rates are by processor time: other work on
the machine makes no difference.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks import cleaning_by_hand, page
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.cleaning import fitting
from journeygraph_loaders.reading import Options, touchpoints

_CLOCK = "timezone: Europe/Berlin\nambiguous_times: earlier\nnonexistent_times: offset_before\ndrop: [agent]\n"
_CLEAN = """
clean:
  occurred_at: {as: date, order: DMY}
  customer_id: {unicode: NFC, case: lower}
  country: {as: country, languages: [en, de]}
  zip: {as: postal_code, country_from: country}
  phone: {as: phone, country_from: country}
  email: {as: email}
  age: {as: number}
"""
_CHECKS = """
checks:
  - {field: value, at_least: 0, unless: {step: refund}}
  - {field: age, at_least: 0, at_most: 120}
  - {field: email, required: true, when: {step: purchase}}
traffic:
  - {name: crawlers, kind: bot, column: agent, matches: "bot|crawl|spider"}
"""
_IMPUTE = "impute: {age: {by: median, within: country}}\nstatistics: fill.json\n"
_NEAR = "impute: {age: {by: neighbours, from: [value]}}\nstatistics: near.json\n"
CASES = {
    "no rules (times as declared)": "clean: {occurred_at: {as: date, order: DMY}}",
    "values": _CLEAN,
    "values, checks, traffic": _CLEAN + _CHECKS,
    "values, checks, traffic, medians": _CLEAN + _CHECKS + _IMPUTE,
    "values, checks, traffic, neighbours": _CLEAN + _CHECKS + _NEAR,
}


BASE, SAME = "no rules (times as declared)", "values, checks, traffic"
BY_HAND = "values, checks, traffic in pandas, the whole file at once"


class _Counted:
    def __init__(self) -> None:
        self.rows = 0

    def add(self, rows: Sequence[BadRow]) -> None:
        self.rows += len(rows)


def write(path: Path, rows: int) -> None:
    """A file of touchpoints: a fifth as many customers as rows, a twentieth of the ages missing."""
    rng = np.random.default_rng(7)
    countries = np.array(["Deutschland", "DE", "Austria", "AUT"])[rng.integers(4, size=rows)]
    with path.open("w", encoding="utf-8") as file:
        file.write("customer_id,step,occurred_at,value,country,zip,phone,email,age,agent\n")
        who, step, value = rng.integers(rows // 5, size=rows), rng.integers(3, size=rows), rng.lognormal(3, 1, rows)
        age, minute = rng.integers(18, 90, size=rows), rng.integers(60 * 24 * 365, size=rows)
        for n in range(rows):
            day, at = divmod(int(minute[n]), 60 * 24)
            austria = countries[n][0] == "A"
            fields = (
                f"C{who[n]}",
                ("view", "cart", "purchase")[step[n]],
                f"{day % 28 + 1:02}.{day // 31 + 1:02}.2025 {at // 60:02}:{at % 60:02}",
                f"{value[n]:.2f}",
                countries[n],
                str(1010 + who[n] % 8000 if austria else 10115 + who[n] % 80000),
                f"0{'1' if austria else '30'} {200000 + who[n] % 700000}",
                f"c{who[n]}@Example.com",
                "" if n % 20 == 0 else str(age[n]),
                "Googlebot" if n % 50 == 0 else "Mozilla",
            )
            file.write(",".join(fields) + "\n")


def one(path: Path, name: str) -> None:
    """Read the file with one case's rules; print rows, rows left out, processor seconds and memory in MB."""
    found = list(_by_hand(path) if name == BY_HAND else _ours(path, name))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(*found, peak)


def _by_hand(path: Path) -> Iterator[float]:
    started = time.process_time()
    kept = len(cleaning_by_hand.clean(path))
    seconds = time.process_time() - started
    with path.open("rb") as file:
        read = sum(1 for _ in file) - 1
    yield from (read, read - kept, seconds)


def _ours(path: Path, name: str) -> Iterator[float]:
    mapping = path.with_name("mapping.yaml")
    mapping.write_text(_CLOCK + CASES[name], encoding="utf-8")
    if "statistics" in CASES[name]:
        fitting.fit([path], mapping, replace=True)
    bad, started, rows = _Counted(), time.process_time(), 0
    for batch in touchpoints([path], Options(mappings.load(mapping)), bad):
        rows += len(batch)
    yield from (rows + bad.rows, bad.rows, time.process_time() - started)


def main(rows: int) -> None:
    """Measure all cases and write the table."""
    measured: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        write(path, rows)
        for name in (*CASES, BY_HAND):
            command = [sys.executable, "-m", "benchmarks.cleaning", str(path), name]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            measured[name] = [float(word) for word in done.stdout.split()]
            print(name, measured[name], flush=True)
    page.replace("cleaning", report(measured))


def report(measured: dict[str, list[float]]) -> str:
    """Rates and memory, and how they compare with no rules and with pandas."""
    base, hand, same = (measured[name][2] for name in (BASE, BY_HAND, SAME))
    rows = [
        [name, f"{read:,.0f}", f"{bad:,.0f}", f"{seconds:.1f}", f"{read / seconds:,.0f}", f"{seconds / base:.2f}",
         f"{peak:,.0f}"]
        for name, (read, bad, seconds, peak) in measured.items()
    ]  # fmt: skip
    head = ["rules", "rows", "left out", "processor seconds", "rows/s", "times no rules", "most memory, MB"]
    memory = measured[SAME][3] / measured[BY_HAND][3]
    return (
        f"{page.table(head, rows)}\n\nValues, checks and traffic take {same / hand:.2f} times the processor time of "
        f"the pandas script, which says nothing of the rows that it leaves out, and {memory:.2f} times its memory."
    )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        one(Path(sys.argv[1]), sys.argv[2])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
