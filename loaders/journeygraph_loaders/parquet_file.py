"""Parquet: row batches, so that memory is bounded by the batch; a row's line is its number, from 1."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from journeygraph.errors import InputError
from journeygraph_loaders.bombs import check_parquet
from journeygraph_loaders.chunks import CHUNK_ROWS, Chunk
from journeygraph_loaders.files import Opened
from journeygraph_loaders.jsonl_file import flattened, grouped


def read(
    opened: Opened, *, explode: str | None = None, chunk_rows: int = CHUNK_ROWS, flatten: bool = True
) -> Iterator[list[Chunk]]:
    """The rows of a Parquet file in chunks; structs become columns with dots, `explode` works as for JSONL.

    Without `flatten`, structs stay objects.

    Raises `InputError` where it isn't Parquet, or is cut off.
    """
    try:
        file = pq.ParquetFile(opened.stream)
        _check(opened, file)
        number = 0
        for batch in file.iter_batches(batch_size=chunk_rows):
            if explode is not None:
                rows = enumerate(batch.to_pylist(), start=number + 1)
                found = [(place, row) for place, line in rows for row in flattened(line, explode)]
                yield grouped(opened.path, found, [])
            else:
                yield [_chunk(opened, batch, number, flatten=flatten)]
            number += batch.num_rows
    except (pa.ArrowException, OSError, ValueError, OverflowError, LookupError) as error:
        raise InputError(f"The file {opened.path} cannot be read as Parquet: {str(error).rstrip('. ')}.") from error


def _check(opened: Opened, file: Any) -> None:
    groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
    size = opened.stream.seek(0, io.SEEK_END)
    check_parquet(opened.path, size, sum(group.total_byte_size for group in groups), file.metadata.num_rows)


def _chunk(opened: Opened, batch: Any, before: int, *, flatten: bool) -> Chunk:
    names: list[str] = []
    values: list[list[Any]] = []
    columns = _columns(batch) if flatten else zip(batch.schema.names, batch.columns, strict=True)
    for name, column in columns:
        names.append(name)
        values.append(_values(_plain(column)))
    return Chunk(opened.path, tuple(names), list(values), range(before + 1, before + 1 + batch.num_rows))


def _values(column: Any) -> list[Any]:
    """A column as Python's values; where one is none of these, the others stay what they are."""
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError, LookupError):
        return [_value(one) for one in column]


def _value(one: Any) -> Any:
    """One value; bytes that are no text, and times beyond the year 9999, become text that costs their row only."""
    if pa.types.is_string(one.type) or pa.types.is_large_string(one.type):
        return one.as_buffer().to_pybytes().decode("utf-8", "surrogateescape") if one.is_valid else None
    forms = [one]
    if pa.types.is_timestamp(one.type) and one.type.tz:  # 9999-12-31 is a date of this calendar in UTC only
        forms.append(one.cast(pa.timestamp(one.type.unit, "UTC")))
    for form in forms:
        with suppress(ValueError, OverflowError, LookupError):
            return form.as_py()
    return f"{one.type} {getattr(one, 'value', '')}"


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
