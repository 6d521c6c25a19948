"""Where bad rows wait while they are loaded: added, settled by a replay, exported (the rest is in `quality.waiting`).

A bad row is kept once, however often its file is loaded: its identity is what it says, and which of several equal rows
of one load it is.  How often it was seen is counted, and which loads met it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TextIO

from defusedcsv import csv as defused_csv

from journeygraph.privacy import audit
from journeygraph.privacy.suppression import Suppressions
from journeygraph.quality.waiting import EVERY, BadRowEntry, Which
from journeygraph.quality.waiting.entries import COLUMNS, finite, read
from journeygraph.quality.waiting.settling import settle
from journeygraph.quality.waiting.store import connect
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.suppressed import redacted

#: A raw row longer than this is kept shortened, and cannot be replayed.
MAX_RAW_CHARACTERS: Final = 1 << 20
_THIS_LOAD: Final = "CREATE TEMP TABLE this_load (digest BLOB PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID"


class Quarantine:
    """The quarantine of one home folder during one load; a context manager.

    `added` counts the rows of this load, listed before or not, `by_file` those of each file.
    Of a person who was erased only file and line are kept, of a file named after them the rest of its name.  A row that
    was dropped is counted, and doesn't wait again.
    """

    def __init__(self, home: Path, batch_id: str, options: dict[str, Any] | None = None) -> None:
        self._lock = threading.Lock()
        self.suppressed = Suppressions(home)
        self._told = self.suppressed.without
        said = {key: self._told(value) if isinstance(value, str) else value for key, value in (options or {}).items()}
        self._batch_id, self._options = batch_id, json.dumps(said, sort_keys=True)
        self._database = connect(home)
        self._database.execute(_THIS_LOAD)
        self._dropped = _Dropped(self._database, self.suppressed)
        self._closed = False
        self.added = 0
        self.by_file: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:  # SQLite doesn't bear being closed under a thread that writes
            self._closed = True
            self._database.close()

    def add(self, rows: Sequence[BadRow]) -> None:
        """Keep bad rows, in one transaction, from any thread; none once the load has failed."""
        with self._lock:
            if self._closed:
                return
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                for row in rows:
                    self._add(redacted(row, self.suppressed))
                self.added += len(rows)
                self.by_file.update(row.file for row in rows)

    def _add(self, row: BadRow) -> None:
        raw = json.dumps(dict(row.fields), default=str, sort_keys=True)
        # Of rows that are kept without what they said only the place tells one from another.
        told = raw if row.fields else json.dumps([self._told(row.file), row.line])
        content = blake2b(told.encode(), digest_size=16).digest()
        (times,) = self._database.execute(
            "INSERT INTO this_load VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times",
            (content,),
        ).fetchone()
        digest = content + times.to_bytes(8, "big")
        entry = self._dropped.entry(digest)
        if entry is None:
            entry = self._kept(row, raw, digest)
        self._database.execute("INSERT OR IGNORE INTO sighting VALUES (?, ?)", (entry, self._batch_id))

    def _kept(self, row: BadRow, raw: str, digest: bytes) -> int:
        """Keep a row, or note that it was met again; its id, which no other row ever had."""
        whole = row.whole and len(raw) <= MAX_RAW_CHARACTERS
        if len(raw) > MAX_RAW_CHARACTERS:
            raw = json.dumps({"(shortened)": raw[:10_000]})
        (entry,) = self._database.execute(
            "INSERT INTO bad_row (id, digest, file, line, column, value, reason, raw, batch_id, replayable, options) "
            "VALUES (1 + max(coalesce((SELECT max(id) FROM bad_row), 0), "
            "coalesce((SELECT max(entry) FROM sighting), 0)), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (digest) DO UPDATE SET seen = seen + 1, batch_id = excluded.batch_id, file = excluded.file, "
            "line = excluded.line, reason = excluded.reason, column = excluded.column, value = excluded.value, "
            "options = excluded.options RETURNING id",
            (
                digest, self._told(row.file), row.line, _text(row.column), _text(row.value), _text(row.reason), raw,
                self._batch_id, whole, self._options,
            ),
        ).fetchone()  # fmt: skip
        self._database.execute(
            "INSERT INTO place VALUES (?, ?, ?, ?) ON CONFLICT (entry, file) DO UPDATE SET line = excluded.line, "
            "batch_id = excluded.batch_id",
            (entry, self._told(row.file), row.line, self._batch_id),
        )
        return int(entry)

    def entries(self, which: Which = EVERY, *, limit: int | None = None, after: int = 0) -> Iterator[BadRowEntry]:
        """What waits, oldest first; `after` the entry with that id."""
        return read(self._database, which, limit=limit, after=after)

    def options_of(self, entry: int) -> dict[str, Any]:
        """How the file of an entry was read."""
        row = self._database.execute("SELECT options FROM bad_row WHERE id = ?", (entry,)).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def count(self) -> int:
        """How many bad rows wait."""
        return int(self._database.execute("SELECT count(*) FROM bad_row").fetchone()[0])

    def reasons(self, limit: int = 5) -> list[tuple[str, str, int, int]]:
        """The commonest faulty columns of this batch: the reason, file and line of an example, and how many rows."""
        # SQLite takes file and line from the row that has the least reason.
        return self._database.execute(
            "SELECT min(reason), file, line, count(*) FROM bad_row WHERE batch_id = ? GROUP BY column ORDER BY 4 DESC "
            "LIMIT ?",
            (self._batch_id, limit),
        ).fetchall()

    def replayed(self, entries: Sequence[int], actor: str | None = None) -> None:
        """Entries that this load, a replay, stored or found to be there wait no longer."""
        with self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            settle(self._database, entries, "replayed", actor or audit.os_user(), batch_id=self._batch_id)

    def read_whole(self, files: Iterable[str]) -> None:
        """This load has read these files to their end: rows of them that it didn't meet are outdated."""
        with self._lock, self._database:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany(
                "INSERT INTO whole_reading VALUES (?, ?) ON CONFLICT DO UPDATE SET batch_id = excluded.batch_id",
                [(self._told(file), self._batch_id) for file in files],
            )

    def explain(self, entry: int, row: BadRow) -> None:
        """Note why a row is still bad."""
        with self._lock, self._database:
            self._database.execute(
                "UPDATE bad_row SET column = ?, value = ?, reason = ? WHERE id = ?",
                (row.column, row.value, row.reason, entry),
            )


