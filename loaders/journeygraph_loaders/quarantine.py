"""Where bad rows wait: a SQLite file in the home folder, listed, exported, and loaded again once the mapping is mended.

A bad row is kept once, however often its file is loaded: its identity is what it says, and which of several equal rows
of one load it is.  How often it was seen is counted.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TextIO

from defusedcsv import csv as defused_csv

from journeygraph.answers import Answer
from journeygraph_loaders.chunks import BadRow

#: A raw row longer than this is kept shortened, and cannot be replayed.
MAX_RAW_CHARACTERS: Final = 1 << 20
COLUMNS: Final = ("id", "file", "line", "column", "value", "reason", "raw", "batch_id", "seen", "replayable")
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS bad_row (
  id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, file TEXT NOT NULL, line INTEGER NOT NULL, column TEXT,
  value TEXT, reason TEXT NOT NULL, raw TEXT NOT NULL, batch_id TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 1,
  replayable INTEGER NOT NULL, options TEXT NOT NULL);
CREATE TEMP TABLE this_load (digest BLOB PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID;
"""


class BadRowEntry(Answer):
    """A bad row as it is kept: `raw` by column name, `seen` the number of loads that met it."""

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


class Quarantine:
    """The quarantine of one home folder during one load; a context manager.

    `added` counts the rows of this load, listed before or not.
    """

    def __init__(self, home: Path, batch_id: str, options: dict[str, Any] | None = None) -> None:
        self._path = home / "quarantine" / "bad_rows.sqlite"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._batch_id, self._options = batch_id, json.dumps(options or {}, sort_keys=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(self._path, timeout=60, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.executescript(_SCHEMA)
        self._path.chmod(0o600)
        self.added = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, rows: Sequence[BadRow]) -> None:
        """Keep bad rows; in one transaction, from any thread."""
        with self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            for row in rows:
                self._add(row)
            self.added += len(rows)

    def _add(self, row: BadRow) -> None:
        raw = json.dumps(dict(row.fields), default=str, sort_keys=True)
        content = blake2b(raw.encode(), digest_size=16).digest()
        (times,) = self._database.execute(
            "INSERT INTO this_load VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times",
            (content,),
        ).fetchone()
        whole = row.whole and len(raw) <= MAX_RAW_CHARACTERS
        if len(raw) > MAX_RAW_CHARACTERS:
            raw = json.dumps({"(shortened)": raw[:10_000]})
        self._database.execute(
            "INSERT INTO bad_row (digest, file, line, column, value, reason, raw, batch_id, replayable, options) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET seen = seen + 1, "
            "batch_id = excluded.batch_id, reason = excluded.reason, "
            "column = excluded.column, value = excluded.value, options = excluded.options",
            (
                content + times.to_bytes(8, "big"), row.file, row.line, row.column, row.value, row.reason, raw,
                self._batch_id, whole, self._options,
            ),
        )  # fmt: skip

    def entries(self, *, limit: int | None = None, after: int = 0) -> Iterator[BadRowEntry]:
        """What is kept, oldest first; `after` the entry with that id."""
        names = ", ".join(COLUMNS)
        cursor = self._database.execute(
            f"SELECT {names} FROM bad_row WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608 - names are constants
            (after, -1 if limit is None else limit),
        )
        for row in cursor:
            values = dict(zip(COLUMNS, row, strict=True))
            yield BadRowEntry.model_validate({**values, "raw": json.loads(values["raw"])})

    def options_of(self, entry: int) -> dict[str, Any]:
        """How the file of an entry was read."""
        row = self._database.execute("SELECT options FROM bad_row WHERE id = ?", (entry,)).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def count(self) -> int:
        """How many bad rows are kept."""
        return int(self._database.execute("SELECT count(*) FROM bad_row").fetchone()[0])

    def reasons(self, limit: int = 5) -> list[tuple[str, int]]:
        """The commonest columns and reasons of this batch, for a summary: example reason, number of rows."""
        return self._database.execute(
            "SELECT min(reason), count(*) FROM bad_row WHERE batch_id = ? GROUP BY column ORDER BY 2 DESC LIMIT ?",
            (self._batch_id, limit),
        ).fetchall()

    def remove(self, entries: Sequence[int]) -> None:
        """Forget entries that were stored."""
        with self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("DELETE FROM bad_row WHERE id = ?", [(entry,) for entry in entries])

    def explain(self, entry: int, row: BadRow) -> None:
        """Note why a row is still bad."""
        with self._lock, self._database:
            self._database.execute(
                "UPDATE bad_row SET column = ?, value = ?, reason = ? WHERE id = ?",
                (row.column, row.value, row.reason, entry),
            )


def rows_text(count: int) -> str:
    """A number of rows in words.

    >>> rows_text(1), rows_text(2_000)
    ('1 row', '2,000 rows')
    """
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def shown(raw: Any) -> str:
    """A raw row as JSON that can be written anywhere: bytes that are no text are escaped.

    >>> shown({"a": "J\\udcfcrgen \u00fc"})
    '{"a": "J\\\\udcfcrgen \u00fc"}'
    """
    return json.dumps(raw, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def export(entries: Iterator[BadRowEntry], out: TextIO) -> int:
    """Write entries as CSV that no spreadsheet takes for formulas; how many they were."""
    writer = defused_csv.writer(out)
    writer.writerow(COLUMNS)
    count = 0
    for entry in entries:
        count += 1
        values = entry.model_dump()
        writer.writerow(
            [
                *(values[name] for name in COLUMNS[:6]),
                shown(entry.raw),
                *(values[name] for name in COLUMNS[7:]),
            ]
        )
    return count
