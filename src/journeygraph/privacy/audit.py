"""Who read or changed personal data: an append-only file whose entries are chained, with a sealed head.

Each line of `<home>/privacy/audit.jsonl` carries a keyed hash of itself and of the line before; `audit.head` says how
many there are and which is the last, sealed with the same key.  An edit, a deletion, an insertion or a truncation by
anybody without the key is found.  Nobody's identifier is in it: a subject is a keyed hash.

What no file can tell by itself: that it and its head were both put back to an earlier state.  So proofs of
erasure carry the head of their time (`verify(at_least=...)`).
"""

from __future__ import annotations

import getpass
import hmac
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from journeygraph.answers import Answer
from journeygraph.errors import JourneyGraphError
from journeygraph.privacy.keyring import Keyring

_START = "0" * 64


class AuditEntry(Answer):
    """Who did what to whose data; `subject` is a keyed hash, nothing where no single person is concerned.

    `key` is the generation of the key that hashed the subject and seals the entry.
    """

    n: int
    at: str
    actor: str
    action: str
    subject: str | None
    previous: str
    key: int = 1
    hash: str


class Head(Answer):
    """How far the log goes; `key` is the generation of the key that seals it and what comes next."""

    entries: int
    hash: str
    key: int = 1


class Verified(Answer):
    """Whether the log is what was written; `problem` says what is wrong, and at which entry."""

    intact: bool
    entries: int
    head: str
    problem: str | None = None


class AuditBroken(JourneyGraphError):
    """The log was tampered with, so nothing is appended to it."""

    code = "audit_broken"


def os_user() -> str:
    """Who runs this process, for the log."""
    try:
        return f"user:{getpass.getuser()}"
    except (OSError, KeyError):
        return f"uid:{os.getuid()}"


def record(
    home: Path, action: str, customer_id: str | None = None, actor: str | None = None, *, durable: bool = True
) -> Head:
    """Append an entry; on disk when this returns, unless it need not be `durable` (a loss of power may cost the last).

    Raises `AuditBroken` where the end of the log isn't its head."""
    keyring, path = Keyring(home), _path(home)
    begun = keyring.exists
    keyring.key(1)  # makes the folder
    with FileLock(path.with_suffix(".lock")):
        _settle(keyring, path)
        head = _append(keyring, path, _last(keyring, path, begun), action, customer_id, actor, durable)
        _write_head(keyring, path, head)
    return head


def rotate(home: Path, actor: str | None = None) -> int:
    """Seal the log with a new key from now on; the key's generation.  An interrupted rotation is completed by the next.

    The last entry that the former key seals says so, and the head is sealed with the new one: whoever got hold of the
    former key can change nothing, for what it sealed is part of what the new key seals.
    """
    keyring, path = Keyring(home), _path(home)
    begun = keyring.exists
    keyring.key(1)
    with FileLock(path.with_suffix(".lock")):
        _settle(keyring, path)
        head = _last(keyring, path, begun)
        fresh = keyring.prepare()
        if head.key != fresh:
            head = _append(keyring, path, head, _rotated(fresh), None, actor, durable=True)
        _write_head(keyring, path, head)
        keyring.promote()
    return fresh


def _settle(keyring: Keyring, path: Path) -> None:
    """A rotation whose head was written is completed."""
    try:
        told = json.loads(path.with_suffix(".head").read_bytes()).get("key", 1)
    except (OSError, ValueError, AttributeError):
        return
    if told == keyring.generation + 1:
        keyring.promote()


def _append(
    keyring: Keyring, path: Path, head: Head, action: str, customer_id: str | None, actor: str | None, durable: bool
) -> Head:
    entry: dict[str, Any] = {
        "n": head.entries + 1,
        "at": datetime.now(UTC).isoformat(),
        "actor": actor or os_user(),
        "action": action,
        "subject": None if customer_id is None else keyring.digest("customer_id", customer_id),
        "previous": head.hash,
        "key": head.key,
    }
    entry["hash"] = keyring.seal(_text(entry), head.key)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
        file.write(_line(entry))
        file.flush()
        if durable:
            os.fsync(file.fileno())
    return _after(entry)


def _after(entry: dict[str, Any]) -> Head:
    """How far the log goes with this entry."""
    key = int(entry.get("key", 1))
    return Head(entries=entry["n"], hash=entry["hash"], key=key + (entry.get("action") == _rotated(key + 1)))


def _rotated(generation: int) -> str:
    return f"key rotated to {generation}"


def entries(home: Path) -> list[AuditEntry]:
    """All entries, oldest first.  Raises `AuditBroken` for a line that is none."""
    try:
        return [AuditEntry.model_validate(line) for line in _lines(_path(home))]
    except ValueError as error:
        raise AuditBroken(f"The audit log {_path(home)} holds a line that is no entry: {error}.") from error