class _Dropped:
    """Rows that somebody dropped, by a keyed hash of what they said."""

    def __init__(self, database: sqlite3.Connection, suppressed: Suppressions) -> None:
        told = database.execute("SELECT key, digest, entry FROM settled WHERE digest IS NOT NULL").fetchall()
        self._entries = {(key, digest): entry for key, digest, entry in told}
        self._generations = sorted({key for key, _ in self._entries})
        self._keyring = suppressed.keyring

    def entry(self, digest: bytes) -> int | None:
        """The entry that a row was dropped as, None where it wasn't."""
        for generation in self._generations:
            found = self._entries.get((generation, self._keyring.seal(digest.hex(), generation)))
            if found is not None:
                return int(found)
        return None


def rows_text(count: int) -> str:
    """A number of rows in words.

    >>> rows_text(1), rows_text(2_000)
    ('1 row', '2,000 rows')
    """
    return f"{count:,} row" if count == 1 else f"{count:,} rows"


def _text(text: str | None) -> str | None:
    """Text as a database takes it: half a character, which JSON can name, is written out.

    >>> _text("\\ud800")
    '\\\\ud800'
    """
    return None if text is None else text.encode("utf-8", "backslashreplace").decode()


def shown(raw: Any) -> str:
    """A raw row as JSON that can be written anywhere: bytes that are no text are escaped.

    >>> shown({"a": "J\\udcfcrgen \u00fc"})
    '{"a": "J\\\\udcfcrgen \u00fc"}'
    """
    return json.dumps(finite(raw), ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def export(entries: Iterator[BadRowEntry], out: TextIO) -> int:
    """Write entries as CSV that no spreadsheet takes for formulas; how many they were."""
    writer = defused_csv.writer(out)
    writer.writerow((*COLUMNS, "state", "also_in"))
    count = 0
    for entry in entries:
        count += 1
        values = entry.model_dump()
        writer.writerow(
            [
                *(values[name] for name in COLUMNS[:6]),
                shown(entry.raw),
                *(values[name] for name in COLUMNS[7:]),
                entry.state,
                " | ".join(entry.also_in),
            ]
        )
    return count
