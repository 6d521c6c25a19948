"""Parquet: row batches, so that memory is bounded by the batch; a row's line is its number, from 1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from journeygraph.errors import InputError
from journeygraph_loaders.chunks import CHUNK_ROWS, Chunk
from journeygraph_loaders.files import Opened
from journeygraph_loaders.jsonl_file import flattened, grouped


def read(opened: Opened, *, explode: str | None = None, chunk_rows: int = CHUNK_ROWS) -> Iterator[list[Chunk]]:
    """The rows of a Parquet file in chunks; structs become columns with dots, `explode` works as for JSONL.

    Raises `InputError` where it isn't Parquet, or is cut off.
    """
    try:
        file = pq.ParquetFile(opened.stream)
        number = 0
        for batch in file.iter_batches(batch_size=chunk_rows):
            if explode is not None:
                rows = enumerate(batch.to_pylist(), start=number + 1)
                yield grouped(opened, [(place, row) for place, line in rows for row in flattened(line, explode)], [])
            else:
                yield [_chunk(opened, batch, number)]
            number += batch.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"The file {opened.path} cannot be read as Parquet: {str(error).rstrip('. ')}.") from error


def _chunk(opened: Opened, batch: Any, before: int) -> Chunk:
    names: list[str] = []
    values: list[list[Any]] = []
    for name, column in _columns(batch):
        names.append(name)
        values.append(_plain(column).to_pylist())
    return Chunk(opened.path, tuple(names), list(values), range(before + 1, before + 1 + batch.num_rows))


def _columns(batch: Any) -> Iterator[tuple[str, Any]]:
    waiting = list(zip(batch.schema.names, batch.columns, strict=True))
    while waiting:
        name, column = waiting.pop(0)
        if pa.types.is_struct(column.type):
            parts = column.flatten()
            waiting[:0] = [(f"{name}.{column.type.field(place).name}", part) for place, part in enumerate(parts)]
        else:
            yield name, column


def _plain(column: Any) -> Any:
    """Nanoseconds are cut to microseconds; dictionaries become their values."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return pc.cast(column, pa.timestamp("us", tz=column.type.tz), safe=False)
    return column
