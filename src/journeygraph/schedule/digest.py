"""A report on one screen: what is new, what got worse, and what it is worth."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from journeygraph.report import Report, formats

LINES = 24
COLUMNS = 100
_ORDER = ("new", "worse", "better", "same", "closed")
_MARKS = {"new": "NEW", "worse": "WORSE", "better": "better", "same": "same", "closed": "closed"}


def subject(report: Report) -> str:
    """One line: for a mail's subject."""
    return f"{report.title} {formats.day(report.as_of or report.data_end)}: {_counts(report)}"


def digest(report: Report, place: str = "") -> str:
    """At most 24 lines of at most 100 columns; `place` says where the whole report is."""
    lines = [f"{report.title}, data to {formats.instant(report.as_of or report.data_end)}", _counts(report), ""]
    lines += [*_findings(report, room=LINES - len(lines) - (2 if place else 0))]
    if place:
        lines += ["", place]
    return "\n".join(lines) + "\n"


def statuses(report: Report) -> dict[str, int]:
    """Number of findings of each status; without an earlier report all count as new."""
    found = [row["status"] for row in _rows(report)]
    return {status: found.count(status) for status in _ORDER if status in found}


def _rows(report: Report) -> list[Mapping[str, Any]]:
    """New and worse ones first; within a status the costliest first, as the report has them."""
    answer = report.gaps.answer or {"findings": [], "closed": []}
    return sorted((*answer["findings"], *answer["closed"]), key=lambda row: _ORDER.index(row["status"]))


def _counts(report: Report) -> str:
    counted = statuses(report)
    if not counted:
        return report.gaps.reason or "no gap that could not be chance"
    if not (report.gaps.answer or {}).get("compared_with"):
        total = sum(counted.values())
        return f"{total} finding{'s' if total != 1 else ''}"
    return ", ".join(f"{number} {status}" for status, number in counted.items())


def _findings(report: Report, room: int) -> Iterator[str]:
    rows = _rows(report)
    shown: list[list[str]] = []
    for row in rows:
        lines = _lines(row)
        if sum(map(len, shown)) + len(lines) > room - (1 if len(shown) + 1 < len(rows) else 0):
            break
        shown.append(lines)
    for lines in shown:
        yield from lines
    if len(shown) < len(rows):
        yield f"... and {len(rows) - len(shown)} more in the report"


def _lines(row: Mapping[str, Any]) -> list[str]:
    """Two or three lines of a finding; text from the data is cut, and has no line breaks."""
    about = f"{_MARKS[row['status']]:<6} {_flat(row['title'])}{_worth(row)}"
    lines = textwrap.wrap(about, COLUMNS, subsequent_indent=" " * 7, max_lines=2, placeholder=" ...")
    if row.get("owner"):
        lines.append(f"       {_flat(row['owner'])}: {_flat(row.get('note') or '')}"[:COLUMNS])
    return lines


def _worth(row: Mapping[str, Any]) -> str:
    if row.get("lost_value"):
        return f" (about {formats.money(row['lost_value'], row['currency'])})"
    return f" (about {formats.count(row['lost_conversions'])} conversions)" if row.get("lost_conversions") else ""


def _flat(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
