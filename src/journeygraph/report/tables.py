"""The same figures as CSV files, one a table, safe to open in a spreadsheet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from defusedcsv import csv

from journeygraph.report.model import Report

#: Files that pictures are drawn from: the page carries these inside.
_PATHS = ("links", "step_matrix", "transition_matrix", "transitions", "waits", "variants", "routes")
_INTENT = ("intent_reliability", "intent_deciles", "intent_groups", "intent_slices", "intent_drift")
_PICTURES = (*_PATHS, *_INTENT, "step_graph", "history", "funnel", "attribution")
BEHIND_PICTURES = frozenset(f"{name}.csv" for name in _PICTURES)


def files(report: Report) -> dict[str, str]:
    """File name -> content.  A cell that a spreadsheet would run as a formula starts with an apostrophe."""
    named: dict[str, Sequence[Mapping[str, Any]]] = {table.name: table.dicts() for table in report.tables}
    named["waits"] = _by_class(report)
    named["history"] = [point.model_dump() for point in report.history]
    named["anomalies"] = _part(report.anomalies.answer, "anomalies")
    named["findings"] = _part(report.gaps.answer, "findings")
    named["links"] = _part(report.paths.answer, "links")
    named["funnel"] = _part(report.funnel.answer, "steps")
    named["attribution"] = _part(report.attribution.answer, "channels")
    named["patterns"] = _part(report.patterns.answer, "patterns")
    named |= _intent(report.intent.answer)
    named["figures"] = [figure.model_dump() for figure in report.figures]
    return {f"{name}.csv": as_csv(rows) for name, rows in sorted(named.items()) if rows}


def _part(answer: Mapping[str, Any] | None, name: str) -> Sequence[Mapping[str, Any]]:
    return answer[name] if answer else []


def _intent(answer: Mapping[str, Any] | None) -> dict[str, Sequence[Mapping[str, Any]]]:
    """What the pictures of the intent scores show of the chosen model; an interval is three columns."""
    chosen = next((row for row in (answer or {}).get("figures", ()) if row["name"] == (answer or {})["chosen"]), None)
    if not answer or not chosen:
        return {}
    audit = answer["audit"]
    return {
        "intent_reliability": chosen["reliability"],
        "intent_deciles": [{"tenth": place, "lift": lift} for place, lift in enumerate(chosen["decile_lift"], 1)],
        "intent_groups": [_spread(row) for row in audit["groups"]],
        "intent_slices": [_spread(row) for row in audit["slices"]],
        "intent_drift": audit["drift"],
    }


def _spread(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose intervals (value, low, high) are columns of their own."""
    spread: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, list | tuple) and len(value) == 3 and all(isinstance(one, float) for one in value):
            spread |= dict(zip((name, f"{name}_low", f"{name}_high"), value, strict=True))
        else:
            spread[name] = value
    return spread


def _by_class(report: Report) -> list[dict[str, Any]]:
    """The waits with a column for each class, named by where it begins, in seconds."""
    table = report.table("waits")
    heads = [f"from_{edge}_s" for edge in table.parameters.get("edges", ())]
    rows = [dict(row) for row in table.dicts()]
    return [row | dict(zip(heads, row.pop("counts"), strict=True)) for row in rows]


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV that a spreadsheet runs no formula of; the columns are those of any row."""
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
