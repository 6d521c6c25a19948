"""A table of people as arrays: each column's distinct values once, and a number for each row."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from journeygraph.identity.linkage import normalise
from journeygraph.identity.linkage.columns import IDENTIFIER, Layout

Ints = np.ndarray[Any, np.dtype[np.int32]]
#: Row numbers and whatever is computed of them.
Rows = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
NULL: Final = -1


@dataclass(frozen=True)
class Column:
    """Distinct values, and for each row the number of its value; -1 where it has none."""

    values: tuple[str, ...]
    codes: Ints

    @classmethod
    def of(cls, raw: Iterable[Any]) -> Column:
        """A column of whatever was read; None and blank text are no values.

        >>> column = Column.of(["a", None, " ", "b", "a"])
        >>> column.values, column.codes.tolist()
        (('a', 'b'), [0, -1, -1, 1, 0])
        """
        reader = Reader()
        reader.add(raw)
        return reader.column()

    def derived(self, change: Callable[[str], str]) -> Column:
        """Another column made of this one's values; '' is none."""
        numbers: dict[str, int] = {}
        made = [change(value) for value in self.values]
        table = [numbers.setdefault(value, len(numbers)) if value else NULL for value in made]
        return Column(tuple(numbers), np.array([*table, NULL], np.int32)[self.codes])

    @property
    def present(self) -> int:
        """How many rows have a value."""
        return int((self.codes >= 0).sum())


class Reader:
    """Collects a column chunk by chunk; only distinct values stay in memory as text."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._codes = array("i")

    def add(self, raw: Iterable[Any]) -> None:
        """Some more rows."""
        numbers = self._numbers
        self._codes.extend(
            NULL if value is None or value != value else numbers.setdefault(value, len(numbers))
            for value in (str(item) if isinstance(item, list | dict | float) else item for item in raw)
        )

    def skip(self, rows: int) -> None:
        """Rows of a chunk that does not have the column."""
        self._codes.extend([NULL]) if rows == 1 else self._codes.extend(array("i", [NULL]) * rows)

    def column(self) -> Column:
        """What was collected."""
        whole = Column(tuple(map(str, self._numbers)), np.array(self._codes, np.int32))
        return whole.derived(str.strip)


def read(chunks: Iterable[Mapping[str, Sequence[Any]]]) -> dict[str, Column]:
    """The columns of a table that comes in chunks, as read; a chunk may lack columns.

    >>> {name: column.codes.tolist() for name, column in read([{"a": ["x"]}, {"a": ["y"], "b": [1]}]).items()}
    {'a': [0, 1], 'b': [-1, 0]}
    """
    readers: dict[str, Reader] = {}
    before = 0
    for chunk in chunks:
        rows = len(next(iter(chunk.values()), ()))
        for name in chunk.keys() - readers.keys():
            readers[name] = Reader()
            readers[name].skip(before)
        for name, reader in readers.items():
            if name in chunk:
                reader.add(chunk[name])
            else:
                reader.skip(rows)
        before += rows
    return {name: readers[name].column() for name in sorted(readers)}


def fields(table: Mapping[str, Column], layout: Layout) -> dict[str, Column]:
    """The normalised fields of a table by kind, identifiers as `id:<column>`.

    A whole name becomes first name and surname.  An identifier that never repeats numbers the rows and is left out.
    """
    found = {kind: table[name].derived(normalise.OF_KIND[kind]) for kind, name in layout.columns.items()}
    if "phone" in found:
        found["phone"] = one_writing(found["phone"])
    whole = found.pop("full_name", None)
    if whole is not None:
        found.setdefault("first_name", whole.derived(lambda name: " ".join(name.split()[:-1]) or name))
        found.setdefault("surname", whole.derived(lambda name: name.split()[-1] if " " in name else ""))
    for name in layout.identifiers:
        column = table[name].derived(normalise.OF_KIND[IDENTIFIER])
        if len(column.values) < column.present:
            found[f"{IDENTIFIER}:{name.strip()}"] = column
    return {name: column for name, column in found.items() if column.present}


def one_writing(phones: Column) -> Column:
    """Telephone numbers, each as the whole number that it stands for in this column."""
    return phones.derived(normalise.one_writing(phones.values).__getitem__)


def same_numbers(columns: Sequence[Column]) -> tuple[tuple[str, ...], list[Ints]]:
    """Several columns in one numbering: the values of all, and each column's codes.

    >>> values, codes = same_numbers([Column.of(["a", "b"]), Column.of(["b", None])])
    >>> values, [one.tolist() for one in codes]
    (('a', 'b'), [[0, 1], [1, -1]])
    """
    numbers: dict[str, int] = {}
    tables = [[*(numbers.setdefault(value, len(numbers)) for value in column.values), NULL] for column in columns]
    codes = [np.array(table, np.int32)[column.codes] for table, column in zip(tables, columns, strict=True)]
    return tuple(numbers), codes


def numbered(codes: Rows) -> Ints:
    """The same numbers counted from 0 without gaps; negative ones are -1.

    >>> numbered(np.array([70, -3, 20, 70])).tolist()
    [1, -1, 0, 1]
    """
    there = codes >= 0
    found = np.full(len(codes), NULL, np.int32)
    found[there] = np.unique(codes[there], return_inverse=True)[1]
    return found


def together(first: Ints, second: Ints) -> Rows:
    """A number for each pair of values; -1 where either is missing."""
    width = int(second.max(initial=0)) + 1
    return np.where((first >= 0) & (second >= 0), first.astype(np.int64) * width + second, NULL)
