"""What a reader hands on: some thousand raw rows as columns, each with the line where it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

CHUNK_ROWS: Final = 5_000
#: The column of a bad row that tells which source its columns are of.
FORMAT: Final = "(format)"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not stored: where it is, which column's value is why, and the row as it was read.

    `fields` is the row by column name; `whole` is false where its very form is broken (too many fields, not JSON), so
    that no mended mapping can help it.
    """

    file: str
    line: int
    column: str | None
    value: str | None
    reason: str
    fields: Mapping[str, Any]
    whole: bool = True


@dataclass(slots=True)
class Chunk:
    """Raw rows of one file that have the same columns: `values[column][row]`, `lines[row]` counted from 1.

    `order[row]` is the row's place among those read together, for rows that were split by their columns.  `format` is
    the source whose documented names the columns have, None for those of a table.
    """

    path: Path
    columns: tuple[str, ...]
    values: list[Sequence[Any]]
    lines: Sequence[int]
    order: Sequence[int] | None = None
    bad: list[BadRow] = field(default_factory=list)
    format: str | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def fields(self, row: int) -> dict[str, Any]:
        """One row by column name, with its source where there is one."""
        found = {column: values[row] for column, values in zip(self.columns, self.values, strict=True)}
        return found if self.format is None else {**found, FORMAT: self.format}
