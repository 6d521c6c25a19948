"""The rows that wait: as they are, counted by why, and one of them."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import field_serializer

from journeygraph.answers import Answer
from journeygraph.errors import NotFound
from journeygraph.quality.waiting.store import STATE, opened

State = Literal["waiting", "outdated"]
COLUMNS: Final = ("id", "file", "line", "column", "value", "reason", "raw", "batch_id", "seen", "replayable")
_ALSO_IN: Final = (
    "(SELECT json_group_array(p.file || ', line ' || p.line) FROM place p "
    "WHERE p.entry = bad_row.id AND p.file <> bad_row.file)"
)
_VALUES: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|(?<![\w{])\d[\d.,:TZ+-]*")


class BadRowEntry(Answer):
    """A bad row as it is kept: `raw` by column name, `seen` the number of loads that met it.

    A row that is in several files word for word is one, where it was met last; `also_in` names the others.  `state` is
    waiting, or outdated: later loads read its files to their ends and did not meet the row any more.
    """

    id: int
    file: str
    line: int
    column: str | None
    value: str | None
    reason: str
    raw: dict[str, Any]
    batch_id: str
    seen: int
    replayable: bool
    state: State = "waiting"
    also_in: tuple[str, ...] = ()

    @field_serializer("raw", when_used="json")
    def _in_json(self, raw: dict[str, Any]) -> dict[str, Any]:
        """The row as any reader of JSON takes it; a replay still reads the numbers that they were."""
        return dict(finite(raw))


class Count(Answer):
    """How many rows of a file wait, in one state, because of the same column and for the same kind of reason."""

    file: str
    column: str | None
    reason: str
    state: State
    rows: int


@dataclass(frozen=True)
class Which:
    """Conditions on rows that wait; all must hold, and none is on what it doesn't name.

    `file` is a glob on name or path, `reason` a part of the sentence, without case.
    """

    ids: tuple[int, ...] = ()
    file: str | None = None
    column: str | None = None
    reason: str | None = None
    state: State | None = None
    batch_id: str | None = None

    def __bool__(self) -> bool:
        return self != Which()

    def condition(self) -> tuple[str, list[Any]]:
        """As SQL on `bad_row`, with its values."""
        parts: list[tuple[str, Any]] = [
            ("id IN (SELECT value FROM json_each(?))", json.dumps(self.ids) if self.ids else None),
            ("EXISTS (SELECT 1 FROM place p WHERE p.entry = bad_row.id AND is_named(p.file, ?))", self.file),
            ('"column" = ?', self.column),
            ("instr(lower(reason), lower(?)) > 0", self.reason),
            (f"{STATE} = ?", self.state),
            ("batch_id = ?", self.batch_id),
        ]
        asked = [(sql, value) for sql, value in parts if value is not None]
        return " AND ".join(sql for sql, _ in asked) or "1", [value for _, value in asked]


EVERY: Final = Which()


def read(
    database: sqlite3.Connection, which: Which = EVERY, *, limit: int | None = None, after: int = 0
) -> Iterator[BadRowEntry]:
    """What waits, oldest first; `after` the entry with that id."""
    condition, values = which.condition()
    cursor = database.execute(
        f"SELECT {', '.join(COLUMNS)}, {STATE}, {_ALSO_IN} FROM bad_row "  # noqa: S608 - names are constants
        f"WHERE id > ? AND {condition} ORDER BY id LIMIT ?",
        (after, *values, -1 if limit is None else limit),
    )
    for *row, state, also_in in cursor:
        found = dict(zip(COLUMNS, row, strict=True))
        told = {"raw": json.loads(found["raw"]), "state": state, "also_in": json.loads(also_in)}
        yield BadRowEntry.model_validate({**found, **told})


def entries(home: Path, which: Which = EVERY, *, limit: int | None = None, after: int = 0) -> list[BadRowEntry]:
    """The rows of a home that wait, oldest first; nothing where none ever did."""
    with opened(home) as database:
        return [] if database is None else list(read(database, which, limit=limit, after=after))


def one(home: Path, entry: int) -> BadRowEntry:
    """One row.  Raises `NotFound`."""
    for found in entries(home, Which(ids=(entry,))):
        return found
    raise NotFound(f"No row {entry} waits in quarantine; `journeygraph quarantine history` has those that did.")


def total(home: Path, which: Which = EVERY) -> int:
    """How many wait."""
    condition, values = which.condition()
    with opened(home) as database:
        if database is None:
            return 0
        return int(database.execute(f"SELECT count(*) FROM bad_row WHERE {condition}", values).fetchone()[0])  # noqa: S608


def counts(home: Path, which: Which = EVERY) -> list[Count]:
    """How many wait by file, column, kind of reason and state, the most first."""
    condition, values = which.condition()
    found: Counter[tuple[str, str | None, str, State]] = Counter()
    with opened(home) as database:
        if database is None:
            return []
        for file, column, reason, state in database.execute(
            f'SELECT file, "column", reason, {STATE} FROM bad_row WHERE {condition}',  # noqa: S608
            values,
        ):
            found[(Path(file).name, column, kind_of(reason), state)] += 1
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return [Count(file=key[0], column=key[1], reason=key[2], state=key[3], rows=rows) for key, rows in ordered]


def kind_of(reason: str) -> str:
    """A sentence without the values that it is about, which are others' data.

    >>> kind_of("The value '7,5' is not a number: one such as 1.5 is needed.")
    'The value … is not a number: one such as … is needed.'
    """
    return _VALUES.sub("…", reason)


def finite(raw: Any) -> Any:
    """The same with numbers that JSON has no form for as text.

    >>> finite({"a": float("inf"), "b": [float("nan"), 1.5]})
    {'a': 'inf', 'b': ['nan', 1.5]}
    """
    if isinstance(raw, float) and not math.isfinite(raw):
        return str(raw)
    if isinstance(raw, dict):
        return {name: finite(value) for name, value in raw.items()}
    return [finite(value) for value in raw] if isinstance(raw, list) else raw
