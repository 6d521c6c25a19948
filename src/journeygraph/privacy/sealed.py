"""Values that are kept encrypted beside their pseudonym, so that whoever may hand them over can read them.

AES-128-CBC with HMAC-SHA256 (Fernet, of the package cryptography).  The keys lie in `<home>/privacy/encryption_keys`,
the newest first; older ones only read.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from filelock import FileLock

#: How the properties end that hold an encrypted value; `p_email_sealed` holds the e-mail address.
ENDING: Final = "_sealed"
UNREADABLE: Final = "(the key is missing)"


class Cipher:
    """Encrypts and decrypts with the keys of a home, the first of which is made when it is first needed."""

    def __init__(self, home: Path) -> None:
        self._path = home / "privacy" / "encryption_keys"

    @cached_property
    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self._keys()])

    def seal(self, value: str) -> str:
        """A value encrypted; another text each time."""
        return self._fernet.encrypt(value.encode("utf-8", "surrogatepass")).decode("ascii")

    def open(self, token: str) -> str:
        """The value; `(the key is missing)` for what none of the keys encrypted."""
        try:
            return self._fernet.decrypt(token.encode()).decode("utf-8", "surrogatepass")
        except InvalidToken:
            return UNREADABLE

    def renew(self, token: str) -> str:
        """The same value encrypted with the newest key; what cannot be read stays as it is."""
        try:
            return self._fernet.rotate(token.encode()).decode("ascii")
        except InvalidToken:
            return token

    def opened(self, properties: dict[str, Any]) -> dict[str, Any]:
        """Properties with the values themselves in the place of encrypted ones."""
        return {
            name.removesuffix(ENDING) if _is_sealed(name, value) else name: self.open(value)
            if _is_sealed(name, value)
            else value
            for name, value in properties.items()
        }

    def rotate(self) -> None:
        """Encrypt with another key from now on; the former ones go on reading."""
        self._write([Fernet.generate_key(), *self._keys()])
        self.__dict__.pop("_fernet", None)

    def _keys(self) -> list[bytes]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(self._path.with_suffix(".lock")):
            if not self._path.is_file():
                self._write([Fernet.generate_key()])
            return self._path.read_bytes().split()

    def _write(self, keys: list[bytes]) -> None:
        fresh = self._path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(key + b"\n" for key in keys)
        fresh.replace(self._path)


def _is_sealed(name: str, value: Any) -> bool:
    return name.endswith(ENDING) and isinstance(value, str)
