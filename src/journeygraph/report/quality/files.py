"""The quality report as files: quality.html, quality.json, and each table as CSV."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from journeygraph.answers import Answer
from journeygraph.errors import UsageError
from journeygraph.report import html, tables
from journeygraph.report.quality.collect import QualityReport
from journeygraph.report.quality.view import dictionary_rows, sources_rows, view


class Written(Answer):
    """What was written, in `folder`; whether the counts agree between all stages."""

    folder: str
    files: tuple[str, ...]
    sources: int
    agrees: bool


def contents(report: QualityReport) -> dict[str, str]:
    """File name -> content; the same report gives the same bytes."""
    csv = _csv(report)
    document = json.dumps(report.model_dump(mode="json"), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    return {"quality.html": page(report, csv), "quality.json": document, **csv}


def page(report: QualityReport, csv: Mapping[str, str] | None = None) -> str:
    """The page: one file that loads nothing, with its tables inside."""
    return html.drawn("quality.html.j2", view(report), _csv(report) if csv is None else csv)


def write(
    report: QualityReport,
    folder: Path,
    before: Callable[[Path, Iterable[str]], None] = lambda _folder, _names: None,
) -> Written:
    """Write the files into a folder, which is created; `before` is told of them.

    Raises `UsageError` where it cannot be written to.
    """
    made = contents(report)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before(folder.absolute(), made)
        for name, content in made.items():
            fresh = folder / f".{name}.new"
            fresh.write_text(content, encoding="utf-8", newline="")
            fresh.replace(folder / name)
    except OSError as error:
        raise UsageError(f"The quality report cannot be written to {folder}: {error.strerror or error}.") from error
    return Written(
        folder=str(folder.absolute()), files=tuple(made), sources=len(report.inventory.sources),
        agrees=report.stages.agrees,
    )  # fmt: skip


def _csv(report: QualityReport) -> dict[str, str]:
    named: dict[str, Sequence[Mapping[str, Any]]] = {table.name: table.dicts() for table in report.tables}
    named["silences"] = [one.model_dump(mode="json") for one in report.silences.sources]
    named["anomalies"] = [one.model_dump(mode="json") for one in report.anomalies.anomalies]
    named["scores"] = [score.model_dump() for score in report.scores]
    named["sources"] = sources_rows(report)
    named["measures"] = [
        {"source": card.source, "rating": rating.name, "given": rating.rating, **measure.model_dump()}
        for card in report.inventory.sources
        for rating in card.ratings
        for measure in rating.measures
    ]
    named["contracts"] = [card.model_dump() for card in report.contracts.contracts]
    named["stages"] = [check.model_dump() for check in report.stages.checks]
    named["files"] = [one.model_dump() for one in report.stages.deliveries]
    named["dictionary"] = dictionary_rows(report)
    return {f"{name}.csv": tables.as_csv(rows) for name, rows in sorted(named.items()) if rows}
