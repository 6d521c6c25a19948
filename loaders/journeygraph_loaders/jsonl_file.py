"""JSON Lines: one object a line; nested objects become columns with dots, a list of events one row each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic_core import from_json

from journeygraph_loaders.chunks import CHUNK_ROWS, BadRow, Chunk
from journeygraph_loaders.encodings import NOT_UTF8
from journeygraph_loaders.files import Opened

MAX_LINE_BYTES: Final = 64 << 20
Located = tuple[int, dict[str, Any]]


def read(opened: Opened, *, explode: str | None = None, chunk_rows: int = CHUNK_ROWS) -> Iterator[list[Chunk]]:
    """The rows of a JSONL file, some thousand at a time, grouped by the columns that they have.

    With `explode`, every element of that list is a row, beside the fields of its line (`events.aid`).  Blank lines
    are no rows; a line that isn't a JSON object goes to `bad`.
    """
    rows: list[Located] = []
    bad: list[BadRow] = []
    number = 0
    while line := opened.stream.readline(MAX_LINE_BYTES):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip():
            continue
        try:
            parsed = from_json(line)
            rows.extend((number, row) for row in flattened(parsed, explode))
        except (ValueError, RecursionError) as error:
            bad.append(broken(opened, number, line, error))
        while len(rows) >= chunk_rows:
            yield grouped(opened.path, rows[:chunk_rows], bad)
            rows, bad = rows[chunk_rows:], []
    if rows or bad:
        yield grouped(opened.path, rows, bad)


def flattened(parsed: Any, explode: str | None) -> Iterator[dict[str, Any]]:
    """The rows that one line holds.

    >>> list(flattened({"user": {"id": 1}, "events": [{"t": 2}, {"t": 3}]}, "events"))
    [{'user.id': 1, 'events.t': 2}, {'user.id': 1, 'events.t': 3}]
    """
    if not isinstance(parsed, dict):
        raise ValueError(f"it is not a JSON object but {kind_of(parsed)}")
    if explode is None:
        yield flat(parsed)
        return
    common = flat({name: value for name, value in parsed.items() if name != explode})
    events = parsed.get(explode)
    if not isinstance(events, list):
        raise ValueError(f"its {explode!r} is not a list of events")
    for event in events:
        yield {**common, **flat(event if isinstance(event, dict) else {"": event}, f"{explode}.")}


def kind_of(value: Any) -> str:
    """What JSON calls a value that is no object.

    >>> kind_of(None), kind_of(True), kind_of(1.5), kind_of("x"), kind_of([])
    ('null', 'true or false', 'a number', 'text', 'an array')
    """
    if value is None:
        return "null"
    names = {bool: "true or false", str: "text", list: "an array"}
    return names.get(type(value), "a number")


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested objects as one, with dots in the names."""
    found: dict[str, Any] = {}
    for name, item in value.items():
        if isinstance(item, dict):
            found.update(flat(item, f"{prefix}{name}."))
        else:
            found[prefix + name] = item
    return found


def grouped(path: Path, rows: list[Located], bad: list[BadRow]) -> list[Chunk]:
    """Chunks of rows with equal columns; a line's meaning doesn't depend on the lines around it."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, (_, row) in enumerate(rows):
        groups.setdefault(tuple(sorted(row)), []).append(place)
    chunks = [
        Chunk(
            path,
            columns,
            [[rows[place][1][column] for place in places] for column in columns],
            [rows[place][0] for place in places],
            order=places,
        )
        for columns, places in groups.items()
    ] or [Chunk(path, (), [], [], order=[])]
    chunks[0].bad.extend(bad)
    return chunks


def _why(line: bytes, error: Exception) -> str:
    """What the parser says, with the place in this line; a line break at its end would be a line of its own to it.

    >>> _why(b'{"a":\\n', ValueError())
    'EOF while parsing a value at column 5'
    """
    try:
        line.decode()
        from_json(line.rstrip())
    except UnicodeDecodeError:
        return f"it {NOT_UTF8}"
    except ValueError as place:
        return str(place).replace(" at line 1 column ", " at column ")
    return str(error)


def broken(opened: Opened, number: int, line: bytes, error: Exception) -> BadRow:
    """A line that is no JSON as a bad row."""
    text = line[:4096].decode("utf-8", "backslashreplace").strip()
    reason = f"The line cannot be read as a JSON object: {_why(line, error)}."
    return BadRow(str(opened.path), number, None, None, reason, {"(line)": text}, whole=False)
