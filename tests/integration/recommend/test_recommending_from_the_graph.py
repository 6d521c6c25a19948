"""Recommendations from the real graph: each explanation's number is its Cypher's."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import LiteralString, cast

import pytest

from journeygraph.errors import NotFound
from journeygraph.graph import Graph
from journeygraph.recommend import projection
from journeygraph.recommend.customer import Recommendations, for_session, recommend
from journeygraph.recommend.strategies import STRATEGIES
from journeygraph.schema import Touchpoint
from journeygraph_loaders import pipeline

pytestmark = pytest.mark.graph

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def journey(customer: str, day: float, products: str, *, buys: bool = False) -> list[Touchpoint]:
    """A journey that views these products (one letter each), and perhaps buys the last one."""
    made = []
    for number, product in enumerate(products + (products[-1] if buys else "")):
        bought = buys and number == len(products)
        made.append(
            Touchpoint(
                touchpoint_id=f"{customer}-{day}-{number}",
                step="purchase" if bought else "view",
                channel="web",
                occurred_at=BEGIN + timedelta(days=day, minutes=number),
                source="test",
                customer_id=customer,
                product_id=f"P-{product}",
            )
        )
    return made


def shop() -> list[Touchpoint]:
    made = []
    for number in range(6):
        made += journey(f"follower-{number}", number, "AXB", buys=True)
    for number in range(9):
        made += journey(f"other-{number}", number, "CD")
    made += journey("ann", 20, "A") + journey("bob", 21, "AB", buys=True) + journey("bob", 60, "A")
    return made + [
        touchpoint.model_copy(update={"product_id": None, "customer_id": "cy", "touchpoint_id": "cy"})
        for touchpoint in journey("cy", 5, "A")
    ]


@pytest.mark.parametrize("kind", ["product", "touchpoint"])
@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_every_explanation_is_counted_by_its_cypher(graph: Graph, kind: projection.Kind, strategy: str) -> None:
    pipeline.store(graph, shop())
    now = datetime.now(UTC) + timedelta(seconds=1)
    for customer in ("ann", "bob", "cy"):
        answer = recommend(graph, customer, kind=kind, strategy=strategy, k=4)
        past = recommend(graph, customer, kind=kind, strategy=strategy, k=4, as_of=now)
        assert answer.items
        assert _plain(answer) == _plain(past)
        for item in [*answer.items, *past.items]:
            because = item.because
            counted = graph.run(cast(LiteralString, because.cypher), because.parameters)
            assert counted[0]["journeys"] == because.journeys > 0
            assert because.path[-1] == item.id


def _plain(answer: Recommendations) -> list[tuple[object, ...]]:
    return [(item.id, item.score, item.strategy, item.because.path, item.because.journeys) for item in answer.items]


def test_a_customer_gets_what_similar_journeys_went_on_to(graph: Graph) -> None:
    pipeline.store(graph, shop())
    items = recommend(graph, "ann", k=2).items
    assert {item.id for item in items} == {"P-X", "P-B"}
    best = items[0]
    words = f"ann touched P-A; {best.because.journeys} journeys that touched P-A went on to {best.id}"
    assert best.because.words == words
    assert next(item for item in items if item.id == "P-B").because.journeys == 7


def test_what_was_bought_is_left_out_unless_asked_for(graph: Graph) -> None:
    pipeline.store(graph, shop())
    assert "P-B" not in {item.id for item in recommend(graph, "bob").items}
    assert "P-B" in {item.id for item in recommend(graph, "bob", include_bought=True).items}


def test_whoever_has_no_history_gets_what_is_common(graph: Graph) -> None:
    pipeline.store(graph, shop())
    items = recommend(graph, "cy", k=2).items
    assert [(item.id, item.strategy) for item in items] == [("P-B", "popularity"), ("P-A", "popularity")]


def test_nobody_gets_nothing_but_the_nearest_id(graph: Graph) -> None:
    with pytest.raises(NotFound, match=r"no customer 'ann' in the graph\.$"):
        recommend(graph, "ann")
    pipeline.store(graph, shop())
    with pytest.raises(NotFound, match=r"no customer 'anne' in the graph\. Did you mean 'ann'\?"):
        recommend(graph, "anne")
    with pytest.raises(NotFound, match=r"no customer 'NOBODY' in the graph\.$"):
        recommend(graph, "NOBODY", kind="touchpoint")


def test_a_running_session_is_answered_like_a_customer(graph: Graph) -> None:
    pipeline.store(graph, shop())
    session = for_session(projection.read(graph, "product"), ["P-unknown", "P-A"], k=2)
    assert [item.id for item in session.items] == [item.id for item in recommend(graph, "ann", k=2).items]
    assert for_session(projection.read(graph, "touchpoint"), ["view"], k=1).items[0].because.path[0] == "view"


def test_the_past_is_not_changed_by_later_loads(graph: Graph) -> None:
    pipeline.store(graph, shop())
    time.sleep(0.05)
    known_at = datetime.now(UTC)
    time.sleep(0.05)
    before = recommend(graph, "ann", as_of=known_at)
    pipeline.store(graph, [t for number in range(30) for t in journey(f"new-{number}", number, "AD")])
    assert recommend(graph, "ann", as_of=known_at) == before
    assert recommend(graph, "ann").items[0].id == "P-D"
