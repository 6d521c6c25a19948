"""Rows of a person among those that could not be stored: `<home>/quarantine/bad_rows.sqlite`.

A row that says an identifier and nothing else in one of its values is the person's; one that mentions it within a text
is somebody else's where it names that one, and else the person's.  Whatever else is kept beside rows is looked into as
well: names of files, and why somebody dropped a row.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any, Final

from journeygraph.privacy.needles import Needles

_COLUMNS = ("id", "file", "line", "column", "value", "reason", "raw", "batch_id", "seen")
#: Columns that say whose a row is, as sources name them: customer_id, userId, user_pseudo_id, email_address, phone.
_WHOSE: Final = re.compile(
    r"(?:(?:customer|user|client|visitor|member|contact|person|anonymous|distinct)\w*id|customer|user|client|visitor"
    r"|e-?mail(?:[ _-]?address)?|phone(?:[ _-]?number)?)$",
    re.IGNORECASE,
)


def find(home: Path, needles: Needles) -> list[dict[str, Any]]:
    """The bad rows of a person as they are kept, and settled ones whose reason names them.

    Of somebody else's row that mentions the person only where it was read is told.
    """
    path = _path(home)
    if not path.is_file():
        return []
    with closing(sqlite3.connect(path, timeout=60)) as database:
        waiting = [_told(row, needles) for row in _matching(database, needles)]
        return [*waiting, *_settled(database, needles)]


def _told(row: dict[str, Any], needles: Needles) -> dict[str, Any]:
    if _is_theirs(row, needles):
        return row
    return {"id": row["id"], "file": row["file"], "line": row["line"], "mentioned": True}


def _is_theirs(row: dict[str, Any], needles: Needles) -> bool:
    """Whether a row that holds an identifier is the person's: it says so, or nothing in it says whose it is.

    >>> needles = Needles(["anna-1"])
    >>> def theirs(**raw):
    ...     return _is_theirs({"file": "desk.csv", "raw": raw}, needles)
    >>> theirs(customer_id="ANNA-1"), theirs(customer_id="ben-1", body="ask anna-1"), theirs(body="ask anna-1")
    (True, False, True)
    >>> theirs(context={"traits": {"email": "ben@x.example"}}, body="ask anna-1"), theirs(user="of anna-1")
    (False, True)
    """
    return needles.in_text(row["file"]) or _says(row["raw"], needles) or not _names_another(row["raw"], needles)


def _says(value: Any, needles: Needles) -> bool:
    """Whether one of the identifiers is a whole value, however it is written."""
    if isinstance(value, dict | list):
        return any(_says(inner, needles) for inner in (value.values() if isinstance(value, dict) else value))
    return not isinstance(value, bool) and needles.is_all_of(str(value).strip())


def _names_another(value: Any, needles: Needles) -> bool:
    """Whether a column that says whose a row is names somebody, without a word of the person."""
    if isinstance(value, list):
        return any(_names_another(inner, needles) for inner in value)
    if not isinstance(value, dict):
        return False
    for name, inner in value.items():
        if isinstance(inner, dict | list):
            if _names_another(inner, needles):
                return True
        elif _WHOSE.match(name.strip()) and _is_somebody(inner) and not needles.in_text(str(inner)):
            return True
    return False


def _is_somebody(value: Any) -> bool:
    return not isinstance(value, bool) and value is not None and bool(str(value).strip())


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


def erase(home: Path, needles: Needles) -> Counter[str]:
    """Delete a person's rows so that their bytes are overwritten too; in other people's the mention is taken out.

    How many of either: `quarantine` and `quarantine_mentions`.
    """
    path = _path(home)
    if not path.is_file():
        return Counter(quarantine=0)
    with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete=ON")
        database.execute("BEGIN IMMEDIATE")
        fresh = {row["id"]: _without(row, needles) for row in _matching(database, needles)}
        gone = [(id,) for id, raw in fresh.items() if raw is None]
        kept = [(raw, id) for id, raw in fresh.items() if raw is not None]
        database.executemany("DELETE FROM bad_row WHERE id = ?", gone)
        database.executemany("UPDATE bad_row SET raw = ? WHERE id = ?", kept)
        renamed = sum(_rewritten(database, needles, *place) for place in list(_texts_beside(database)))
        database.execute("COMMIT")
        if fresh or renamed:
            database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return Counter(quarantine=len(gone), quarantine_mentions=len(kept))


def _without(row: dict[str, Any], needles: Needles) -> str | None:
    """What somebody else's row says without the mention; None for a row that cannot stay."""
    if _is_theirs(row, needles):
        return None
    raw = needles.without(row["raw"])
    # As it is written: what can't be taken out (a figure within a list, say) doesn't stay.
    return None if needles.in_value(_texts(raw)) else json.dumps(raw, sort_keys=True)


def _texts_beside(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Table and column of each text beside what rows say: a file, a mapping or a reason may name a person."""
    yield from (("bad_row", column) for column in ("options", "column", "value", "reason"))
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
