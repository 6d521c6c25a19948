"""Intent scores on the real graph: their counts are its Cypher's, and what came later changes nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import LiteralString, cast

import numpy as np
import pytest

from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph
from journeygraph.intent import engagement
from journeygraph.intent.model import IntentModel
from journeygraph.intent.score import IntentScores, score
from journeygraph.intent.timeline import Timeline, place
from journeygraph.intent.training import train
from journeygraph.journeys import configuration
from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.threading import build_rows
from journeygraph.schema import Touchpoint, to_microseconds
from journeygraph.settings import Settings
from journeygraph_loaders import pipeline
from tests.unit.intent.small_shop import BEGIN, RULES, shop, table

pytestmark = pytest.mark.graph
SETTINGS = Settings()


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return train(table(shop()), RULES, horizon_seconds=7 * 86_400.0)


def visits(customers: int = 8) -> list[Touchpoint]:
    """A few customers, two of whom are anonymous visitors; some sessions carry the source's own id."""
    made = []
    for number, touchpoint in enumerate(shop(customers, seed=11, days=60)):
        update: dict[str, object] = {"session_id": f"own-{number // 9}"} if number % 5 == 0 else {}
        if touchpoint.customer_id in ("c00000", "c00001"):
            update |= {"customer_id": None, "anonymous_id": touchpoint.customer_id}
        made.append(touchpoint.model_copy(update=update))
    return made


def test_every_count_is_that_of_its_cypher(graph: Graph, model: IntentModel) -> None:
    pipeline.store(graph, visits())
    for at in (None, BEGIN + timedelta(days=47, hours=5)):
        answer = score(graph, model, SETTINGS, at=at, top=50)
        assert answer.customers == len(answer.scores) > 5
        for one in answer.scores:
            _hold_against_cypher(graph, model, one.customer_id, one.cypher, one.parameters)


def _hold_against_cypher(
    graph: Graph, model: IntentModel, customer_id: str, cypher: str, parameters: dict[str, object]
) -> None:
    timeline = Timeline.from_table(JourneyTable.from_rows(build_rows(visits(), RULES)), RULES)
    instant = np.array([parameters["instant_us"]], dtype=np.int64)
    cut = place(timeline, np.array([timeline.customer_ids.index(customer_id)]), instant)
    features, values = model.describe(timeline, cut)
    ours = {feature.name: value for feature, value in zip(features, values[0], strict=True)}
    rows = {row["step"]: row for row in graph.run(cast(LiteralString, cypher), parameters)}
    for step in model.vocabulary.steps:
        assert ours[f"count:{step}"] == np.log1p(rows[step]["in_journey"] if step in rows else 0)
    for name, column in (
        ("touchpoints_1d", "last_1_day"),
        ("touchpoints_7d", "last_7_days"),
        ("touchpoints_30d", "last_30_days"),
        ("conversions", "conversions"),
        ("history", "touchpoints"),
        ("depth", "in_journey"),
    ):
        assert ours[name] == np.log1p(sum(row[column] for row in rows.values()))


def test_a_score_as_of_an_instant_is_not_changed_by_later_loads(graph: Graph, model: IntentModel) -> None:
    everything = visits()
    half = BEGIN + timedelta(days=45)
    pipeline.store(graph, [touchpoint for touchpoint in everything if touchpoint.occurred_at <= half])
    time.sleep(0.05)
    known_at = datetime.now(UTC)
    time.sleep(0.05)
    before = score(graph, model, SETTINGS, top=50)
    as_of_before = score(graph, model, SETTINGS, as_of=known_at, top=50)
    late = [
        touchpoint.model_copy(
            update={"touchpoint_id": "late" + touchpoint.touchpoint_id, "occurred_at": half - timedelta(minutes=number)}
        )
        for number, touchpoint in enumerate(everything[:20])
    ]
    known = everything[0].model_copy(update={"touchpoint_id": "who", "customer_id": "c00002", "anonymous_id": "c00000"})
    pipeline.store(graph, [*everything, *late, known])
    after = score(graph, model, SETTINGS, as_of=known_at, top=50)
    assert as_of_before == after
    assert _figures(before) == _figures(after)
    assert _figures(score(graph, model, SETTINGS, top=50)) != _figures(after)


def _figures(answer: IntentScores) -> list[tuple[object, ...]]:
    return [(one.customer_id, one.score, one.band, one.engagement_rank, one.reasons) for one in answer.scores]


def test_engagement_as_of_now_is_that_of_now(graph: Graph) -> None:
    pipeline.store(graph, visits())
    now = datetime.now(UTC) + timedelta(seconds=1)
    for days in (35, 50, 58):
        instant_us = to_microseconds(BEGIN + timedelta(days=days))
        stored = graph.read("intent/engagement", instant_us=instant_us, days=30)
        assert stored
        assert graph.read("intent/engagement", as_of=now, instant_us=instant_us, days=30) == stored
        assert engagement.measure(graph, instant_us, now) == engagement.measure(graph, instant_us)


def test_named_customers_get_the_score_that_they_have_among_all(graph: Graph, model: IntentModel) -> None:
    pipeline.store(graph, visits())
    everybody = score(graph, model, SETTINGS, top=50)
    assert [one.score for one in everybody.scores] == sorted((one.score for one in everybody.scores), reverse=True)
    wanted = [one.customer_id for one in everybody.scores[3:5]]
    assert score(graph, model, SETTINGS, wanted).scores == everybody.scores[3:5]
    for one in everybody.scores:
        for reason in one.reasons:
            found = graph.read("intent/histories", customer_ids=[one.customer_id])
            assert set(reason.touchpoint_ids) <= {touchpoint for row in found for touchpoint in row["touchpoint_ids"]}


def test_what_cannot_be_scored_is_said(graph: Graph, model: IntentModel) -> None:
    with pytest.raises(UsageError, match="holds no touchpoints"):
        score(graph, model, SETTINGS)
    pipeline.store(graph, visits(2))
    with pytest.raises(NotFound, match="no customer 'nobody'"):
        score(graph, model, SETTINGS, ["nobody"])
    with pytest.raises(UsageError, match="holds no touchpoints as of 2001"):
        score(graph, model, SETTINGS, as_of=datetime(2001, 1, 1, tzinfo=UTC))
    configuration.declare(graph, goals=("cart",))
    with pytest.raises(UsageError, match="train again"):
        score(graph, model, SETTINGS)
