"""The section "What was analysed"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from journeygraph.quality.anomalies import Anomalies
from journeygraph.quality.silences import Silences, of_rows
from journeygraph.report import formats
from journeygraph.report.model import Report, Table
from journeygraph.report.views import signals
from journeygraph.report.views.common import Grid, Row, Spec, browser, grid, number, plural, text, whose

_OUTCOMES = (("converted", "Converted"), ("lost", "Lost"), ("open", "Open"))
_DAY = 86_400.0
_MOST_ODD = 5
_MORE = "“journeygraph quality report” shows all, with more about the sources."


@dataclass(frozen=True)
class Tile:
    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Part:
    """A part of the stacked bar, in hundredths of its width."""

    label: str
    text: str
    tone: str
    x: float
    width: float


@dataclass(frozen=True)
class Block:
    title: str
    view: Grid
    cypher: str
    empty: str


@dataclass(frozen=True)
class Analysed:
    sentences: tuple[str, ...]
    notices: tuple[str, ...]
    tiles: tuple[Tile, ...]
    totals_cypher: str
    outcomes: tuple[Part, ...]
    outcomes_cypher: str
    tables: tuple[Block, ...]


def view(report: Report) -> Analysed:
    """The section of a report."""
    totals = report.table("totals").dicts()
    total: Row = totals[0] if totals else {}
    outcomes = {str(row["outcome"]): int(row["journeys"] or 0) for row in report.table("outcomes").dicts()}
    return Analysed(
        sentences=(_scope(report, total), _rules(report)),
        notices=_notices(report),
        tiles=_tiles(report, total, outcomes),
        totals_cypher=browser(report.table("totals").model_dump()),
        outcomes=_parts(outcomes),
        outcomes_cypher=browser(report.table("outcomes").model_dump()),
        tables=tuple(
            _block(report.table(name), caption, whose(specs, report.grain), empty)
            for name, caption, specs, empty in _TABLES
        )
        + _signals(report),
    )


def _scope(report: Report, total: Row) -> str:
    if not total.get("journeys"):
        return "The graph holds no journeys, so there is nothing to report yet: load touchpoints first."
    return (
        f"{plural(total['touchpoints'], 'touchpoint')} of {plural(total['customers'], report.grain)} "
        f"in {plural(total['journeys'], 'journey')}, from {formats.instant(report.data_start)} "
        f"to {formats.instant(report.data_end)}."
    )


def _rules(report: Report) -> str:
    rules = report.rules
    goals = ", ".join(f"“{goal}”" for goal in rules["goals"])
    return (
        f"A journey converts with {goals}; it ends after that, or where nothing follows for more than "
        f"{formats.duration(rules['journey_window_seconds'])}. A session ends after "
        f"{formats.duration(rules['session_idle_seconds'])} without a touchpoint. Nothing else was filtered out."
    )


def _notices(report: Report) -> tuple[str, ...]:
    loads = report.table("loads").dicts()
    bad = sum(int(row["bad_rows"] or 0) for row in loads)
    notices = []
    if any(row["synthetic"] for row in loads):
        everything = "This data is" if all(row["synthetic"] for row in loads) else "Some of this data is"
        notices.append(f"{everything} synthetic: made up by journeygraph’s generator, with gaps planted on purpose.")
    if bad:
        received = sum(int(row["rows"] or 0) for row in loads)
        notices.append(
            f"{formats.count(bad)} of {formats.count(received)} rows could not be read and are in quarantine, "
            "so no figure here includes them: “journeygraph quarantine list” says why."
        )
    if interrupted := sum(int(row["interrupted"]) for row in loads):
        notices.append(
            f"{plural(interrupted, 'load')} did not finish. The same command again completes what is missing; until "
            "then figures here may be too small."
        )
    notices += [
        f"{plural(int(row['customers']), 'customer')} withdrew consent to analytics: their journeys count nowhere here."
        for row in report.table("withheld").dicts()
    ]
    if (late := _silences(report)) is not None and late.late:
        notices.append(signals.of_silences(late))
    notices += [_belonging(report, row) for row in report.table("belonging").dicts()]
    return tuple(notices)


def _silences(report: Report) -> Silences | None:
    """How long each source was silent; None where the report doesn't have it."""
    held = report.table("silences")
    until = report.as_of or report.data_end
    if not held.rows or until is None:
        return None
    return of_rows(held.dicts(), datetime.fromisoformat(until), held.cypher, held.parameters)


