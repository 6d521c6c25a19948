"""What tests of the loaders share: files written in every format, and reading them whole."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.reading import Options, touchpoints
from journeygraph_loaders.rows import Row


class Kept:
    """A quarantine in memory."""

    def __init__(self) -> None:
        self.rows: list[BadRow] = []

    def add(self, rows: Sequence[BadRow]) -> None:
        self.rows.extend(rows)


def read(*paths: Path | str, mapping: str = "", **options: Any) -> tuple[list[Row], list[BadRow], list[str]]:
    """(rows, bad rows, what was said) of files, with a mapping given as YAML text."""
    kept, said = Kept(), []
    chosen = Options(mapping=mappings.parse(mapping), **options)
    rows = [row for batch in touchpoints(list(paths), chosen, kept, say=said.append) for row in batch]
    return rows, kept.rows, said


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def packed(content: bytes, packing: str) -> bytes:
    if packing == "gzip":
        return gzip.compress(content, mtime=0)
    return zstandard.ZstdCompressor().compress(content) if packing == "zstd" else content


def as_csv(rows: Sequence[dict[str, Any]], delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    columns = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, columns, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_jsonl(rows: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps({k: v for k, v in row.items() if v is not None}) + "\n" for row in rows).encode()


def as_parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in columns}), out)
    return out.getvalue()


FORMATS = {"csv": as_csv, "jsonl": as_jsonl, "parquet": as_parquet}
