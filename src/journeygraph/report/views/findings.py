"""The section "Findings": which there are, what they cost, and how they compare with an earlier report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from journeygraph.report import formats
from journeygraph.report.model import Report
from journeygraph.report.pictures.bars import Bar, bar_scale
from journeygraph.report.views.common import Row, browser, plural
from journeygraph.report.views.finding import Finding, anchor, finding, kind

STATUSES = ("new", "worse", "better", "same", "closed")


@dataclass(frozen=True)
class Closed:
    """A finding of the earlier report that is none any more."""

    headline: str
    kind_title: str
    subject: str
    id: str
    sentence: str
    owner: str


@dataclass(frozen=True)
class Findings:
    """All that are shown, the costliest first."""

    headline: str
    sentences: tuple[str, ...]
    items: tuple[Finding, ...] = ()
    overview: tuple[Bar, ...] = ()
    overview_scale: float = 1.0
    overview_caption: str = ""
    cypher: str = ""
    closed: tuple[Closed, ...] = ()
    has_history: bool = False


def view(report: Report) -> Findings:
    """The section of a report."""
    answer = report.gaps.answer
    if not answer:
        return Findings(*_nothing(report.gaps.reason or "There are no journeys, so there is nothing to test."))
    found = answer["findings"]
    tested = (
        f"{plural(answer['tested'], 'test')} were made on {plural(answer['journeys'], 'journey')} and corrected "
        f"together ({answer['corrected_by'].replace('<=', '≤')}); a finding needs at least "
        f"{plural(answer['minimum_journeys'], 'journey')}."
    )
    closed = tuple(_closed(row) for row in answer["closed"])
    if not found:
        none = "No gap was found that could not be chance."
        return Findings(none, (none, tested, *_since(answer)), closed=closed)
    shown = found[: report.findings_shown]
    return Findings(
        headline=found[0]["title"],
        sentences=(tested, *_since(answer), _order(found, len(shown))),
        items=tuple(finding(row, report) for row in shown),
        **_overview(shown),
        cypher=browser(answer),
        closed=closed,
        has_history=any(point.report for point in report.history),
    )


def _since(answer: dict[str, Any]) -> tuple[str, ...]:
    """How many findings are new, worse, better, the same and closed, where there is an earlier report."""
    if not answer["compared_with"]:
        return ()
    statuses = [row["status"] for row in (*answer["findings"], *answer["closed"])]
    counted = ", ".join(f"{statuses.count(status)} {status}" for status in STATUSES if status in statuses)
    return (f"Since the report before: {counted or 'nothing'}.",)


def _closed(row: Row) -> Closed:
    return Closed(
        row["title"], kind(row)[0], row["subject"], row["id"], row["comparison"]["sentence"], row["owner"] or ""
    )


def _nothing(reason: str) -> tuple[str, tuple[str, ...]]:
    return reason, (reason,)


def _order(found: list[Row], shown: int) -> str:
    more = f" The first {shown} are shown; findings.csv has all {len(found)}." if shown < len(found) else ""
    return (
        "They are ordered by what closing them is worth. Gaps overlap, so what they cost must not be added up. "
        f"All estimates are of association: a test of the change is what proves it.{more}"
    )


def _overview(shown: list[Row]) -> dict[str, Any]:
    """Bars of what each finding costs: value where one is known, else conversions."""
    valued = any(row["lost_value"] for row in shown)
    field, what = ("lost_value", "value") if valued else ("lost_conversions", "conversions")
    bars = tuple(_cost(rank, row, field) for rank, row in enumerate(shown, start=1))
    return {
        "overview": bars,
        "overview_scale": bar_scale(bars),
        "overview_caption": f"Estimated lost {what} of each finding, with its 95 % interval",
    }


def _cost(rank: int, row: Row, field: str) -> Bar:
    name = f"{rank}. {kind(row)[0]}: {row['subject']}" + (f" ({row['group']})" if row["group"] else "")
    if row[field] is None:
        return Bar(name, 0.0, "not estimated", "observed", href="#" + anchor(row))
    low, high = row[f"{field}_interval"]
    value = formats.money(row[field], row["currency"]) if field == "lost_value" else formats.count(row[field])
    return Bar(name, row[field], value, "observed", low, high, href="#" + anchor(row))
