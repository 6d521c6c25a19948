"""The same figures as CSV files, one a table, safe to open in a spreadsheet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from defusedcsv import csv

from journeygraph.report.model import Report

#: Files that pictures are drawn from: the page carries these inside.
_PICTURES = ("links", "step_matrix", "step_graph", "transitions", "waits", "history", "funnel", "attribution")
BEHIND_PICTURES = frozenset(f"{name}.csv" for name in _PICTURES)


def files(report: Report) -> dict[str, str]:
    """File name -> content.  A cell that a spreadsheet would run as a formula starts with an apostrophe."""
    named: dict[str, Sequence[Mapping[str, Any]]] = {table.name: table.dicts() for table in report.tables}
    named["waits"] = _by_class(report)
    named["history"] = [point.model_dump() for point in report.history]
    named["findings"] = _part(report.gaps.answer, "findings")
    named["links"] = _part(report.paths.answer, "links")
    named["funnel"] = _part(report.funnel.answer, "steps")
    named["attribution"] = _part(report.attribution.answer, "channels")
    named["patterns"] = _part(report.patterns.answer, "patterns")
    named["figures"] = [figure.model_dump() for figure in report.figures]
    return {f"{name}.csv": _csv(rows) for name, rows in sorted(named.items()) if rows}


def _part(answer: Mapping[str, Any] | None, name: str) -> Sequence[Mapping[str, Any]]:
    return answer[name] if answer else []


def _by_class(report: Report) -> list[dict[str, Any]]:
    """The waits with a column for each class, named by where it begins, in seconds."""
    table = report.table("waits")
    heads = [f"from_{edge}_s" for edge in table.parameters.get("edges", ())]
    rows = [dict(row) for row in table.dicts()]
    return [row | dict(zip(heads, row.pop("counts"), strict=True)) for row in rows]


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(_cells(row, columns) for row in rows)
    return text.getvalue()


def _cells(row: Mapping[str, Any], columns: Iterable[str]) -> list[Any]:
    """Cells of a row; lists and maps as JSON."""
    return [
        json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict | list | tuple) else value
        for value in (row.get(column) for column in columns)
    ]
