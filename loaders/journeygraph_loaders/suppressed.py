"""Rows about people who were erased: counted as quarantined, kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from journeygraph.privacy.suppression import SENTENCE, Suppressions
from journeygraph_loaders.chunks import BadRow, Chunk
from journeygraph_loaders.rows import Row


def leave_out(
    rows: Sequence[Row], places: Sequence[int], chunk: Chunk, suppressed: Suppressions
) -> tuple[list[Row], list[int], list[BadRow]]:
    """The rows that may be stored with their places in the chunk, and the others as bad rows that say nothing."""
    kept: list[Row] = []
    kept_places: list[int] = []
    refused: list[BadRow] = []
    for row, place in zip(rows, places, strict=True):
        if is_of_erased(row, suppressed):
            refused.append(BadRow(str(chunk.path), chunk.lines[place], None, None, SENTENCE, {}, whole=False))
        else:
            kept.append(row)
            kept_places.append(place)
    return kept, kept_places, refused


def redacted(row: BadRow, suppressed: Suppressions) -> BadRow:
    """A bad row as it may be kept: without its fields where they, or the file's name, name a person who was erased."""
    name = Path(row.file).name
    if not suppressed.of_raw(row.fields) and suppressed.without(name) == name:
        return row
    return BadRow(row.file, row.line, None, None, SENTENCE, {}, whole=False)


def is_of_erased(row: Row, suppressed: Suppressions) -> bool:
    """Whether a row names a person who was erased."""
    return (
        suppressed.holds("customer_id", row.known_customer_id)
        or suppressed.holds("anonymous_id", row.anonymous_id)
        or suppressed.holds("email", row.email)
        or suppressed.holds("phone", row.phone)
    )
