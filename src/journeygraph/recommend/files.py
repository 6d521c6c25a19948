"""Session files: one session a line, or one row an item; plain or gzip."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import TextIO

from dateutil.parser import isoparse

from journeygraph.errors import InputError

_COLUMNS = ("session_id", "item_id", "time")


def read(path: Path) -> list[list[str]]:
    """Sessions as lists of item ids, in order of their beginnings.

    A file whose first line names the columns `session_id,item_id,time` (in any order, among others, divided by comma,
    semicolon or tab) has one row an item: rows of a session are put in order of time (ISO 8601 or a number), those of
    one instant as they stand, and sessions by their first instant.  Any other file has one session a line, its items
    divided by blanks, commas, semicolons or tabs; lines stand in order of time.

    Raises `InputError` with the line where a row cannot be read.
    """
    lines = _lines(path)
    first = next(lines, None)
    if first is None:
        raise InputError(f"{path} is empty: it should hold one session a line, or rows {','.join(_COLUMNS)}.")
    delimiter = next((mark for mark in ",;\t" if mark in first), ",")
    header = [name.strip().strip('"').lower() for name in first.split(delimiter)]
    if set(_COLUMNS) <= set(header):
        return _from_rows(path, csv.reader(lines, delimiter=delimiter), header)
    if "session_id" in header or "item_id" in header:
        missing = [name for name in _COLUMNS if name not in header]
        raise InputError(f"{path} has no column {missing[0]!r}; rows need {', '.join(_COLUMNS)}.")
    return [items for line in (first, *lines) if (items := _items(line))]


def _from_rows(path: Path, rows: Iterable[Sequence[str]], header: Sequence[str]) -> list[list[str]]:
    session, item, time = (header.index(name) for name in _COLUMNS)
    found: dict[str, list[tuple[float, str]]] = {}
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        if len(row) < len(header):
            raise InputError(f"{path}, line {number}: {len(row)} values where the header names {len(header)} columns.")
        found.setdefault(row[session], []).append((_seconds(row[time], path, number), row[item]))
    for members in found.values():
        members.sort(key=lambda member: member[0])
    ordered = sorted(found.values(), key=lambda members: members[0][0])
    return [[name for _, name in members] for members in ordered]


def _seconds(text: str, path: Path, number: int) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        instant = isoparse(text.strip().replace(" ", "T", 1))
    except ValueError as error:
        raise InputError(f"{path}, line {number}: time {text!r} is neither ISO 8601 nor a number.") from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def _items(line: str) -> list[str]:
    for mark in ",;\t":
        line = line.replace(mark, " ")
    return line.split()


def _lines(path: Path) -> Iterator[str]:
    try:
        with _opened(path) as file:
            yield from (line.rstrip("\r\n") for line in file)
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not text in UTF-8: {error.reason} at byte {error.start}.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")  # type: ignore[return-value,unused-ignore]
    return path.open(encoding="utf-8-sig")
