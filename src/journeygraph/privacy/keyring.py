"""The secrets of one home: keys that identifiers are hashed with, and one that proofs are signed with.

They lie in `<home>/privacy`, readable by their owner only.  Whoever loses one can recognise nobody who was erased: they
belong into the backup.

The key of identifiers can be rotated without knowing the identifiers: generation 2 of a hash is the keyed hash, with
the second key, of generation 1, and so on.  So whatever was kept of an older generation is lifted to the newest, an
identifier is hashed through all of them, and whoever got hold of an older key can check no guess any more.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from filelock import FileLock

#: How a pseudonym looks: the generation of the key, and the hash.
PSEUDONYM: Final = re.compile(r"pn([1-9]\d*):([0-9a-f]{64})")
_NEXT: Final = "key.next"
_SIGNERS: Final = "former_signers"


class Keyring:
    """The keys of a home folder, made when first asked for."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "privacy"

    @property
    def exists(self) -> bool:
        """Whether anything was ever hashed in this home."""
        return (self.folder / "key").is_file()

    @cached_property
    def generation(self) -> int:
        """How many keys there have been; the first is made when it is first asked for."""
        return next(n for n in count(1) if not self.file(n + 1).is_file())

    def digest(self, kind: str, value: str) -> str:
        """A keyed hash (HMAC-SHA256) of an identifier: the same for the same, and nobody else can compute it.

        Case and the space around it make no difference.
        """
        return self.digests(kind, value)[-1]

    def digests(self, kind: str, value: str) -> list[str]:
        """The hash of each generation, oldest first.

        A pseudonym is a hash already: those of the generations before its own are not known any more, and empty.
        """
        if made := PSEUDONYM.fullmatch(value):
            own = int(made[1])
            return [""] * (own - 1) + [self.lifted(made[2], own, newer) for newer in range(own, self.generation + 1)]
        text = f"{kind}\0{value.strip().casefold()}".encode("utf-8", "surrogateescape")
        found = [hmac.new(self.key(1), text, hashlib.sha256).hexdigest()]
        for generation in range(2, self.generation + 1):
            found.append(self.seal(found[-1], generation))
        return found

    def pseudonym(self, kind: str, value: str) -> str:
        """What stands in the place of a value: equal for equal ones, and nobody without the key can tell which it was.

        A pseudonym is its own, in the newest generation.
        """
        return f"pn{self.generation}:{self.digest(kind, value)}"

    def lifted(self, digest: str, generation: int, until: int | None = None) -> str:
        """A hash of an older generation as it is in the newest, or in the one `until` which it is lifted."""
        for newer in range(generation + 1, (until or self.generation) + 1):
            digest = self.seal(digest, newer)
        return digest

    def seal(self, text: str, generation: int | None = None) -> str:
        """A keyed hash of a text as it stands, with the key of a generation (the newest)."""
        return hmac.new(self.key(generation or self.generation), text.encode(), hashlib.sha256).hexdigest()

    def key(self, generation: int) -> bytes:
        """The 32 random bytes of a generation; the one after the newest is the next, see `prepare`."""
        if generation not in self._keys:
            next_one = generation == self.generation + 1
            self._keys[generation] = self._secret(_NEXT if next_one else self.file(generation).name)
        return self._keys[generation]

    @cached_property
    def _keys(self) -> dict[int, bytes]:
        return {}

    def prepare(self) -> int:
        """Make the next key, not in use yet, or find the one that an interrupted rotation made; its generation."""
        self.key(self.generation + 1)
        return self.generation + 1

    def promote(self) -> None:
        """From now on the next key is the newest; nothing to do where none was prepared."""
        if (self.folder / _NEXT).is_file():
            (self.folder / _NEXT).replace(self.file(self.generation + 1))
            del self.generation

    def file(self, generation: int) -> Path:
        """Where the key of a generation lies."""
        return self.folder / ("key" if generation == 1 else f"key.{generation}")

    @property
    def former_signers(self) -> frozenset[str]:
        """Public keys (hexadecimal) that proofs were signed with before the present one."""
        path = self.folder / _SIGNERS
        return frozenset(path.read_text(encoding="ascii").split()) if path.is_file() else frozenset()

    def rotate_signing_key(self) -> None:
        """Another key signs from now on; of the former one its public half is kept, so that its proofs still hold."""
        public = self.signing_key.public_key().public_bytes_raw().hex()
        fresh = self.folder / f"{_SIGNERS}.new"
        fresh.write_text("".join(f"{key}\n" for key in sorted({*self.former_signers, public})), encoding="ascii")
        fresh.replace(self.folder / _SIGNERS)
        (self.folder / "signing_key").unlink()
        del self.signing_key

    @cached_property
    def signing_key(self) -> Ed25519PrivateKey:
        """What proofs are signed with."""
        return Ed25519PrivateKey.from_private_bytes(self._secret("signing_key"))

    def _secret(self, name: str) -> bytes:
        path = self.folder / name
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(self.folder / "keyring.lock"):
            if not path.is_file():
                fresh = path.with_name(f"{name}.new")
                with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                    file.write(secrets.token_hex(32) + "\n")
                fresh.replace(path)
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