def _signals(report: Report) -> tuple[Block, ...]:
    """Late sources and anomalies; the quality report has all of them."""
    blocks = []
    if (late := _silences(report)) is not None:
        rows = [one.model_dump() for one in late.sources]
        view = grid(f"{signals.of_silences(late)} {_MORE}", signals.SILENCES, rows)
        blocks.append(Block("Late sources", view, browser(late.model_dump()), ""))
    if report.anomalies.answer:
        odd = Anomalies.model_validate(report.anomalies.answer)
        shown = odd.anomalies[:_MOST_ODD]
        told = signals.of_anomalies(odd)
        told += f" The {len(shown)} surest are shown." if len(shown) < len(odd.anomalies) else ""
        view = grid(f"{told} {_MORE}", signals.ANOMALIES, [one.model_dump() for one in shown])
        statements = "\n\n".join(one.browser_text for one in shown) if shown else odd.browser_text
        blocks.append(Block("Out of the ordinary", view, statements, told))
    return tuple(blocks)


def _belonging(report: Report, row: Row) -> str:
    """What a report of another grain covers, and what it cannot say."""
    return (
        f"This report is of {report.grain}s: a journey is that of one {report.grain}, by all its customers. Of "
        f"{formats.count(row['touchpoints'] + row['left_out'])} touchpoints {formats.count(row['left_out'])} belong to "
        f"no {report.grain} and are left out; one of several {report.grain}s counts in each. Sources, loads and "
        "conversions below are of all touchpoints. Blind spots of sources and intent scores are in the report of "
        "customers."
    )


def _tiles(report: Report, total: Row, outcomes: dict[str, int]) -> tuple[Tile, ...]:
    journeys = int(total.get("journeys") or 0)
    customers = int(total.get("customers") or 0)
    known = customers - int(total.get("anonymous") or 0)
    closed = outcomes.get("converted", 0) + outcomes.get("lost", 0)
    rate = outcomes.get("converted", 0) / closed if closed else None
    findings = (report.gaps.answer or {}).get("findings", [])
    tested = (report.gaps.answer or {}).get("tested")
    return (
        Tile("Touchpoints", formats.count(total.get("touchpoints")), f"in {plural(journeys, 'journey')}"),
        Tile(
            f"{report.grain.capitalize()}s",
            formats.count(customers),
            f"{formats.count(known)} known, {formats.count(customers - known)} only by a visitor’s id"
            if report.grain == "customer"
            else "",
        ),
        Tile(
            "Conversion",
            formats.percent(rate),
            f"{formats.count(outcomes.get('converted', 0))} of {formats.count(closed)} journeys that are over",
        ),
        Tile("Findings", formats.count(len(findings)), f"of {plural(tested, 'test')} made" if tested else ""),
    )


def _parts(outcomes: dict[str, int]) -> tuple[Part, ...]:
    total = sum(outcomes.values())
    parts: list[Part] = []
    x = 0.0
    for name, label in _OUTCOMES:
        if amount := outcomes.get(name, 0):
            width = 100 * amount / total
            share = f"{formats.count(amount)} of {formats.count(total)} ({formats.percent(amount / total)})"
            parts.append(Part(label, share, name, round(x, 3), round(width, 3)))
            x += width
    return tuple(parts)


def _block(table: Table, caption: str, specs: list[Spec], empty: str) -> Block:
    return Block(table.title, grid(caption, specs, table.dicts()), browser(table.model_dump()), empty)


_TABLES: tuple[tuple[str, str, list[Spec], str], ...] = (
    (
        "channels",
        "A journey counts once for each channel it touched, so its column does not add up to the total.",
        [
            text("Channel", "channel"),
            number("Touchpoints", "touchpoints"),
            number("Journeys", "journeys"),
            number("Customers", "customers"),
        ],
        "No touchpoints.",
    ),
    (
        "sources",
        "Days of the first and the last touchpoint of each source, in UTC.",
        [
            text("Source", "source"),
            number("Touchpoints", "touchpoints"),
            number("First", "first_at", formats.day),
            number("Last", "last_at", formats.day),
        ],
        "No touchpoints.",
    ),
    (
        "conversions",
        "Values are added up within a currency, never across.",
        [
            text("Goal", "goal"),
            text("Currency", "currency", "none given"),
            number("Conversions", "conversions"),
            number("With a value", "valued"),
            number("Value", "value", formats.money),
        ],
        "No touchpoint is at a goal step, so no journey converted and nothing can be said about what a gap costs.",
    ),
    (
        "loads",
        "Rows received are stored, were there already (duplicate), or could not be read (quarantined).",
        [
            text("Files", "files", "through the API"),
            number("Loads", "loads"),
            number("Received", "received"),
            number("Stored", "stored"),
            number("Duplicate", "duplicate"),
            number("Quarantined", "quarantined"),
        ],
        "The graph keeps no record of loads.",
    ),
)
