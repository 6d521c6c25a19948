"""Recommendations for a customer or a running session, each with the path in the graph that explains it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from journeygraph import identity, queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import NotFound, did_you_mean_id
from journeygraph.graph import Graph
from journeygraph.privacy import consent
from journeygraph.recommend.projection import Kind, Projection, read
from journeygraph.recommend.sequences import Codes
from journeygraph.recommend.strategies import DEFAULT
from journeygraph.recommend.strategies.base import ranking

_EXPLAINED_BY = 10
_WITHDREW = "common, because the customer withdrew consent to personalisation"


class Because(Reproducible):
    """Why an item is recommended.

    `path`: what the customer had, then the item; only the item where it is recommended for being common.  So many
    `journeys` went that path, and `cypher` counts them.
    """

    path: list[str]
    journeys: int
    words: str


class Item(Answer):
    """A recommended product or step; `score` compares items of one strategy only."""

    id: str
    score: float
    strategy: str
    because: Because


class Recommendations(identity.OfCustomer):
    """The best items first; filled up with common ones where the strategy knows too few."""

    customer_id: str | None
    kind: Kind
    items: list[Item]


def recommend(
    graph: Graph,
    customer_id: str,
    *,
    k: int = 10,
    kind: Kind = "product",
    strategy: str = DEFAULT,
    include_bought: bool = False,
    as_of: datetime | None = None,
) -> Recommendations:
    """What a customer is likely to turn to next; see `for_customer`; without consent, what is common.

    Raises `NotFound` for a customer that the graph does not hold.
    """
    projection = read(graph, kind, as_of)
    return known_customer(
        graph, projection, customer_id, k=k, strategy=strategy, include_bought=include_bought, as_of=as_of
    )


def known_customer(
    graph: Graph,
    projection: Projection,
    customer_id: str,
    *,
    k: int = 10,
    strategy: str = DEFAULT,
    include_bought: bool = False,
    as_of: datetime | None = None,
) -> Recommendations:
    """The same by a projection that was read before; an id that was merged stands for the customer who stays."""
    who, now = identity.lead(graph, customer_id, as_of), identity.lead(graph, customer_id)
    check_customer(graph, projection, now.customer_id)
    if not consent.allows(graph, now.customer_id, "personalisation"):
        return who.told(without_consent(projection, who.customer_id, k=k, as_of=as_of))
    return who.told(
        for_customer(projection, who.customer_id, k=k, strategy=strategy, include_bought=include_bought, as_of=as_of)
    )


def check_customer(graph: Graph, projection: Projection, customer_id: str) -> None:
    """Raise `NotFound`, with the nearest id that has a history, for a customer that the graph does not hold."""
    if not graph.read("privacy/customer", customer_id=customer_id):
        near = did_you_mean_id(customer_id, sorted(set(projection.owners)))
        raise NotFound(f"There is no customer {customer_id!r} in the graph.{near}")


def for_customer(
    projection: Projection,
    customer_id: str,
    *,
    k: int = 10,
    strategy: str = DEFAULT,
    include_bought: bool = False,
    as_of: datetime | None = None,
) -> Recommendations:
    """What a customer is likely to turn to next, by a projection that was read before (as of `as_of`).

    A customer who has no such touchpoints gets what is common.  Products that the customer bought are
    left out unless asked for.  Raises `UsageError` for a strategy that there isn't.
    """
    history = projection.history(customer_id)
    bought = set() if include_bought else projection.bought.get(customer_id, set())
    items = _items(projection, history, projection.sequences.encode(sorted(bought)), k, strategy, customer_id, as_of)
    return Recommendations(customer_id=customer_id, kind=projection.kind, items=items)


def without_consent(
    projection: Projection, customer_id: str, *, k: int = 10, as_of: datetime | None = None
) -> Recommendations:
    """What is common, for a customer who withdrew consent to personalisation: nothing of their own is looked at."""
    nothing = np.zeros(0, dtype=np.int64)
    items = _items(projection, nothing, nothing, k, "popularity", customer_id, as_of)
    told = [
        item.model_copy(
            update={"because": item.because.model_copy(update={"words": f"{item.because.words}; {_WITHDREW}"})}
        )
        for item in items
    ]
    return Recommendations(customer_id=customer_id, kind=projection.kind, items=told)


def for_session(
    projection: Projection, touched: Sequence[str], *, k: int = 10, strategy: str = DEFAULT
) -> Recommendations:
    """What a running session is likely to turn to next, given the products (or steps) that it touched, in order.

    Nothing is stored; items that the graph doesn't know are passed over.
    """
    history = projection.sequences.encode(touched)
    nothing = np.zeros(0, dtype=np.int64)
    return Recommendations(
        customer_id=None,
        kind=projection.kind,
        items=_items(projection, history, nothing, k, strategy, "this session", None),
    )


def _items(
    projection: Projection,
    history: Codes,
    left_out: Codes,
    k: int,
    strategy: str,
    who: str,
    as_of: datetime | None,
) -> list[Item]:
    found: list[Item] = []
    for name in dict.fromkeys((strategy, "popularity")):
        taken = projection.sequences.encode(item.id for item in found)
        codes, scores = ranking(projection.strategy(name), history, k - len(found), np.concatenate([left_out, taken]))
        for code, score in zip(codes, scores, strict=True):
            because = _because(projection, history, int(code), name, who, as_of)
            item = projection.sequences.items[int(code)]
            found.append(Item(id=item, score=float(score), strategy=name, because=because))
    return found


def _because(
    projection: Projection, history: Codes, code: int, strategy: str, who: str, as_of: datetime | None
) -> Because:
    """The recent item from which most journeys went on to the recommended one."""
    sequences, item = projection.sequences, projection.sequences.items[code]
    product = projection.kind == "product"
    count = sequences.going_on if product else sequences.stepping
    recent = [] if strategy == "popularity" else list(dict.fromkeys(int(one) for one in history[::-1]))[:_EXPLAINED_BY]
    journeys, _, before = max(((count(one, code), -age, one) for age, one in enumerate(recent)), default=(0, 0, -1))
    noun = "touched" if product else "took"
    if not journeys:
        journeys = sequences.containing(code)
        name, parameters = (
            ("recommendations/product_journeys", {"product_id": item})
            if product
            else ("recommendations/step_journeys", {"step": item})
        )
        return _evidence(name, parameters, [item], journeys, f"{journeys} journeys {noun} {item}", as_of)
    origin = sequences.items[before]
    then = "went on to" if product else "went straight on to"
    words = f"{who} {noun} {origin}; {journeys} journeys that {noun} {origin} {then} {item}"
    name = "recommendations/product_to_product" if product else "recommendations/step_to_step"
    return _evidence(name, {"before": origin, "after": item}, [origin, item], journeys, words, as_of)


def _evidence(
    name: str, parameters: dict[str, Any], path: list[str], journeys: int, words: str, as_of: datetime | None
) -> Because:
    query = queries.get(name, as_of=as_of is not None)
    known = {} if as_of is None else {"as_of": as_of.isoformat()}
    return Because(path=path, journeys=journeys, words=words, cypher=query.cypher, parameters={**parameters, **known})
