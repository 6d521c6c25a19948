"""The first records of a file, for the recognition of its source."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic_core import from_json

from journeygraph_loaders.csv_file import MAX_ROW_CHARACTERS, sniff, without_declaration
from journeygraph_loaders.files import Opened
from journeygraph_loaders.sources.base import Document, Record, Sample
from journeygraph_loaders.sources.json_document import walk
from journeygraph_loaders.sources.reading import opened_up

_RECORDS: Final = 20


def of(opened: Opened, envelopes: tuple[str, ...]) -> Sample:
    """The beginning of an opened file; what cannot be read of it is left out."""
    if opened.format == "parquet":
        return Sample("parquet", [], frozenset(_parquet_columns(opened)))
    text = opened.sample.decode("utf-8-sig", "replace")
    if opened.format == "csv":
        return _table(text, sniff(opened.sample))
    pairs: list[tuple[Any, Document]] = []
    if opened.format == "json":
        found = islice(walk(opened, text, envelopes), _RECORDS)
        pairs = [(record.document, record.envelope) for record in found if isinstance(record, Record)]
    elif opened.format == "jsonl":
        pairs = _lines(text, envelopes)
    return _sample(opened.format, [pair for pair in pairs if isinstance(pair[0], Mapping)], text)


def _sample(form: str, pairs: Sequence[tuple[Any, Document]], text: str) -> Sample:
    around = frozenset(pairs[0][1]) if pairs else frozenset()
    return Sample(form, [], frozenset(), text, around).only([record for record, _ in pairs])


def _lines(text: str, envelopes: tuple[str, ...]) -> list[tuple[Any, Document]]:
    pairs: list[tuple[Any, Document]] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        try:
            pairs += opened_up(from_json(line), envelopes)
        except (ValueError, RecursionError):
            continue
        if len(pairs) >= _RECORDS:
            break
    return pairs[:_RECORDS]


def _table(text: str, delimiter: str) -> Sample:
    csv.field_size_limit(MAX_ROW_CHARACTERS)
    text = without_declaration(text)
    try:
        rows = list(islice((row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row), 6))
    except csv.Error:
        rows = []
    header = [name.strip() for name in rows[0]] if rows else []
    records = [dict(zip(header, row, strict=False)) for row in rows[1:] if len(row) == len(header)]
    return Sample("csv", records, frozenset(header), text)


def _parquet_columns(opened: Opened) -> list[str]:
    try:
        return list(pq.read_schema(opened.stream).names)
    except (pa.ArrowException, OSError, ValueError):
        return []
    finally:
        opened.stream.seek(0)
