"""A signed statement of what was removed: counts, and nobody's identifier.

The signature is Ed25519 (RFC 8032) over the statement as JSON with sorted keys and without spaces.  It says that this
installation removed so much at that time; whoever holds the identifier and the home's key can tell whose it was.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from journeygraph.answers import Answer
from journeygraph.errors import InputError
from journeygraph.privacy.keyring import Keyring


class Proof(Answer):
    """The statement with its signature; `public_key` and `signature` in hexadecimal digits."""

    statement: dict[str, Any]
    public_key: str
    signature: str


class ProofChecked(Answer):
    """Whether the signature fits the statement, and whether this home made it."""

    valid: bool
    of_this_home: bool
    statement: dict[str, Any]


def sign(home: Path, statement: dict[str, Any]) -> Proof:
    """Sign a statement and keep it in `<home>/privacy/proofs`."""
    key = Keyring(home).signing_key
    public = key.public_key().public_bytes_raw().hex()
    proof = Proof(statement=statement, public_key=public, signature=key.sign(_bytes(statement)).hex())
    folder = home / "privacy" / "proofs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{statement['erasure_id']}.json"
    path.write_text(proof.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return proof


def check(home: Path, path: Path) -> ProofChecked:
    """Check a proof that lies in a file.  Raises `InputError` where the file is no proof."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        proof = Proof.model_validate(document.get("proof", document))
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(proof.public_key))
        signature = bytes.fromhex(proof.signature)
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"{path} is no proof of erasure: {error}.") from error
    try:
        public.verify(signature, _bytes(proof.statement))
        valid = True
    except InvalidSignature:
        valid = False
    own, keyring = (home / "privacy" / "signing_key").is_file(), Keyring(home)
    mine = own and keyring.signing_key.public_key().public_bytes_raw().hex() == proof.public_key
    mine = mine or proof.public_key in keyring.former_signers
    return ProofChecked(valid=valid, of_this_home=mine, statement=proof.statement)


def _bytes(statement: dict[str, Any]) -> bytes:
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode("ascii")
