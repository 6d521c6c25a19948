"""Drafts say what they are drawn from, and can be read again whatever the steps are called."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.blueprints import parse
from journeygraph.blueprints.conformance import conformance
from journeygraph.blueprints.suggest import draft, limit
from journeygraph.errors import UsageError
from journeygraph.journeys.table import JourneyTable
from journeygraph.schema import RESERVED_STEPS, JourneyRules
from tests.unit.blueprints.plain import DAY_US, histories, rows_of

RULES = JourneyRules(journey_window_seconds=10 * 86_400)


def _rows(*journeys: list[tuple[str, str, float]]) -> JourneyTable:
    touches = {
        f"c{number}": [(step, channel, round(day * DAY_US)) for step, channel, day in journey]
        for number, journey in enumerate(journeys)
    }
    touches["end"] = [("home", "web", 90 * DAY_US)]
    return JourneyTable.from_rows(rows_of(touches, RULES), stages={"view": "consideration", "purchase": "purchase"})


TABLE = _rows(
    *[[("view", "web", 0), ("cart", "app", 1), ("purchase", "web", 2)] for _ in range(4)],
    [("view", "app", 0), ("purchase", "web", 3)],
    [("view", "web", 0)],
)


def test_what_most_have_is_required_and_what_some_have_is_optional() -> None:
    suggestion = draft(TABLE, required_share=0.9, optional_share=0.5, rules=RULES)
    assert suggestion.cases == 5, "the converted journeys"
    assert [(one.step, one.cases, one.required) for one in suggestion.steps] == [
        ("view", 5, True),
        ("cart", 4, False),
        ("purchase", 5, True),
    ]
    assert suggestion.steps[0].channels == ("web", "app")
    assert (suggestion.steps[1].place, suggestion.steps[2].p95_seconds) == (0.5, 3 * 86_400)
    assert "5 converted journeys" in suggestion.yaml
    declared = parse(suggestion.yaml)
    assert [rule.step for rule in declared.rules.rules] == ["view", "cart", "purchase"]
    assert conformance(TABLE, declared, rules=RULES).perfect == 5


def test_what_follows_a_step() -> None:
    table = _rows(*[[("purchase", "web", 0), ("mail", "email", 2)] for _ in range(9)], [("purchase", "web", 0)])
    suggestion = draft(table, starts="purchase", rules=RULES)
    assert [(one.step, one.share, one.required) for one in suggestion.steps] == [("mail", 0.9, True)]
    assert conformance(table, parse(suggestion.yaml), rules=RULES).fitness == pytest.approx(0.9)


def test_what_cannot_be_drafted_is_a_sentence() -> None:
    with pytest.raises(UsageError, match="No journey has a step 'mial'; there are: cart, home, purchase, view"):
        draft(TABLE, starts="mial")
    with pytest.raises(UsageError, match="the first not below the second"):
        draft(TABLE, required_share=0.2, optional_share=0.5)
    with pytest.raises(UsageError, match="No journey has converted yet"):
        draft(_rows([("view", "web", 0)]))


@settings(max_examples=60, deadline=None)
@given(histories(), st.sampled_from(["journeys", "a"]))
def test_shares_are_those_that_a_reader_counts(touches: dict[str, list[tuple[str, str, int]]], starts: str) -> None:
    rows = rows_of(touches, RULES)
    table = JourneyTable.from_rows(rows)
    try:
        suggestion = draft(table, starts=starts, optional_share=1e-9, rules=RULES)
    except UsageError:
        return
    parse(suggestion.yaml)
    if starts == "journeys":
        converted = [row["steps"] for row in rows if row["outcome"] == "converted"]
        assert suggestion.cases == len(converted)
        for one in suggestion.steps:
            assert one.cases == sum(one.step in steps for steps in converted)
            places = [steps.index(one.step) / max(len(steps) - 1, 1) for steps in converted if one.step in steps]
            assert math.isclose(one.place, sum(places) / len(places), abs_tol=1e-12)


_names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda text: text == text.strip() != "" and text not in RESERVED_STEPS
)


@settings(max_examples=100, deadline=None)
@given(_names, _names)
def test_any_name_survives_the_draft(step: str, channel: str) -> None:
    if step in ("purchase", "journeys"):
        return
    table = _rows(*[[(step, channel, 0), ("purchase", "web", 1)] for _ in range(3)])
    declared = parse(draft(table, rules=RULES).yaml)
    assert next((rule.step, rule.channels) for rule in declared.rules.rules) == (step, (channel,))


def test_limits_are_rounded_up() -> None:
    assert [limit(seconds) for seconds in (1, 60, 61, 3_600, 86_401)] == ["1m", "1m", "2m", "1h", "2d"]
