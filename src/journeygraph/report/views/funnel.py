"""The section "Funnel"."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures.bars import Bar
from journeygraph.report.views.common import Grid, Row, browser, grid, number, plural, text


@dataclass(frozen=True)
class Funnel:
    """The bars, one a step, and the table behind them."""

    sentences: tuple[str, ...]
    bars: tuple[Bar, ...] = ()
    caption: str = ""
    table: Grid | None = None
    cypher: str = ""
    band: Grid | None = None
    band_cypher: tuple[str, ...] = ()


def view(report: Report) -> Funnel:
    """The section of a report."""
    answer = report.funnel.answer
    if not answer or not answer["steps"]:
        return Funnel((report.funnel.reason or "There are no journeys that could pass a funnel.",))
    steps = answer["steps"]
    per = answer.get("per", "customer")
    band = answer.get("identity_band")
    return Funnel(
        sentences=(_sentence(steps, per, report), _narrowest(steps, per), *([_sure(band)] if band else [])),
        bars=tuple(_bar(row) for row in steps),
        caption=f"{per.capitalize()}s that reach each step, of those at the first",
        table=_table(steps, per),
        cypher=browser(answer),
        band=_levels(band) if band else None,
        band_cypher=tuple(browser(level) for level in band["levels"]) if band else (),
    )


def _sure(band: Row) -> str:
    last = band["conversions"][-1]
    between = f"{formats.percent(last['low'])} and {formats.percent(last['high'])}"
    return (
        f"Who is who is not all certain: {plural(band['merges'], 'merge')} of customers stand. From the least sure of "
        f"them to only the surest, the share that passes all steps lies between {between}."
    )


def _levels(band: Row) -> Grid:
    rows = [
        {**level, "first": level["steps"][0]["count"], "last": level["steps"][-1]["count"]} for level in band["levels"]
    ]
    return grid(
        "The same funnel where only merges of customers stand that are at least so sure.",
        [
            number("At least", "least_confidence", formats.percent),
            number("Merges", "merges"),
            number("Customers", "customers"),
            number("First step", "first"),
            number("Last step", "last"),
            number("Journeys that ended converted", "conversion", formats.percent),
        ],
        rows,
    )


def _sentence(steps: list[Row], per: str, report: Report) -> str:
    names = " → ".join(f"“{row['step']}”" for row in steps)
    answer = report.funnel.answer or {}
    window = answer.get("window_seconds")
    within = f" within {formats.duration(window)} of the first" if window else ""
    return (
        f"Of {plural(steps[0]['count'], per)} at “{steps[0]['step']}”, {formats.count(steps[-1]['count'])} pass "
        f"{names} in this order{within}, with other steps between allowed."
    )


def _narrowest(steps: list[Row], per: str) -> str:
    pairs = [(before, after) for before, after in pairwise(steps) if before["count"]]
    if not pairs:
        return "Nobody gets past the first step."
    before, after = min(pairs, key=lambda pair: pair[1]["count"] / pair[0]["count"])
    lost = before["count"] - after["count"]
    return (
        f"The narrowest place is from “{before['step']}” to “{after['step']}”: {formats.count(lost)} of "
        f"{plural(before['count'], per)} ({formats.percent(lost / before['count'])}) don’t get there."
    )


def _bar(row: Row) -> Bar:
    return Bar(
        row["step"],
        row["conversion"] or 0.0,
        formats.count(row["count"]),
        "neutral",
        note=formats.percent(row["conversion"]),
    )


def _table(steps: list[Row], per: str) -> Grid:
    return grid(
        "Shares are of those at the first step, and of those at the step before; waits are from the step before.",
        [
            text("Step", "step"),
            number(f"{per.capitalize()}s", "count"),
            number("Of first step", "conversion", formats.percent),
            number("Of step before", "from_previous", formats.percent),
            number("Median wait", "median_seconds", formats.duration),
            number("90 % within", "p90_seconds", formats.duration),
        ],
        steps,
    )
