"""One task by one engine in a process of its own: `run.py ENGINE TASK FILE ROUNDS` prints what it found and took.

The engine's `load(file)` is not timed; its function named as the task is, the best of some rounds.  Peak memory is the
process's own, imports and loaded data included.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path


def peak_megabytes() -> float:
    """Highest resident memory so far; not `ru_maxrss`, which a new program inherits from the one that started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def main() -> None:
    """Load, run, tell."""
    engine_name, task, file, rounds = sys.argv[1:5]
    engine = importlib.import_module(engine_name)
    data = engine.load(file)
    loaded_mb = peak_megabytes()
    seconds, processor_seconds, found = [], [], None
    for _ in range(int(rounds)):
        started, worked = time.perf_counter(), time.process_time()
        found = getattr(engine, task)(data)
        seconds.append(time.perf_counter() - started)
        processor_seconds.append(time.process_time() - worked)
    peak_mb = peak_megabytes()
    print(
        json.dumps(
            {
                "seconds": min(seconds),
                "processor_seconds": min(processor_seconds),
                "loaded_mb": loaded_mb,
                "peak_mb": peak_mb,
                "version": engine.VERSION,
                "found": found,
            }
        )
    )


if __name__ == "__main__":
    main()
