"""Rows of a person among those that could not be stored: `<home>/quarantine/bad_rows.sqlite`.

Whatever else is kept beside them is looked into as well: names of files, and why somebody dropped a row.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from journeygraph.privacy.needles import Needles

_COLUMNS = ("id", "file", "line", "column", "value", "reason", "raw", "batch_id", "seen")


def find(home: Path, needles: Needles) -> list[dict[str, Any]]:
    """The bad rows that hold one of these identifiers, as they are kept, and settled ones whose reason does."""
    path = _path(home)
    if not path.is_file():
        return []
    with closing(sqlite3.connect(path, timeout=60)) as database:
        return [*_matching(database, needles), *_settled(database, needles)]


def has_value(home: Path, needles: Needles) -> bool:
    """Whether one of these identifiers is a whole value of a row that could not be stored."""
    path = _path(home)
    if not path.is_file():
        return False
    with closing(sqlite3.connect(path, timeout=60)) as database:
        return any(_has_value(row["raw"], needles) for row in _matching(database, needles))


def _has_value(value: Any, needles: Needles) -> bool:
    if isinstance(value, dict | list):
        return any(_has_value(inner, needles) for inner in (value.values() if isinstance(value, dict) else value))
    return not isinstance(value, bool) and needles.is_one(str(value).strip())


def _settled(database: sqlite3.Connection, needles: Needles) -> Iterator[dict[str, Any]]:
    """Rows that wait no longer, of which a text that was given names the person; a file of earlier times has none."""
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    names = ("entry", "outcome", "at", "because", "file", "line")
    asked = f"SELECT {', '.join(names)} FROM settled ORDER BY entry"  # noqa: S608 - names are constants
    for values in database.execute(asked) if "settled" in tables else ():
        row = dict(zip(names, values, strict=True))
        if any(needles.in_text(row[name]) for name in ("because", "file") if row[name]):
            yield row


def erase(home: Path, needles: Needles) -> int:
    """Delete those rows so that their bytes are overwritten too; how many they were."""
    path = _path(home)
    if not path.is_file():
        return 0
    with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete=ON")
        database.execute("BEGIN IMMEDIATE")
        found = [(row["id"],) for row in _matching(database, needles)]
        database.executemany("DELETE FROM bad_row WHERE id = ?", found)
        renamed = sum(_rewritten(database, needles, *place) for place in list(_texts_beside(database)))
        database.execute("COMMIT")
        if found or renamed:
            database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return len(found)


def _texts_beside(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Table and column of each text beside what rows say: a file, a mapping or a reason may name a person."""
    yield from (("bad_row", column) for column in ("options", "column"))
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'bad_row'"):
        for _, column, kind, *_ in database.execute(f"PRAGMA table_info({table})"):
            if kind == "TEXT":
                yield table, column


def _rewritten(database: sqlite3.Connection, needles: Needles, table: str, column: str) -> int:
    """Take the identifiers out of a column; how many texts held one."""
    texts = database.execute(f'SELECT DISTINCT "{column}" FROM {table} WHERE "{column}" IS NOT NULL')  # noqa: S608
    held = [(needles.without(text), text) for (text,) in texts if needles.in_text(text)]
    database.executemany(f'UPDATE OR REPLACE {table} SET "{column}" = ? WHERE "{column}" = ?', held)  # noqa: S608
    return len(held)


def batches(home: Path) -> list[str]:
    """The loads that rows in quarantine were last seen by."""
    with closing(sqlite3.connect(_path(home), timeout=60)) if _path(home).is_file() else nullcontext() as database:
        if database is None:
            return []
        return [batch_id for (batch_id,) in database.execute("SELECT DISTINCT batch_id FROM bad_row ORDER BY 1")]


def count_batches(home: Path, batch_ids: Sequence[str]) -> int:
    """How many rows were last seen by one of these loads."""
    if not batch_ids:
        return 0
    with closing(sqlite3.connect(_path(home), timeout=60)) as database:
        wanted = json.dumps(list(batch_ids))
        counted = "SELECT count(*) FROM bad_row WHERE batch_id IN (SELECT value FROM json_each(?))"
        return int(database.execute(counted, (wanted,)).fetchone()[0])


def erase_batches(home: Path, batch_ids: Sequence[str]) -> int:
    """Delete those rows so that their bytes are overwritten too; how many they were."""
    if not batch_ids:
        return 0
    with closing(sqlite3.connect(_path(home), timeout=60, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete=ON")
        wanted = json.dumps(list(batch_ids))
        gone = database.execute("DELETE FROM bad_row WHERE batch_id IN (SELECT value FROM json_each(?))", (wanted,))
        count = gone.rowcount
        if count:
            database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return count


def _matching(database: sqlite3.Connection, needles: Needles) -> Iterator[dict[str, Any]]:
    names = ", ".join(_COLUMNS)
    for values in database.execute(f"SELECT {names} FROM bad_row ORDER BY id"):  # noqa: S608 - names are constants
        row = dict(zip(_COLUMNS, values, strict=True))
        row["raw"] = json.loads(row["raw"])
        texts = (row["file"], row["value"] or "", row["reason"])
        if any(map(needles.in_text, texts)) or needles.in_value(_texts(row["raw"])):
            yield row


def _texts(value: Any) -> Any:
    """A raw row with its whole numbers as texts: an id may have been written as one."""
    if isinstance(value, dict):
        return {key: _texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _path(home: Path) -> Path:
    return home / "quarantine" / "bad_rows.sqlite"
