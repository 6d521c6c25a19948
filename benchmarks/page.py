"""docs/benchmarks.md: each benchmark replaces its own part, between two comment lines."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

import psutil

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def machine() -> str:
    """Where and when this was measured, and how busy the machine was with other work."""
    memory = psutil.virtual_memory().total / (1 << 30)
    load = os.getloadavg()[0]
    return (
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, "
        f"Python {platform.python_version()}; load average {load:.1f} at the end."
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table.

    >>> print(table(["stage", "s"], [["load", 1]]))
    | stage | s |
    |---|---|
    | load | 1 |
    """
    lines = [columns, ["---"] * len(columns), *rows]
    cells = ["| " + " | ".join(map(str, line)) + " |" for line in lines]
    cells[1] = cells[1].replace(" ", "")
    return "\n".join(cells)


def replace(name: str, text: str) -> None:
    """Print a benchmark's result and put it into its part of the page."""
    print(text)
    page = PAGE.read_text(encoding="utf-8")
    part = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
    PAGE.write_text(part.sub(lambda _: f"{text}\n\n{machine()}\n", page), encoding="utf-8")
