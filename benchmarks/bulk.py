"""The bulk load against Neo4j's import tool alone, on the CSV files that the bulk load made.

Goal: conversion and import take at most 1.5 times as long as the import.  The whole command also stops the server,
starts it and builds the indexes, as anyone who uses the import tool must.
"""

from __future__ import annotations

import argparse
from typing import Any
from unittest import mock

from benchmarks import page
from benchmarks.measure import Measured, Usage
from benchmarks.scratch import scratch
from journeygraph.server import ManagedServer
from journeygraph_loaders import bulk

GOAL = 1.5


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=70_000)
    page.replace("bulk", measure(parser.parse_args().customers))


def measure(customers: int) -> str:
    """One bulk load; its import is run a second time, which is the yardstick."""
    used: dict[str, Usage] = {}
    admin, convert = ManagedServer.admin, bulk.convert

    def measured_convert(*arguments: Any) -> Any:
        with Measured() as measured:
            converted = convert(*arguments)
        used["conversion"] = measured.usage
        return converted

    def twice(server: ManagedServer, *arguments: str) -> Any:
        for name in ("import", "import tool alone"):
            with Measured() as measured:
                answer = admin(server, *arguments)
            used[name] = measured.usage
        return answer

    with scratch() as place:
        files = place.shop(customers)
        with (
            mock.patch.object(ManagedServer, "admin", twice),
            mock.patch.object(bulk, "convert", measured_convert),
            Measured() as whole,
        ):
            result = bulk.load(place.settings, [files])
    whole.usage.seconds -= used["import tool alone"].seconds
    whole.usage.java_seconds -= used["import tool alone"].java_seconds
    used["whole command"] = whole.usage
    return report(used, result.touchpoints)


def report(used: dict[str, Usage], touchpoints: int) -> str:
    """The table and the ratio."""
    rows = [
        [
            name,
            f"{usage.seconds:.1f}",
            f"{usage.python_seconds:.1f}",
            f"{usage.java_seconds:.1f}",
            f"{usage.python_mb:.0f}",
            f"{usage.java_mb:.0f}",
        ]
        for name, usage in used.items()
    ]
    ratio = (used["conversion"].seconds + used["import"].seconds) / used["import tool alone"].seconds
    head = ["", "s", "Python CPU s", "Java CPU s", "Python peak MB", "Java peak MB"]
    return (
        f"{touchpoints:,} touchpoints.\n\n{page.table(head, rows)}\n\n"
        f"Conversion and import take {ratio:.2f} times as long as the import tool alone (goal: at most {GOAL}); "
        f"{touchpoints / used['whole command'].seconds:,.0f} touchpoints a second for the whole command."
    )


if __name__ == "__main__":
    main()
