"""First pass: every row to the part of its customer or visitor, on disk; and what must be known of all rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import numpy as np

from journeygraph.errors import InputError
from journeygraph_loaders.bulk.duplicates import SeenIds
from journeygraph_loaders.bulk.spill import Record, Spill
from journeygraph_loaders.rows import Row

#: Characters that may stand between the elements of a list in the CSV files: the first that no name contains.
_SEPARATORS = "\x1f\x1e\x1d\x1c\x17\x16\x15\x14"
NUMBER = len(Row._fields)  # place of a row's running number in its record


@dataclass
class Divided:
    """What the first pass found out.

    `repeated` is a file of the numbers of rows whose id came before; `property_types` has, for each property, the types
    that its values have; `separator` occurs in no step and channel.
    """

    folder: Path
    parts: int
    visitor_parts: int
    received: int = 0
    duplicate: int = 0
    data_end_us: int = 0
    separator: str = _SEPARATORS[0]
    property_types: dict[str, set[type]] = field(default_factory=dict)

    @property
    def repeated(self) -> Path:
        """File of the numbers, sorted, of the rows that are duplicates."""
        return self.folder / "repeated.npy"


def part_of(name: str, parts: int) -> int:
    """Part of a customer or of an identifier; the same in every process."""
    return crc32(name.encode()) % parts


def divide(batches: Iterable[Sequence[Row]], folder: Path, parts: int, progress: Callable[[int], None]) -> Divided:
    """Spill all rows: known customers' by customer, anonymous ones by visitor, identifiers by their value."""
    divided = Divided(folder, parts, max(2, parts // 8))
    customers = Spill(folder, "customers", divided.parts)
    visitors = Spill(folder, "visitors", divided.visitor_parts)
    identifiers = Spill(folder, "identifiers", divided.visitor_parts)
    seen, names, shapes = SeenIds(folder), set[str](), set[tuple[tuple[str, type], ...]]()
    for rows in batches:
        seen.add(rows, divided.received)
        for number, row in enumerate(rows, divided.received):
            record = _record(row, number)
            if row[7] is None:
                visitors.add(part_of(str(row[8]), divided.visitor_parts), record)
            else:
                customers.add(part_of(row[1], parts), record)
                _note_identifiers(identifiers, divided.visitor_parts, row, number)
        shapes.update(tuple((name, type(value)) for name, value in row[18].items()) for row in rows if row[18])
        names.update(row[2] for row in rows)
        names.update(row[3] for row in rows)
        divided.received += len(rows)
        progress(divided.received)
    for spill in (customers, visitors, identifiers):
        spill.close()
    repeated, last = seen.close()
    np.save(divided.repeated, repeated)
    divided.duplicate, divided.data_end_us = len(repeated), last or 0
    divided.separator = _separator(names)
    for shape in shapes:
        for name, kind in shape:
            divided.property_types.setdefault(name, set()).add(kind)
    return divided


def _record(row: Row, number: int) -> Record:
    """A tuple of plain values: a row's stage may be an enumeration, which marshal does not know."""
    properties = dict(row.properties) if row.properties else None
    return (*row[:4], str(row.stage), *row[5:18], properties, number)


def _note_identifiers(identifiers: Spill, parts: int, row: Row, number: int) -> None:
    for kind, value in (("anonymous_id", row[8]), ("email", row[16]), ("phone", row[17])):
        if value is not None:
            identifiers.add(part_of(value, parts), (kind, value, row[7], number))


def _separator(names: set[str]) -> str:
    used = set("".join(names))
    for separator in _SEPARATORS:
        if separator not in used:
            return separator
    raise InputError(
        "Steps and channels hold so many control characters that --bulk cannot write them: load without it."
    )
