"""Corrected rows for a replay: the quarantine's own export, mended in a spreadsheet, or JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from journeygraph.errors import InputError

Corrections = dict[int, Mapping[str, Any]]
_NEEDED = "its `id` in the quarantine and the row as `raw`, as `journeygraph quarantine export` writes them, are needed"


def read(path: Path) -> Corrections:
    """Corrected rows by their id in the quarantine, from CSV with the columns id and raw, or JSON Lines with them.

    Raises `InputError` that names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The corrected rows {path} cannot be read: {error}.") from error
    if text.lstrip()[:1] == "{":
        lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        return parsed(((f"{path}, line {number}", _object(line, f"{path}, line {number}")) for number, line in lines))
    csv.field_size_limit(1 << 24)
    delimiter = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    rows = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter)
    return parsed((f"{path}, row {number}", row) for number, row in enumerate(rows, 1))


def parsed(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Corrections:
    """Corrections from maps with `id` and `raw`; each comes with its place, which is named in errors."""
    found: Corrections = {}
    for place, row in rows:
        raw = row.get("raw")
        try:
            entry = int(str(row.get("id")))
        except ValueError as error:
            raise InputError(f"{place}: the id {row.get('id')!r} is none of a row in quarantine: {_NEEDED}.") from error
        if entry in found:
            raise InputError(f"{place}: the row {entry} is there twice.")
        found[entry] = _object(raw, place) if isinstance(raw, str) else raw if isinstance(raw, Mapping) else {}
        if not found[entry]:
            raise InputError(f"{place}: the row {entry} says nothing: {_NEEDED}.")
    if not found:
        raise InputError(f"There are no corrected rows: {_NEEDED}.")
    return found


def _object(text: str, place: str) -> dict[str, Any]:
    try:
        made = json.loads(text)
    except ValueError as error:
        raise InputError(f"{place}: {text[:60]!r} is no JSON object ({error}): {_NEEDED}.") from error
    if not isinstance(made, dict):
        raise InputError(f"{place}: {text[:60]!r} is no JSON object: {_NEEDED}.")
    return made
