"""The source inventory: every source with its format, freshness, granularity, completeness and measured ratings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from dateutil.parser import isoparse

from journeygraph import queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import NotFound, did_you_mean_or_list
from journeygraph.graph import Graph, Row
from journeygraph.quality import contracts, ratings
from journeygraph.quality.contracts import Contract
from journeygraph.quality.ratings import Measure, Rating, share

#: What every touchpoint has, or what the product adds: their being there says nothing about a source.
ALWAYS: Final = (
    "touchpoint_id", "step", "channel", "stage", "occurred_at", "occurred_at_us", "ingested_at", "source", "batch_id",
    "file_number", "line",
)  # fmt: skip
_STATEMENTS: Final = (
    "quality/sources", "quality/source_files", "quality/source_fields", "quality/source_journeys",
    "quality/source_sessions", "quality/source_gaps",
)  # fmt: skip


class Field(Answer):
    """How many of a source's touchpoints have a value in a field."""

    field: str
    filled: int
    touchpoints: int
    share: float


class SourceCard(Answer):
    """One source.

    `statement` of a measure is a key of `Inventory.statements`; times are ISO 8601 in UTC, `age_days` counts from the
    newest touchpoint to `Inventory.at`.  `completeness` is the share of filled cells among the fields that the source
    fills at all: `filled` of `cells`.  `formats` and `protocols` are empty for what was loaded by an earlier version.
    """

    source: str
    formats: tuple[str, ...]
    protocols: tuple[str, ...]
    touchpoints: int
    customers: int
    first_at: str
    last_at: str
    loaded_at: str
    age_days: float
    resolution: str | None
    sessions: int
    per_customer: float
    per_session: float | None
    days_with: int
    usual_gap_days: int | None
    longest_gap_days: int | None
    deliveries: int
    received: int
    stored: int
    duplicate: int
    quarantined: int
    journeys: int
    converted: int
    contract_version: int | None
    contract_changes: int
    filled: int
    cells: int
    completeness: float | None
    fields: tuple[Field, ...]
    ratings: tuple[Rating, ...]

    def rating(self, name: str) -> int | None:
        """The rating of that name."""
        return next((one.rating for one in self.ratings if one.name == name), None)


class RefusedSource(Answer):
    """A source that sent rows, none of which could be stored: it has no touchpoint, so there is nothing to rate."""

    source: str
    deliveries: int
    received: int
    stored: int
    duplicate: int
    quarantined: int


class Inventory(Answer):
    """All sources as of an instant of the clock, and the statements that give their figures."""

    at: datetime
    sources: tuple[SourceCard, ...]
    refused: tuple[RefusedSource, ...] = ()
    statements: dict[str, Reproducible]


def inventory(graph: Graph, home: Path, *, source: str | None = None, at: datetime | None = None) -> Inventory:
    """Every source, or one; ages are counted until `at` (None: now).

    Raises `NotFound` for a source that no touchpoint has.
    """
    until = at or datetime.now(UTC)
    asked = {name.removeprefix("quality/"): _statement(name, source) for name in _STATEMENTS}
    found = {name: graph.run(queries.get(f"quality/{name}").cypher, one.parameters) for name, one in asked.items()}
    if source is not None and not found["sources"]:
        known = [str(row["source"]) for row in graph.read("quality/sources", source=None)]
        raise NotFound(f"There is no source {source!r}.{did_you_mean_or_list(source, known)}")
    by_source = {name: {row["source"]: row for row in rows} for name, rows in found.items() if name != "source_fields"}
    fields: dict[str, list[Row]] = {}
    for row in found["source_fields"]:
        fields.setdefault(row["source"], []).append(row)
    cards = []
    for row in found["sources"]:
        name = row["source"]
        other = {kind: rows.get(name, {}) for kind, rows in by_source.items()}
        contract = contracts.read(contracts.path_of(home, name), name)
        cards.append(_card(row, other, fields.get(name, []), contract, until))
    rated = {card.source for card in cards}
    refused = tuple(
        RefusedSource(**{name: row[name] for name in RefusedSource.model_fields})
        for row in found["source_files"]
        if row["source"] not in rated and row["quarantined"] == row["received"] > 0
    )
    return Inventory(at=until, sources=tuple(cards), refused=refused, statements=asked)


def _statement(name: str, source: str | None) -> Reproducible:
    parameters: dict[str, Any] = {"source": source}
    if name == "quality/source_fields":
        parameters["without"] = list(ALWAYS)
    return Reproducible(cypher=queries.get(name).cypher, parameters=parameters)


