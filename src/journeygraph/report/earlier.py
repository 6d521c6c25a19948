"""The earlier report that a report is compared with: a folder, a file, or an id in the list of reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from journeygraph import gaps
from journeygraph.errors import UsageError
from journeygraph.gaps.visits import Visits
from journeygraph.graph import Graph
from journeygraph.journeys import grain as grains
from journeygraph.journeys.table import JourneyTable
from journeygraph.report import formats, registry
from journeygraph.report.history import Point, points
from journeygraph.report.identity import identity
from journeygraph.report.model import Table
from journeygraph.schema import JourneyRules


@dataclass(frozen=True)
class Earlier:
    """What the comparison needs of an earlier report: its gap answer and history, its first and last touchpoint."""

    name: str
    data_start: str | None
    data_end: str | None
    gaps: Mapping[str, Any]
    id: str | None = None
    history: tuple[Point, ...] = ()
    grain: str = "customer"

    def check(self, grain: str) -> None:
        """Raise `UsageError` where this is a report of another grain: its findings are of other journeys."""
        if self.grain != grain:
            raise UsageError(
                f"{self.name} is a report of {self.grain}s, this one is of {grain}s: their journeys are not the same "
                f"ones. Compare it with a report made with --grain {grain}."
            )

    def grew_to(self, start: str | None, end: str | None) -> bool:
        """Whether data from `start` to `end` is this report's data, and perhaps more."""
        return start == self.data_start and (self.data_end or "") <= (end or "")


def read(place: str, home: Path) -> Earlier:
    """The report in that folder or file, or of that id.

    Raises `NotFound` for an id that is not known, and `UsageError` for a file that holds no report.
    """
    path = Path(place).expanduser()
    file = path / "report.json" if path.is_dir() else path
    if file.is_file():
        text = _text(file)
        return _parse(_document(file, text), str(file), identity(text))
    if path.is_dir():
        raise UsageError(f"There is no report.json in {place}; a report to compare with needs the format json.")
    return _parse(registry.content(home, place), place, place)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read as a report: {error}.") from error


def _document(file: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{file} cannot be read as a report: {error}.") from error


def _parse(document: Any, place: str, report_id: str) -> Earlier:
    try:
        answer = document["gaps"]["answer"] or {"findings": []}
        for row in answer["findings"]:
            _check(row)
        data_start, data_end = document["data_start"], document["data_end"]
        history = tuple(Point.model_validate(row) for row in document.get("history", ()))
        # A report of a version that kept no history has its own findings at least.
        history = history or tuple(points(answer, document.get("as_of") or data_end))
        for point in history:
            formats.day(point.at)
        grain = grains.check(document.get("grain", "customer"))
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{place} holds no journey gap report: {error!r} is missing or of another type.") from error
    return Earlier(place, data_start, data_end, answer, report_id, history, grain)


def _check(row: Mapping[str, Any]) -> None:
    for name, kind in (("id", str), ("kind", str), ("title", str), ("subject", str), ("cypher", str)):
        if not isinstance(row[name], kind):
            raise TypeError(name)
    if not isinstance(row["affected"], int) or not isinstance(row["denominator"], int):
        raise TypeError("affected")
    if not isinstance(row["parameters"], Mapping):
        raise TypeError("parameters")


def follow_up(
    graph: Graph,
    report: gaps.GapReport,
    earlier: Earlier | None,
    table: JourneyTable,
    rules: JourneyRules,
    totals: Table,
) -> gaps.GapReport:
    """The gap report with owners and notes, and with each finding's status against the earlier report."""
    report = gaps.add_owners(graph, report, as_of=table.as_of)
    if earlier is None:
        return report
    known_until_us = Visits(table, rules, 2).known_until_us
    span = totals.dicts()[0] if totals.rows else {"first_at": None, "last_at": None}
    return gaps.compare(
        report,
        earlier.gaps,
        compared_with=earlier.name,
        grown=earlier.grew_to(span["first_at"], span["last_at"]),
        recount=lambda row: gaps.recount(graph, row, known_until_us, as_of=table.as_of, grain=table.grain),
    )
