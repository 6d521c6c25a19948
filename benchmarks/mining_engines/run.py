"""One mining engine on one file, for `benchmarks.mining`: prints seconds, patterns and memory as JSON.

Usage: run.py ENGINE FILE SUPPORT ROUNDS.  Runs in the environment that has the engine; reading isn't timed.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Seconds of mining, patterns, whether these leave out single items.
Round = tuple[float, int, bool]
#: Seconds after which nothing is measured again.
PATIENCE = 3.0
#: Seconds up to which every engine mines again: of what takes milliseconds, a few rounds say little.
ENOUGH = 1.0


def lists(file: str) -> list[list[int]]:
    """The sequences as lists."""
    lines = Path(file).read_text(encoding="ascii").splitlines()
    return [[int(token) for token in line.split() if token not in ("-1", "-2")] for line in lines]


def ours(file: str, support: int) -> Callable[[], Round]:
    """The compiled engine, from its arrays."""
    from journeygraph.intent.mining import spmf
    from journeygraph.intent.mining.miner import mine

    sequences = spmf.read(Path(file))

    def run() -> Round:
        started = time.perf_counter()
        found = mine(sequences, minimum_support=support, engine="compiled")
        return time.perf_counter() - started, len(found), False

    return run


def prefixspan(file: str, support: int) -> Callable[[], Round]:
    """The package of that name."""
    from prefixspan import PrefixSpan

    log = lists(file)

    def run() -> Round:
        started = time.perf_counter()
        count = len(PrefixSpan(log).frequent(support))
        return time.perf_counter() - started, count, False

    return run


def effspm(name: str, file: str, support: int) -> Callable[[], Round]:
    """A miner of effspm: it wants items negated with `preproc`, and leaves single items out; its own time counts."""
    import effspm as package

    log = [[-1 - item for item in sequence] for sequence in lists(file)]
    miner = getattr(package, name)

    def run() -> Round:
        found: dict[str, Any] = miner(log, minsup=support / len(log), preproc=True)
        return found["time"], len(found["patterns"]), True

    return run


def measured_seconds(rounds: list[Round]) -> float:
    """How long some rounds took in all."""
    return sum(seconds for seconds, _, _ in rounds)


def main() -> None:
    """Run and print."""
    engine, file, support, rounds = sys.argv[1:]
    engines = {"ours": ours, "prefixspan": prefixspan}
    before = time.perf_counter()
    run = engines[engine](file, int(support)) if engine in engines else effspm(engine, file, int(support))
    first = time.perf_counter()
    measured = [run()]
    while measured_seconds(measured) < ENOUGH or (
        len(measured) < int(rounds) and measured_seconds(measured) < PATIENCE
    ):
        measured.append(run())
    answer = {
        "seconds": min(seconds for seconds, _, _ in measured),
        "first": measured[0][0],
        "reading": first - before,
        "patterns": measured[0][1],
        "no_singles": measured[0][2],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