def _card(row: Row, other: dict[str, Row], filled: list[Row], contract: Contract, until: datetime) -> SourceCard:
    files, journeys, sessions = other["source_files"], other["source_journeys"], other["source_sessions"]
    gaps = other["source_gaps"]
    touchpoints = int(row["touchpoints"])
    fields = tuple(
        Field(field=one["field"], filled=one["filled"], touchpoints=touchpoints, share=one["filled"] / touchpoints)
        for one in filled
    )
    age = (until - isoparse(row["last_at"])).total_seconds() / 86_400
    fine = ratings.resolution(
        touchpoints, row["times_of_day"], row["on_quarter_hours"], row["on_minutes"], row["on_seconds"]
    )
    per_session = share(sessions.get("touchpoints"), sessions.get("sessions"))
    changes = sum(entry.version > 1 for entry in contract.history) + len(contract.departures)
    cells = touchpoints * len(fields)
    return SourceCard(
        source=row["source"],
        formats=tuple(sorted(files.get("formats", ()))),
        protocols=tuple(sorted(files.get("protocols", ()))),
        **{name: row[name] for name in ("customers", "first_at", "last_at", "loaded_at", "days_with")},
        usual_gap_days=gaps.get("usual_gap"),
        longest_gap_days=gaps.get("longest_gap"),
        touchpoints=touchpoints,
        age_days=age,
        resolution=fine,
        sessions=sessions.get("sessions", 0),
        per_customer=touchpoints / row["customers"],
        per_session=per_session,
        **{name: files.get(name, 0) for name in ("deliveries", "received", "stored", "duplicate", "quarantined")},
        journeys=journeys.get("journeys", 0),
        converted=journeys.get("converted", 0),
        contract_version=contract.version or None,
        contract_changes=changes,
        filled=sum(one.filled for one in fields),
        cells=cells,
        completeness=share(sum(one.filled for one in fields), cells),
        fields=fields,
        ratings=_ratings(row, other, age, fine, per_session, changes if contract.version else None),
    )


def _ratings(
    row: Row,
    other: dict[str, Row],
    age: float,
    fine: str | None,
    per_session: float | None,
    changes: int | None,
) -> tuple[Rating, ...]:
    files, journeys, silences = other["source_files"], other["source_journeys"], other["source_gaps"]
    taken = share(journeys.get("converted"), journeys.get("all_converted"))
    refused = share(files.get("quarantined"), files.get("received"))
    silent = share(silences.get("silent_days"), silences.get("days"))
    relevance = Measure(
        name="share of converted journeys with a touchpoint of it", value=taken,
        grade=ratings.at_least(taken, ratings.CONVERTED_SHARE), numerator=journeys.get("converted"),
        denominator=journeys.get("all_converted"), statement="source_journeys",
    )  # fmt: skip
    freshness = Measure(
        name="days since its newest touchpoint", value=age, grade=ratings.at_most(age, ratings.AGE_DAYS),
        statement="sources",
    )  # fmt: skip
    times = Measure(
        name="finest unit of its times", value=fine, grade=ratings.RESOLUTIONS[fine] if fine else None,
        denominator=row["touchpoints"], statement="sources",
    )  # fmt: skip
    depth = Measure(
        name="touchpoints per session", value=per_session, grade=ratings.at_least(per_session, ratings.PER_SESSION),
        statement="source_sessions",
    )  # fmt: skip
    quarantined = Measure(
        name="share of its rows in quarantine", value=refused, grade=ratings.at_most(refused, ratings.QUARANTINED),
        numerator=files.get("quarantined"), denominator=files.get("received"), statement="source_files",
    )  # fmt: skip
    gaps = Measure(
        name="share of days on which it was silent against its rhythm", value=silent,
        grade=ratings.at_most(silent, ratings.SILENT_DAYS), numerator=silences.get("silent_days"),
        denominator=silences.get("days"), statement="source_gaps",
    )  # fmt: skip
    changed = Measure(
        name="changes of its contract", value=changes,
        grade=ratings.at_most(changes, ratings.CONTRACT_CHANGES), statement="contract",
    )  # fmt: skip
    return (
        ratings.rate("relevance", [relevance]),
        ratings.rate("freshness", [freshness]),
        ratings.rate("granularity", [times, depth]),
        ratings.rate("reliability", [quarantined, gaps, changed]),
    )
