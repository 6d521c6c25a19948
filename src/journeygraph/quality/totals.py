"""A source's own totals against what the graph holds: counts, sums and customers by source, day and step."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator

from journeygraph import queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import InputError, UsageError
from journeygraph.graph import Graph, Row

KEYS: Final = ("source", "day", "step")
FIGURES: Final = ("rows", "value", "customers")
#: Two sums of the same amounts in another order differ by less than that.
_ROUNDING: Final = 0.005
Key = tuple[str | None, ...]


class Total(Answer):
    """One line of a totals file; what is None is not stated (a key: summed over)."""

    source: str | None = None
    day: str | None = None
    step: str | None = None
    rows: int | None = Field(None, ge=0)
    value: float | None = Field(None, allow_inf_nan=False)
    customers: int | None = Field(None, ge=0)

    @field_validator("day")
    @classmethod
    def _is_a_day(cls, day: str | None) -> str | None:
        if day is not None and (len(day) != len("2026-01-31") or not _is_date(day)):
            raise ValueError("a day such as 2026-01-31 is needed")
        return day


class Compared(Answer):
    """One figure of one line: what the source states and what the graph holds; None where one has no such line."""

    source: str | None
    day: str | None
    step: str | None
    figure: str
    stated: float | None
    stored: float | None
    difference: float
    within: bool


class Comparison(Reproducible):
    """All figures; `off` counts those that differ by more than `tolerance`, a share of what is stated."""

    tolerance: float
    timezone: str
    compared: int
    off: int
    lines: tuple[Compared, ...]


def read(path: Path) -> list[Total]:
    """The lines of a totals file: CSV, or JSON with a list of objects.

    Raises `InputError` that names file, line, and what was allowed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The totals {path} cannot be read: {error}.") from error
    if text.lstrip()[:1] in ("[", "{"):
        try:
            document = json.loads(text)
        except ValueError as error:
            raise InputError(f"The totals {path} are not JSON: {error}.") from error
        records = document.get("totals") if isinstance(document, dict) else document
        if not isinstance(records, list):
            raise InputError(f"The totals {path} are no list of objects, and have none under the key totals.")
        return totals(records, str(path))
    delimiter = ";" if text.split("\n", 1)[0].count(";") else ","
    lines = csv.DictReader(text.splitlines(), delimiter=delimiter)
    return totals([_plain(line, comma=delimiter == ";") for line in lines], str(path), first=2)


def _plain(line: Mapping[str | None, Any], *, comma: bool) -> dict[str, Any]:
    """A line of CSV with its columns' names in small letters; between semicolons a comma is the decimal one.

    >>> _plain({"Source": "shop", "Value": "20,50"}, comma=True)
    {'source': 'shop', 'value': '20.50'}
    """
    plain = {"" if name is None else name.strip().lower(): value for name, value in line.items()}
    value = plain.get("value")
    if comma and isinstance(value, str) and re.fullmatch(r"-?\d+,\d+", value.strip()):
        plain["value"] = value.replace(",", ".")
    return plain


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def totals(records: Sequence[Any], place: str, first: int = 1) -> list[Total]:
    """Lines from maps; `place` is named in errors, and `first` is the number of the first one there."""
    found: list[Total] = []
    for number, record in enumerate(records, first):
        if not isinstance(record, Mapping):
            raise InputError(f"{place}, line {number}: {record!r} is no line of totals: an object is needed.")
        held = {key: value for key, value in record.items() if value not in (None, "")}
        try:
            found.append(Total.model_validate(held))
        except ValidationError as error:
            fault = error.errors()[0]
            name = ".".join(str(part) for part in fault["loc"])
            raise InputError(
                f"{place}, line {number}: {name} is {fault['input']!r}: {fault['msg'].removeprefix('Value error, ')}. "
                f"Columns are: {', '.join((*KEYS, *FIGURES))}."
            ) from error
        if not any(name in held for name in FIGURES):
            raise InputError(f"{place}, line {number} has no figure: at least one of {', '.join(FIGURES)} is needed.")
    if not found:
        raise InputError(f"{place} has no totals: a line with {', '.join(FIGURES)} is needed.")
    return found


def compare(graph: Graph, stated: Sequence[Total], *, tolerance: float = 0.0, timezone: str = "UTC") -> Comparison:
    """Hold totals against the graph, at the detail that they have; days are those of the time zone.

    Lines that the graph has and the totals don't, of the same sources (all, where none are named), are told as well.
    Raises `UsageError` for a zone that there isn't, for a line without any figure, and for lines that differ in which
    of source, day, step they have.
    """
    try:
        ZoneInfo(timezone)
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"--timezone {timezone!r} is not a time zone such as UTC or Europe/Berlin.") from error
    empty = [total for total in stated if all(getattr(total, name) is None for name in FIGURES)]
    if empty:
        line = _named((empty[0].source, empty[0].day, empty[0].step))
        raise UsageError(f"The line of {line} has no figure: at least one of {', '.join(FIGURES)} is needed.")
    by = {key: any(getattr(total, key) is not None for total in stated) for key in KEYS}
    uneven = [key for key in KEYS if by[key] and any(getattr(total, key) is None for total in stated)]
    if uneven:
        raise UsageError(f"Some totals have a {uneven[0]} and some have none: give each detail a file of its own.")
    parameters = {**{f"by_{key}": by[key] for key in KEYS}, "timezone": timezone}
    query = queries.get("quality/totals")
    rows = graph.run(query.cypher, parameters)
    lines = _lines(stated, rows, tolerance)
    return Comparison(
        cypher=query.cypher, parameters=parameters, tolerance=tolerance, timezone=timezone, compared=len(lines),
        off=sum(not line.within for line in lines), lines=tuple(lines),
    )  # fmt: skip


def _lines(stated: Sequence[Total], rows: Sequence[Row], tolerance: float) -> list[Compared]:
    own: dict[Key, Row] = {tuple(row[key] for key in KEYS): row for row in rows}
    told: dict[Key, Total] = {}
    for total in stated:
        key: Key = (total.source, total.day, total.step)
        if key in told:
            raise UsageError(f"The totals have two lines for {_named(key)}.")
        told[key] = total
    figures = [figure for figure in FIGURES if any(getattr(total, figure) is not None for total in stated)]
    sources = {total.source for total in stated}
    unstated = [key for key in own if key not in told and key[0] in sources]
    lines: list[Compared] = []
    for place in [*told, *unstated]:
        row, line = own.get(place), told.get(place)
        for figure in figures:
            said = getattr(line, figure) if line else None
            if line is None or said is not None:
                lines.append(_compared(place, figure, said, row[figure] if row else None, tolerance))
    return lines


def _compared(key: Key, figure: str, stated: float | None, stored: float | None, tolerance: float) -> Compared:
    difference = (stored or 0) - (stated or 0)
    allowed = max(tolerance * abs(stated or 0), _ROUNDING if figure == "value" else 0)
    within = abs(difference) <= allowed and not math.isnan(difference)
    return Compared(**dict(zip(KEYS, key, strict=True)), figure=figure, stated=stated, stored=stored,
                    difference=difference, within=within)  # fmt: skip


def _named(key: Key) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(KEYS, key, strict=True) if value is not None) or "all"
