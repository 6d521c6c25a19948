"""Every figure of the quality report, each beside its denominator and the statement that gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, get_args

from journeygraph import __version__, queries
from journeygraph.answers import Answer
from journeygraph.graph import Graph, Row
from journeygraph.quality import waiting
from journeygraph.quality.anomalies import Anomalies, anomalies
from journeygraph.quality.contracts import ContractList, overview
from journeygraph.quality.dictionary import Dictionary, dictionary
from journeygraph.quality.inventory import Inventory, RefusedSource, SourceCard, inventory
from journeygraph.quality.silences import Silences, silences
from journeygraph.quality.stages import Stages, stages
from journeygraph.report.model import Table, make_table

Dimension = Literal["completeness", "uniqueness", "validity", "timeliness", "consistency", "trend"]
DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)
_WEEKS: Final = 4


class Score(Answer):
    """How good a source is in one dimension: `good` of `of`; None of nothing.

    For the trend `good` are the touchpoints of the last four whole weeks and `of` those of the four before, so the
    share may be above 1.  `table` names the table with the statement.
    """

    source: str
    dimension: Dimension
    good: int
    of: int
    share: float | None
    table: str


class QualityReport(Answer):
    """The report: scores by source and dimension, and the tables that they are made of; ages are counted until `at`."""

    title: str = "Data quality report"
    product_version: str
    at: datetime
    scores: tuple[Score, ...]
    silences: Silences
    anomalies: Anomalies
    tables: tuple[Table, ...]
    inventory: Inventory
    stages: Stages
    contracts: ContractList
    dictionary: Dictionary

    def table(self, name: str) -> Table:
        """The table of that name; one without rows where the report has none."""
        none = Table(name=name, title=name, columns=(), rows=(), cypher="")
        return next((table for table in self.tables if table.name == name), none)


def collect(graph: Graph, home: Path, *, at: datetime | None = None) -> QualityReport:
    """Measure everything; ages are counted until `at` (None: now)."""
    until = at or datetime.now(UTC)
    found = inventory(graph, home, at=until)
    tables = {
        "checks": _asked(graph, "quality/checks", "checks", "Validity, timeliness and consistency by source"),
        "repeats": _asked(graph, "quality/repeats", "repeats", "Touchpoints that repeat the one before"),
        "shared": _asked(graph, "quality/shared", "shared", "What is said in several ways"),
        "trend": _asked(graph, "quality/trend", "trend", "Touchpoints by source and week"),
        "fields": _fields(found),
        "deliveries": _deliveries(found),
        "reasons": _reasons(home),
    }
    return QualityReport(
        product_version=__version__,
        at=until,
        scores=(
            *_scores(found.sources, {name: table.dicts() for name, table in tables.items()}),
            *_scores_of_refused(found.refused),
        ),
        silences=silences(graph, until=until),
        anomalies=anomalies(graph),
        tables=tuple(table for table in tables.values() if table.rows),
        inventory=found,
        stages=stages(graph, home),
        contracts=overview(home),
        dictionary=dictionary(graph, home),
    )


def _asked(graph: Graph, query: str, name: str, title: str) -> Table:
    return make_table(name, title, graph.read(query), queries.get(query).cypher, {})


def _fields(found: Inventory) -> Table:
    rows = [
        {"source": card.source, "field": one.field, "filled": one.filled, "of": one.touchpoints, "share": one.share}
        for card in found.sources
        for one in card.fields
    ]
    statement = found.statements["source_fields"]
    return make_table("fields", "Fields that each source fills", rows, statement.cypher, statement.parameters)


def _deliveries(found: Inventory) -> Table:
    names = ("source", "deliveries", "received", "stored", "duplicate", "quarantined")
    rows = [{name: getattr(one, name) for name in names} for one in (*found.sources, *found.refused)]
    statement = found.statements["source_files"]
    return make_table("deliveries", "What became of the rows", rows, statement.cypher, statement.parameters)


def _reasons(home: Path) -> Table:
    """Why rows wait in quarantine.  They are in no graph: `quarantine list` has them."""
    rows = [count.model_dump() for count in waiting.counts(home)]
    return make_table("reasons", "Why rows wait in quarantine", rows, "", {})


def _scores(cards: Sequence[SourceCard], rows: Mapping[str, Sequence[Row]]) -> list[Score]:
    checks = {row["source"]: row for row in rows["checks"]}
    repeats = {row["source"]: int(row["repeats"]) for row in rows["repeats"]}
    scores: list[Score] = []
    for card in cards:
        check = checks[card.source]
        wrong = check["after_loading"] + check["without_currency"] + check["without_value"]
        checked = check["touchpoints"] + check["with_value"] + check["conversions"]
        now, before = weeks(rows["trend"], card.source)
        scores += [
            _score(card.source, "completeness", card.filled, card.cells, "fields"),
            _score(
                card.source, "uniqueness", card.touchpoints - repeats.get(card.source, 0), card.touchpoints, "repeats"
            ),
            _score(card.source, "validity", card.received - card.quarantined, card.received, "deliveries"),
            _score(card.source, "timeliness", check["within_a_day"], check["touchpoints"], "checks"),
            _score(card.source, "consistency", checked - wrong, checked, "checks"),
            _score(card.source, "trend", now, before, "trend"),
        ]
    return scores


def _scores_of_refused(refused: Sequence[RefusedSource]) -> list[Score]:
    """Of what could not be stored only that can be told."""
    return [
        _score(one.source, dimension, 0, one.received if dimension == "validity" else 0, "deliveries")
        for one in refused
        for dimension in DIMENSIONS
    ]


def _score(source: str, dimension: Dimension, good: int, of: int, table: str) -> Score:
    return Score(source=source, dimension=dimension, good=good, of=of, share=good / of if of else None, table=table)


def weeks(rows: Sequence[Row], source: str) -> tuple[int, int]:
    """Touchpoints of a source in the last four whole weeks of all data, and in the four before.

    >>> rows = [{"source": "s", "week": f"2026-01-{day:02}", "touchpoints": day} for day in (5, 12, 19, 26)]
    >>> weeks(rows, "s"), weeks(rows, "t")
    ((36, 0), (0, 0))
    """
    known = sorted({str(row["week"]) for row in rows})[:-1]  # the last one may have only begun
    last, before = set(known[-_WEEKS:]), set(known[-2 * _WEEKS : -_WEEKS])
    own = [row for row in rows if row["source"] == source]
    return (
        sum(int(row["touchpoints"]) for row in own if row["week"] in last),
        sum(int(row["touchpoints"]) for row in own if row["week"] in before),
    )
