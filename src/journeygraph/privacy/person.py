"""One person in the graph: under which identifiers they are known, and all that is held about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from journeygraph import queries
from journeygraph.answers import Reproducible
from journeygraph.errors import NotFound
from journeygraph.graph import Graph
from journeygraph.privacy import quarantined
from journeygraph.privacy.needles import Needles
from journeygraph.privacy.sealed import Cipher
from journeygraph.privacy.suppression import KINDS

#: What a person's data consist of in the graph; each is a question of its own.
PARTS = {
    "customer": "privacy/customer",
    "identifiers": "privacy/identifiers",
    "merges": "privacy/merges",
    "touchpoints": "privacy/touchpoints",
    "journeys": "privacy/journeys",
    "sessions": "privacy/sessions",
    "households": "privacy/households",
    "segments": "privacy/segments",
    "consent": "privacy/consent_history",
    "findings": "privacy/findings",
}


#: Shorter texts are found in any file of some size.
_SHORT = 6


class Part(Reproducible):
    """What is held of one kind; `cypher` returns these rows (none for what lies in files)."""

    name: str
    count: int
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Person:
    """Who is looked for: the customer id and everything that leads to nobody else (`known_as`: kind and value).

    `loads` says which load brought each touchpoint ("": none).  `others` are ids of other people that hold one of these
    within them, as `anna-2` holds `anna`: where they stand, nobody is looked for.
    """

    customer_id: str
    known_as: tuple[tuple[str, str], ...] = ()
    loads: Mapping[str, str] = field(default_factory=dict)
    source_sessions: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @classmethod
    def read(cls, graph: Graph, customer_id: str) -> Self:
        """Who that is in the graph.  Raises `NotFound` for a customer that it does not hold."""
        known = [(row["kind"], row["value"]) for row in graph.read("privacy/known_as", customer_id=customer_id)]
        if not known:
            raise NotFound(f"There is no customer {customer_id!r} in the graph.")
        ids = graph.read("privacy/touchpoint_ids", customer_id=customer_id)
        return cls(
            customer_id=customer_id,
            known_as=tuple(known),
            loads={row["touchpoint_id"]: row["batch_id"] or "" for row in ids},
            source_sessions=tuple(sorted({row["source_session_id"] for row in ids} - {None})),
            others=_others(graph, [value for _, value in known]),
        )

    @classmethod
    def anywhere(cls, graph: Graph, home: Path, customer_id: str) -> Self:
        """Who that is in the graph, else whoever rows in quarantine have this id of, and no more is known of them.

        Raises `NotFound` where neither has anybody.
        """
        try:
            return cls.read(graph, customer_id)
        except NotFound:
            if not quarantined.has_value(home, Needles([customer_id])):
                raise
            return cls(customer_id, known_as=(("customer_id", customer_id),), others=_others(graph, [customer_id]))

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Who was written down as plain values."""
        known = tuple((kind, value) for kind, value in told["known_as"])
        lists = {name: tuple(told[name]) for name in ("source_sessions", "others")}
        return cls(customer_id=told["customer_id"], known_as=known, loads=told["loads"], **lists)

    def joined(self, other: Person) -> Person:
        """The same person, with all that either knows."""
        return Person(
            customer_id=self.customer_id,
            known_as=tuple(dict.fromkeys((*self.known_as, *other.known_as))),
            loads={**self.loads, **other.loads},
            source_sessions=tuple(dict.fromkeys((*self.source_sessions, *other.source_sessions))),
            others=tuple(dict.fromkeys((*self.others, *other.others))),
        )

    @property
    def identifiers(self) -> list[tuple[str, str]]:
        """What a row can be recognised by: kind and value."""
        return [(kind, value) for kind, value in self.known_as if kind in KINDS]

    @property
    def needles(self) -> Needles:
        """Everything to look for in files: identifiers, and ids of touchpoints (so also of journeys and sessions)."""
        return Needles([*(value for _, value in self.known_as), *self.loads, *self.source_sessions], self.others)

    @property
    def names(self) -> Needles:
        """The identifiers alone."""
        return Needles([value for _, value in self.known_as], self.others)

    @property
    def sought(self) -> list[str]:
        """What no file may hold after an erasure; a value that is short could stand anywhere, and is left out."""
        return [value for value in self.needles.words if len(value) >= _SHORT]

    @property
    def examples(self) -> list[str]:
        """Ids that a finding may show of this person."""
        return [prefix + id for id in self.loads for prefix in ("", "j:", "s:")] + [self.customer_id]


def _others(graph: Graph, names: Sequence[str]) -> tuple[str, ...]:
    """Ids of other people that hold one of these names within them."""
    own = [value.casefold() for value in Needles(names).words]
    return tuple(row["id"] for row in graph.read("privacy/longer_ids", identifiers=own))


def held(graph: Graph, home: Path, customer_id: str) -> list[Part]:
    """All that the graph holds about a customer, kind by kind; encrypted values are decrypted."""
    cipher = Cipher(home)
    parameters = {"customer_id": customer_id}
    parts = []
    for name, query_name in PARTS.items():
        query = queries.get(query_name)
        rows = tuple(cipher.opened(row["properties"]) for row in graph.run(query.cypher, parameters, name=query.name))
        parts.append(Part(name=name, count=len(rows), rows=rows, cypher=query.cypher, parameters=parameters))
    return parts
