"""How far a pull came: a small file, written after each page that is in the graph, for one process at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from journeygraph.errors import InputError, UsageError


class State:
    """The state of one pull, as `kept`; `fingerprint` is of what it was declared to read, `place` what to call that.

    `duplicates` are the rows of each load under way that were there already: the graph cannot tell them afterwards.
    Raises `InputError` where it was kept for another declaration, or cannot be read.
    """

    def __init__(self, file: Path, fingerprint: str, *, place: str | None = None, again: bool = False) -> None:
        self._file, self._fingerprint, self._place = file, fingerprint, place
        self.duplicates: dict[str, int] = {}
        self.kept: dict[str, Any] = {} if again or not file.exists() else self._read()

    def _read(self) -> dict[str, Any]:
        try:
            document = json.loads(self._file.read_text(encoding="utf-8"))
            fingerprint, kept = str(document["of"]), dict(document["kept"])
            self.duplicates = dict(document.get("duplicates", {}))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"The state {self._file} cannot be read; --again begins anew: what is stored is there already."
            ) from error
        if fingerprint != self._fingerprint:
            raise InputError(
                f"The pull {self._file.stem} reads something else than before (table, query, cursor or address). Give "
                "it another name, or --again to begin from the start: what is stored is there already."
            )
        return kept

    def keep(self, kept: dict[str, Any], *, complete: bool = False) -> None:
        """Write down how far it came, and whether that is all; all of it or nothing, whenever the process ends."""
        self.kept = kept
        document = {"of": self._fingerprint, "place": self._place, "at": datetime.now(UTC).isoformat(),
                    "complete": complete, "duplicates": self.duplicates, "kept": kept}  # fmt: skip
        new = self._file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(document), encoding="utf-8")
        new.replace(self._file)


@contextmanager
def held(home: Path, name: str, fingerprint: str, *, place: str | None = None, again: bool = False) -> Iterator[State]:
    """The state of a pull, while no other process runs it.

    Raises `UsageError` where one does.
    """
    folder = home / "pulls"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(folder / f"{name}.lock", timeout=1)  # whoever asks whether it runs holds the lock for a moment
    try:
        lock.acquire()
    except Timeout as error:
        raise UsageError(f"The pull {name} is running already, in another process.") from error
    try:
        yield State(folder / f"{name}.json", fingerprint, place=place, again=again)
    finally:
        lock.release()


def fingerprint(*parts: Any) -> str:
    """What a declaration reads, as one word.

    >>> fingerprint("a", None) == fingerprint("a", None) != fingerprint("a", "None")
    True
    """
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def packed(value: Any) -> Any:
    """A cursor's value as JSON can hold it, of the same kind when it comes back.

    >>> unpacked(packed(datetime(2026, 1, 31, 12, tzinfo=UTC))).isoformat(), unpacked(packed(7))
    ('2026-01-31T12:00:00+00:00', 7)
    """
    if isinstance(value, datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return value if isinstance(value, str | int | float) else {"text": str(value)}


def unpacked(value: Any) -> Any:
    """The value that `packed` was given."""
    if not isinstance(value, dict):
        return value
    ((kind, text),) = value.items()
    return _MADE[kind](text) if kind in _MADE else text


_MADE: Final[dict[str, Callable[[str], Any]]] = {
    "datetime": datetime.fromisoformat, "date": date.fromisoformat, "decimal": Decimal, "bytes": bytes.fromhex,
}  # fmt: skip
