"""Two groups of journeys, one held against the other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from journeygraph.errors import UsageError
from journeygraph.intent.patterns.contrast import Pair, before_and_after, contrast
from journeygraph.intent.patterns.westfall_young import permuted
from journeygraph.journeys.filters import Selection
from journeygraph.journeys.table import JourneyTable
from tests.unit.intent.test_patterns import holds, journeys
from tests.unit.paths.tables import SECOND, rows

NAMES = ("of one kind", "of another")


@settings(max_examples=60)
@given(rows(), rows(), st.sampled_from([None, 0, 1]), st.sampled_from([1, 2, 0.5]))
def test_both_shares_by_hand(
    one: list[dict[str, Any]], other: list[dict[str, Any]], max_gap: int | None, support: float
) -> None:
    if not one or not other:
        with pytest.raises(UsageError, match="no journeys"):
            contrast(Pair(JourneyTable.from_rows(one), JourneyTable.from_rows(other), NAMES))
        return
    pair = Pair(JourneyTable.from_rows(one), JourneyTable.from_rows(other), NAMES)
    answer = contrast(pair, minimum_support=support, max_length=2, max_gap=max_gap, top=None, permutations=20)
    tested = 0
    found = {tuple(row.pattern): row for row in answer.patterns}
    for pattern in [(a,) for a in "abcd"] + [(a, b) for a in "abcd" for b in "abcd"]:
        held = [sum(holds(row["steps"], list(pattern), max_gap) for row in group) for group in (one, other)]
        frequent = held[0] >= answer.minimum_support[0] or held[1] >= answer.minimum_support[1]
        assert (pattern in found) == frequent
        tested += sum(held) >= min(answer.minimum_support)  # whatever the groups
        if frequent:
            row = found[pattern]
            assert (row.support, row.against_support) == tuple(held)
            assert row.difference == pytest.approx(held[0] / len(one) - held[1] / len(other))
            assert row.interval[0] <= row.difference <= row.interval[1]
            table = np.array([[held[0], held[1]], [len(one) - held[0], len(other) - held[1]]])
            assert row.p_value == pytest.approx(fisher_exact(table)[1], rel=1e-6)
            assert row.wy_p_value is not None
            assert 1 / 21 <= row.wy_p_value <= 1
    assert answer.tested == tested


def test_the_difference_is_found_and_shown_once() -> None:
    rng = np.random.default_rng(7)

    def group(planted: float) -> JourneyTable:
        paths = []
        for _ in range(800):
            steps = list(rng.choice(list("abcde"), 5))
            steps = [*steps, "x", "y"] if rng.random() < planted else steps
            paths.append(("".join(steps), "lost"))
        return journeys(*paths)

    answer = contrast(Pair(group(0.4), group(0.1), NAMES), max_length=3, top=None)
    found = {tuple(row.pattern): row for row in answer.patterns}
    assert found["x", "y"].difference == pytest.approx(0.3, abs=0.06)
    told = [row for row in answer.patterns if row.q_value <= 0.05 and row.represented_by is None]
    assert len(told) == 1
    assert told[0].pattern == ["x", "y"]  # whoever does the one does the other: the longer pattern says more
    assert told[0].stands_for > 10


def test_journeys_that_may_go_on_are_in_neither_part() -> None:
    def at(seconds: list[int], outcome: str = "lost", steps: str = "ab") -> JourneyTable:
        return JourneyTable.from_rows(
            {"id": f"j{second}", "customer_id": f"k{second}", "outcome": outcome, "value": None, "steps": list(steps),
             "channels": ["web"] * 2, "occurred_at_us": [second * SECOND, (second + 1) * SECOND]}
            for second in seconds
        )  # fmt: skip

    instant = datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)
    late = at([5, 6, 9])
    late = late.__class__(
        **{**vars(late), "outcomes": np.array([1, 2, 1], dtype=np.int8), "selection": Selection(since=instant)}
    )
    pair = before_and_after(at([1, 2]), late, instant.isoformat())
    assert (pair.one.ids, pair.other.ids) == (["j5", "j6"], ["j1", "j2"])
    assert pair.one.selection.until == datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC)
    answer = contrast(pair, minimum_support=1)
    assert answer.group.name.endswith("and before 1970-01-01T00:00:07+00:00")


def test_family_wise_p_is_that_of_permuting_the_groups_one_by_one() -> None:
    rng = np.random.default_rng(5)
    logs: list[list[dict[str, Any]]] = [[], []]
    for customer in range(24):
        group = int(rng.random() < 0.5)
        for journey in range(int(rng.integers(1, 3))):
            steps = list(rng.choice(list("abc"), 3))
            row = {"id": f"j{customer}-{journey}", "customer_id": f"k{customer:02}", "outcome": "lost", "value": None,
                   "steps": steps, "channels": ["web"] * 3, "occurred_at_us": [journey * SECOND] * 3}  # fmt: skip
            logs[group].append(row)
            if customer in (3, 4):  # in both groups, in every permutation
                logs[1 - group].append(row)
    tables = [JourneyTable.from_rows(log) for log in logs]
    pair = Pair(tables[0], tables[1], NAMES)
    answer = contrast(pair, minimum_support=2, max_length=2, top=None, permutations=60, seed=4)
    assert answer.in_both == sum(customer["customer_id"] in ("k03", "k04") for customer in logs[0])

    rows = sorted(
        ((row["customer_id"], row["occurred_at_us"][0], number, row["steps"]) for number, row in enumerate(
            [{**row, "steps": table.sequence(at)} for table, log in zip(tables, logs, strict=True)
             for at, row in enumerate(_by_path(table, log))])
        )
    )  # fmt: skip
    first = np.array([number < tables[0].n_paths for _, _, number, _ in rows])
    whose = np.array([int(customer[1:]) for customer, *_ in rows])
    fixed = np.isin(whose, (3, 4))
    labels = permuted(first, whose, 60, 4, fixed=fixed).of(np.arange(len(rows))).T.astype(bool)
    assert (labels[:, fixed] == first[fixed]).all()
    assert len({tuple(row) for row in labels.tolist()}) > 50
    family = [(a,) for a in "abc"] + [(a, b) for a in "abc" for b in "abc"]
    held = {p: np.array([holds(steps, list(p), None) for *_, steps in rows]) for p in family}
    held = {pattern: mask for pattern, mask in held.items() if mask.sum() >= 2}
    assert answer.tested == len(held)
    seen = {pattern: _p(mask, first) for pattern, mask in held.items()}
    by_permutation = [{pattern: _p(mask, row) for pattern, mask in held.items()} for row in labels]
    adjusted: dict[tuple[str, ...], float] = {}
    order = sorted(held, key=lambda pattern: seen[pattern])
    for place, pattern in enumerate(order):
        extreme = sum(min(p[other] for other in order[place:]) <= seen[pattern] * (1 + 1e-7) for p in by_permutation)
        adjusted[pattern] = max([(1 + extreme) / 61, *([adjusted[order[place - 1]]] if place else [])])
    for row in answer.patterns:
        assert row.wy_p_value == pytest.approx(adjusted[tuple(row.pattern)])


def _by_path(table: JourneyTable, log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows in the order of the table's paths."""
    return [next(row for row in log if row["id"] == name) for name in table.ids]


def _p(held: np.ndarray[Any, Any], first: np.ndarray[Any, Any]) -> float:
    both = int((held & first).sum())
    with_it, of_all, n = int(held.sum()), int(first.sum()), len(first)
    return float(fisher_exact([[both, with_it - both], [of_all - both, n - with_it - of_all + both]])[1])


def test_groups_that_do_not_differ_are_told_apart_at_most_in_one_of_twenty() -> None:
    rng = np.random.default_rng(11)
    smallest = []
    for seed in range(40):
        paths = [("".join(rng.choice(list("abcd"), int(rng.integers(2, 7)))), "lost") for _ in range(160)]
        table, first = journeys(*paths), np.arange(160) < 60
        pair = Pair(table.select(first), table.select(~first), NAMES)
        answer = contrast(pair, max_length=3, permutations=99, seed=seed)
        smallest.append(min(row.wy_p_value or 1 for row in answer.patterns))
    assert sum(p <= 0.05 for p in smallest) <= 5  # of 40, at .05: more has a chance of 1 %
    assert sum(p <= 0.5 for p in smallest) >= 10  # and it does not call everything chance
