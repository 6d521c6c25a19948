"""Each kind against plain Python counts, and against journeys with one gap in them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.gaps import KINDS, Finding, find
from journeygraph.gaps.finding import finding_id
from journeygraph.gaps.kinds import drop_off, loop, silence, unreachable
from journeygraph.gaps.visits import Visits, first_of_each
from journeygraph.journeys.table import JourneyTable
from journeygraph.schema import JourneyRules

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
Row = dict[str, Any]


def row(number: int, steps: list[str], *, outcome: str = "lost", start: int = 0, waits: list[int] | None = None) -> Row:
    times = start + np.concatenate([[0], np.cumsum(waits or [HOUR_US // 60] * (len(steps) - 1))])
    return {
        "id": f"j{number}",
        "customer_id": f"c{number}",
        "outcome": outcome,
        "value": 10.0 + number % 3 if outcome == "converted" else None,
        "steps": steps,
        "channels": ["web"] * len(steps),
        "occurred_at_us": times.astype(int).tolist(),
    }


def the_end(steps: list[str]) -> Row:
    """An open journey that sets the end of the data far behind all others."""
    return row(999_999, steps, outcome="open", start=200 * DAY_US)


def by_kind(findings: tuple[Finding, ...], kind: str) -> list[Finding]:
    return [finding for finding in findings if finding.kind == kind]


_rows = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abc"), min_size=1, max_size=7),
        st.sampled_from(["lost", "converted", "open"]),
        st.integers(0, 100),
    ),
    min_size=1,
    max_size=25,
)


def _table(drawn: list[tuple[list[str], str, int]]) -> JourneyTable:
    rows = [the_end(["a"])]
    for number, (steps, outcome, day) in enumerate(drawn):
        start = (185 + day % 10) * DAY_US if outcome == "open" else day * DAY_US
        rows.append(row(number, [*steps, "goal"] if outcome == "converted" else steps, outcome=outcome, start=start))
    return JourneyTable.from_rows(rows, stages={"a": "awareness"})


@settings(max_examples=150, deadline=None)
@given(_rows)
def test_drop_offs_count_what_a_reader_would_count(drawn: list[tuple[list[str], str, int]]) -> None:
    table = _table(drawn)
    visits = Visits(table, JourneyRules(), 2)
    end = int(table.occurred_at_us.max()) - 30 * DAY_US
    for test in drop_off.tests(visits):
        names = visits.names(test.steps)
        reached, lost, times_there = 0, 0, 0
        for steps, outcome, day in drawn:
            if outcome == "open" or day * DAY_US >= end:
                continue
            places = [
                k
                for k, step in enumerate(steps)
                if step == names[-1] and (len(names) == 1 or (k > 0 and steps[k - 1] == names[0]))
            ]
            reached += bool(places)
            times_there += len(places)
            lost += outcome == "lost" and len(steps) - 1 in places
        evidence = test.describe()
        assert int(evidence.denominator.sum()) == reached
        assert int(evidence.affected.sum()) == lost
        assert evidence.counts["visits"] == times_there


@settings(max_examples=150, deadline=None)
@given(_rows)
def test_cycles_are_those_that_a_reader_sees(drawn: list[tuple[list[str], str, int]]) -> None:
    table = _table(drawn)
    visits = Visits(table, JourneyRules(), 2)
    for length in loop.LENGTHS:
        seen: Counter[tuple[str, ...]] = Counter()
        for path in range(table.n_paths):
            steps = table.sequence(path)
            windows = [tuple(steps[k : k + length + 1]) for k in range(len(steps) - length)]
            cycles = {w[:-1] for w in windows if w[0] == w[-1] and len(set(w)) == length}
            turned = {min(cycle[k:] + cycle[:k] for k in range(length)) for cycle in cycles}
            seen.update(turned)
        numbers = loop._cycles(visits, visits.steps.astype(np.uint16), length) // max(table.n_paths, 1)
        ours = Counter(visits.names(loop._decode(int(number), length, len(table.steps))) for number in numbers)
        assert ours == seen


@settings(max_examples=60, deadline=None)
@given(_rows)
def test_random_orders_keep_the_steps_of_each_run_and_the_goals(drawn: list[tuple[list[str], str, int]]) -> None:
    visits = Visits(_table(drawn), JourneyRules(), 2)
    shuffled = loop._Shuffler(visits).draw()
    stage, goal = visits.stage_of[visits.steps], visits.is_goal[visits.steps]
    assert np.array_equal(visits.stage_of[shuffled], stage)
    assert np.array_equal(shuffled[goal], visits.steps[goal])
    for path in range(visits.table.n_paths):
        here = visits.path == path
        assert Counter(shuffled[here].tolist()) == Counter(visits.steps[here].tolist())


def test_random_orders_are_uniform() -> None:
    table = JourneyTable.from_rows([row(number, ["a", "b", "c"]) for number in range(6_000)])
    drawn = loop._Shuffler(Visits(table, JourneyRules(), 2)).draw().reshape(-1, 3)
    counts = Counter(map(tuple, drawn.tolist()))
    assert len(counts) == 6
    assert all(850 <= count <= 1_150 for count in counts.values())


def _ordinary(rng: np.random.Generator, count: int, exits: dict[tuple[str, str], float] | None = None) -> list[Row]:
    """Journeys over three steps of one stage; after each a fifth are lost, `exits` aside, and a fifth convert."""
    rows = []
    for number in range(count):
        steps: list[str] = []
        outcome = "lost"
        while True:
            steps.append(str(rng.choice(["search", "view", "compare"])))
            if rng.random() < (exits or {}).get(tuple(steps[-2:]), 0.2) or len(steps) > 20:
                break
            if rng.random() < 0.25:
                outcome, steps = "converted", [*steps, "purchase"]
                break
        rows.append(row(number, steps, outcome=outcome, start=int(rng.integers(100)) * DAY_US))
    return rows


def test_a_dead_end_is_told_with_what_it_costs() -> None:
    rng = np.random.default_rng(1)
    rows = _ordinary(rng, 800)
    rows += [row(10_000 + n, ["search", "form"], start=int(rng.integers(100)) * DAY_US) for n in range(120)]
    report = find(JourneyTable.from_rows([*rows, the_end(["view"])]), currencies=["EUR"])
    (found,) = by_kind(report.findings, "unreachable")
    assert (found.subject, found.affected, found.denominator, found.counts) == ("form", 120, 120, {"converted": 0})
    assert found.lost_conversions is not None
    assert 45 <= found.lost_conversions <= 75, "half of the others at this depth convert"
    assert found.lost_value == pytest.approx(found.lost_conversions * 11, rel=0.02)
    assert found.currency == "EUR"
    (dropped,) = by_kind(report.findings, "drop_off")
    assert dropped.subject == "form", "the transition search → form says the same and is not told again"


def test_a_transition_is_told_where_only_that_way_loses() -> None:
    rows = _ordinary(np.random.default_rng(2), 1_500, exits={("compare", "view"): 0.6})
    report = find(JourneyTable.from_rows([*rows, the_end(["view"])]))
    assert [finding.subject for finding in by_kind(report.findings, "drop_off")] == ["compare → view"]


def test_open_journeys_are_never_drop_offs() -> None:
    rows = [row(n, ["search", "view"], outcome="open", start=190 * DAY_US) for n in range(500)]
    rows += _ordinary(np.random.default_rng(3), 300)
    report = find(JourneyTable.from_rows([*rows, the_end(["view"])]))
    assert by_kind(report.findings, "drop_off") == []


def test_a_silence_is_a_long_wait_that_loses() -> None:
    rng = np.random.default_rng(4)
    rows = []
    for number in range(400):
        long = number % 2 == 0
        lost = rng.random() < (0.8 if long else 0.4)
        steps = ["ticket", "reply", "view"] if lost else ["ticket", "reply", "view", "purchase"]
        waits = [(3 * DAY_US if long else HOUR_US) + number, HOUR_US, HOUR_US][: len(steps) - 1]
        outcome = "lost" if lost else "converted"
        rows.append(row(number, steps, outcome=outcome, start=int(rng.integers(100)) * DAY_US, waits=waits))
    table = JourneyTable.from_rows([*rows, the_end(["view"])])
    (found,) = by_kind(find(table).findings, "silence")
    assert (found.subject, found.affected, found.denominator) == ("ticket → reply", 200, 400)
    assert HOUR_US < found.parameters["longer_than_us"] < 3 * DAY_US
    assert found.interval[0] < 0.4 < found.interval[1]
    assert found.lost_conversions == pytest.approx(found.effect * 200)


def test_a_split_of_equal_waits_calls_none_long() -> None:
    assert silence.split_us(np.array([HOUR_US] * 5)) >= HOUR_US
    assert silence.split_us(np.array([HOUR_US])) == 0


def test_a_loop_is_more_than_its_steps_in_a_random_order() -> None:
    rng = np.random.default_rng(5)
    rows = _ordinary(rng, 800)
    rows += [
        row(10_000 + n, ["search", "cart", "delivery", "cart", "view"], start=int(rng.integers(100)) * DAY_US)
        for n in range(80)
    ]
    report = find(JourneyTable.from_rows([*rows, the_end(["view"])]))
    (found,) = by_kind(report.findings, "loop")
    assert (found.subject, found.affected, found.denominator) == ("cart → delivery → cart", 80, 80)
    assert found.steps == ("cart", "delivery")
    assert found.expected == pytest.approx(0.1, abs=0.02), "6 of the 60 orders of these five steps go round"


def test_a_single_way_past_one_step_is_told_once() -> None:
    rng = np.random.default_rng(6)
    rows = _ordinary(rng, 800)
    for number in range(120):
        way = ["search", "financing", "check", "purchase"] if number % 2 else ["search", "financing", "check"]
        outcome = "converted" if number % 2 else "lost"
        rows.append(row(10_000 + number, way, outcome=outcome, start=int(rng.integers(100)) * DAY_US))
    report = find(JourneyTable.from_rows([*rows, the_end(["view"])]))
    found = by_kind(report.findings, "unreachable")
    assert [(finding.subject, finding.affected, finding.denominator) for finding in found] == [
        ("financing → check", 60, 60)
    ]
    assert found[0].lost_conversions is None, "a bottleneck costs nothing until it fails"


def test_the_way_the_shop_is_built_is_no_bottleneck() -> None:
    """All conversions pass payment, whichever step they come from."""
    rows = []
    for number in range(600):
        first = ["search", "view", "compare"][number % 3]
        bought = number % 5 == 0
        steps = [first, "payment", "purchase"] if bought else [first, "payment"]
        outcome = "converted" if bought else "lost"
        rows.append(row(number, steps, outcome=outcome, start=number % 100 * DAY_US))
    report = find(JourneyTable.from_rows([*rows, the_end(["view"])]))
    assert by_kind(report.findings, "unreachable") == []


def test_the_step_graph_has_entries_and_goals() -> None:
    rows = [row(n, ["a", "b", "goal"], outcome="converted") for n in range(5)] + [row(9, ["c", "b"])]
    visits = Visits(JourneyTable.from_rows(rows), JourneyRules(), 3)
    graph = unreachable.step_graph(visits)
    assert set(graph.successors(-1)) == {visits.table.code("a")}, "one journey makes no entry"
    assert set(graph.predecessors(-2)) == {visits.table.code("goal")}


@settings(max_examples=60, deadline=None)
@given(_rows)
def test_the_same_table_gives_the_same_report(drawn: list[tuple[list[str], str, int]]) -> None:
    table = _table(drawn * 8)
    one, other = (find(table, minimum_journeys=5).model_dump_json() for _ in range(2))
    assert one == other
    json.loads(one, parse_constant=pytest.fail)  # neither NaN nor infinity


def test_asking_for_one_kind_leaves_its_figures_as_they_are() -> None:
    rng = np.random.default_rng(1)
    rows = _ordinary(rng, 800)
    rows += [row(10_000 + n, ["search", "form"], start=int(rng.integers(100)) * DAY_US) for n in range(120)]
    table = JourneyTable.from_rows([*rows, the_end(["view"])])
    every, some = find(table), find(table, kinds=["drop_off"])
    assert some.findings == tuple(by_kind(every.findings, "drop_off"))
    assert some.tested == every.tested
    costs = [finding.lost_conversions or 0.0 for finding in every.findings]
    assert costs == sorted(costs, reverse=True)


def test_fewer_journeys_than_the_minimum_are_no_finding() -> None:
    rows = _ordinary(np.random.default_rng(1), 800) + [row(10_000 + n, ["search", "form"]) for n in range(29)]
    table = JourneyTable.from_rows([*rows, the_end(["view"])])
    assert find(table).findings == ()
    assert find(table, minimum_journeys=20).findings


def test_ids_name_the_gap_and_not_its_size() -> None:
    def found(extra: int) -> set[str]:
        rows = _ordinary(np.random.default_rng(extra), 800)
        rows += [row(10_000 + n, ["search", "form"]) for n in range(100 + extra)]
        return {finding.id for finding in find(JourneyTable.from_rows([*rows, the_end(["view"])])).findings}

    assert found(0) == found(40)
    assert finding_id("loop", ["a", "b"]) != finding_id("drop_off", ["a", "b"])


def test_what_cannot_be_asked_is_refused_with_a_sentence() -> None:
    table = JourneyTable.from_rows([the_end(["a"])])
    with pytest.raises(UsageError, match="no kind of finding named 'gap'; there are: blind_spot, "):
        find(table, kinds=["gap"])
    with pytest.raises(UsageError, match="must be at least 2"):
        find(table, minimum_journeys=1)


def test_the_registry_holds_each_kind_once() -> None:
    names = [kind.name for kind in KINDS]
    assert names == sorted(set(names))
    assert {"drop_off", "incident", "loop", "silence", "unreachable"} <= set(names)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_first_of_each_is_the_first(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    seen: set[tuple[int, int]] = set()
    expected = [place for place, pair in enumerate(pairs) if not (pair in seen or seen.add(pair))]  # type: ignore[func-returns-value]
    assert first_of_each(one, other).tolist() == expected
