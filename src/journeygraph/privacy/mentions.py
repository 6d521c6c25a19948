"""Wherever else in the graph a person's identifiers stand: found, counted, and taken out."""

from __future__ import annotations

import hmac
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from journeygraph.graph import Graph, Row
from journeygraph.privacy.needles import ERASED, Needles
from journeygraph.privacy.person import Person

#: Properties that are ids: of somebody else where they only hold one of the person's.
IDS: Final = (
    "customer_id", "customer_ids", "touchpoint_id", "known_customer_id", "anonymous_id", "source_session_id", "email",
    "phone", "journey_id", "session_id", "value", "leads_to", "examples",
)  # fmt: skip


#: What names a product, category or campaign; its other properties are texts like any other.
_OF_THINGS: Final = ("product_id", "name")
#: Of many of these no two nodes of a kind may have the same, and a touchpoint's category is its product's.
_NAMES: Final = (*_OF_THINGS, "household_id", "account_id", "order_id", "p_product_category")


class Left(NamedTuple):
    """What of a person's identifiers the graph holds: `places`, and beside them names of things that stay, by kind."""

    places: int
    kept: dict[str, int]


def count(graph: Graph, person: Person, known_by: str | None = None) -> Left:
    """How many places in the graph hold one of the identifiers; `known_by` as in `rewrite`."""
    return _left(graph, person.names, known_by or person.customer_id)


def count_values(graph: Graph, values: Sequence[str]) -> Left:
    """How many places in the graph hold one of these values, short ones too."""
    return _left(graph, Needles(values), "")


def rewrite(graph: Graph, person: Person, known_by: str | None = None) -> int:
    """Take the identifiers out of whatever holds them: notes, other people's properties, reasons; how many places.

    Things and steps that nobody but the person touched get another name; `known_by` is the random name under which the
    person's touchpoints stand, if they stay.
    """
    names, fresh = person.names, _Fresh(person.names)
    found = [*_found(graph, names), *_things(graph, names, known_by or person.customer_id)[0]]
    own = [row["name"] for row in _named(graph, names, known_by or person.customer_id) if not row["stays"]]
    steps = graph.read("privacy/mentions_steps", names=own) if own else []
    changed = [*((row, fresh.value(row)) for row in found), *((row, fresh.steps(row, own)) for row in steps)]
    _put(graph, "privacy/rewrite", changed)
    between = _between(graph, names)
    _put(graph, "privacy/rewrite_between", [(row, names.without(row["value"])) for row in between])
    return len(found) + len(steps) + len(between)


def rewrite_things(graph: Graph, person: Person) -> int:
    """The same of products, categories and campaigns alone, while the graph knows which of them the person touched."""
    found, fresh = _things(graph, person.names, person.customer_id)[0], _Fresh(person.names)
    _put(graph, "privacy/rewrite", [(row, fresh.value(row)) for row in found])
    return len(found)


class _Fresh:
    """What takes the place of texts: equal ones become equal, different ones different, and nobody can tell which."""

    def __init__(self, names: Needles) -> None:
        self._names, self._salt = names, secrets.token_bytes(16)

    def value(self, row: Row) -> Any:
        """What becomes of a property."""
        key, value = row["key"], row["value"]
        if key in IDS and isinstance(value, list):
            return [one for one in value if not self._names.is_one(one)]
        if key == "files":  # each stands beside its checksum
            return [self._names.without(one) for one in value]
        return self._name(value) if key in (*IDS, *_NAMES) else self._names.without(value)

    def steps(self, row: Row, own: Sequence[str]) -> Any:
        """The names of steps or stages, those that are the person's `own` in other words."""
        value = row["value"]
        fresh = [self._name(one) if one in own else one for one in (value if isinstance(value, list) else [value])]
        return fresh if isinstance(value, list) else fresh[0]

    def _name(self, text: str) -> str:
        mark = hmac.new(self._salt, text.encode("utf-8", "surrogatepass"), "sha256").hexdigest()[:8]
        return str(self._names.without(text)).replace(ERASED, f"(erased {mark})")


def _put(graph: Graph, query: str, rows: Iterable[tuple[Row, Any]]) -> None:
    changes: dict[str, dict[str, Any]] = {}
    for row, value in rows:
        changes.setdefault(row["id"], {})[row["key"]] = value
    changed = [{"id": place, "changes": told} for place, told in changes.items()]
    graph.write_rows(query, changed, batch_size=1_000)


def _left(graph: Graph, names: Needles, known_by: str) -> Left:
    things, staying = _things(graph, names, known_by)
    named = _named(graph, names, known_by)
    places = len(_found(graph, names)) + len(things) + len(_between(graph, names))
    kept = {(row["kind"], row["id"]) for row in staying} | {(row["kind"], row["name"]) for row in named if row["stays"]}
    return Left(
        places=places + sum(row["places"] for row in named if not row["stays"]),
        kept=dict(sorted(Counter(kind for kind, _ in kept).items())),
    )


def _things(graph: Graph, names: Needles, known_by: str) -> tuple[list[Row], list[Row]]:
    """Texts of products, categories and campaigns: those that must go, and those that name what others touched, too."""
    words = [value.casefold() for value in names.words]
    found = graph.read("privacy/mentions_things", identifiers=words, customer_id=known_by) if words else []
    held = [row for row in found if names.in_value(row["value"])]
    return [row for row in held if not _stays(row)], [row for row in held if _stays(row)]


def _stays(row: Row) -> bool:
    """Whether a text is the name of a thing, or its number (an article's, say), and others need it."""
    return row["stays"] and (row["key"] in _OF_THINGS or (isinstance(row["value"], str) and row["value"].isdecimal()))


def _named(graph: Graph, names: Needles, known_by: str) -> list[Row]:
    """Names of steps, channels, sources and the like; where they stand is not told, for that may be everywhere."""
    words = [value.casefold() for value in names.words]
    found = graph.read("privacy/mentions_names", identifiers=words, customer_id=known_by) if words else []
    return [row for row in found if names.in_text(row["name"])]


def _found(graph: Graph, names: Needles) -> list[Row]:
    # A short number may be the id of anything.
    exactly = [one for one in names.whole if not one.isdecimal() or one in names.words]
    words = [value.casefold() for value in names.words]
    found = graph.read("privacy/mentions", identifiers=words, exactly=exactly, ids=list(IDS)) if words else []
    return [row for row in found if row["key"] in IDS or names.in_value(row["value"])]


def _between(graph: Graph, names: Needles) -> list[Row]:
    """Texts of relationships, such as why somebody merged two others."""
    words = [value.casefold() for value in names.words]
    found = graph.read("privacy/mentions_between", identifiers=words) if words else []
    return [row for row in found if names.in_value(row["value"])]
