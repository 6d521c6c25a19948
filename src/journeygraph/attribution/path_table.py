"""A table of paths: `path` ("a > b > c"), `conversions`, `value`, `null`; attribution needs no graph then."""

from __future__ import annotations

import csv
import io
from typing import IO, Final

import numpy as np
import pandas as pd

from journeygraph.attribution.paths import Floats, Paths, build
from journeygraph.errors import InputError

#: Column -> the names it may have, in any case.
COLUMNS: Final = {
    "path": ("path",),
    "conversions": ("conversions", "total_conversions"),
    "value": ("value", "conversion_value", "total_conversion_value", "total_value"),
    "null": ("null", "nulls", "total_null"),
}
SEPARATOR: Final = ">"


def read(stream: IO[bytes], file_format: str, name: str, *, separator: str = SEPARATOR) -> Paths:
    """The paths of an open file: csv (`,`, `;`, tab or `|`), jsonl or parquet.

    `path` and `conversions` are required; without `null` no path was ever lost, without `value` all are worth 0.  An
    empty path counts for `(none)`.  Raises `InputError`, naming file, row and column, for what cannot be read.
    """
    frame = _frame(stream, file_format, name)
    found = {column: _column(frame, column, name) for column in COLUMNS}
    for column in ("path", "conversions"):
        if found[column] is None:
            raise InputError(
                f"{name}: there is no column {column!r} (or {', '.join(COLUMNS[column][1:]) or 'none like it'}); "
                f"it has {', '.join(map(repr, frame.columns))}."
            )
    conversions = _numbers(frame, found["conversions"], name, whole=True)
    losses = _numbers(frame, found["null"], name, whole=True)
    values = _numbers(frame, found["value"], name, whole=False)
    if wrong := np.flatnonzero((values != 0) & (conversions == 0)).tolist():
        raise InputError(f"{name}, row {wrong[0] + 1}: a value of {values[wrong[0]]:g} without any conversion.")
    return from_columns(frame[found["path"]].fillna("").astype(str), conversions, values, losses, separator=separator)


def from_columns(
    texts: pd.Series[str], conversions: Floats, values: Floats, losses: Floats, *, separator: str = SEPARATOR
) -> Paths:
    """Paths from their text and counts.

    >>> paths = from_columns(pd.Series(["ad > mail"]), np.array([2.0]), np.array([9.0]), np.array([1.0]))
    >>> paths.names, paths.lengths.tolist()
    (('ad', 'mail'), [2])
    """
    items = texts.reset_index(drop=True).str.split(separator, regex=False).explode().str.strip()
    items = items[items != ""]
    codes, names = pd.factorize(items)
    return build(
        "channel",
        [str(name) for name in names],
        codes.astype(np.int64),
        items.index.to_numpy(dtype=np.int64),
        days=None,
        conversions=conversions,
        values=values,
        losses=losses,
    )


def _frame(stream: IO[bytes], file_format: str, name: str) -> pd.DataFrame:
    try:
        if file_format == "parquet":
            return pd.read_parquet(stream)
        if file_format == "jsonl":
            return pd.read_json(stream, lines=True, dtype=False)
        text = stream.read().decode("utf-8-sig")
        header = text.split("\n", 1)[0]
        delimiter = max(",;\t|", key=header.count)
        return pd.read_csv(
            io.StringIO(text),
            sep=delimiter,
            dtype=str,
            keep_default_na=False,
            quoting=csv.QUOTE_MINIMAL,
            encoding="utf-8",
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{name} cannot be read as a table of paths: {error}.") from error


def _column(frame: pd.DataFrame, column: str, name: str) -> str | None:
    matching = [known for known in frame.columns if str(known).strip().lower() in COLUMNS[column]]
    if len(matching) > 1:
        raise InputError(f"{name}: the columns {' and '.join(map(repr, matching))} both say {column!r}.")
    return matching[0] if matching else None


def _numbers(frame: pd.DataFrame, column: str | None, name: str, *, whole: bool) -> Floats:
    """A column of numbers; an empty cell is 0."""
    if column is None:
        return np.zeros(len(frame))
    cells = frame[column].replace("", 0).fillna(0)
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
    bad = ~np.isfinite(numbers)
    if whole:
        bad |= (numbers < 0) | (numbers != np.floor(numbers))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        wanted = "a whole number from 0" if whole else "a number"
        raise InputError(f"{name}, row {row + 1}, column {column!r}: {cells.iloc[row]!r} is not {wanted}.")
    return numbers
