"""Other keys from now on, for whatever is hashed, sealed and signed in a home.

    new key -> audit log sealed with it -> suppression list and pseudonyms lifted to it -> another key signs

Each step can be repeated, so a rotation that was interrupted is completed by the same command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from journeygraph.answers import Answer
from journeygraph.graph import Graph, Row
from journeygraph.privacy import audit, suppression
from journeygraph.privacy.keyring import Keyring
from journeygraph.privacy.sealed import Cipher

_PAGE = 5_000


class KeyUsed(Answer):
    """One generation of the key: since when, and how many entries of list and log were made with it."""

    generation: int
    since: str
    suppressed: int
    audited: int


class Rotated(Answer):
    """The generation in use now; how many entries of the suppression list and pseudonyms in the graph were lifted."""

    generation: int
    suppressed: int
    pseudonyms: int


def rotate(home: Path, graph: Graph | None = None, *, actor: str | None = None) -> Rotated:
    """Take new keys into use; what was hashed with former ones is recognised as before.

    Pseudonyms in the graph are lifted where it is given; nothing may be loaded meanwhile.

    Raises `AuditBroken` where the audit log was tampered with: nothing is changed then.
    """
    generation = audit.rotate(home, actor)
    keyring = Keyring(home)
    keyring.rotate_signing_key()
    cipher = Cipher(home)
    cipher.rotate()
    lifted = suppression.lift(home)
    if graph is not None:
        _renew(graph, cipher)
    return Rotated(generation=generation, suppressed=lifted, pseudonyms=_lift(graph, keyring) if graph else 0)


def _lift(graph: Graph, keyring: Keyring) -> int:
    """Lift every pseudonym of an older generation, some nodes at a time; how many places."""
    count = 0
    newest = f"pn{keyring.generation}:"
    while found := graph.read("privacy/pseudonyms", newest=newest, limit=_PAGE):
        _rewrite(graph, found, lambda value: keyring.pseudonym("", value))
        count += sum(len(row["values"]) for row in found)
    return count


def _renew(graph: Graph, cipher: Cipher) -> None:
    """Encrypt with the newest key whatever is kept encrypted, some nodes at a time."""
    after = ""
    while found := graph.read("privacy/sealed_values", after=after, limit=_PAGE):
        _rewrite(graph, found, cipher.renew)
        after = found[-1]["id"]


def _rewrite(graph: Graph, found: Sequence[Row], change: Callable[[str], str]) -> None:
    rows = [{"id": row["id"], "changes": {key: change(value) for key, value in row["values"]}} for row in found]
    graph.write("privacy/rewrite", rows=rows)


def used(home: Path) -> list[KeyUsed]:
    """Every generation of the key; none where nothing was ever hashed."""
    keyring = Keyring(home)
    if not keyring.exists:
        return []
    listed, logged = suppression.by_generation(home), [entry.key for entry in audit.entries(home)]
    return [
        KeyUsed(
            generation=generation,
            since=datetime.fromtimestamp(keyring.file(generation).stat().st_mtime, UTC).isoformat(timespec="seconds"),
            suppressed=listed[generation],
            audited=logged.count(generation),
        )
        for generation in range(1, keyring.generation + 1)
    ]
