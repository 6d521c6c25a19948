"""Intent scores on the real graph: their counts are its Cypher's, and what came later changes nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import LiteralString, cast

import numpy as np
import pytest

from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph
from journeygraph.intent.features import traits
from journeygraph.intent.features.timeline import Timeline, place
from journeygraph.intent.models import retraining, store
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.models.training import Training, train
from journeygraph.intent.scores import engagement
from journeygraph.intent.scores.moved import change
from journeygraph.intent.scores.score import IntentScores, score
from journeygraph.journeys import configuration
from journeygraph.journeys.table import CONVERTED, JourneyTable, read_table
from journeygraph.journeys.threading import build_rows
from journeygraph.report import analysed
from journeygraph.schema import Touchpoint, to_microseconds
from journeygraph.settings import Settings
from journeygraph_loaders import pipeline
from tests.unit.intent.small_shop import BEGIN, RULES, shop, table

pytestmark = pytest.mark.graph
SETTINGS = Settings()


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return train(table(shop()), RULES, Training(7 * 86_400.0, candidates=["logistic"]))


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


def test_products_and_campaigns_are_those_of_the_touchpoints(graph: Graph) -> None:
    made = [
        touchpoint.model_copy(update={"product_id": f"P-{number % 3}", "product_category": f"C-{number % 3 % 2}"})
        if number % 4 == 0
        else touchpoint.model_copy(update={"campaign": f"M-{number % 2}", "product_category": "loose"})
        for number, touchpoint in enumerate(visits(4))
    ]
    pipeline.store(graph, made)
    now = datetime.now(UTC) + timedelta(seconds=1)
    by_id = {touchpoint.touchpoint_id: touchpoint for touchpoint in made}
    for as_of in (None, now):
        stored = read_table(graph, as_of=as_of)
        about = traits.read(graph, stored, as_of)
        found = {
            name: [trait.names[code] if code >= 0 else "" for code in trait.codes] for name, trait in about.items()
        }
        ids: list[str] = []
        for customer in stored.customer_ids:
            rows = graph.read("intent/histories", as_of=as_of, customer_ids=[customer])
            for row in rows:
                ids += row["touchpoint_ids"]
                for column, name in (("products", "product"), ("categories", "category"), ("campaigns", "campaign")):
                    assert row[column] == [_about(by_id[one], name) for one in row["touchpoint_ids"]]
        for name, column in found.items():
            assert column == [_about(by_id[one], name) for one in ids]


def _about(touchpoint: Touchpoint, name: str) -> str:
    fields = {"product": "product_id", "category": "product_category", "campaign": "campaign"}
    return getattr(touchpoint, fields[name]) or ""


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


def test_groups_are_those_of_the_first_touchpoints_and_segments(graph: Graph) -> None:
    made = [
        touchpoint.model_copy(
            update={"properties": {"platform": "ios"} if number % 7 == 3 else {}, "source": f"s{number % 3}"}
        )
        for number, touchpoint in enumerate(visits(5))
    ]
    pipeline.store(graph, made)
    rows = graph.read("intent/groups")
    assert graph.read("intent/groups", as_of=datetime.now(UTC) + timedelta(seconds=1)) == rows
    owner = {row["customer_id"]: row for row in rows}
    assert len(owner) == 5
    for customer, row in owner.items():
        own = sorted(
            (t for t in made if customer in (t.customer_id, f"anonymous:{t.anonymous_id}")),
            key=lambda t: (t.occurred_at, t.touchpoint_id),
        )
        platform = next((t.properties["platform"] for t in own if t.properties), None)
        assert (row["first_source"], row["first_channel"], row["platform"]) == (own[0].source, own[0].channel, platform)
        assert row["segments"] == []


def test_a_goal_is_trained_again_only_where_its_model_no_longer_holds(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(JOURNEYGRAPH_HOME=tmp_path)
    pipeline.store(graph, shop(120, days=80))
    with pytest.raises(UsageError, match="Too little data"):
        retraining.renew(graph, settings, "conversion", Training(40 * 86_400.0))
    verdict, first = retraining.renew(graph, settings, "churn", Training(5 * 86_400.0, "churn", ["logistic"]))
    assert first is not None
    assert verdict.why == ("there is no model yet",)
    assert store.goals(tmp_path) == ["churn", "conversion"]
    verdict, again = retraining.renew(graph, settings, "churn")
    assert again is None
    assert "too little has come since" in verdict.why[0]
    asked: list[str] = []
    monkeypatch.setattr(retraining, "judge_graph", lambda *given: retraining.Verdict(needed=True, why=("drift",)))
    monkeypatch.setattr(
        retraining, "train_graph", lambda graph, asked_for, as_of: asked.append(asked_for.goal) or first
    )
    assert retraining.renew(graph, settings, "churn")[1] == first
    assert asked == ["churn"]


def test_what_moved_engagement_is_what_its_cypher_gives(graph: Graph) -> None:
    pipeline.store(graph, visits(12))
    at = BEGIN + timedelta(days=58)
    told = [change(graph, customer, at=at) for customer in ("c00002", "c00005", "anonymous:c00000")]
    now = datetime.now(UTC) + timedelta(seconds=1)
    sessions = graph.read("intent/engagement", instant_us=to_microseconds(at), days=30)
    for one in told:
        assert sum(part.change for part in one.components) == pytest.approx(one.rank - one.former_rank)
        rows = {row["customer_id"]: row for row in graph.run(cast(LiteralString, one.cypher), one.parameters)}
        for part in one.components:
            assert part.value == (rows[one.customer_id][part.measure] if one.customer_id in rows else None)
        ranked = graph.run(cast(LiteralString, one.session_cypher), one.parameters)
        assert [row["session_id"] for row in ranked] == [session.session_id for session in one.sessions]
        assert sum(row["touchpoints"] for row in ranked) == sum(session.touchpoints for session in one.sessions)
        assert all(row["sessions"] == sum(other["sessions"] for other in sessions) for row in ranked)
        assert all(0 < session.rank < 1 for session in one.sessions)
        then = change(graph, one.customer_id, as_of=now, at=at)
        assert (then.rank, then.components, then.sessions) == (one.rank, one.components, one.sessions)
    with pytest.raises(NotFound, match="'nobody' has no session in the 60 days"):
        change(graph, "nobody", at=at)


def test_what_a_model_could_learn_from_is_what_its_cypher_counts(graph: Graph) -> None:
    pipeline.store(graph, visits())
    until = BEGIN + timedelta(days=40)
    for as_of in (None, datetime.now(UTC) + timedelta(hours=1)):
        (found,) = analysed.learned_from(graph, {"data_until": until.isoformat()}, as_of)
        journeys = read_table(graph, as_of=as_of)
        known = journeys.occurred_at_us <= to_microseconds(until)
        whole = np.add.reduceat(known, journeys.offsets[:-1]) == journeys.lengths
        assert found.dicts() == [
            {
                "customers": len(np.unique(journeys.customers[journeys.path_of[known]])),
                "journeys": len(np.unique(journeys.path_of[known])),
                "touchpoints": int(known.sum()),
                "conversions": int((whole & (journeys.outcomes == CONVERTED)).sum()),
            }
        ]
    assert analysed.learned_from(graph, None, None) == ()
