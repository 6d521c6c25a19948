"""Differences of two sets of paths: counted right, found where planted, and not found where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from journeygraph.errors import UsageError
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths import compare
from tests.unit.funnels.test_funnel import table_of
from tests.unit.paths.tables import paths_of, rows, tables


@given(rows(), rows())
def test_shares_are_those_of_paths(first: list, second: list) -> None:  # type: ignore[type-arg]
    one, other = JourneyTable.from_rows(first), JourneyTable.from_rows(second)
    for row in compare(one, other, minimum=1).differences:
        if row.kind == "step":
            assert row.first_count == sum(row.subject[0] in steps for _, steps, _ in paths_of(one))
            assert row.second == row.second_count / other.n_paths
        assert 0 <= row.p_value <= row.q_value <= 1
        if row.interval is not None and row.difference is not None:
            assert row.interval[0] - 1e-9 <= row.difference <= row.interval[1] + 1e-9


@given(tables())
def test_the_same_paths_do_not_differ(table: JourneyTable) -> None:
    answer = compare(table, table, minimum=1)
    assert all(row.q_value == pytest.approx(1) and row.difference == 0 for row in answer.differences)
    assert answer.tested == len(answer.differences)


def test_a_planted_difference_is_first() -> None:
    answer = compare(table_of(*(["abc"] * 50)), table_of(*(["abc"] * 20 + ["ac"] * 30)))
    step = next(row for row in answer.differences if row.kind == "step" and row.subject == ["b"])
    assert (step.first, step.second) == (1.0, 0.4)
    assert step.q_value < 1e-6
    assert step.interval is not None
    assert step.interval[1] < 0
    unchanged = [row for row in answer.differences if row.subject == ["c"]]
    assert [row.q_value for row in unchanged] == [1.0]


def test_waits_differ_by_rank() -> None:
    answer = compare(table_of(*(["ab"] * 40), seconds=1), table_of(*(["ab"] * 40), seconds=9))
    wait = next(row for row in answer.differences if row.kind == "wait")
    assert (wait.first, wait.second, wait.interval) == (1.0, 9.0, None)
    assert wait.q_value < 1e-9


def test_false_differences_are_rare() -> None:
    chance = np.random.default_rng(5)
    false = 0
    for _ in range(60):
        sides = [table_of(*("".join(chance.choice(list("abcd"), 4)) for _ in range(60))) for _ in range(2)]
        false += any(row.q_value <= 0.05 for row in compare(*sides).differences)
    assert false <= 8  # 5 % of 60 is 3; more than 8 would have a chance below 1 %


def test_grains_must_be_the_same() -> None:
    with pytest.raises(UsageError, match="Paths of journeys cannot be compared with paths of customers"):
        compare(table_of("a"), table_of("a").by_customer())
