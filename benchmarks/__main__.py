"""Run every benchmark at its usual size, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

for module in (
    "driver",
    "bulk",
    "million",
    "paths",
    "growth",
    "arriving",
    "as_of",
    "attribution",
    "mining",
    "power",
    "coverage",
    "scores",
    "tables",
    "null_labels",
    "family_wise",
):
    print(f"--- {module}", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=True)
