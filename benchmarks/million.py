"""A million touchpoints from files to the report, each stage a command as a user runs it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks import page
from benchmarks.measure import Measured, Usage
from benchmarks.scratch import scratch, server_pids

TOUCHPOINTS_A_CUSTOMER = 15.0
_PROGRAM = "import sys; from journeygraph_cli.main import main; sys.argv[0] = 'journeygraph'; main()"


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touchpoints", type=int, default=1_000_000)
    parser.add_argument("--driver", action="store_true", help="load through the driver instead of --bulk")
    arguments = parser.parse_args()
    page.replace("million", measure(arguments.touchpoints, bulk=not arguments.driver))


def measure(touchpoints: int, *, bulk: bool) -> str:
    """All stages in a fresh home."""
    customers = round(touchpoints / TOUCHPOINTS_A_CUSTOMER)
    with scratch(started=not bulk) as place:
        files, report = place.folder / "shop", place.folder / "report"
        stages: dict[str, list[str]] = {
            "generate": ["generate", "--customers", str(customers), "--out", str(files)],
            "load": ["load", str(files), *(["--bulk"] if bulk else [])],
            "db start": ["db", "start"],
            "gaps": ["gaps"],
            "paths": ["paths"],
            "funnel": ["funnel", "view_product", "cart", "purchase"],
            "report": ["report", "--out", str(report)],
        }
        used: list[tuple[str, Usage]] = []
        loaded = 0
        for name, command in stages.items():
            usage, answer = run([*command, "--json"], place.home)
            used.append((" ".join(command[:1] + [word for word in command[1:] if word == "--bulk"]), usage))
            loaded = answer["touchpoints"] if name == "load" else loaded
    return table(used, loaded)


def run(command: list[str], home: Path) -> tuple[Usage, dict[str, int]]:
    """One command in a process of its own; the server is watched as well, wherever it was started."""
    with Measured(*server_pids(home)) as measured:
        done = subprocess.run([sys.executable, "-c", _PROGRAM, *command], stdout=subprocess.PIPE, check=True)
    return measured.usage, json.loads(done.stdout)


def table(used: list[tuple[str, Usage]], touchpoints: int) -> str:
    """The table, with the sum from the files to the report."""
    total = sum(usage.seconds for name, usage in used if name != "generate")
    rows = [
        [
            f"`{name}`",
            f"{usage.seconds:.1f}",
            f"{usage.python_seconds:.1f}",
            f"{usage.java_seconds:.1f}",
            f"{usage.python_mb:.0f}",
            f"{usage.java_mb:.0f}",
        ]
        for name, usage in used
    ]
    head = ["stage", "s", "Python CPU s", "Java CPU s", "Python peak MB", "Java peak MB"]
    return f"{touchpoints:,} touchpoints, {total:.0f} s from the files to the report.\n\n{page.table(head, rows)}"


if __name__ == "__main__":
    main()
