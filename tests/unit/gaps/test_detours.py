"""Handoffs, repeats, bypassable and duplicate steps: against plain Python, with one gap, and with a confounder."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.gaps import Finding, find
from journeygraph.gaps.groups import Groups
from journeygraph.gaps.kinds import bypassable, duplicate_step, handoff, repeat
from journeygraph.gaps.overlap import interval, overlap
from journeygraph.gaps.visits import Visits
from journeygraph.journeys.table import JourneyTable
from journeygraph.schema import JourneyRules

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
Row = dict[str, Any]
STAGES = dict.fromkeys(("a", "b", "c", "d"), "consideration")


def row(
    number: int,
    contacts: list[tuple[str, str]],
    *,
    outcome: str = "lost",
    day: float = 0.0,
    customer: int = -1,
) -> Row:
    """A journey of (step, channel), an hour apart."""
    start = round(day * DAY_US)
    return {
        "id": f"j{number}",
        "customer_id": f"c{number if customer < 0 else customer:06d}",
        "outcome": outcome,
        "value": 10.0 if outcome == "converted" else None,
        "steps": [step for step, _ in contacts],
        "channels": [channel for _, channel in contacts],
        "occurred_at_us": [start + place * HOUR_US for place in range(len(contacts))],
    }


THE_END = row(999_999, [("a", "web")], outcome="open", day=200)


def visits_of(rows: list[Row], minimum: int = 2) -> Visits:
    return Visits(JourneyTable.from_rows([*rows, THE_END], stages=STAGES), JourneyRules(), minimum, Groups(()), None)


def findings(rows: list[Row], kind: str) -> list[Finding]:
    table = JourneyTable.from_rows([*rows, THE_END], stages=STAGES)
    return [finding for finding in find(table).findings if finding.kind == kind]


_contact = st.tuples(st.sampled_from("abc"), st.sampled_from(["web", "app", "service"]))
_drawn = st.lists(
    st.tuples(
        st.lists(_contact, min_size=1, max_size=7),
        st.sampled_from(["lost", "converted", "open"]),
        st.integers(0, 20),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=25,
)
Drawn = list[tuple[list[tuple[str, str]], str, int, int]]


def _rows(drawn: Drawn) -> list[Row]:
    """Journeys of a few customers, one after the other."""
    next_day: Counter[int] = Counter()
    rows = []
    for number, (contacts, outcome, day, customer) in enumerate(drawn):
        next_day[customer] += day + 1
        start = 180 + next_day[customer] % 15 if outcome == "open" else next_day[customer] % 165
        contacts = [*contacts, ("goal", "web")] if outcome == "converted" else contacts
        rows.append(row(number, contacts, outcome=outcome, day=start))
        rows[-1]["customer_id"] = f"c{customer}-{start}-{number}" if outcome == "open" else f"c{customer}"
    return rows


def _evidence(evidence: Any) -> tuple[int, int]:
    return int(evidence.affected.sum()), int(evidence.denominator.sum())


@settings(max_examples=80, deadline=None)
@given(_drawn)
def test_handoffs_count_what_a_reader_would_count(drawn: Drawn) -> None:
    rows = _rows(drawn)
    visits = visits_of(rows)
    end = 170 * DAY_US
    for test in handoff.tests(visits):
        left, entered = test.identity[:2]
        moved, lost, moves = 0, 0, 0
        for one in rows:
            places = [
                k
                for k in range(1, len(one["steps"]))
                if (one["channels"][k - 1], one["channels"][k]) == (left, entered)
                and one["occurred_at_us"][k] < end
                and one["steps"][k] != "goal"
                and (not test.steps or one["steps"][k - 1] == test.identity[2])
            ]
            moved += bool(places)
            moves += len(places)
            lost += one["outcome"] == "lost" and len(one["steps"]) - 1 in places
        evidence = test.describe()
        assert _evidence(evidence) == (lost, moved)
        assert evidence.counts["moves"] == moves


@settings(max_examples=80, deadline=None)
@given(_drawn, st.integers(1, 30))
def test_repeats_count_what_a_reader_would_count(drawn: Drawn, days: int) -> None:
    rows = _rows(drawn)
    visits = visits_of(rows)
    contacts = [
        (one["customer_id"], step, channel, at)
        for one in rows
        for step, channel, at in zip(one["steps"], one["channels"], one["occurred_at_us"], strict=True)
    ]
    for test in repeat.tests_within(visits, days):
        (name,) = test.identity
        raised, again = 0, 0
        for one in rows:
            if name not in one["steps"]:
                continue
            k = one["steps"].index(name)
            mine = (one["customer_id"], one["channels"][k], one["occurred_at_us"][k])
            if mine[2] >= 200 * DAY_US - days * DAY_US:
                continue
            raised += 1
            again += any(
                customer == mine[0] and step == name and channel != mine[1] and 0 < at - mine[2] <= days * DAY_US
                for customer, step, channel, at in contacts
            )
        assert _evidence(test.describe()) == (again, raised)


@settings(max_examples=80, deadline=None)
@given(_drawn)
def test_ways_through_a_touchpoint_are_those_that_a_reader_sees(drawn: Drawn) -> None:
    rows = _rows(drawn)
    visits = visits_of(rows)
    end = 170 * DAY_US
    for test in bypassable.tests(visits):
        (name,) = test.identity
        passed, lost = 0, 0
        for one in rows:
            steps = one["steps"]
            through = [
                k
                for k in range(2, len(steps))
                if steps[k - 1] == name
                and len({steps[k - 2], name, steps[k]}) == 3
                and steps[k] != "goal"
                and one["occurred_at_us"][k] < end
            ]
            if through and one["outcome"] != "open":
                passed += 1
                lost += one["outcome"] == "lost"
        assert _evidence(test.describe()) == (lost, passed)


@settings(max_examples=80, deadline=None)
@given(_drawn)
def test_neighbours_are_those_that_a_reader_sees(drawn: Drawn) -> None:
    rows = _rows(drawn)
    visits = visits_of(rows)
    before: Counter[tuple[str, str | None]] = Counter()
    after: Counter[tuple[str, str | None]] = Counter()
    for one in [*rows, THE_END]:
        steps = one["steps"]
        for step in set(steps) - {"goal"}:
            k = steps.index(step)
            if one["occurred_at_us"][k] < 170 * DAY_US:
                before[step, steps[k - 1] if k else None] += 1
                after[step, steps[k + 1] if k + 1 < len(steps) else None] += 1
    near = duplicate_step._Neighbours(visits)
    names = [*visits.table.steps, None]
    for counts, told in ((near.before, before), (near.after, after)):
        cells = {
            (names[step], names[other]): int(counts[step, other]) for step, other in np.argwhere(counts > 0).tolist()
        }
        assert cells == dict(told)


def _walks(
    rng: np.random.Generator, count: int, exits: Any, *, stay: float = 0.6, channels: tuple[str, ...] = ("app", "web")
) -> list[Row]:
    """Journeys over four steps of one stage, each in a channel that often stays; `exits` gives the chance to leave."""
    rows = []
    for number in range(count):
        contacts: list[tuple[str, str]] = []
        outcome = "lost"
        while len(contacts) < 12:
            same = contacts and rng.random() < stay
            channel = contacts[-1][1] if same else str(rng.choice(channels))
            contacts.append((str(rng.choice(["a", "b", "c", "d"])), channel))
            if rng.random() < exits(contacts):
                break
            if rng.random() < 0.2:
                outcome = "converted"
                contacts.append(("goal", "web"))
                break
        rows.append(row(number, contacts, outcome=outcome, day=number % 120))
    return rows


def moved(contacts: list[tuple[str, str]]) -> bool:
    return len(contacts) > 1 and (contacts[-2][1], contacts[-1][1]) == ("app", "web")


def test_a_handoff_is_found() -> None:
    rows = _walks(np.random.default_rng(1), 2_500, lambda so_far: 0.35 if moved(so_far) else 0.12)
    (finding,) = findings(rows, "handoff")
    assert finding.subject == "app → web"
    assert finding.steps == ()
    assert finding.interval[0] < 0.23 < finding.interval[1]
    assert finding.title.endswith("would have been.")


def test_a_handoff_after_one_step_is_told_with_that_step() -> None:
    def leaves(so_far: list[tuple[str, str]]) -> float:
        return 0.5 if moved(so_far) and so_far[-2][0] == "b" else 0.12

    (finding,) = findings(_walks(np.random.default_rng(2), 2_500, leaves), "handoff")
    assert finding.subject == "app → web after b"
    assert finding.steps == ("b",)


@pytest.mark.parametrize("seed", range(3))
def test_a_step_that_loses_journeys_however_it_is_reached_is_no_handoff(seed: int) -> None:
    """The confounder: step d loses journeys, and in the web it comes more often."""

    def leaves(so_far: list[tuple[str, str]]) -> float:
        return 0.5 if so_far[-1] == ("d", "web") else 0.12

    rows = _walks(np.random.default_rng(10 + seed), 2_500, leaves)
    assert findings(rows, "handoff") == []
    table = JourneyTable.from_rows([*rows, THE_END], stages=STAGES)
    assert "drop_off" in {finding.kind for finding in find(table).findings}


def _matters(rng: np.random.Generator, count: int, again: float, *, busy: bool = False) -> list[Row]:
    """Steps in three channels; after d, raised with service, the same comes again in the store at this rate."""
    rows = []
    for number in range(count):
        contacts: list[tuple[str, str]] = []
        length = 1 + int(rng.integers(8)) if busy else 4
        for _ in range(length):
            if contacts and contacts[-1] == ("d", "service") and rng.random() < again:
                contacts.append(("d", "store"))
                continue
            weights = [0.1, 0.2, 0.2, 0.5] if busy else [0.25] * 4
            contacts.append(
                (str(rng.choice(["a", "b", "c", "d"], p=weights)), str(rng.choice(["service", "store", "web"])))
            )
        rows.append(row(number, contacts, day=number % 120, customer=number // 2))
    return rows


def test_a_matter_that_comes_again_elsewhere_is_found() -> None:
    (finding,) = findings(_matters(np.random.default_rng(3), 1_500, 0.5), "repeat")
    assert finding.subject == "d"
    assert finding.counts["resolved"] == finding.denominator - finding.affected
    assert finding.lost_conversions is None


@pytest.mark.parametrize("seed", range(3))
def test_a_frequent_matter_of_busy_customers_is_no_repeat(seed: int) -> None:
    """The confounder: d is half of all contacts and some customers make many, so it does come again, by chance."""
    assert findings(_matters(np.random.default_rng(20 + seed), 1_500, 0.0, busy=True), "repeat") == []


def test_browsing_in_web_and_app_is_no_matter() -> None:
    rows = _walks(np.random.default_rng(4), 500, lambda so_far: 0.2)
    assert repeat.tests(visits_of(rows)) == []


def _ways(rng: np.random.Generator, count: int, *, harm: float, leaves_at_b: float = 0.1) -> list[Row]:
    """Four steps in any order; who passed b converts less readily from then on, by this factor."""
    rows = []
    for number in range(count):
        contacts: list[tuple[str, str]] = []
        outcome, ready = "lost", 0.2
        while len(contacts) < 30:
            contacts.append((str(rng.choice(["a", "b", "c", "d"])), "web"))
            here = contacts[-1][0]
            if rng.random() < (leaves_at_b if here == "b" else 0.1):
                break
            ready *= harm if here == "b" else 1.0
            if rng.random() < ready:
                outcome = "converted"
                contacts.append(("goal", "web"))
                break
        rows.append(row(number, contacts, outcome=outcome, day=number % 120))
    return rows


def test_a_step_without_which_journeys_do_better_is_bypassable() -> None:
    (finding,) = findings(_ways(np.random.default_rng(5), 3_000, harm=0.4), "bypassable")
    assert finding.subject == "b"
    assert finding.counts["converted"] == finding.denominator - finding.affected
    assert finding.lost_conversions is not None


@pytest.mark.parametrize("seed", range(3))
def test_a_step_that_loses_journeys_itself_is_not_bypassable(seed: int) -> None:
    """The confounder: b is a drop-off, so journeys that skip it convert more; who goes on from it converts as well."""
    rows = _ways(np.random.default_rng(30 + seed), 3_000, harm=1.0, leaves_at_b=0.4)
    assert findings(rows, "bypassable") == []


def _entries(rng: np.random.Generator, count: int, *, twins: bool) -> list[Row]:
    """Journeys that begin with a or b and go on with c, d and e; as twins both lead to the same places."""
    rows = []
    for number in range(count):
        first = str(rng.choice(["a", "b"]))
        towards = 0.8 if twins or first == "a" else 0.2
        contacts = [(first, "web"), ("c" if rng.random() < towards else "d", "web")]
        contacts += [(str(rng.choice(["c", "d", "e"])), "web") for _ in range(int(rng.integers(1, 4)))]
        won = rng.random() < 0.4
        rows.append(
            row(number, contacts + [("goal", "web")] * won, outcome="converted" if won else "lost", day=number % 120)
        )
    return rows


def test_two_steps_for_one_purpose_are_found() -> None:
    (finding,) = findings(_entries(np.random.default_rng(6), 2_500, twins=True), "duplicate_step")
    assert finding.steps == ("a", "b")
    assert finding.subject == "a and b"
    assert finding.affected == min(finding.counts["first"], finding.counts["second"])


def test_two_ways_in_that_lead_elsewhere_are_no_duplicates() -> None:
    """The confounder: the same place of entry and the same outcome, but other steps after it."""
    assert findings(_entries(np.random.default_rng(7), 2_500, twins=False), "duplicate_step") == []


def test_steps_that_are_all_alike_are_no_duplicates() -> None:
    rows = _walks(np.random.default_rng(8), 3_000, lambda so_far: 0.12)
    assert findings(rows, "duplicate_step") == []


@pytest.mark.parametrize("sizes", [(150, 100), (1_000, 700)])
def test_the_interval_of_the_overlap_covers_it(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(9)
    p, q = rng.dirichlet(np.ones(15)), rng.dirichlet(np.ones(15))
    truth = 2 * (p * q).sum() / ((p**2).sum() + (q**2).sum())
    hits = 0
    for _ in range(600):
        told = interval(*overlap(rng.multinomial(sizes[0], p), rng.multinomial(sizes[1], q)))
        hits += told.low <= truth <= told.high
    assert 0.925 <= hits / 600 <= 0.98
