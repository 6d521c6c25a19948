"""What the quality page shows, as text and bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from journeygraph.report import formats
from journeygraph.report.quality.collect import DIMENSIONS, Dimension, QualityReport, Score
from journeygraph.report.quality.parts import Part, part_of, texts_of
from journeygraph.report.quality.signals import headline, signals, tiles
from journeygraph.report.views.common import Fact, number, plural, text

RATINGS: Final = ("relevance", "freshness", "granularity", "reliability")
#: What a page can hold and still be read; the CSV files have all rows.
_MOST_TRENDS: Final = 12
_WIDTH, _HEIGHT = 300, 60


@dataclass(frozen=True)
class Cell:
    """A share with its counts; `width` of a bar, 0 to 100."""

    text: str
    counts: str
    width: float


@dataclass(frozen=True)
class ScoreRow:
    """A source's scores, one a dimension."""

    source: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Bar:
    """A week of a trend."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True)
class Trend:
    """A source's touchpoints by week."""

    source: str
    text: str
    first: str
    last: str
    top: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Page:
    """Everything that the template shows."""

    title: str
    at: str
    product_version: str
    headline: str
    facts: tuple[Fact, ...]
    dimensions: tuple[str, ...]
    scores: tuple[ScoreRow, ...]
    scores_cypher: tuple[tuple[str, str], ...]
    signals: tuple[Part, ...]
    trends: tuple[Trend, ...]
    trends_left: int
    sources: tuple[Part, ...]
    quality: tuple[Part, ...]
    contracts: tuple[Part, ...]
    stages: tuple[Part, ...]
    dictionary: tuple[Part, ...]


def view(report: QualityReport) -> Page:
    """The page of a report."""
    trends = _trends(report)
    return Page(
        title=report.title,
        at=formats.instant(report.at),
        product_version=report.product_version,
        headline=_headline(report),
        facts=_facts(report),
        dimensions=DIMENSIONS,
        scores=tuple(_scores(report.scores)),
        scores_cypher=texts_of(
            {"sources": report.inventory.statements["sources"]}
            | {name: report.table(name) for name in dict.fromkeys(score.table for score in report.scores)}
        ),
        signals=signals(report),
        trends=tuple(trends[:_MOST_TRENDS]),
        trends_left=max(0, len(trends) - _MOST_TRENDS),
        sources=_sources(report),
        quality=_quality(report),
        contracts=_contracts(report),
        stages=_stages(report),
        dictionary=_dictionary(report),
    )


def _headline(report: QualityReport) -> str:
    sources = report.inventory.sources
    if not sources:
        return "There is no touchpoint in the graph yet."
    known = [score for score in report.scores if score.share is not None and score.dimension != "trend"]
    worst = min(known, key=lambda score: (score.share or 0.0, score.source), default=None)
    agrees = "the counts agree between every two stages" if report.stages.agrees else "the counts do NOT agree"
    return (
        f"{plural(len(sources), 'source')}, {plural(sum(one.touchpoints for one in sources), 'touchpoint')}; {agrees}."
        + (
            f" Weakest: {worst.dimension} of {worst.source}, {_cell(worst).text} ({_cell(worst).counts})."
            if worst
            else ""
        )
        + "".join(
            f" Of {one.source} nothing could be stored ({plural(one.received, 'row')})."
            for one in report.inventory.refused
        )
        + headline(report)
    )


def _facts(report: QualityReport) -> tuple[Fact, ...]:
    facts = []
    for dimension in DIMENSIONS[:-1]:
        own = [score for score in report.scores if score.dimension == dimension]
        good, of = sum(score.good for score in own), sum(score.of for score in own)
        note = f"{formats.count(good)} of {formats.count(of)} {_UNITS[dimension]}"
        facts.append(Fact(dimension.capitalize(), formats.percent(good / of) if of else formats.NONE, note))
    return (*facts, *tiles(report))


