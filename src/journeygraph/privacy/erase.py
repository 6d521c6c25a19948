"""Erasing one person everywhere, or leaving only what is nobody's any more.

    suppression list -> findings, lists -> journeys, sessions, touchpoints, customer -> quarantine, files
    -> whatever else names the person -> owners, journeys and step graph anew -> proof

The list comes first, so that a load that runs meanwhile brings nobody back; every step can be repeated, so an erasure
that was interrupted is completed by the same command (`begun` holds what that takes).  What counts journeys equals
afterwards what a load without that person would have made (`anonymise`: stays as it was).
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from journeygraph import identity, journeys, set_aside
from journeygraph.answers import Answer
from journeygraph.errors import UsageError
from journeygraph.graph import Graph, Row
from journeygraph.privacy import audit, begun, files, mentions, quarantined
from journeygraph.privacy.begun import Begun, Mode
from journeygraph.privacy.files import TouchedFile
from journeygraph.privacy.keyring import Keyring
from journeygraph.privacy.person import Person
from journeygraph.privacy.proof import Proof, sign
from journeygraph.privacy.suppression import suppress

_PAGE = 10_000


class Erasure(Answer):
    """What was removed: `removed` counts by kind, `files` were rewritten or deleted.

    `remaining` is how many places in the graph still hold an identifier, counted after all was done: 0.  `kept` are
    names that stay although they hold one, by kind: of things that others touched too, of sources and channels.
    `merged`: the id that was asked for was part of another customer, and so the whole person went.  `resumed`: this
    completed an erasure that was interrupted, and counts what that one had removed.
    """

    mode: Mode
    merged: bool = False
    resumed: bool = False
    removed: dict[str, int]
    files: tuple[TouchedFile, ...]
    suppressed: int
    remaining: int
    kept: dict[str, int]
    proof: Proof


def erase(graph: Graph, home: Path, customer_id: str, *, mode: Mode = "erase", actor: str | None = None) -> Erasure:
    """Erase or anonymise one person.

    Raises `NotFound` for a customer that neither the graph nor a row in quarantine has, `UsageError` for one who is
    nobody already.
    """
    started = begin(graph, home, customer_id, mode)
    erasure = complete(graph, home, started, actor)
    started.end()
    return erasure


def begin(graph: Graph, home: Path, customer_id: str, mode: Mode = "erase") -> Begun:
    """Write down who is about to be erased, or find what an interrupted erasure wrote down; `complete` does the rest.

    Raises as `erase` does, and `UsageError` where the interrupted one was of the other mode.
    """
    who = identity.lead(graph, customer_id)
    former = begun.find(home, customer_id)
    if former is not None:
        former.take_up(graph, mode)
        return former
    if mode == "anonymise" and who.customer_id.startswith("erased:"):
        raise UsageError(f"The customer {who.customer_id!r} has no name any more: use the mode `erase`.")
    person = Person.anywhere(graph, home, who.customer_id) if mode == "erase" else Person.read(graph, who.customer_id)
    return begun.start(home, person, mode, merged=who.asked_for is not None)


def complete(graph: Graph, home: Path, started: Begun, actor: str | None = None) -> Erasure:
    """Do all that an erasure takes, from wherever it was left, and sign what was removed."""
    person, mode = started.person, started.mode
    audit.record(home, f"{mode} begun", person.customer_id, actor)
    suppress(home, person.identifiers)
    with graph.alone(journeys.LOCK):
        if started.pseudonym is None:
            started.note(mentions=mentions.rewrite_things(graph, person))
            _remove(graph, started)
        else:
            started.removed |= _anonymised(graph, person, started.pseudonym)
            started.keep()
        started.note(mentions=mentions.rewrite(graph, person, started.pseudonym))
        journeys.put_end_of_data(graph)
        identity.resolve(graph)
        set_aside.apply(graph)
        journeys.thread(graph)
    started.note(**quarantined.erase(home, person.needles))
    started.touch(files.erase(home, person.needles))
    left = mentions.count(graph, person, started.pseudonym)
    remaining = left.places + len(graph.read("privacy/customer", customer_id=person.customer_id))
    head = audit.record(home, f"{mode} done", person.customer_id, actor)
    statement = {
        "erasure_id": started.erasure_id,
        "mode": mode,
        "at": datetime.now(UTC).isoformat(),
        "subject": Keyring(home).digest("customer_id", person.customer_id),
        "removed": dict(started.removed),
        "removed_by_load": dict(started.by_load) if mode == "erase" else {},
        "files": [file.model_dump() for file in started.files],
        "identifiers_suppressed": started.suppressed,
        "remaining": remaining,
        "kept": left.kept,
        "audit": head.model_dump(),
    }
    return Erasure(
        mode=mode,
        merged=started.merged,
        resumed=started.resumed,
        removed=dict(started.removed),
        files=tuple(started.files),
        suppressed=started.suppressed,
        remaining=remaining,
        kept=left.kept,
        proof=sign(home, statement),
    )


def anonymise_customer(graph: Graph, customer_id: str) -> Counter[str]:
    """Make one customer nobody in the graph; journeys and step graph have to be put together afterwards."""
    person = Person.read(graph, customer_id)
    pseudonym = f"erased:{secrets.token_hex(8)}"
    changed = _anonymised(graph, person, pseudonym)
    return changed + Counter(mentions=mentions.rewrite(graph, person, pseudonym))


def _remove(graph: Graph, started: Begun) -> None:
    """Count what goes by kind; touchpoints by load as well, so that counts can be reconciled with the loads."""
    person = started.person
    started.note(**_begin(graph, person, None))
    started.note(**_paged(graph, "privacy/erase_paths", person.customer_id, 1_000))
    deleted: Counter[str] = Counter()
    while rows := graph.write("privacy/erase_touchpoints", customer_id=person.customer_id, limit=_PAGE).rows:
        count_by_load(deleted, rows)
    started.count_touchpoints(deleted)
    for row in graph.write("privacy/erase_customer", customer_id=person.customer_id).rows:
        started.note(**row)
    started.note(**graph.write("privacy/erase_orphans").rows[0])


def _begin(graph: Graph, person: Person, pseudonym: str | None) -> Counter[str]:
    asked = {"customer_id": person.customer_id, "examples": person.examples, "pseudonym": pseudonym}
    return Counter(graph.write("privacy/begin", **asked).rows[0])


def count_by_load(by_load: Counter[str], rows: Sequence[Row]) -> None:
    """Add rows of batch_id and touchpoints; what no load brought has the name ''."""
    for row in rows:
        by_load[row["batch_id"] or ""] += row["touchpoints"]


def _paged(graph: Graph, query: str, customer_id: str, limit: int) -> Counter[str]:
    total: Counter[str] = Counter()
    while True:
        row = graph.write(query, customer_id=customer_id, limit=limit).rows[0]
        total.update(row)
        if not any(row.values()):
            return total


def _anonymised(graph: Graph, person: Person, pseudonym: str) -> Counter[str]:
    """All in one transaction: half of it would have lost the thread to the other half."""
    total = _begin(graph, person, pseudonym)
    both = graph.write_all(
        [
            ("privacy/anonymise_begin", {"customer_id": person.customer_id, "pseudonym": pseudonym}),
            ("privacy/anonymise_touchpoints", {"pseudonym": pseudonym, "former": person.customer_id}),
        ]
    )
    for row in both.rows:
        total.update(row)
    return total
