"""Fitness and deviations against plain loops, and counted by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings

from journeygraph.blueprints import Blueprint, parse
from journeygraph.blueprints.conformance import clustered_interval, conformance
from journeygraph.errors import UsageError
from journeygraph.journeys.table import JourneyTable
from journeygraph.schema import JourneyRules
from tests.unit.blueprints.plain import DAY_US, blueprints, histories, judged_cases, rows_of

RULES = JourneyRules(journey_window_seconds=10 * 86_400)


@settings(max_examples=150, deadline=None)
@given(histories(), blueprints())
def test_deviations_and_fitness_are_those_that_a_reader_finds(
    touches: dict[str, list[tuple[str, str, int]]], blueprint: Blueprint
) -> None:
    rows = rows_of(touches, RULES)
    expected = judged_cases(rows, blueprint, RULES)
    answer = conformance(JourneyTable.from_rows(rows), blueprint, rules=RULES)
    assert answer.cases == len(expected)
    assert answer.customers == len({case["customer"] for case in expected})
    assert answer.perfect == sum(not case["deviations"] for case in expected)
    if expected:
        assert answer.fitness == pytest.approx(np.mean([case["fitness"] for case in expected]))
    counted = Counter(deviation for case in expected for deviation in case["deviations"])
    assert {(one.kind, one.step): one.cases for one in answer.deviations} == counted
    for one in answer.deviations:
        behind = [case for case in expected if (one.kind, one.step) in case["deviations"]]
        others = [case for case in expected if (one.kind, one.step) not in case["deviations"]]
        assert one.customers == len({case["customer"] for case in behind})
        assert one.known_with == sum(case["known"] for case in behind)
        assert one.converted_with == sum(case["known"] and case["converted"] for case in behind)
        assert one.known_without == sum(case["known"] for case in others)
        assert one.converted_without == sum(case["known"] and case["converted"] for case in others)


BLUEPRINT = parse("""
name: care
starts: purchase
until: 14d
stages:
  - stage: care
    steps:
      - {step: mail, within: 7d, channels: [email]}
      - step: review
        required: false
      - one_of: [[chat, answer], [call]]
forbidden: [complaint]
""")


def _purchase(number: int, *after: tuple[str, float], channel: str = "email") -> dict[str, list[tuple[str, str, int]]]:
    bought = [("purchase", "web", 0)]
    return {f"c{number}": bought + [(step, channel, round(day * DAY_US)) for step, day in after]}


def test_a_small_case_counted_by_hand() -> None:
    """Purchases on day 0, the data ends on day 50; each journey after a purchase is another one than the purchase's."""
    touches = (
        _purchase(1, ("mail", 2), ("call", 3))  # as declared: mail, choice, call
        | _purchase(2, ("mail", 7), ("chat", 8), ("answer", 9))  # the limit is inclusive
        | _purchase(3, ("mail", 8), ("call", 9))  # late: 1 of 3 items broken
        | _purchase(4, ("call", 1))  # no mail: 1 of 3
        | _purchase(5, ("call", 1), ("mail", 2))  # the call before the mail: 1 of 3
        | _purchase(6, ("mail", 1), ("call", 2), channel="web")  # wrong channel: 1 of 3
        | _purchase(7, ("mail", 1), ("chat", 2), ("complaint", 3))  # no answer, and a complaint: 2 of 5
        | _purchase(8, ("mail", 1), ("review", 2), ("call", 3))  # optional and done: 0 of 4
        | _purchase(9, ("mail", 15))  # after the case is over: neither mail nor choice, 2 of 2
        | {"late": [("purchase", "web", 40 * DAY_US)], "end": [("home", "web", 50 * DAY_US)]}  # not judged yet
    )
    answer = conformance(JourneyTable.from_rows(rows_of(touches, RULES)), BLUEPRINT, rules=RULES)
    assert (answer.cases, answer.not_yet_judged, answer.customers, answer.perfect) == (9, 1, 9, 3)
    assert answer.fitness == pytest.approx((1 + 1 + 2 / 3 + 2 / 3 + 2 / 3 + 2 / 3 + 3 / 5 + 1 + 0) / 9)
    assert {(one.kind, one.step): one.customers for one in answer.deviations} == {
        ("missing", "mail"): 2,
        ("late", "mail"): 1,
        ("out_of_order", "call"): 1,
        ("wrong_channel", "mail"): 1,
        ("missing", "answer"): 1,
        ("missing", "chat | call"): 1,
        ("forbidden", "complaint"): 1,
    }
    assert answer.deviations[0].step == "mail", "ranked by how many customers"
    assert answer.unknown_steps == ()


def test_what_follows_a_conversion_lies_in_the_next_journey_and_is_seen() -> None:
    touches = {"c1": [("purchase", "web", 0), ("mail", "email", 2 * DAY_US), ("end", "web", 60 * DAY_US)]}
    rows = rows_of(touches, RULES)
    assert [row["steps"] for row in rows] == [["purchase"], ["mail"], ["end"]]
    care = parse("{name: care, starts: purchase, stages: [{stage: care, steps: [{step: mail, within: 7d}]}]}")
    assert conformance(JourneyTable.from_rows(rows), care, rules=RULES).perfect == 1


def test_misspelt_steps_are_named_and_sessions_are_refused() -> None:
    misspelt = parse("{name: x, starts: purchase, stages: [{stage: care, steps: [mial]}], forbidden: [nothing]}")
    table = JourneyTable.from_rows(rows_of(_purchase(1, ("mail", 2)), RULES))
    assert conformance(table, misspelt).unknown_steps == ("mial", "nothing")
    with pytest.raises(UsageError, match="one path per customer"):
        conformance(table.by_customer(), misspelt)
    nobody = conformance(JourneyTable.from_rows([]), misspelt)
    assert (nobody.cases, nobody.fitness, nobody.interval) == (0, None, None)


def test_the_interval_of_the_mean_knows_of_customers_with_several_cases() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(300):
        customers = np.repeat(np.arange(60), rng.integers(1, 6, 60))
        values = np.clip(0.6 + rng.normal(0, 0.1, 60)[customers] + rng.normal(0, 0.05, len(customers)), 0, 1)
        low, high = clustered_interval(values, customers) or (0.0, 0.0)
        covered += low <= 0.6 <= high
    assert 0.92 <= covered / 300 <= 0.98
