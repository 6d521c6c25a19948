"""The card of a model says what was measured; what moved engagement adds up."""

from __future__ import annotations

import numpy as np
import pytest

from journeygraph.intent.models.card import card
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.models.training import Training, train
from journeygraph.intent.scores import moved
from journeygraph.intent.scores.engagement import MEASURES, from_rows
from tests.unit.intent.small_shop import RULES, shop, table


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return train(table(shop(200)), RULES, Training(7 * 86_400.0, candidates=["logistic"]))


def test_a_card_holds_what_the_model_measured(model: IntentModel) -> None:
    told = card(model)
    assert told.figures == next(one for one in model.figures if one.name == "logistic")
    assert sum(told.features.values()) == len(model.features)
    assert told.parts == model.parts
    assert {group.value for group in told.flagged_groups} == {one.value for one in model.audit.groups if one.flags}
    assert any("expected calibration error" in limit for limit in told.limits)


def test_limits_name_who_is_scored_wrongly(model: IntentModel) -> None:
    groups = tuple(one.model_copy(update={"flags": ("calibration", "auc")}) for one in model.audit.groups)
    limits = card(model.model_copy(update={"audit": model.audit.model_copy(update={"groups": groups})})).limits
    assert any(limit.startswith("last_channel web: ") and "came true" in limit for limit in limits)
    assert any("ranked otherwise than the rest" in limit for limit in limits)


def test_changes_of_the_parts_add_up_to_the_change_of_the_rank() -> None:
    generator = np.random.default_rng(0)
    then, now = (
        from_rows(
            [
                {"customer_id": f"c{n}", **{name: float(generator.integers(1, 9)) for name in MEASURES}}
                for n in range(start, start + 20)
            ]
        )
        for start in (0, 10)
    )
    for customer in ("c5", "c15", "c25"):  # gone, stayed, new
        parts = moved._components(now, then, customer)
        assert sum(one.change for one in parts) == pytest.approx(now.rank(customer) - then.rank(customer))
        assert [abs(one.change) for one in parts] == sorted((abs(one.change) for one in parts), reverse=True)
    gone = moved._components(now, then, "c5")
    assert {one.value for one in gone} == {None}
    assert moved._words(gone, -then.rank("c5")).startswith("Engagement fell by ")
