"""API keys: made once, shown once, kept only as hashes.

A key is `jg_<id>_<secret>`; the secret has 256 random bits, so one round of SHA-256 is a one-way door (a slow password
hash guards guessable secrets; these cannot be guessed).  The file lies in the state folder, readable by its owner only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, TypeAdapter

from journeygraph.errors import NotFound, UsageError

#: What a key may be allowed to do; `read` covers every figure that names no single customer.
SCOPES = {
    "read": "figures about all customers: paths, funnels, gaps, patterns, reports",
    "customers": "journeys, intent and recommendations of single customers",
    "write": "send touchpoints",
    "identifiers": "e-mail addresses and telephone numbers unmasked, for a key with the scope customers",
}


class Key(BaseModel):
    """A key as it is kept: what it may do and the hash of its secret."""

    model_config = ConfigDict(frozen=True)

    key_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    secret_sha256: str


_KEYS = TypeAdapter(list[Key])


class KeyStore:
    """The keys of one installation, in `keys.json` in the state folder."""

    def __init__(self, home: Path) -> None:
        self._path = home / "keys.json"

    def all(self) -> list[Key]:
        """Every key, oldest first."""
        return _KEYS.validate_json(self._path.read_bytes()) if self._path.exists() else []

    def create(self, name: str, scopes: Sequence[str]) -> tuple[str, Key]:
        """A new key and what is kept of it; the key itself cannot be shown again.

        Raises `UsageError` for a scope that doesn't exist.
        """
        for scope in scopes:
            if scope not in SCOPES:
                raise UsageError(f"There is no scope {scope!r}; there are: {', '.join(SCOPES)}.")
        key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        key = Key(
            key_id=key_id,
            name=name,
            scopes=tuple(dict.fromkeys(scopes)) or tuple(SCOPES),
            created_at=datetime.now(UTC),
            secret_sha256=_hash(secret),
        )
        with self._locked():
            self._write([*self.all(), key])
        return f"jg_{key_id}_{secret}", key

    def revoke(self, key_id: str) -> Key:
        """Forget a key; raises `NotFound` where there is none with that id."""
        with self._locked():
            keys = self.all()
            for key in keys:
                if key.key_id == key_id:
                    self._write([other for other in keys if other is not key])
                    return key
        raise NotFound(f"There is no key {key_id!r}; `journeygraph keys list` shows the ids.")

    def find(self, presented: str) -> Key | None:
        """The key that was presented, or None; takes the same time whether the id or the secret is wrong."""
        prefix, _, rest = presented.partition("_")
        key_id, _, secret = rest.partition("_")
        expected = next((key for key in self.all() if key.key_id == key_id), None)
        matches = hmac.compare_digest(expected.secret_sha256 if expected else _hash(""), _hash(secret))
        return expected if matches and prefix == "jg" else None

    def _locked(self) -> FileLock:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(self._path.with_suffix(".lock"))

    def _write(self, keys: Sequence[Key]) -> None:
        temporary = self._path.with_suffix(".new")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump([key.model_dump(mode="json") for key in keys], file, indent=1)
        temporary.replace(self._path)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