_UNITS: Final[Mapping[Dimension, str]] = {
    "completeness": "cells are filled",
    "uniqueness": "touchpoints repeat none",
    "validity": "rows could be stored",
    "timeliness": "touchpoints were loaded within a day",
    "consistency": "checks passed",
    "trend": "touchpoints, against the four weeks before",
}


def _scores(scores: Iterable[Score]) -> list[ScoreRow]:
    rows: dict[str, list[Cell]] = {}
    for score in scores:
        rows.setdefault(score.source, []).append(_cell(score))
    return [ScoreRow(source, tuple(cells)) for source, cells in rows.items()]


def _cell(score: Score) -> Cell:
    counts = f"{formats.count(score.good)} of {formats.count(score.of)}"
    if score.dimension == "trend":
        told = "none before" if score.share is None else f"{(score.share - 1) * 100:+.0f} %".replace("-", "−")
        counts = f"{formats.count(score.good)} after {formats.count(score.of)}"
        return Cell(told, counts, 100 * min((score.share or 0.0) / 2, 1.0))
    return Cell(formats.percent(score.share), counts, 100 * (score.share or 0.0))


def _trends(report: QualityReport) -> list[Trend]:
    rows = report.table("trend").dicts()
    place = {week: number for number, week in enumerate(_weeks({str(row["week"]) for row in rows}))}
    own: dict[str, dict[str, int]] = {}
    for row in rows:
        own.setdefault(row["source"], {})[str(row["week"])] = int(row["touchpoints"])
    return [_trend(card.source, own.get(card.source, {}), place) for card in report.inventory.sources]


