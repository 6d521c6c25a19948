"""CSV: delimiter found by looking, quotes with line breaks, and the physical line at which every row starts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from journeygraph.errors import InputError
from journeygraph_loaders.chunks import CHUNK_ROWS, BadRow, Chunk
from journeygraph_loaders.encodings import NOT_UTF8
from journeygraph_loaders.files import Opened

DELIMITERS: Final = (",", ";", "\t", "|")
#: The line before the header in which Excel is told the delimiter.
_DECLARED: Final = re.compile(r"\s*sep=([,;|\t])\r?(?:\n|$)")
MAX_ROW_CHARACTERS: Final = 1 << 20
#: A quoted field may span lines; a stray quote must not swallow the file.
MAX_ROW_LINES: Final = 1_000


def read(opened: Opened, *, delimiter: str | None = None, chunk_rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """The rows of a CSV file in chunks; the first row that isn't blank is the header.  A file without rows gives
    one empty chunk, so that its columns are looked at.

    Blank lines are no rows.  A row with another number of fields than the header goes to the chunk's `bad`, and where
    it spans lines because of a stray quote, only its first line does: the others are read again as rows.

    Raises `InputError` for a header that cannot be used.
    """
    csv.field_size_limit(MAX_ROW_CHARACTERS)
    # Bytes that aren't UTF-8 survive as surrogates, which validation refuses by row, with the column's name.
    text = io.TextIOWrapper(opened.stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        delimiter = delimiter or sniff(opened.sample)
        rows = _Rows(text, delimiter)
        header = _header(opened, rows, delimiter)
        # A chunk of bad rows only is empty, and no end.
        chunk = _chunk(opened, header, rows, chunk_rows)
        yield Chunk(opened.path, header, [[] for _ in header], []) if chunk is None else chunk
        while (chunk := _chunk(opened, header, rows, chunk_rows)) is not None:
            yield chunk
    finally:
        text.detach()  # whoever opened the file closes it


def sniff(sample: bytes) -> str:
    """The delimiter that a first line `sep=;` declares, else the one that splits most of the sample's rows into the
    header's number of fields, more than one.

    >>> sniff(b'a;b;c\\n1,5;"x;y";2\\n'), sniff(b"a\\tb\\n1\\t2\\n"), sniff(b"one\\n"), sniff(b"sep=|\\na|b,c\\n")
    (';', '\\t', ',', '|')
    """
    text = sample.decode("utf-8-sig", "replace")
    if declared := _DECLARED.match(text):
        return declared[1]
    if "\n" in text and len(sample) > 4096:
        text = text[: text.rindex("\n")]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        rows = [row for row in _sample_rows(text, delimiter) if row]
        width = len(rows[0]) if rows else 0
        if width > 1:
            score = (sum(len(row) == width for row in rows) / len(rows), width)
            # Agreement counts first, but a header cut in many parts beats one cut by a comma in a name.
            if (score[0] > 0.9, score[1], score[0]) > (best_score[0] > 0.9, best_score[1], best_score[0]):
                best, best_score = delimiter, score
    return best


def without_declaration(text: str) -> str:
    """A table's text from its header on."""
    return _DECLARED.sub("", text, count=1) if _DECLARED.match(text) else text


def _sample_rows(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) == 200:
                break
    except csv.Error:
        return rows
    return rows


class _Lines:
    """Feeds lines to `csv.reader` and remembers those of the row under way."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._next_line = text.readline
        self.held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.held) >= MAX_ROW_LINES:
            raise csv.Error("a quoted field does not end")
        line = self._next_line(MAX_ROW_CHARACTERS)
        if not line:
            raise StopIteration
        self.held.append(line)
        return line


class _Rows:
    """Rows with their first physical line; a row that is broken by a stray quote gives its later lines back."""

    def __init__(self, text: io.TextIOWrapper, delimiter: str) -> None:
        self._lines = _Lines(text)
        self._delimiter = delimiter
        self._reader = csv.reader(self._lines, delimiter=delimiter)
        self._returned: list[tuple[int, str]] = []
        self._line = 0

    def next(self, width: int | None) -> tuple[int, list[str], str | None] | None:
        """(line, fields, what is wrong), or None at the end; `width` is the number of fields that is right."""
        if self._returned:
            return self._again()
        held, wrong = self._lines.held, None
        held.clear()
        try:
            fields = next(self._reader)
        except StopIteration:
            return None
        except csv.Error as error:
            fields, wrong = [], str(error)
        start, self._line = self._line + 1, self._line + len(held)
        if len(held) > 1 and (wrong or (width is not None and len(fields) != width)):
            self._returned = [(start + place, line) for place, line in enumerate(held)]
            self._returned.reverse()
            return self._again()
        return start, fields, wrong

    def _again(self) -> tuple[int, list[str], str | None]:
        """One physical line, read for itself."""
        line, text = self._returned.pop()
        try:
            fields = next(csv.reader([text], delimiter=self._delimiter), [])
        except csv.Error as error:
            return line, [text.rstrip("\r\n")], str(error)
        return line, [field.rstrip("\r\n") for field in fields], None


def _header(opened: Opened, rows: _Rows, delimiter: str) -> tuple[str, ...]:
    found = rows.next(None)
    if found is not None and _DECLARED.match(delimiter.join(found[1])):
        found = rows.next(None)
    while found is not None and not any(field.strip() for field in found[1]):
        found = rows.next(None)
    if found is None:
        raise InputError(f"The file {opened.path} is empty: a header line with column names was expected.")
    names = tuple(name.strip() for name in found[1])
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise InputError(f"The header of {opened.path} names {', '.join(map(repr, twice))} more than once: rename one.")
    if any("\udc80" <= character <= "\udcff" for name in names for character in name):
        raise InputError(f"The header of {opened.path} {NOT_UTF8}.")
    return tuple(name or f"column_{place}" for place, name in enumerate(names, start=1))


def _chunk(opened: Opened, header: tuple[str, ...], rows: _Rows, size: int) -> Chunk | None:
    width = len(header)
    kept: list[list[str]] = []
    lines: list[int] = []
    bad: list[BadRow] = []
    take = rows.next
    while len(kept) + len(bad) < size:
        found = take(width)
        if found is None:
            break
        line, fields, wrong = found
        if len(fields) == width and wrong is None:
            kept.append(fields)
            lines.append(line)
        elif fields or wrong:
            bad.append(_broken(opened, header, line, fields, wrong))
    if not kept and not bad:
        return None
    columns = [list(column) for column in zip(*kept, strict=True)] if kept else [[] for _ in header]
    return Chunk(opened.path, header, list(columns), lines, bad=bad)


def _broken(opened: Opened, header: tuple[str, ...], line: int, fields: list[str], wrong: str | None) -> BadRow:
    raw = dict(zip(header, fields, strict=False))
    if len(fields) > len(header):
        raw["(more)"] = ";".join(fields[len(header) :])
    reason = (
        f"The row cannot be read as CSV: {wrong}."
        if wrong
        else f"The row has {len(fields)} fields, and the header has {len(header)}."
    )
    return BadRow(str(opened.path), line, None, None, reason, raw, whole=False)
