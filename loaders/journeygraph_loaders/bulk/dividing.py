"""First pass: every row to the part of its customer or visitor, on disk; and what must be known of all rows at once."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import InputError
from journeygraph_loaders.bulk.duplicates import SeenIds, find_repeated
from journeygraph_loaders.bulk.spill import Record, Spill
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.reading import Options, touchpoints
from journeygraph_loaders.rows import Row

#: Characters that may stand between the elements of a list in the CSV files: the first that no name contains.
_SEPARATORS = "\x1f\x1e\x1d\x1c\x17\x16\x15\x14"
#: Rows are numbered file by file, so that of equal ids the first one stays; no file has more rows than this.
ROWS_A_FILE = 1 << 40
LINE = len(Row._fields)  # place of a row's line in its record
NUMBER = LINE + 1  # place of a row's number in its record


@dataclass(frozen=True)
class Places:
    """Where the parts lie, and how many there are of customers and of visitors."""

    folder: Path
    parts: int
    visitor_parts: int


@dataclass
class Share:
    """What one file's rows are, beside their records."""

    received: int = 0
    sources: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)  # steps and channels
    property_types: dict[str, set[type]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Divided(Places):
    """What the first pass found out.

    `repeated` is a file of the numbers of rows whose id came before; `property_types` has, for each property, the types
    that its values have; `separator` occurs in no step and channel.
    """

    received: int = 0
    duplicate: int = 0
    data_end_us: int = 0
    separator: str = _SEPARATORS[0]
    property_types: dict[str, set[type]] = field(default_factory=dict)

    @property
    def repeated(self) -> Path:
        """File of the numbers, sorted, of the rows that are not stored."""
        return self.folder / "repeated.npy"


def part_of(name: str, parts: int) -> int:
    """Part of a customer or of an identifier; the same in every process."""
    return crc32(name.encode()) % parts


def divide_file(places: Places, options: Options, path: Path, number: int) -> Share:
    """Spill a file's rows: known customers' by customer, anonymous ones by visitor, identifiers by their value.

    `number` is the file's place among all. Bad rows are kept for `bad_rows`.
    """
    share = Share()
    customers = Spill(places.folder, "customers", places.parts)
    visitors = Spill(places.folder, "visitors", places.visitor_parts)
    identifiers = Spill(places.folder, "identifiers", places.visitor_parts)
    belongings = Spill(places.folder, "belongings", places.visitor_parts)
    seen, bad = SeenIds(places.folder), _BadRows(_bad_path(places, number))
    for rows in touchpoints([path], options, bad, say=share.said.append):
        first = number * ROWS_A_FILE + share.received
        seen.add(rows, first)
        for row_number, (row, line) in enumerate(zip(rows, rows.lines, strict=True), first):
            record = _record(row, line, row_number)
            if row[7] is None:
                visitors.add(part_of(str(row[8]), places.visitor_parts), record)
            else:
                customers.add(part_of(row[1], places.parts), record)
                _note_identifiers(identifiers, places.visitor_parts, row, row_number)
            for grain, name in row[19] or ():
                belongings.add(part_of(name, places.visitor_parts), (grain, name, row_number))
        _note_types(share.property_types, rows)
        share.names |= {row[2] for row in rows} | {row[3] for row in rows}
        share.sources |= {row[6] for row in rows}
        share.received += len(rows)
    for spill in (customers, visitors, identifiers, belongings, seen):
        spill.close()
    return share


def combine(places: Places, shares: Sequence[Share]) -> tuple[Divided, NDArray[np.int64]]:
    """What the shares of all files say together; and the conflicts, as in `Repeated`."""
    repeated, conflicts, last = find_repeated(places.folder)
    types: dict[str, set[type]] = {}
    for share in shares:
        for name, kinds in share.property_types.items():
            types.setdefault(name, set()).update(kinds)
    divided = Divided(
        places.folder,
        places.parts,
        places.visitor_parts,
        received=sum(share.received for share in shares),
        duplicate=len(repeated) - len(conflicts),
        data_end_us=last or 0,
        separator=_separator(set().union(*(share.names for share in shares))),
        property_types=types,
    )
    np.save(divided.repeated, repeated)
    return divided, conflicts


def bad_rows(places: Places, number: int) -> Iterator[Sequence[BadRow]]:
    """The bad rows of the file with this number."""
    path = _bad_path(places, number)
    if not path.exists():
        return
    with path.open("rb") as file:
        while True:
            try:
                yield pickle.load(file)  # noqa: S301 - written by this very command
            except EOFError:
                return


class _BadRows:
    """Keeps bad rows on disk: the quarantine belongs to another process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, rows: Sequence[BadRow]) -> None:
        """Take these."""
        with self._path.open("ab") as file:
            pickle.dump(list(rows), file)


def _bad_path(places: Places, number: int) -> Path:
    return places.folder / f"bad-{number:06d}"


def _record(row: Row, line: int, number: int) -> Record:
    """A tuple of plain values: a row's stage may be an enumeration, which marshal does not know."""
    properties = dict(row.properties) if row.properties else None
    return (*row[:4], str(row.stage), *row[5:18], properties, row[19], line, number)


def _note_types(types: dict[str, set[type]], rows: Sequence[Row]) -> None:
    for row in rows:
        if row[18]:
            for name, value in row[18].items():
                if type(value) not in types.get(name, ()):
                    types.setdefault(name, set()).add(type(value))


def _note_identifiers(identifiers: Spill, parts: int, row: Row, number: int) -> None:
    for kind, value in (("anonymous_id", row[8]), ("email", row[16]), ("phone", row[17])):
        if value is not None:
            identifiers.add(part_of(value, parts), (kind, value, row[7], number))


def _separator(names: Iterable[str]) -> str:
    used = set("".join(names))
    for separator in _SEPARATORS:
        if separator not in used:
            return separator
    raise InputError(
        "Steps and channels hold so many control characters that --bulk cannot write them: load without it."
    )