def _weeks(known: Set[str]) -> list[str]:
    """All Mondays from the first to the last, those without a touchpoint too.

    >>> _weeks({"2026-01-19", "2026-01-05"})
    ['2026-01-05', '2026-01-12', '2026-01-19']
    """
    if not known:
        return []
    first, last = date.fromisoformat(min(known)), date.fromisoformat(max(known))
    return [(first + timedelta(weeks=week)).isoformat() for week in range((last - first).days // 7 + 1)]


def _trend(source: str, counts: Mapping[str, int], place: Mapping[str, int]) -> Trend:
    top, step = max(counts.values(), default=1), _WIDTH / max(len(place), 1)
    bars = []
    for week, count in counts.items():
        height = round(_HEIGHT * count / top, 1)
        width = round(max(step - 1, step * 0.6), 2)
        bars.append(
            Bar(round(place[week] * step, 2), _HEIGHT - height, width, height, f"{week}: {formats.count(count)}")
        )
    weeks = sorted(place)
    told = f"{source}: touchpoints in each of {len(weeks)} weeks, at most {formats.count(top)}"
    return Trend(source, told, weeks[0], weeks[-1], formats.count(top), tuple(bars))


def _dots(value: int | None) -> str:
    """A rating as a number and dots, which need no colour, on one line.

    >>> _dots(3) == "3\N{NO-BREAK SPACE}●●●○○", _dots(None)
    (True, '–')
    """
    return formats.NONE if value is None else f"{value}\N{NO-BREAK SPACE}{'●' * value}{'○' * (5 - value)}"


def _sources(report: QualityReport) -> tuple[Part, ...]:
    statements = report.inventory.statements
    rows = sources_rows(report)
    specs = [
        text("Source", "source"),
        ("Came as", lambda row: f"{row['formats'] or '?'} by {row['protocols'] or '?'}", False),
        number("Touchpoints", "touchpoints"),
        number("Customers", "customers"),
        ("Newest", lambda row: formats.unbroken(formats.day(row["last_at"])), False),
        number("Filled", "completeness", formats.percent),
        *((name.capitalize(), lambda row, name=name: _dots(row[name]), False) for name in RATINGS),
    ]
    measures = [
        {
            "source": card.source,
            "rating": rating.name,
            "given": rating.rating,
            "measure": measure.name,
            "value": measure.value,
            "numerator": measure.numerator,
            "denominator": measure.denominator,
            "grade": measure.grade,
        }
        for card in report.inventory.sources
        for rating in card.ratings
        for measure in rating.measures
    ]
    return (
        part_of(
            "sources",
            "All sources",
            "Ratings go from 1 (poor) to 5 (good); each is the lowest grade of its measures.",
            specs,
            rows,
            statements,
        ),
        part_of(
            "measures",
            "What the ratings rest on",
            "Thresholds: docs/quality.md.",
            [
                text("Source", "source"),
                text("Rating", "rating"),
                text("Measure", "measure"),
                ("Value", lambda row: _measured(row["value"]), True),
                number("Of it", "numerator"),
                number("Of", "denominator"),
                ("Grade", lambda row: _dots(row["grade"]), False),
            ],
            measures,
            statements,
        ),
    )


def sources_rows(report: QualityReport) -> list[dict[str, Any]]:
    """The inventory as flat rows, for the page and the CSV file."""
    rows = []
    for card in report.inventory.sources:
        held = card.model_dump(exclude={"fields", "ratings"})
        held |= {"formats": ", ".join(card.formats), "protocols": ", ".join(card.protocols)}
        rows.append(held | {name: card.rating(name) for name in RATINGS})
    return rows


def _measured(value: float | str | None) -> str:
    return formats.NONE if value is None else value if isinstance(value, str) else formats.decimal(value, 3)


def _quality(report: QualityReport) -> tuple[Part, ...]:
    fields, checks = report.table("fields"), report.table("checks")
    deliveries, shared, reasons = report.table("deliveries"), report.table("shared"), report.table("reasons")
    share = [number("Found", "found"), number("Of", "of"), ("Share", lambda row: _share(row["found"], row["of"]), True)]
    return (
        part_of(
            "fields",
            "Completeness: fields, the least filled first",
            "Of the fields that a source fills at all.",
            [
                text("Source", "source"),
                text("Field", "field"),
                number("Filled", "filled"),
                number("Of", "of"),
                number("Share", "share", formats.percent),
            ],
            sorted(fields.dicts(), key=lambda row: row["share"]),
            {"fields": fields},
        ),
        part_of(
            "deliveries",
            "Uniqueness and validity: rows",
            "What became of the rows of all files and requests.",
            [
                text("Source", "source"),
                *(
                    number(name.capitalize(), name)
                    for name in ("deliveries", "received", "stored", "duplicate", "quarantined")
                ),
                ("Quarantined share", lambda row: _share(row["quarantined"], row["received"]), True),
            ],
            deliveries.dicts(),
            {"rows": deliveries, "repeats": report.table("repeats")},
        ),
        part_of(
            "reasons",
            "Validity: why rows wait in quarantine",
            "They are in no graph: “journeygraph quarantine list” shows each of them. Of an outdated one the file was "
            "read again since, and has it no more.",
            [
                text("File", "file"),
                text("Column", "column"),
                number("Rows", "rows"),
                text("State", "state"),
                text("Reason", "reason"),
            ],
            reasons.dicts(),
            {},
        ),
        part_of(
            "checks",
            "Timeliness and consistency",
            "Loaded in: how long after it happened.",
            [
                text("Source", "source"),
                number("Touchpoints", "touchpoints"),
                number("Half loaded in", "median_seconds", formats.duration),
                number("90 % loaded in", "p90_seconds", formats.duration),
                number("Before they happened", "after_loading"),
                number("With value", "with_value"),
                number("No currency", "without_currency"),
                number("Currencies", "currencies"),
                number("Conversions", "conversions"),
                number("No value", "without_value"),
                number("Name nobody", "nameless"),
            ],
            checks.dicts(),
            {"checks": checks},
        ),
        part_of(
            "shared",
            "Consistency: what is said in several ways",
            "A product should be in one category, and an identifier lead to one customer.",
            [text("Check", "check"), *share],
            shared.dicts(),
            {"what is said in several ways": shared},
        ),
    )


def _share(numerator: float | None, denominator: float | None) -> str:
    return formats.percent((numerator or 0) / denominator) if denominator else formats.NONE


def _contracts(report: QualityReport) -> tuple[Part, ...]:
    rows = [card.model_dump() for card in report.contracts.contracts]
    return (
        part_of(
            "contracts",
            "Contracts of sources",
            "“journeygraph contracts diff SOURCE” says what changed.",
            [
                text("Source", "source"),
                number("Version", "version"),
                text("Mode", "mode"),
                number("Columns", "columns"),
                ("Changed", lambda row: formats.unbroken(formats.instant(row["changed_at"])), False),
                text("By file", "changed_by"),
                text("In load", "batch_id"),
                number("Departures", "departures"),
            ],
            rows,
            {},
        ),
    )


def _stages(report: QualityReport) -> tuple[Part, ...]:
    checks = [check.model_dump() for check in report.stages.checks]
    deliveries = [one.model_dump() for one in report.stages.deliveries]
    asked = report.stages.statements
    return (
        part_of(
            "stages",
            "Between every two stages",
            "Nothing may be lost on the way from the files to the report.",
            [
                text("Stage", "stage"),
                text("Counted", "left"),
                number("", "left_count"),
                text("Against", "right"),
                number("", "right_count"),
                ("Agrees", lambda row: "✓ yes" if row["agrees"] else row["explained"] or "✗ NO", False),
                text("Note", "note"),
            ],
            checks,
            asked,
        ),
        part_of(
            "files",
            "Files and requests, the newest first",
            "Received = stored + duplicate + quarantined.",
            [
                text("File", "file"),
                ("Load", lambda row: formats.unbroken(formats.instant(row["started_at"])), False),
                text("Protocol", "protocol"),
                text("Format", "format"),
                text("Mapping version", "mapping_version"),
                number("Received", "received"),
                number("Stored", "stored"),
                number("Duplicate", "duplicate"),
                number("Quarantined", "quarantined"),
                number("In the graph", "held"),
            ],
            deliveries[::-1],
            {"deliveries": asked["deliveries"], "held": asked["held"]},
        ),
    )


def _dictionary(report: QualityReport) -> tuple[Part, ...]:
    rows = dictionary_rows(report)
    order = {"Touchpoint": 0, "Customer": 1, "Journey": 2, "Session": 3}
    rows.sort(key=lambda row: (order.get(row["kind"], 9), row["kind"], row["property"]))
    specs = [
        ("Property", lambda row: f"{row['kind']}.{row['property']}", False),
        ("Meaning", lambda row: f"{row['meaning']} ({row['unit']})" if row["unit"] else row["meaning"], False),
        text("Type", "types"),
        number("Filled", "filled"),
        number("Of", "of"),
        number("Share", "share", formats.percent),
        (
            "Example",
            lambda row: "(personal)" if row["personal"] else formats.shortened(row["example"] or formats.NONE, 22),
            False,
        ),
        ("From", lambda row: _few(row["sources"]), False),
    ]
    statements = report.dictionary.statements
    return (
        part_of(
            "dictionary",
            "Every property in the graph",
            "Of sources' own text only the shape is shown; dictionary.csv has the columns and files.",
            specs,
            rows,
            statements,
        ),
    )


def dictionary_rows(report: QualityReport) -> list[dict[str, Any]]:
    """The dictionary as flat rows; of its origins the sources with their columns and files."""
    rows = []
    for entry in report.dictionary.entries:
        sources = sorted({one.source for one in entry.origins})
        origins = sorted({f"{one.source}: {one.column or entry.property} in {one.file}" for one in entry.origins})
        held = entry.model_dump(exclude={"origins", "types", "statement"})
        rows.append(held | {"types": ", ".join(entry.types), "sources": sources, "origins": "; ".join(origins)})
    return rows


def _few(names: Sequence[str]) -> str:
    """At most two names in one line.

    >>> _few(["ads", "app", "web"]), _few([])
    ('ads, app and 1 more', '')
    """
    shown = ", ".join(formats.shortened(name, 20) for name in names[:2])
    return f"{shown} and {len(names) - 2} more" if len(names) > 2 else shown
