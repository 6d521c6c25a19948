"""Write tests/golden/window_funnel.json: what ClickHouse's `windowFunnel` says of random logs.

Needs the package `chdb` (ClickHouse in a process) in an environment of its own; nothing of this project depends on it:

    uv run --no-project --with chdb python tools/clickhouse_funnels.py
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import chdb

PAGE = Path(__file__).parents[1] / "tests" / "golden" / "window_funnel.json"
MODES = {
    "default": [],
    "strict_order": ["strict_order"],
    "strict_deduplication": ["strict_deduplication"],
    "strict_increase": ["strict_increase"],
    "strict_once": ["strict_once"],
    "strict_order, strict_deduplication": ["strict_order", "strict_deduplication"],
}
CHAINS = ["abc", "ab", "aba", "aab", "aa"]
WINDOWS = [0, 2, 5, 100]
#: The examples that the documentation tells in words, and those where this project decides otherwise.
SAID = ["abdc", "aabc", "acab", "abbc", "abac", "abcbd"]


def logs() -> list[list[tuple[str, int]]]:
    """Steps with their instants in seconds, in order; half of the logs have ties."""
    chance = random.Random(1)  # noqa: S311
    found = [[(step, k + 1) for k, step in enumerate(text)] for text in SAID]
    for number in range(200):
        clock, log = 1, []
        for _ in range(chance.randint(1, 9)):
            log.append((chance.choice("aabbcd"), clock))
            clock += chance.randint(0 if number % 2 else 1, 2)
        found.append(log)
    return found


def level(log: list[tuple[str, int]], chain: str, window: int, modes: list[str]) -> int:
    """The longest chain, by ClickHouse."""
    rows = ", ".join(f"({at}, '{step}')" for step, at in log)
    options = "".join(f", '{mode}'" for mode in modes)
    conditions = ", ".join(f"s = '{step}'" for step in chain)
    sql = f"SELECT windowFunnel({window}{options})(t, {conditions}) FROM values('t UInt64, s String', {rows})"  # noqa: S608
    return int(str(chdb.query(sql, "CSV")))


def main() -> None:
    """Ask for every log, chain, window and mode."""
    version = str(chdb.query("SELECT version()", "CSV")).strip().strip('"')
    cases = [
        {
            "log": log,
            "chain": chain,
            "window": window,
            "levels": {name: level(log, chain, window, modes) for name, modes in MODES.items()},
        }
        for number, log in enumerate(logs())
        for chain in (CHAINS if number < len(SAID) else CHAINS[number % 5 : number % 5 + 1])
        for window in (WINDOWS if number < len(SAID) else WINDOWS[number % 4 : number % 4 + 1])
    ]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    PAGE.write_text(f'{{"clickhouse": "{version}", "cases": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
