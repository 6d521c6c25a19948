"""The records of a source's file, whatever it is written in, and the chunks of rows that become touchpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from journeygraph_loaders import csv_file, jsonl_file, parquet_file
from journeygraph_loaders.chunks import CHUNK_ROWS, FORMAT, BadRow, Chunk
from journeygraph_loaders.files import Opened
from journeygraph_loaders.jsonl_file import kind_of
from journeygraph_loaders.sources import json_document
from journeygraph_loaders.sources.base import Document, Record, Refused, Source

Found = Iterator[Record | BadRow]


def chunks(
    opened: Opened,
    source: Source,
    *,
    size: int = CHUNK_ROWS,
    delimiter: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[list[Chunk]]:
    """Rows of a source's file, `size` or a few more at a time, grouped by their columns.

    `say` is told how many records were no touchpoints.
    """
    rows: list[tuple[int, dict[str, Any]]] = []
    bad: list[BadRow] = []
    skipped = 0
    for record in records(opened, source, delimiter):
        if isinstance(record, BadRow):
            bad.append(record)
        else:
            made, wrong = rows_of(source, record, str(opened.path))
            skipped += not made and wrong is None
            rows += [(record.line, row) for row in made]
            bad += [wrong] if wrong else []
        if len(rows) + len(bad) >= size:
            yield grouped(opened.path, source, rows, bad)
            rows, bad = [], []
    if rows or bad:
        yield grouped(opened.path, source, rows, bad)
    if skipped:
        say(f"{opened.path}: {skipped:,} records of {source.title} are no touchpoints and were left out.")


def rows_of(source: Source, record: Record, place: str) -> tuple[list[dict[str, Any]], BadRow | None]:
    """The rows of one record, or the record as a bad row; `place` is the file, whose name may say something of it."""
    if not isinstance(record.document, Mapping):
        sentence = f"A record is {kind_of(record.document)}: {source.title} has a JSON object there."
        return [], _bad(record, place, source, None, json.dumps(record.document)[:200], sentence)
    envelope = {**source.named(place), **record.envelope} if source.named else record.envelope
    try:
        return list(source.rows(record.document, envelope)), None
    except Refused as refused:
        value = json.dumps(refused.value, default=str, ensure_ascii=False)[:200]
        sentence = f"The {refused.field} {value} {refused.half}."
        return [], _bad(record, place, source, refused.field, value, sentence)


def _bad(record: Record, place: str, source: Source, field: str | None, value: str | None, sentence: str) -> BadRow:
    document = record.document if isinstance(record.document, Mapping) else {"(record)": record.document}
    fields = {**jsonl_file.flat(document), FORMAT: source.name}
    return BadRow(place, record.line, field, value, sentence, fields, whole=False)


def grouped(path: Path, source: Source, rows: list[tuple[int, dict[str, Any]]], bad: list[BadRow]) -> list[Chunk]:
    """Rows of a source as chunks of equal columns."""
    found = jsonl_file.grouped(path, rows, bad)
    for chunk in found:
        chunk.format = source.name
    return found


def records(opened: Opened, source: Source, delimiter: str | None = None) -> Found:
    """Every record of the file, and what cannot be read as one."""
    if source.read is not None and (special := source.read(opened)) is not None:
        return special
    if opened.format == "json":
        return json_document.read(opened, source.envelopes)
    if opened.format == "jsonl":
        return _lines(opened, source)
    if opened.format == "csv":
        return _table(csv_file.read(opened, delimiter=delimiter))
    return _table(chunk for part in parquet_file.read(opened, flatten=False) for chunk in part)


def _lines(opened: Opened, source: Source) -> Found:
    number = 0
    while line := opened.stream.readline(jsonl_file.MAX_LINE_BYTES):
        number += 1
        line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not line.strip():
            continue
        try:
            parsed = from_json(line)
        except (ValueError, RecursionError) as error:
            yield jsonl_file.broken(opened, number, line, error)
            continue
        for document, envelope in opened_up(parsed, source.envelopes):
            yield Record(number, document, envelope)


def opened_up(parsed: Any, envelopes: tuple[str, ...]) -> Iterator[tuple[Any, Document]]:
    """The records of a value: itself, the elements of an array, or what an envelope lists.

    >>> list(opened_up({"batch": [1, 2], "sentAt": "x"}, ("batch",)))
    [(1, {'sentAt': 'x'}), (2, {'sentAt': 'x'})]
    """
    if isinstance(parsed, list):
        yield from ((one, {}) for one in parsed)
        return
    keys = [key for key in envelopes if isinstance(parsed, dict) and isinstance(parsed.get(key), list)]
    if not keys:
        yield parsed, {}
    around = {name: value for name, value in parsed.items() if name not in keys} if keys else {}
    for key in keys:
        yield from ((one, around) for one in parsed[key])


def _table(parts: Iterator[Chunk]) -> Found:
    for chunk in parts:
        yield from chunk.bad
        for place, line in enumerate(chunk.lines):
            yield Record(line, chunk.fields(place), {})
