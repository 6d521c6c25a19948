"""The file of bad rows: `<home>/quarantine/bad_rows.sqlite`.

bad_row         a row that waits, once, however often its file is loaded; `file` and `line` are where it was met last
place           each file that such a row was met in: where, and by which load last
sighting        which loads met it: every row that a load put into quarantine is one of these, for ever
settled         rows that wait no longer, by replay or because somebody dropped them; nothing of what they said
whole_reading   the newest load that read a file to its end
kept_since      sightings are known of loads that began then, or later (empty: of all)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS bad_row (
  id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, file TEXT NOT NULL, line INTEGER NOT NULL, column TEXT,
  value TEXT, reason TEXT NOT NULL, raw TEXT NOT NULL, batch_id TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 1,
  replayable INTEGER NOT NULL, options TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sighting (
  entry INTEGER NOT NULL, batch_id TEXT NOT NULL, PRIMARY KEY (entry, batch_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settled (
  entry INTEGER PRIMARY KEY, outcome TEXT NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, because TEXT,
  batch_id TEXT, file TEXT NOT NULL, line INTEGER NOT NULL, column TEXT, digest TEXT, key INTEGER);
CREATE TABLE IF NOT EXISTS whole_reading (file TEXT PRIMARY KEY, batch_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept_since (at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS place (
  entry INTEGER NOT NULL, file TEXT NOT NULL, line INTEGER NOT NULL, batch_id TEXT NOT NULL,
  PRIMARY KEY (entry, file)) WITHOUT ROWID;
"""
_PLACES_GO_TOO: Final = (
    "CREATE TRIGGER IF NOT EXISTS places_go_too AFTER DELETE ON bad_row "
    "BEGIN DELETE FROM place WHERE entry = OLD.id; END"
)
#: A row each of whose files was read whole since, by a load that didn't meet it there, is outdated.
STATE: Final = (
    "CASE WHEN EXISTS (SELECT 1 FROM place p WHERE p.entry = bad_row.id AND NOT EXISTS ("
    "SELECT 1 FROM whole_reading w WHERE w.file = p.file AND w.batch_id > p.batch_id)) "
    "THEN 'waiting' ELSE 'outdated' END"
)


def path_of(home: Path) -> Path:
    """Where the rows of a home are kept."""
    return home / "quarantine" / "bad_rows.sqlite"


def connect(home: Path) -> sqlite3.Connection:
    """The file, made where there is none; usable by several threads in turn, without transactions of its own."""
    path = path_of(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    _prepare(database)
    path.chmod(0o600)
    database.create_function("is_named", 2, _is_named, deterministic=True)
    return database


@contextmanager
def opened(home: Path) -> Iterator[sqlite3.Connection | None]:
    """The file for a reader; None where this home has none."""
    if not path_of(home).is_file():
        yield None
        return
    with closing(connect(home)) as database:
        yield database


def _prepare(database: sqlite3.Connection) -> None:
    """Make the tables.  A file of an earlier version knows of each row the last load only."""
    names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "place" in names:
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        for statement in _SCHEMA.split(";"):
            database.execute(statement)
        if not database.execute("SELECT count(*) FROM kept_since").fetchone()[0]:
            before = "bad_row" in names
            database.execute("INSERT INTO kept_since VALUES (?)", (datetime.now(UTC).isoformat() if before else "",))
            database.execute("INSERT OR IGNORE INTO sighting SELECT id, batch_id FROM bad_row")
        database.execute("INSERT OR IGNORE INTO place SELECT id, file, line, batch_id FROM bad_row")
        database.execute(_PLACES_GO_TOO)
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise


def _is_named(file: str, pattern: str) -> bool:
    """Whether a file's name, or its whole path, is like a pattern."""
    return fnmatchcase(Path(file).name, pattern) or fnmatchcase(file, pattern)
