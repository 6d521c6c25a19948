"""Small reports without a database, for the tests of how a report looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from journeygraph.journeys.table import JourneyTable
from journeygraph.report.analyses import analyse
from journeygraph.report.collect import assemble
from journeygraph.report.model import Report, Table, make_table
from journeygraph.schema import JourneyRules
from journeygraph.settings import Settings

HOSTILE = """'"><script>alert(1)</script>|*_`=1+1"""
RULES = JourneyRules()
_DAY_US = 86_400_000_000
_SECOND_US = 1_000_000
_STAGES = {
    "visit": "awareness",
    "view": "consideration",
    "cart": "purchase",
    "declined": "purchase",
    "purchase": "purchase",
}

#: Ways that journeys go: their steps, outcome, and how many of them.
_WAYS = (
    (("visit", "view", "cart", "purchase"), "converted", 120),
    (("view", "cart", "declined"), "lost", 60),
    (("view", "cart", "declined", "purchase"), "converted", 6),
    (("view", "cart", "view", "cart", "view", "cart", "purchase"), "converted", 60),
    (("visit", "view"), "lost", 70),
    (("visit",), "lost", 50),
)


def rows(rename: Callable[[str], str] = str) -> list[dict[str, Any]]:
    """Journeys that hold a drop-off and a loop; the last ones are open."""
    found: list[dict[str, Any]] = []
    for steps, outcome, amount in _WAYS:
        for _ in range(amount):
            found.append(_row(len(found), steps, outcome, rename))
    found.extend(_row(1_000 + number, ("visit", "view"), "open", rename) for number in range(20))
    return found


def _row(number: int, steps: tuple[str, ...], outcome: str, rename: Callable[[str], str]) -> dict[str, Any]:
    start = number * 149 % 366 * _DAY_US // 3 + number * _SECOND_US  # alike ones spread over time: no incident
    return {
        "id": f"j:{rename(f't{number}')}",
        "customer_id": rename(f"c{number % 150:03}"),
        "outcome": outcome,
        "value": 20.0 + number % 7 if outcome == "converted" else None,
        "steps": [step if step == "purchase" else rename(step) for step in steps],
        "channels": [rename("web") if step != "visit" else rename("ad") for step in steps],
        "occurred_at_us": [start + place * 600 * _SECOND_US for place in range(len(steps))],
    }


def table(rename: Callable[[str], str] = str) -> JourneyTable:
    """The same as columns."""
    stages = {step if step == "purchase" else rename(step): stage for step, stage in _STAGES.items()}
    return JourneyTable.from_rows(rows(rename), stages=stages)


def report(rename: Callable[[str], str] = str) -> Report:
    """A report of them; what the graph would count is counted here, with a statement that only looks the part."""
    journeys = rows(rename)
    found = analyse(table(rename), RULES, Settings(JOURNEYGRAPH_HOME="/nowhere"), currencies=["EUR"])
    return assemble(counted(journeys, rename), RULES, found, None)


def empty_report() -> Report:
    """The report of a graph without touchpoints."""
    nothing = JourneyTable.from_rows([])
    found = analyse(nothing, RULES, Settings(JOURNEYGRAPH_HOME="/nowhere"))
    return assemble(counted([], str), RULES, found, None)


def counted(journeys: list[dict[str, Any]], rename: Callable[[str], str]) -> tuple[Table, ...]:
    """The tables that a graph would give."""
    outcomes = sorted({row["outcome"] for row in journeys})
    touchpoints = sum(len(row["steps"]) for row in journeys)
    instants = ("2026-01-01T00:00:00Z", "2026-05-03T00:03:20Z") if journeys else (None, None)
    totals = {
        "journeys": len(journeys),
        "customers": len({row["customer_id"] for row in journeys}),
        "anonymous": 0,
        "touchpoints": touchpoints,
        "first_at": instants[0],
        "last_at": instants[1],
    }
    source = {"source": rename("shop"), "touchpoints": touchpoints, "first_at": instants[0], "last_at": instants[1]}
    load = {"files": rename("shop.csv"), "loads": 1, "interrupted": 1, "received": 1000, "stored": 990, "duplicate": 7}
    bad = {"quarantined": 3, "rows": 1000, "bad_rows": 3, "synthetic": True}
    sales = {"goal": "purchase", "currency": "EUR", "conversions": 186, "valued": 186, "value": 4_278.0}
    channel = {"channel": rename("web"), "touchpoints": 900, "journeys": 300, "customers": 140}
    return (
        _table("totals", [totals]),
        _table("outcomes", [_outcome(name, journeys) for name in outcomes]),
        _table("channels", [channel] if journeys else []),
        _table("sources", [source] if journeys else []),
        _table("conversions", [sales] if journeys else []),
        _table("loads", [load | bad] if journeys else []),
        _table("examples", [_example(row) for row in journeys]),
    )


def _outcome(name: str, journeys: list[dict[str, Any]]) -> dict[str, Any]:
    kept = [row for row in journeys if row["outcome"] == name]
    return {"outcome": name, "journeys": len(kept), "customers": len({row["customer_id"] for row in kept})}


def _example(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "outcome": row["outcome"],
        "started_at": "2026-01-01T00:00:00Z",
        "steps": row["steps"],
    }


def _table(name: str, rows: list[dict[str, Any]]) -> Table:
    return make_table(name, name.capitalize(), rows, f"RETURN '{name}' AS name", {})
