"""Who was erased and must not come back: keyed hashes of their identifiers, asked by every load.

`<home>/privacy/suppressed.txt` has one hash a line and nothing else, so it tells nothing about anybody without the key.
After a rotation a line names the key's generation, as in `2:hash`; lines of an older one are recognised, too.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from journeygraph.privacy import policy
from journeygraph.privacy.keyring import Keyring
from journeygraph.privacy.needles import ERASED
from journeygraph.privacy.policy import Policy

#: What identifies a person in a row, and in the list.
KINDS: Final = ("customer_id", "anonymous_id", "email", "phone")
SENTENCE: Final = "This row is about a person who was erased: it is not stored, and not kept here either."
#: A number this short is an identifier only in a column that says so.
_SHORT_DIGITS: Final = 6
_NAMING: Final = ("id", "customer", "user", "client", "visitor", "email", "phone")
_PART: Final = re.compile(r"[^\W_]+")
#: An identifier of more parts is not looked for within a text: a UUID has five, a long address ten.
_MOST_PARTS: Final = 64


class Suppressions:
    """The list of one home as it stood when it was read; empty for most, and then it costs nothing."""

    def __init__(self, home: Path) -> None:
        #: What hashes.
        self.keyring = Keyring(home)
        path = _path(home)
        self._digests = frozenset(_read(path))
        #: What else the home asks of rows.
        self.policy: Policy = policy.read(home)
        self.home = home
        self._known: dict[tuple[str, str], bool] = {}
        self._texts: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._digests)

    def holds(self, kind: str, value: str | None) -> bool:
        """Whether this identifier is of a person who was erased."""
        if not self._digests or value is None:
            return False
        asked = (kind, value)
        if asked not in self._known:
            if len(self._known) > 200_000:
                self._known.clear()
            digests = enumerate(self.keyring.digests(kind, value), start=1)
            self._known[asked] = any(line in self._digests for line in digests)
        return self._known[asked]

    def of_raw(self, fields: Mapping[str, Any]) -> bool:
        """Whether a raw row, whatever its columns mean, holds an identifier of a person who was erased."""
        return bool(self._digests) and any(
            self.holds(kind, str(value))
            for column, value in fields.items()
            if isinstance(value, str | int) and _may_identify(column, str(value))
            for kind in KINDS
        )

    def without(self, text: str) -> str:
        """A text that is no row's, such as the name of a file, without the identifiers of people who were erased.

        They are found where they stand as words of their own, as an erasure finds them; who else's id holds one of them
        (`anna-2`) a list of hashes can't tell.
        """
        if not self._digests:
            return text
        if text not in self._texts:
            if len(self._texts) > 10_000:
                self._texts.clear()
            self._texts[text] = self._without(text)
        return self._texts[text]

    def _without(self, text: str) -> str:
        if any(self.holds(kind, text) for kind in KINDS):
            return ERASED
        parts = [found.span() for found in _PART.finditer(text)]
        made, end, place = "", 0, 0
        while place < len(parts):
            start, stop, place = self._held(text, parts, place)
            if stop > start:
                made, end = made + text[end:start] + ERASED, stop
        return made + text[end:]

    def _held(self, text: str, parts: Sequence[tuple[int, int]], place: int) -> tuple[int, int, int]:
        """Where the longest identifier that begins with this part stands (empty: none does), and the part after it."""
        first = parts[place][0]
        for last in range(min(place + _MOST_PARTS, len(parts)) - 1, place - 1, -1):
            after = parts[last][1]
            # An identifier may begin or end with a sign: +49 ..., or what encodes bytes with = at its end.
            for start, stop in ((first, after), (first - 1, after), (first, after + 1), (first - 1, after + 1)):
                if start >= 0 and stop <= len(text) and self._is_one(text[start:stop]):
                    return start, stop, last + 1
        return first, first, place + 1

    def _is_one(self, word: str) -> bool:
        if word != word.strip() or (word.isdecimal() and len(word) < _SHORT_DIGITS):
            return False
        return any(self.holds(kind, word) for kind in KINDS)


def _may_identify(column: str, value: str) -> bool:
    if not value.isdecimal() or len(value) >= _SHORT_DIGITS:
        return len(value) <= 1_000
    return any(word in column.lower() for word in _NAMING)


def suppress(home: Path, identifiers: Iterable[tuple[str, str]]) -> int:
    """Put identifiers (kind, value) on the list; how many were not on it yet."""
    path = _path(home)
    with FileLock(path.with_suffix(".lock")):
        wanted = _unlisted(home, identifiers)
        _write(path, _read(path) | wanted)
    return len(wanted)


def count_unlisted(home: Path, identifiers: Iterable[tuple[str, str]]) -> int:
    """How many of these identifiers (kind, value) are not on the list."""
    if not _path(home).is_file():  # nobody is, and no key is made for that: an audit log begins with it
        return len(set(identifiers))
    return len(_unlisted(home, identifiers))


def _unlisted(home: Path, identifiers: Iterable[tuple[str, str]]) -> set[tuple[int, str]]:
    """The newest entry of each that the list lacks."""
    keyring, before = Keyring(home), _read(_path(home))
    lines = [set(enumerate(keyring.digests(kind, value), start=1)) for kind, value in identifiers]
    return {max(every) for every in lines if not every & before}


def lift(home: Path) -> int:
    """Hash whatever was hashed with an older key with the newest, too; how many entries that were."""
    keyring, path = Keyring(home), _path(home)
    if not path.is_file():
        return 0
    with FileLock(path.with_suffix(".lock")):
        before = _read(path)
        older = {line for line in before if line[0] < keyring.generation}
        _write(path, (before - older) | {(keyring.generation, keyring.lifted(hash, g)) for g, hash in older})
    return len(older)


def by_generation(home: Path) -> Counter[int]:
    """How many entries were hashed with each generation of the key."""
    return Counter(generation for generation, _ in _read(_path(home)))


def _read(path: Path) -> set[tuple[int, str]]:
    """The entries: generation of the key, and hash."""
    if not path.is_file():
        return set()
    parts = (line.rpartition(":") for line in path.read_text(encoding="ascii").split())
    return {(int(generation or 1), hash) for generation, _, hash in parts}


def _write(path: Path, entries: Iterable[tuple[int, str]]) -> None:
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(
            f"{hash}\n" if generation == 1 else f"{generation}:{hash}\n" for generation, hash in sorted(entries)
        )
    fresh.replace(path)


def _path(home: Path) -> Path:
    return home / "privacy" / "suppressed.txt"
