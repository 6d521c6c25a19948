"""Whose touchpoints these are: known customers, anonymous visitors, and visitors who became known.

The rule (version 1) is deterministic and does not depend on the order of arrival:

- a row that names a customer is that customer's;
- an anonymous id that was seen together with exactly one customer gives its anonymous touchpoints to them;
- one that was seen with several customers (a shared device), or with none, keeps them: they belong to the
  customer `anonymous:<id>`.

E-mail addresses and telephone numbers are kept as identifiers and merge nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ANONYMOUS = "anonymous:"


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
