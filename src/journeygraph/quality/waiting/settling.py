"""Rows that wait no longer, and why: so that every row which a load put into quarantine can be accounted for."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from journeygraph.answers import Answer
from journeygraph.errors import NotFound, UsageError
from journeygraph.privacy import audit
from journeygraph.privacy.keyring import Keyring
from journeygraph.privacy.suppression import Suppressions
from journeygraph.quality.waiting.entries import Which
from journeygraph.quality.waiting.store import connect, opened, path_of

Outcome = Literal["replayed", "dropped"]
_LONGEST: Final = 500
_LISTED: Final = 10


class Settled(Answer):
    """A row that waits no longer; `batch_id` is the replay that stored it, or found it there already.

    Of what it said nothing is kept; `because` is what was given as the reason where it was dropped.
    """

    id: int
    outcome: Outcome
    at: str
    by: str
    because: str | None
    batch_id: str | None
    file: str
    line: int
    column: str | None


class Dropped(Answer):
    """How many rows were dropped (`done`), or would be; `left` is how many still wait."""

    rows: int
    left: int
    because: str
    done: bool


class Account(Answer):
    """What became of the rows that one load put into quarantine: they wait, were replayed, dropped, or erased.

    Erased are those of persons who were, and those that the privacy policy keeps no longer.
    """

    waiting: int = 0
    replayed: int = 0
    dropped: int = 0
    erased: int = 0

    @classmethod
    def of(cls, parts: Iterable[Account]) -> Account:
        """Several together."""
        total: Counter[str] = Counter()
        for part in parts:
            total.update(part.model_dump())
        return cls(**total)

    @property
    def rows(self) -> int:
        """All of them."""
        return self.waiting + self.replayed + self.dropped + self.erased

    @property
    def text(self) -> str:
        """In words.

        >>> Account(waiting=3, dropped=1).text
        '3 waiting, 1 dropped'
        """
        return ", ".join(f"{rows:,} {state}" for state, rows in self.model_dump().items() if rows)


def drop(
    home: Path,
    which: Which,
    because: str,
    *,
    everything: bool = False,
    dry_run: bool = False,
    actor: str | None = None,
) -> Dropped:
    """Give up rows for good: what they said is deleted and overwritten, that they were there is not.

    Where their file is loaded again they count as quarantined, and don't wait again.  It stands in the audit log.
    The reason is kept without the identifiers of people who were erased.

    Raises `UsageError` without a reason, or where nothing says which rows (`everything`: all), `NotFound` for an id
    that doesn't wait.
    """
    reason = Suppressions(home).without(_reason(because))
    if everything == bool(which):
        raise UsageError("Say which rows are dropped: ids, file, column, reason, state or load; or all of them.")
    if not path_of(home).is_file():
        return _nothing(which, reason)
    with closing(connect(home)) as database:
        database.execute("PRAGMA secure_delete=ON")
        database.execute("BEGIN IMMEDIATE")
        try:
            found = _chosen(database, which)
            if found and not dry_run:
                audit.record(home, f"quarantine: {len(found)} rows dropped", actor=actor)  # makes the key
                _drop(database, home, found, reason, actor or audit.os_user())
            left = int(database.execute("SELECT count(*) FROM bad_row").fetchone()[0])
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise
        if found and not dry_run:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return Dropped(rows=len(found), left=left, because=reason, done=not dry_run)


def _nothing(which: Which, reason: str) -> Dropped:
    if which.ids:
        raise NotFound(f"No row {which.ids[0]} waits in quarantine: nothing does.")
    return Dropped(rows=0, left=0, because=reason, done=False)


def _reason(because: str) -> str:
    reason = " ".join(because.split())
    if not reason or len(reason) > _LONGEST or not reason.isprintable():
        raise UsageError(f"Rows are dropped for a reason: some words are needed, {_LONGEST} characters at most.")
    return reason


def _chosen(database: sqlite3.Connection, which: Which) -> list[int]:
    condition, values = which.condition()
    found = [entry for (entry,) in database.execute(f"SELECT id FROM bad_row WHERE {condition} ORDER BY id", values)]  # noqa: S608
    if absent := sorted(set(which.ids) - set(_known(database, which.ids))):
        listed = ", ".join(map(str, absent[:_LISTED]))
        raise NotFound(f"No row {listed} waits in quarantine; `journeygraph quarantine list` has those that do.")
    return found


def _known(database: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    condition, values = Which(ids=tuple(ids)).condition()
    return [entry for (entry,) in database.execute(f"SELECT id FROM bad_row WHERE {condition}", values)] if ids else []  # noqa: S608


def _drop(database: sqlite3.Connection, home: Path, found: Sequence[int], reason: str, actor: str) -> None:
    keyring = Keyring(home)
    for entry in found:
        (digest,) = database.execute("SELECT digest FROM bad_row WHERE id = ?", (entry,)).fetchone()
        sealed = keyring.seal(bytes(digest).hex())
        settle(database, [entry], "dropped", actor, because=reason, digest=sealed, key=keyring.generation)


def settle(
    database: sqlite3.Connection,
    found: Iterable[int],
    outcome: Outcome,
    actor: str,
    *,
    because: str | None = None,
    batch_id: str | None = None,
    digest: str | None = None,
    key: int | None = None,
) -> None:
    """Rows wait no longer; inside the caller's transaction."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    for entry in found:
        database.execute(
            "INSERT INTO settled (entry, outcome, at, actor, because, batch_id, file, line, column, digest, key) "
            'SELECT id, ?, ?, ?, ?, ?, file, line, "column", ?, ? FROM bad_row WHERE id = ?',
            (outcome, at, actor, because, batch_id, digest, key, entry),
        )
        database.execute("DELETE FROM bad_row WHERE id = ?", (entry,))


def history(home: Path, *, limit: int | None = None, after: int = 0) -> list[Settled]:
    """The rows that wait no longer, by id; those that were erased are not listed."""
    with opened(home) as database:
        if database is None:
            return []
        rows = database.execute(
            'SELECT entry, outcome, at, actor, because, batch_id, file, line, "column" FROM settled '
            "WHERE entry > ? ORDER BY entry LIMIT ?",
            (after, -1 if limit is None else limit),
        ).fetchall()
    names = ("id", "outcome", "at", "by", "because", "batch_id", "file", "line", "column")
    return [Settled.model_validate(dict(zip(names, row, strict=True))) for row in rows]


def settled(home: Path) -> dict[str, int]:
    """How many wait no longer, by outcome."""
    with opened(home) as database:
        if database is None:
            return {}
        return dict(database.execute("SELECT outcome, count(*) FROM settled GROUP BY outcome ORDER BY 1").fetchall())


def account(home: Path) -> tuple[dict[str, Account], str | None]:
    """What became of the rows of each load, and since when that is known ('': ever; None: no row was ever kept)."""
    with opened(home) as database:
        if database is None:
            return {}, None
        (since,) = database.execute("SELECT at FROM kept_since").fetchone()
        found = database.execute(
            "SELECT s.batch_id, CASE WHEN b.id IS NOT NULL THEN 'waiting' ELSE coalesce(d.outcome, 'erased') END, "
            "count(*) "
            "FROM sighting s LEFT JOIN bad_row b ON b.id = s.entry LEFT JOIN settled d ON d.entry = s.entry "
            "GROUP BY 1, 2"
        ).fetchall()
    told: dict[str, Counter[str]] = {}
    for batch_id, state, rows in found:
        told.setdefault(batch_id, Counter())[state] += rows
    return {batch_id: Account(**states) for batch_id, states in told.items()}, str(since)
