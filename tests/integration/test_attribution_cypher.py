"""Every model's Cypher, run as the answer carries it, gives its credits, or the counts that these are solved from."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString, cast

import numpy as np
import pytest

from journeygraph.attribution import MODELS, Options, Paths, attribute, read_paths, remove
from journeygraph.attribution.answers import Attribution, ModelAnswer
from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.schema import EPOCH, Touchpoint
from journeygraph_loaders import pipeline

pytestmark = pytest.mark.graph

HOSTILE = "'\"}) detach delete (n) //"
DIMENSIONS = ("channel", "step", "source", "campaign", "product", "store", "agent")
ALL = [model.name for model in MODELS]


def _touchpoints() -> list[Touchpoint]:
    """Forty customers with one to three journeys each over two years; the last are open."""
    generator = np.random.default_rng(11)
    found: list[Touchpoint] = []
    for customer in range(40):
        at = float(generator.integers(0, 200))
        for _ in range(generator.integers(1, 4)):
            for _ in range(generator.integers(0, 6)):
                found.append(_touchpoint(generator, len(found), customer, at, None))
                at += float(generator.choice([0.0, 0.25, 3.0, 12.0]))
            if generator.random() < 0.5:
                found.append(_touchpoint(generator, len(found), customer, at, float(generator.integers(1, 50))))
            at += 45
    end = (max(touchpoint.occurred_at for touchpoint in found) - EPOCH).days
    return found + [_touchpoint(generator, len(found) + k, 50 + k, end - k, None) for k in range(3)]


def _touchpoint(
    generator: np.random.Generator, number: int, customer: int, day: float, value: float | None
) -> Touchpoint:
    store = str(generator.choice(["north", "south", ""]))
    return Touchpoint(
        touchpoint_id=f"t{number:05}",
        step="purchase" if value is not None else str(generator.choice(["view", "cart", "help"])),
        channel=str(generator.choice(["web", "direct", "email", HOSTILE])),
        source=str(generator.choice(["shop", "crm"])),
        occurred_at=EPOCH + timedelta(days=day),
        customer_id=f"c{customer}",
        value=value if customer % 7 else None,
        campaign=str(generator.choice(["spring", "'autumn'"])) if generator.random() < 0.5 else None,
        product_id=str(generator.choice(["p1", "p2"])) if generator.random() < 0.5 else None,
        properties={"store": store, "agent": int(generator.integers(1, 4))} if store else {},
    )


@pytest.fixture
def shop(graph: Graph) -> Graph:
    pipeline.store(graph, _touchpoints())
    return graph


def _run(graph: Graph, part: ModelAnswer | Attribution) -> list[dict[str, Any]]:
    assert part.cypher
    return graph.run(cast(LiteralString, part.cypher), part.parameters)


@pytest.mark.parametrize("past", [False, True], ids=["now", "as of"])
def test_the_cypher_of_every_model(shop: Graph, past: bool) -> None:
    as_of = datetime.now(UTC) + timedelta(hours=1) if past else None
    for by in DIMENSIONS:
        for order in (1, 2):
            paths = read_paths(shop, by, as_of=as_of)
            answer = attribute(paths, ALL, Options(order=order, half_life_days=3.0), resamples=0)
            assert answer.conversions > 20
            assert answer.left_out > 0
            _check_totals(shop, answer)
            for model in answer.models:
                _check(shop, model, answer, paths, order)


def _check_totals(graph: Graph, answer: Attribution) -> None:
    (row,) = _run(graph, answer)
    told = {name: getattr(answer, name) for name in row}
    assert row == pytest.approx(told)


def _check(graph: Graph, model: ModelAnswer, answer: Attribution, paths: Paths, order: int) -> None:
    rows = _run(graph, model)
    if model.reproduces == "transition counts":
        assert _transitions(rows) == pytest.approx(_plain_transitions(paths, order))
    elif model.reproduces == "coalition counts":
        assert _coalitions(rows) == pytest.approx(_plain_coalitions(paths))
    else:
        found = {row["channel"]: (row["credit"], row["value_credit"]) for row in rows}
        told = {c.channel: (c.credit, c.value_credit) for c in answer.channels if c.model == model.name}
        assert set(found) <= set(told)
        for name, figures in told.items():
            assert found.get(name, (0, 0)) == pytest.approx(figures, abs=1e-9), (model.name, name)


def _names(paths: Paths, path: int) -> list[str]:
    return [paths.names[code] for code in paths.codes[paths.offsets[path] : paths.offsets[path + 1]]]


def _transitions(rows: list[dict[str, Any]]) -> dict[str, float]:
    return {json.dumps([*row["state"], row["next"], kind]): row[kind] for row in rows for kind in ("count", "value")}


def _plain_transitions(paths: Paths, order: int) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for p in range(paths.n_paths):
        names = _names(paths, p)
        ways = [*names, "(conversion)" if paths.conversions[p] else "(null)"]
        for k, following in enumerate(ways):
            state = names[max(0, k - order) : k]
            found[json.dumps([*state, following, "count"])] += 1
            found[json.dumps([*state, following, "value"])] += paths.values[p] if k == len(names) else 0
    return dict(found)


def _coalitions(rows: list[dict[str, Any]]) -> dict[str, float]:
    kinds = ("journeys", "conversions", "value")
    return {json.dumps([*sorted(row["members"]), kind]): row[kind] for row in rows for kind in kinds}


def _plain_coalitions(paths: Paths) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for p in range(paths.n_paths):
        members = sorted(set(_names(paths, p)))
        found[json.dumps([*members, "journeys"])] += 1
        found[json.dumps([*members, "conversions"])] += paths.conversions[p]
        found[json.dumps([*members, "value"])] += paths.values[p]
    return dict(found)


def test_removing_lists_the_journeys_that_it_costs(shop: Graph) -> None:
    for by, name in (("store", "north"), ("agent", "2"), ("channel", HOSTILE), ("step", "cart")):
        _check_removal(shop, by, name)


def _check_removal(shop: Graph, by: str, name: str) -> None:
    paths = read_paths(shop, by)
    answer = remove(shop, paths, name, Options(order=2), limit=10_000, resamples=50)
    assert answer.conversions == len(answer.journeys) > 0
    assert answer.value == pytest.approx(sum(row.value or 0 for row in answer.journeys))
    assert all(name in row.path for row in answer.journeys)
    rows = shop.run(cast(LiteralString, answer.cypher), answer.parameters)
    assert rows == [row.model_dump() for row in answer.journeys]
    chain = shop.run(cast(LiteralString, answer.chain_cypher), answer.chain_parameters)
    assert _transitions(chain) == pytest.approx(_plain_transitions(paths, 2))
    credits = attribute(paths, ["markov"], Options(order=2), resamples=0).channels
    (credit,) = (row for row in credits if row.channel == name)
    assert answer.removal_effect == pytest.approx(credit.removal_effect)
    assert answer.interval is not None
    assert answer.interval[0] <= answer.expected_conversions <= answer.interval[1]
    assert len(remove(shop, paths, name, limit=2, resamples=0).journeys) == 2


def test_a_property_that_nobody_has_is_a_sentence_with_those_there_are(shop: Graph) -> None:
    with pytest.raises(
        UsageError, match=r"No touchpoint has a property 'stor'; .*agent, store\. Did you mean 'store'\?"
    ):
        read_paths(shop, "stor")


def test_an_empty_graph_credits_nobody(graph: Graph) -> None:
    for by in ("channel", "campaign", "store"):
        assert attribute(read_paths(graph, by)).channels == []
