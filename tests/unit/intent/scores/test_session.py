"""A running session gets the score that the same touchpoints would get from the graph, at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from journeygraph.errors import UsageError
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.models.training import Training, train
from journeygraph.intent.scores.score import band, explained
from journeygraph.intent.scores.session import score_session
from journeygraph.journeys.threading import build_rows
from journeygraph.schema import to_microseconds
from journeygraph.settings import Settings
from tests.unit.intent.small_shop import RULES, shop, table

SETTINGS = Settings()


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return train(table(shop()), RULES, Training(7 * 86_400.0, candidates=["logistic"]))


def test_the_score_is_that_of_the_same_customer_in_the_graph(model: IntentModel) -> None:
    for customer in {touchpoint.customer_id for touchpoint in shop(20, seed=9)}:
        own = [touchpoint for touchpoint in shop(20, seed=9) if touchpoint.customer_id == customer]
        at = max(touchpoint.occurred_at for touchpoint in own)
        answer = score_session(model, list(reversed(own)), SETTINGS)
        probability, reasons = explained(build_rows(own, RULES), model, to_microseconds(at))[customer or ""]
        assert answer.score == probability
        assert answer.reasons == reasons
        assert answer.band == band(probability, SETTINGS)


def test_reasons_name_the_touchpoints_and_explain_the_distance_from_the_average(model: IntentModel) -> None:
    own = list(shop(1, seed=2))[:1]
    visit = [
        own[0].model_copy(
            update={"touchpoint_id": name, "step": name, "occurred_at": own[0].occurred_at + timedelta(minutes=minute)}
        )
        for minute, name in enumerate(("view", "compare", "cart"))
    ]
    answer = score_session(model, visit, SETTINGS)
    strongest = answer.reasons[0]
    assert (strongest.pattern, strongest.touchpoint_ids) == (["compare", "cart"], ["compare", "cart"])
    assert strongest.weight > 0
    assert "raises the odds" in strongest.words
    without = score_session(model, visit[:1], SETTINGS)
    assert without.score < answer.score
    later = score_session(model, visit, SETTINGS, at=visit[-1].occurred_at + timedelta(days=6))
    assert later.score < answer.score


def test_what_follows_the_instant_is_not_seen(model: IntentModel) -> None:
    own = list(shop(1, seed=4))
    at = own[len(own) // 2].occurred_at
    known = [touchpoint for touchpoint in own if touchpoint.occurred_at <= at]
    assert score_session(model, own, SETTINGS, at=at) == score_session(model, known, SETTINGS, at=at)


def test_nothing_to_score_is_a_usage_error(model: IntentModel) -> None:
    with pytest.raises(UsageError, match="at least one touchpoint"):
        score_session(model, [], SETTINGS)
    own = shop(1)
    with pytest.raises(UsageError, match="no touchpoint up to"):
        score_session(model, own, SETTINGS, at=own[0].occurred_at - timedelta(days=1))
