"""What a source is: how its files are recognised, and how one of its records becomes rows of the touchpoint table.

A source does what a mapping cannot: it takes records out of their envelope, gives each of their events a row of flat
columns, named as the source's documentation names them, and corrects times.  Which column is which field, and which
event is which step, is said by the shipped mapping of the same name, and changed by `--mapping`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, NamedTuple

from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.files import Opened

Document = Mapping[str, Any]
Flat = dict[str, Any]


class Refused(Exception):
    """A record that cannot be read: `half` says what is wrong with the field's value and what is allowed."""

    def __init__(self, field: str, value: Any, half: str) -> None:
        super().__init__(half)
        self.field, self.value, self.half = field, value, half


class Record(NamedTuple):
    """A record of a file: the physical line where it starts, and what stands around it (`{"batch": [...], ...}`)."""

    line: int
    document: Any
    envelope: Document


@dataclass(frozen=True)
class Sample:
    """The beginning of a file: what it is written in, its first records, and the columns that all of them have."""

    format: str
    records: Sequence[Document]
    columns: frozenset[str]
    text: str = ""
    envelope: frozenset[str] = frozenset()

    def has(self, *names: str) -> bool:
        """Whether every record has these fields."""
        return set(names) <= self.columns

    def only(self, records: Sequence[Document]) -> Sample:
        """The same with some of its records."""
        columns = frozenset.intersection(*map(frozenset, records)) if records else frozenset()
        return replace(self, records=records, columns=columns)

    def every(self, test: Callable[[Document], bool]) -> bool:
        """Whether all records pass; false without records."""
        return bool(self.records) and all(test(record) for record in self.records)


@dataclass(frozen=True)
class Source:
    """A documented format.

    `recognise` gives the reason why a sample is of it, or None.  `rows` gives the flat rows of a record, none for one
    that is no touchpoint, and raises `Refused`.  `envelopes` are the keys under which answers list their records.
    `read` reads files that are neither JSON nor CSV nor Parquet, and gives None for those that are.  `named` gives what
    a file's name says of its records, which stands around them as an envelope does.
    """

    name: str
    title: str
    recognise: Callable[[Sample], str | None]
    rows: Callable[[Document, Document], Iterable[Flat]]
    envelopes: tuple[str, ...] = ()
    read: Callable[[Opened], Iterator[Record | BadRow] | None] | None = field(default=None, compare=False)
    named: Callable[[str], Document] | None = field(default=None, compare=False)


def part(document: Document, *names: str) -> Any:
    """A value inside nested objects, None where one of them is absent.

    >>> part({"a": {"b": 1}}, "a", "b"), part({"a": 7}, "a", "b")
    (1, None)
    """
    value: Any = document
    for name in names:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def unwrapped(document: Document, *names: str) -> Document:
    """A record out of the answer for a single one.

    >>> unwrapped({"order": {"id": 1}}, "order", "refund"), unwrapped({"id": 1}, "order")
    ({'id': 1}, {'id': 1})
    """
    inner = next(iter(document.values())) if len(document) == 1 and set(document) <= set(names) else None
    return inner if isinstance(inner, Mapping) else document


def whole(document: Document, name: str) -> Document:
    """An object inside a record, empty where it is absent; anything else there is refused.

    PHP writes an empty object as an empty list.
    """
    value = document.get(name)
    if value is None or value in ("", []):
        return {}
    if not isinstance(value, Mapping):
        raise Refused(name, value, "is not a JSON object: the documentation has one there")
    return value


def listed(document: Document, name: str) -> list[Document]:
    """A list of objects inside a record, empty where it is absent; anything else there is refused."""
    value = document.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise Refused(name, value, "is not a list of JSON objects: the documentation has one there")
    return value


def zoned(value: Any) -> Any:
    """A time as BigQuery writes it in JSON, whose zone is a word, as ISO 8601; anything else as it is.

    >>> zoned("2026-03-01 10:00:00.123 UTC"), zoned("2026-03-01 10:00:00")
    ('2026-03-01 10:00:00.123Z', '2026-03-01 10:00:00')
    """
    return value.removesuffix(" UTC") + "Z" if isinstance(value, str) and value.endswith(" UTC") else value


def negative(amount: Any) -> Any:
    """An amount that was paid back, below zero however it is written; what is no number stays as it is.

    >>> negative(30), negative("30.00"), negative("-30.00"), negative("thirty")
    (-30, '-30.00', '-30.00', 'thirty')
    """
    if isinstance(amount, str):
        text = amount.strip()
        return f"-{text}" if text[:1].isdecimal() else amount
    return -abs(amount) if isinstance(amount, int | float) else amount


def present(row: Mapping[str, Any]) -> Flat:
    """A row without the columns that have nothing, so that absent and null are the same.

    >>> present({"a": None, "b": "", "c": 0})
    {'c': 0}
    """
    return {name: value for name, value in row.items() if value is not None and value != ""}


def made_id(*parts: Any) -> str:
    """An id for an event that has none, of what its source says never changes.

    >>> made_id("a", 1) == made_id("a", 1), made_id("a", 1) == made_id("a1")
    (True, False)
    """
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
