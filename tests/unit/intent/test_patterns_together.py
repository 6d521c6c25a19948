"""Patterns of journeys where steps share an instant, and patterns weighted by value: against counting by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.intent.patterns.contrast import Pair, contrast
from journeygraph.intent.patterns.found import mine
from journeygraph.journeys.table import JourneyTable
from tests.unit.paths.tables import rows

SECOND = 1_000_000
Sets = list[list[str]]


def tied(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same journeys with many touchpoints at the same instant."""
    return [{**row, "occurred_at_us": [at // (2 * SECOND) * SECOND for at in row["occurred_at_us"]]} for row in log]


def judged(table: JourneyTable, outcome: str) -> list[tuple[list[tuple[int, set[str]]], bool, bool, float]]:
    """Of each journey the instants before the outcome with their steps, whether it is reached, decided, its value."""
    found = []
    for path in range(table.n_paths):
        steps, ended = table.sequence(path), ["converted", "lost", "open"][table.outcomes[path]]
        at = table.occurred_at_us[table.offsets[path] : table.offsets[path + 1]].tolist()
        reached = outcome in steps if outcome == "a" else ended == outcome
        stop = at[-1] + 1
        if outcome == "a" and reached:
            stop = at[steps.index("a")]
        elif outcome != "a" and ended == "converted":
            stop = at[-1]
        instants = sorted({time for time in at if time < stop})
        sets = [(time, {step for step, t in zip(steps, at, strict=True) if t == time}) for time in instants]
        found.append((sets, reached, reached or ended != "open", float(table.values[path])))
    return found


def holds(sets: list[tuple[int, set[str]]], pattern: Sets, gap: int | None, wait: int | None, after: int = -1) -> bool:
    """By the definition, one set after the other."""
    if not pattern:
        return True
    return any(
        set(pattern[0]) <= sets[i][1]
        and (after < 0 or gap is None or i - after - 1 <= gap)
        and (after < 0 or wait is None or sets[i][0] - sets[after][0] <= wait * SECOND)
        and holds(sets, pattern[1:], gap, wait, i)
        for i in range(after + 1, len(sets))
    )


@settings(max_examples=80)
@given(
    rows(),
    st.sampled_from(["converted", "lost", "a"]),
    st.sampled_from([None, 0, 1]),
    st.sampled_from([None, 2]),
    st.booleans(),
)
def test_equal_to_counting_by_hand(
    log: list[dict[str, Any]], outcome: str, gap: int | None, wait: int | None, closed: bool
) -> None:
    table = JourneyTable.from_rows(tied(log))
    if outcome == "a" and "a" not in table.steps:
        return
    limits: dict[str, Any] = {"max_gap": gap, "max_gap_seconds": wait}
    asked: dict[str, Any] = {**limits, "minimum_support": 1, "max_length": 3, "top": None, "permutations": 20}
    report = mine(table, together=True, outcome=outcome, closed=closed, **asked)
    journeys = judged(table, outcome)
    for row in report.patterns:
        pattern: Any = row.pattern
        holding = [journey for journey in journeys if holds(journey[0], pattern, gap, wait)]
        assert row.support == len(holding)
        assert row.decided_with == sum(decided for _, _, decided, _ in holding)
        assert row.reached_with == sum(reached for _, reached, _, _ in holding)
        assert len(row.examples) == min(3, len(holding))
        assert sum(row.support_by_slice) <= row.support
    singles = {step for sets, *_ in journeys for _, steps in sets for step in steps}
    assert closed or {tuple(map(tuple, row.pattern)) for row in report.patterns} >= {((step,),) for step in singles}


@settings(max_examples=60)
@given(rows(), st.sampled_from([1, 3, 0.2]), st.booleans(), st.data())
def test_weighted_by_value(log: list[dict[str, Any]], wanted: float, together: bool, data: st.DataObject) -> None:
    values = st.sampled_from([None, 0.1, 0.2, 19.99, 5.0])
    table = JourneyTable.from_rows({**row, "value": data.draw(values)} for row in (tied(log) if together else log))
    asked: dict[str, Any] = {"minimum_support": wanted, "max_length": 2, "top": None, "permutations": 0}
    if not table.values.any():
        with pytest.raises(UsageError, match="No journey has a value"):
            mine(table, weight="value", **asked)
        return
    report = mine(table, weight="value", together=together, **asked)
    total = sum(table.values.tolist())
    assert report.total_weight == pytest.approx(total)
    least = wanted if isinstance(wanted, int) else wanted * total
    every = mine(table, together=together, **{**asked, "minimum_support": 1})
    journeys = judged(table, "converted")
    expected = {}
    for row in every.patterns:
        pattern: Any = row.pattern if together else [[step] for step in row.pattern]
        if together:
            worth = sum(value for sets, _, _, value in journeys if holds(sets, pattern, None, None))
        else:
            worth = sum(value for path, (*_, value) in enumerate(journeys) if _in(table, path, row.pattern))
        if worth >= least - 1e-9:
            expected[str(row.pattern)] = (worth, row.support)
    found = {str(row.pattern): (row.weighted_support, row.support) for row in report.patterns}
    assert found.keys() == expected.keys()
    for name, (worth, support) in expected.items():
        assert found[name] == (pytest.approx(worth), support)


def _in(table: JourneyTable, path: int, pattern: Any) -> bool:
    steps = table.sequence(path)
    rest = iter(steps[:-1] if table.outcomes[path] == 0 else steps)
    return all(step in rest for step in pattern)


@settings(max_examples=40)
@given(rows(), rows(), st.sampled_from([None, 0]))
def test_contrast_of_sets(one: list[dict[str, Any]], other: list[dict[str, Any]], gap: int | None) -> None:
    if not one or not other:
        return
    tables = [JourneyTable.from_rows(tied(log)) for log in (one, other)]
    pair = Pair(tables[0], tables[1], ("one", "other"))
    answer = contrast(pair, minimum_support=1, max_length=2, max_gap=gap, top=None, together=True, permutations=0)
    for row in answer.patterns:
        pattern: Any = row.pattern
        for table, held in ((tables[0], row.support), (tables[1], row.against_support)):
            whole = judged(table, "lost")  # nothing is cut off but goals
            steps = [(sets, path) for path, (sets, *_) in enumerate(whole)]
            assert held == sum(holds(_whole(table, path), pattern, gap, None) for _, path in steps)


def _whole(table: JourneyTable, path: int) -> list[tuple[int, set[str]]]:
    at = table.occurred_at_us[table.offsets[path] : table.offsets[path + 1]].tolist()
    pairs = list(zip(at, table.sequence(path), strict=True))
    return [(time, {step for t, step in pairs if t == time}) for time in sorted(set(at))]


def test_what_shares_the_goals_instant_is_not_before_it() -> None:
    log = [
        {"id": f"j{n}", "customer_id": f"k{n}", "outcome": "converted", "value": 10.0, "channels": ["web"] * 4,
         "steps": ["email", "view", "cart", "purchase"], "occurred_at_us": [0, 0, 5 * SECOND, 5 * SECOND]}
        for n in range(4)
    ]  # fmt: skip
    report = mine(JourneyTable.from_rows(log), minimum_support=4, together=True)
    names = {row.name for row in report.patterns}
    assert names == {"`email`", "`view`", "`email` together with `view`"}
    (both,) = (row for row in report.patterns if len(row.pattern[0]) == 2)
    assert (both.pattern, both.median_seconds_to_outcome, both.stands_for) == ([["email", "view"]], 5.0, 2)


def test_refusals_are_sentences() -> None:
    log = [{"id": "j", "customer_id": "k", "outcome": "lost", "value": None, "channels": ["web"], "steps": ["a"],
            "occurred_at_us": [0]}]  # fmt: skip
    table = JourneyTable.from_rows(log)
    with pytest.raises(UsageError, match="no weight 'clicks'"):
        mine(table, weight="clicks")
    with pytest.raises(UsageError, match="A contrast of two groups counts journeys"):
        contrast(Pair(table, table, ("one", "other")), weight="value")
    several = JourneyTable(**{**vars(table), "currencies": ["EUR", "USD"]})
    with pytest.raises(UsageError, match="EUR, USD are never added up"):
        mine(several, weight="value")
