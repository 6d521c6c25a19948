"""Which reports were written, and where: what `GET /v1/reports` lists.

A report lies where its reader wanted it (`--out DIR`); the home folder holds a card for each, named by the report's id.
The id is a hash of the report's content, so writing the same report again changes its card's place at most.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from journeygraph.answers import Answer
from journeygraph.errors import NotFound


class Entry(Answer):
    """A report that was written; `available` is False where its files are no longer there."""

    id: str
    title: str
    as_of: str | None
    data_end: str | None
    findings: int
    folder: str
    files: tuple[str, ...]
    available: bool = True


def register(home: Path, entry: Entry) -> None:
    """Remember a report; one file each, replaced in one go, so that two writers can't spoil it."""
    folder = home / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{entry.id}.json"
    fresh = target.with_suffix(".json.new")
    fresh.write_text(entry.model_dump_json(indent=2, exclude={"available"}) + "\n", encoding="utf-8")
    fresh.replace(target)


def entries(home: Path) -> list[Entry]:
    """All reports that were written, those with the newest data first, then by id."""
    found = [entry for path in (home / "reports").glob("*.json") if (entry := _read(path))]
    found.sort(key=lambda entry: entry.id)
    return sorted(found, key=lambda entry: entry.as_of or entry.data_end or "", reverse=True)


def entry(home: Path, report_id: str) -> Entry:
    """The report of that id.  Raises `NotFound`."""
    for known in entries(home):
        if known.id == report_id:
            return known
    raise NotFound(f"There is no report {report_id!r}; `journeygraph report --out DIR` writes one.")


def content(home: Path, report_id: str) -> dict[str, Any]:
    """The report.json of that id.  Raises `NotFound` where there is no such report, or no such file any more."""
    known = entry(home, report_id)
    path = Path(known.folder) / "report.json"
    if "report.json" not in known.files or not path.is_file():
        raise NotFound(f"The report {report_id!r} has no report.json in {known.folder} any more.")
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _read(path: Path) -> Entry | None:
    try:
        known = Entry.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None  # a card that isn't ours, or half of one, is no report
    return known.model_copy(update={"available": Path(known.folder).is_dir()})
