"""Sessions and journeys against a plain walk over each customer's touchpoints, with ties and duplicates."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.journeys.threading import build_rows, build_session_rows
from journeygraph.schema import EPOCH, JourneyRules, Touchpoint
from tests.journey_strategies import touchpoints

RULES = JourneyRules(goals=("buy", "renew"), session_idle_seconds=0.000003, journey_window_seconds=0.000007)
IDLE_US, WINDOW_US = 3, 7


def walk(given: list[Touchpoint]) -> dict[str, list[Touchpoint]]:
    """Each customer's touchpoints in order, duplicates gone, identity resolved: written out step by step."""
    first: dict[str, Touchpoint] = {}
    for touchpoint in given:
        if touchpoint.touchpoint_id not in first:
            first[touchpoint.touchpoint_id] = touchpoint
    seen: dict[str, set[str]] = {}
    for touchpoint in first.values():
        if touchpoint.anonymous_id and touchpoint.customer_id:
            seen.setdefault(touchpoint.anonymous_id, set()).add(touchpoint.customer_id)
    owned: dict[str, list[Touchpoint]] = {}
    for touchpoint in first.values():
        owner = touchpoint.customer_id
        if owner is None:
            known = seen.get(touchpoint.anonymous_id or "", set())
            owner = next(iter(known)) if len(known) == 1 else f"anonymous:{touchpoint.anonymous_id}"
        owned.setdefault(owner, []).append(touchpoint)
    return {who: sorted(own, key=lambda t: (t.occurred_at, t.touchpoint_id)) for who, own in sorted(owned.items())}


def us(touchpoint: Touchpoint) -> int:
    return round((touchpoint.occurred_at - EPOCH).total_seconds() * 1_000_000)


def journeys_of(own: list[Touchpoint], end: int) -> list[tuple[list[Touchpoint], str]]:
    found: list[list[Touchpoint]] = []
    for touchpoint in own:
        if found and found[-1][-1].step not in RULES.goals and us(touchpoint) - us(found[-1][-1]) <= WINDOW_US:
            found[-1].append(touchpoint)
        else:
            found.append([touchpoint])
    outcomes = []
    for journey in found:
        if journey[-1].step in RULES.goals:
            outcomes.append("converted")
        else:
            outcomes.append("lost" if end - us(journey[-1]) > WINDOW_US else "open")
    return list(zip(found, outcomes, strict=True))


def sessions_of(own: list[Touchpoint], end: int) -> list[tuple[list[Touchpoint], str]]:
    named: dict[tuple[str, str], list[Touchpoint]] = {}
    found: list[list[Touchpoint]] = []
    current: list[Touchpoint] | None = None
    for touchpoint in own:
        if touchpoint.session_id:
            key = (touchpoint.source, touchpoint.session_id)
            if key not in named:
                named[key] = []
                found.append(named[key])
            named[key].append(touchpoint)
        elif current is not None and us(touchpoint) - us(current[-1]) <= IDLE_US:
            current.append(touchpoint)
        else:
            current = [touchpoint]
            found.append(current)
    outcome_of = {t.touchpoint_id: outcome for journey, outcome in journeys_of(own, end) for t in journey}
    result = []
    for session in found:
        if any(t.step in RULES.goals for t in session):
            result.append((session, "converted"))
        else:
            result.append((session, "lost" if outcome_of[session[-1].touchpoint_id] == "lost" else "open"))
    return result


@settings(max_examples=400, deadline=None)
@given(touchpoints, st.one_of(st.none(), st.integers(30, 60)))
def test_rows_are_those_of_a_plain_walk(given: list[Touchpoint], end: int | None) -> None:
    owned = walk(given)
    data_end = end if end is not None else max((us(t) for own in owned.values() for t in own), default=0)
    for rows, split, prefix in (
        (build_rows(given, RULES, end), journeys_of, "j:"),
        (build_session_rows(given, RULES, end), sessions_of, "s:"),
    ):
        expected = [
            (prefix + path[0].touchpoint_id, who, outcome, [t.touchpoint_id for t in path], [us(t) for t in path])
            for who, own in owned.items()
            for path, outcome in split(own, data_end)
        ]
        got = [(r["id"], r["customer_id"], r["outcome"], r["touchpoint_ids"], r["occurred_at_us"]) for r in rows]
        assert got == expected
        assert all(len(r["steps"]) == len(r["channels"]) == len(r["touchpoint_ids"]) for r in rows)


@given(touchpoints)
def test_value_is_that_of_the_goals(given: list[Touchpoint]) -> None:
    by_id = {}
    for touchpoint in given:
        by_id.setdefault(touchpoint.touchpoint_id, touchpoint)
    for row in build_session_rows(given, RULES):
        worth = [by_id[i].value for i in row["touchpoint_ids"] if by_id[i].step in RULES.goals]
        total = None
        for value in worth:
            total = total if value is None else (total or 0.0) + value
        assert row["value"] == (total if row["outcome"] == "converted" else None)


@given(touchpoints, st.integers(0, 1_000))
def test_order_of_arrival_changes_nothing(given: list[Touchpoint], seed: int) -> None:
    distinct = list({touchpoint.touchpoint_id: touchpoint for touchpoint in given}.values())
    shuffled = Random(seed).sample(distinct, len(distinct))
    assert build_rows(shuffled, RULES) == build_rows(distinct, RULES)
    assert build_session_rows(shuffled, RULES) == build_session_rows(distinct, RULES)


def test_no_touchpoints_give_no_rows() -> None:
    assert build_rows([]) == []
    assert build_session_rows([]) == []
