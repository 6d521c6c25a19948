"""Missing steps against plain loops; a step that does harm by missing is told, one that merely goes along is not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from journeygraph.blueprints import Blueprint, parse
from journeygraph.blueprints.cases import cases
from journeygraph.blueprints.history import History
from journeygraph.blueprints.landmarks import landmark
from journeygraph.gaps import Finding, find
from journeygraph.gaps.kinds import missing_step
from journeygraph.gaps.visits import Visits
from journeygraph.journeys.table import JourneyTable
from journeygraph.schema import JourneyRules
from tests.unit.blueprints.plain import DAY_US, blueprints, due_cases, histories, rows_of

RULES = JourneyRules(journey_window_seconds=10 * 86_400)
CARE = parse("{name: care, starts: purchase, stages: [{stage: care, steps: [{step: mail, within: 7d, by: company}]}]}")


@settings(max_examples=150, deadline=None)
@given(histories(), blueprints())
def test_who_missed_a_step_is_who_a_reader_finds(
    touches: dict[str, list[tuple[str, str, int]]], blueprint: Blueprint
) -> None:
    rows = rows_of(touches, RULES)
    table = JourneyTable.from_rows(rows)
    every = cases(History(table), blueprint, RULES)
    for rule in blueprint.rules.rules:
        mark = landmark(every, rule)
        expected = {case["journey"]: case for case in due_cases(rows, blueprint, rule, RULES)}
        names = [table.ids[int(path)] for path in every.path]
        assert {names[k] for k in np.flatnonzero(mark.due)} == set(expected)
        for place in np.flatnonzero(mark.due).tolist():
            case = expected[names[place]]
            got = (bool(mark.missing[place]), bool(mark.compared[place]), bool(mark.converted[place]))
            assert got == (case["missing"], case["compared"], case["converted"])
        alike = mark.alike
        pairs = {(int(alike[k]), expected[names[k]]["alike"]) for k in np.flatnonzero(mark.due)}
        assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


def test_without_a_blueprint_nothing_is_tested() -> None:
    table = JourneyTable.from_rows(_customers(np.random.default_rng(1), 200, with_mail=0.3, without=0.1))
    assert missing_step.tests(Visits(table, JourneyRules(), 30)) == []
    assert find(table).tested < find(table, blueprint=CARE).tested


def _customers(
    rng: np.random.Generator, count: int, *, with_mail: float, without: float, regulars: bool = False
) -> list[dict[str, Any]]:
    """Customers who buy, get a mail in time or not, and buy again with these probabilities.

    `regulars`: half have come and bought before; they get the mail more often and buy again more often, mail or not.
    """
    touches: dict[str, list[tuple[str, str, int]]] = {"end": [("home", "web", 200 * DAY_US)]}
    for number in range(count):
        day = float(rng.uniform(50, 120))
        regular = regulars and number % 2 == 0
        history = [("home", "web", day - 41 - k) for k in range(4)] + [("purchase", "web", day - 40)] if regular else []
        history += [("home", "web", day - 0.5), ("purchase", "web", day)]
        mailed = rng.random() < ((0.9 if regular else 0.3) if regulars else 0.6)
        again = with_mail if mailed else without
        if regulars:
            again = 0.5 if regular else 0.1
        if mailed:
            history.append(("mail", "email", day + float(rng.uniform(1, 6))))
        elif rng.random() < 0.3:
            history.append(("mail", "email", day + float(rng.uniform(8, 12))))
        if rng.random() < again:
            history.append(("purchase", "web", day + float(rng.uniform(15, 30))))
        touches[f"c{number:05}"] = [(step, channel, round(at * DAY_US)) for step, channel, at in history]
    return rows_of(touches, JourneyRules())


def _found(rows: list[dict[str, Any]], blueprint: Blueprint = CARE) -> list[Finding]:
    report = find(JourneyTable.from_rows(rows), blueprint=blueprint)
    return [finding for finding in report.findings if finding.kind == "missing_step"]


def test_a_purchase_without_follow_up_is_told_with_its_figures() -> None:
    rows = _customers(np.random.default_rng(4), 600, with_mail=0.3, without=0.1)
    (finding,) = _found(rows)
    expected = due_cases(rows, CARE, CARE.rules.rules[0], JourneyRules())
    missing = [case for case in expected if case["missing"]]
    assert finding.subject == "purchase → mail"
    assert (finding.affected, finding.denominator) == (len(missing), len(expected))
    assert finding.affected_customers == len({case["customer"] for case in missing})
    counts = Counter((case["missing"], case["converted"]) for case in expected if case["compared"])
    assert finding.counts == {
        "compared_without": counts[True, True] + counts[True, False],
        "converted_without": counts[True, True],
        "compared_with": counts[False, True] + counts[False, False],
        "converted_with": counts[False, True],
    }
    assert finding.interval[0] < 0.2 < finding.interval[1]
    assert finding.lost_conversions == pytest.approx(finding.effect * finding.counts["compared_without"])
    assert finding.title.startswith(f"{len(missing)} of {len(expected)} journeys")


def test_who_would_have_come_back_anyway_does_not_make_it_a_gap() -> None:
    """Regular customers get the mail more often and buy more often, but not because of it."""
    crude, told = 0, 0
    for seed in range(40):
        rows = _customers(np.random.default_rng(seed), 600, with_mail=0, without=0, regulars=True)
        told += bool(_found(rows))
        compared = [case for case in due_cases(rows, CARE, CARE.rules.rules[0], JourneyRules()) if case["compared"]]
        rates = [np.mean([c["converted"] for c in compared if c["missing"] is side]) for side in (True, False)]
        crude += rates[0] < rates[1] - 0.1
    assert told <= 2
    assert crude == 40, "without the strata all would have been told"


def test_a_mail_that_changes_nothing_is_no_gap() -> None:
    told = [
        seed for seed in range(60) if _found(_customers(np.random.default_rng(seed), 400, with_mail=0.2, without=0.2))
    ]
    assert len(told) <= 3, told


def test_outlasting_is_no_merit() -> None:
    """Journeys make a step at random times; those that end early cannot have made it, and that is no gap."""
    declared = parse("{name: x, stages: [{stage: s, steps: [{step: guide, within: 3d}]}]}")
    told = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        touches: dict[str, list[tuple[str, str, int]]] = {"end": [("home", "web", 200 * DAY_US)]}
        for number in range(500):
            length, day = int(rng.integers(1, 8)), float(rng.uniform(0, 100))
            history = [
                ("guide" if rng.random() < 0.3 else "view", "web", round((day + 1.1 * k) * DAY_US))
                for k in range(length)
            ]
            if length > 4 and rng.random() < 0.5:
                history.append(("purchase", "web", round((day + 1.1 * length) * DAY_US)))
            touches[f"c{number:05}"] = history
        told += bool(_found(rows_of(touches, JourneyRules()), declared))
    assert told <= 1


def test_a_step_that_was_skipped_on_the_way() -> None:
    """Without a time limit a step is due when a step declared after it comes."""
    declared = parse("{name: x, stages: [{stage: s, steps: [advice, cart, purchase]}]}")
    rng, touches = np.random.default_rng(2), {"end": [("home", "web", 200 * DAY_US)]}
    for number in range(500):
        day, advised = float(rng.uniform(0, 100)), rng.random() < 0.5
        steps = ["home", *(["advice"] if advised else ["view"]), "cart"]
        steps += ["purchase"] if rng.random() < (0.5 if advised else 0.2) else []
        touches[f"c{number:05}"] = [(s, "web", round((day + 0.1 * k) * DAY_US)) for k, s in enumerate(steps)]
    (finding,) = _found(rows_of(touches, JourneyRules()), declared)
    assert finding.subject == "advice"
    assert finding.interval[0] < 0.3 < finding.interval[1]
