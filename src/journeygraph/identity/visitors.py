"""Whose touchpoints these are: known customers, anonymous visitors, and visitors who became known.

The rule (version 1) is deterministic and does not depend on the order of arrival:

- a row that names a customer is that customer's;
- an anonymous id that was seen together with exactly one customer gives its anonymous touchpoints to them;
- one that was seen with several customers (a shared device), or with none, keeps them: they belong to the
  customer `anonymous:<id>`.

Where customers were merged (`merging`), they count as the one that they are now.  E-mail addresses and telephone
numbers are kept as identifiers and merge nothing in a load; `people.resolve` looks at them.

A load attaches every anonymous row to `anonymous:<id>` and marks what it learnt about an identifier with the label
`Unresolved`; `resolve` decides for the marked ones, and moves touchpoints in both directions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from journeygraph.answers import Answer
from journeygraph.graph import Graph

ANONYMOUS = "anonymous:"
_PAGE = 5_000


class Evidence(Answer):
    """One identifier that leads to a customer, and why; `touchpoints_given` bear it and name no customer themselves."""

    kind: str
    value: str
    evidence: str
    confidence: float
    valid_from: datetime | None
    valid_to: datetime | None
    shared_with: list[str]
    touchpoints_given: int


def resolve(graph: Graph) -> int:
    """Decide again for every marked identifier, mark the customers whose touchpoints change; how many moved.

    What a load brought for merged customers goes to whom these were merged into first.  Each page is one transaction
    that also takes the marks away, so the call can be repeated after a crash.
    """
    moved = 0
    while (page := graph.write("identity/absorb", limit=_PAGE).rows[0])["customers"]:
        moved += page["moved"]
    while (page := graph.write("load/identity_resolve", limit=_PAGE).rows[0])["identifiers"]:
        moved += page["moved"]
    return moved


def owners(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, str]:
    """The one customer of each anonymous id, from rows' (anonymous id, customer id); shared ids are left out.

    >>> owners([("a", None), ("a", "ann"), ("b", "ann"), ("b", "bob"), ("c", None)])
    {'a': 'ann'}
    """
    found: dict[str, str] = {}
    shared: set[str] = set()
    for anonymous_id, customer_id in pairs:
        if (
            anonymous_id is not None
            and customer_id is not None
            and found.setdefault(anonymous_id, customer_id) != customer_id
        ):
            shared.add(anonymous_id)
    return {anonymous_id: customer for anonymous_id, customer in found.items() if anonymous_id not in shared}


def owner(customer_id: str | None, anonymous_id: str | None, owner_of: Mapping[str, str]) -> str:
    """The customer id under which a row's touchpoint stands.

    >>> owner(None, "a", {"a": "ann"}), owner(None, "b", {}), owner("bob", "a", {"a": "ann"})
    ('ann', 'anonymous:b', 'bob')
    """
    if customer_id is not None:
        return customer_id
    if anonymous_id is None:
        raise ValueError("A touchpoint needs a customer_id or an anonymous_id.")
    return owner_of.get(anonymous_id, ANONYMOUS + anonymous_id)