def verify(home: Path, *, at_least: int = 0) -> Verified:
    """Whether every entry is as it was written and none is missing; `at_least` as many as a proof once told."""
    keyring, path = Keyring(home), _path(home)
    if not keyring.exists:
        if path.exists() or path.with_suffix(".head").exists():
            return Verified(intact=False, entries=0, head=_START, problem="The key that sealed the log is missing.")
        short = at_least > 0
        problem = f"There is no log, and at least {at_least} entries were told." if short else None
        return Verified(intact=not short, entries=0, head=_START, problem=problem)
    with FileLock(path.with_suffix(".lock")):
        _settle(keyring, path)
        try:
            last = _walked(keyring, path)
            head = _read_head(keyring, path)
            if last.entries < max(head.entries, at_least):
                wanted = max(head.entries, at_least)
                raise AuditBroken(f"The log was cut: it has {last.entries} entries, and there were {wanted}.")
            if head.entries and _hash_of(path, head.entries) != head.hash:
                raise AuditBroken(f"Entry {head.entries} is not the one that the head seals.")
        except AuditBroken as error:
            return Verified(intact=False, entries=0, head=_START, problem=str(error))
    return Verified(intact=True, entries=last.entries, head=last.hash)


def _walked(keyring: Keyring, path: Path) -> Head:
    """The end of the chain.  Raises `AuditBroken` at the first entry that doesn't follow from the one before."""
    head = Head(entries=0, hash=_START)
    try:
        for entry in _lines(path):
            text = _text({name: value for name, value in entry.items() if name != "hash"})
            sound = entry.get("n") == head.entries + 1 and entry.get("previous") == head.hash
            sound = sound and entry.get("key", 1) == head.key <= keyring.generation + 1
            if not sound or not hmac.compare_digest(str(entry.get("hash")), keyring.seal(text, head.key)):
                raise AuditBroken(f"Entry {head.entries + 1} was changed, or one before it is missing.")
            head = _after(entry)
    except (ValueError, AttributeError) as error:
        raise AuditBroken(f"What follows entry {head.entries} is no entry.") from error
    return head


def _last(keyring: Keyring, path: Path, begun: bool) -> Head:
    """The head to append to: the sealed one, or the one entry after it that a crash left without a seal."""
    if not begun and not path.exists() and not path.with_suffix(".head").exists():
        _write_head(keyring, path, Head(entries=0, hash=_START))
    head = _read_head(keyring, path)
    last = _end_of(path)
    if last is None:
        found = Head(entries=0, hash=_START)
    else:
        found = Head(entries=last.get("n", -1), hash=str(last.get("hash")), key=head.key)
    if found == head:
        return head
    walked = _walked(keyring, path)
    if walked.entries == head.entries + 1:
        return walked
    raise AuditBroken(f"The audit log {path} has {walked.entries} entries and its head says {head.entries}.")


def _end_of(path: Path) -> dict[str, Any] | None:
    """The last line, without reading the others."""
    if not path.exists() or not path.stat().st_size:
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 8_192))
        lines = file.read().splitlines()
    try:
        entry = json.loads(lines[-1])
    except ValueError as error:
        raise AuditBroken(f"The last line of the audit log {path} is no entry.") from error
    return entry if isinstance(entry, dict) else {}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    raise ValueError("its line has no end")
                entry = json.loads(line)
                if _line(entry) != line:  # two equal names, say, of which the last would win
                    raise ValueError("its line is not as it was written")
                yield entry


def _line(entry: dict[str, Any]) -> bytes:
    return (json.dumps(entry) + "\n").encode("ascii")


def _hash_of(path: Path, n: int) -> str | None:
    return next((entry["hash"] for entry in _lines(path) if entry["n"] == n), None)


def _text(entry: dict[str, Any]) -> str:
    return json.dumps(entry, sort_keys=True, separators=(",", ":"))


def _read_head(keyring: Keyring, path: Path) -> Head:
    try:
        content = path.with_suffix(".head").read_bytes()
        told = json.loads(content)
        head = Head(entries=told["entries"], hash=told["hash"], key=told.get("key", 1))
        sealed = str(told["seal"])
        if _line(told) != content or told.keys() - {*Head.model_fields, "seal"}:
            raise ValueError("it is not as it was written")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AuditBroken(f"The head of the audit log {path} is missing or no head.") from error
    if head.key != keyring.generation or not hmac.compare_digest(sealed, keyring.seal(_head_text(head), head.key)):
        raise AuditBroken(f"The head of the audit log {path} was changed.")
    return head


def _write_head(keyring: Keyring, path: Path, head: Head) -> None:
    fresh = path.with_suffix(".head.new")
    told = {**head.model_dump(), "seal": keyring.seal(_head_text(head), head.key)}
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(_line(told))
    fresh.replace(path.with_suffix(".head"))


def _head_text(head: Head) -> str:
    return f"{head.entries} {head.hash}" + (f" {head.key}" if head.key > 1 else "")


def _path(home: Path) -> Path:
    return home / "privacy" / "audit.jsonl"
