"""Westfall-Young p-values: against permuting and testing one by one, with the customers' journeys kept together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from journeygraph.errors import UsageError
from journeygraph.intent.patterns.fisher import every_p_value, fisher_p_values
from journeygraph.intent.patterns.found import mine
from journeygraph.intent.patterns.westfall_young import adjusted, counts, permuted
from tests.unit.intent.test_patterns import journeys

PERMUTATIONS = 30


@settings(max_examples=40)
@given(st.integers(2, 20), st.integers(1, 6), st.data())
def test_equal_to_testing_every_permutation(n: int, patterns: int, data: st.DataObject) -> None:
    reached = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    holders = [np.array(sorted(data.draw(st.sets(st.integers(0, n - 1)))), dtype=np.int64) for _ in range(patterns)]
    customers = np.sort(np.array(data.draw(st.lists(st.integers(0, 8), min_size=n, max_size=n))))
    labels = permuted(reached, customers, PERMUTATIONS, seed=3)
    outcomes = labels.of(np.arange(n)).T.astype(bool)
    found = counts(iter(holders), labels)
    assert found.tolist() == [[int(row[held].sum()) for row in outcomes] for held in holders]

    seen = [_p(held, reached) for held in holders]
    holding = np.array([len(held) for held in holders])
    ours = adjusted(np.array(seen), holding, found, n, int(reached.sum()))
    order = sorted(range(patterns), key=lambda i: (seen[i], i))
    step_down: list[float] = []
    for position, i in enumerate(order):  # the smallest p-value of this pattern and of the less significant ones
        smallest = [min(_p(holders[j], row) for j in order[position:]) for row in outcomes]
        extreme = sum(p <= seen[i] * (1 + 1e-7) for p in smallest)
        step_down.append(max([(1 + extreme) / (1 + PERMUTATIONS), *step_down[-1:]]))
    assert [ours[i] for i in order] == pytest.approx(step_down)


def _p(held: np.ndarray[tuple[int], np.dtype[np.int64]], reached: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    both, with_it, of_all, n = int(reached[held].sum()), len(held), int(reached.sum()), len(reached)
    return float(fisher_exact([[both, with_it - both], [of_all - both, n - with_it - of_all + both]])[1])


def test_a_customers_outcomes_stay_together() -> None:
    reached = np.array([True, False, True, False, False, True, True, False])
    labels = permuted(reached, np.array([0, 0, 1, 1, 2, 2, 3, 4]), 200, seed=5).of(np.arange(8)).T
    pairs = {tuple(row[start : start + 2]) for row in labels.tolist() for start in (0, 2, 4)}
    assert pairs == {(1, 0), (0, 1)}  # nobody gets two conversions, because nobody had two
    assert {tuple(row[6:]) for row in labels.tolist()} == {(1, 0), (0, 1)}
    assert set(labels.sum(axis=1).tolist()) == {4}


def test_every_p_value_is_fishers() -> None:
    low, p_values = every_p_value(400, 90, 150)
    holding = np.full(len(p_values), 150)
    assert p_values == pytest.approx(fisher_p_values(400, 90, holding, low + np.arange(len(p_values))), abs=1e-15)


def test_a_planted_pattern_survives_and_shuffled_outcomes_do_not() -> None:
    rng = np.random.default_rng(2)
    paths = []
    for _ in range(400):
        steps = "".join(rng.choice(list("abcd"), 6))
        planted = "a" in steps and "b" in steps[steps.index("a") :]
        paths.append((steps, "converted" if rng.random() < (0.6 if planted else 0.1) else "lost"))
    paths = [(steps + "p" if outcome == "converted" else steps, outcome) for steps, outcome in paths]
    found = {tuple(row.pattern): row for row in mine(journeys(*paths), max_length=3, top=None).patterns}
    assert found["a", "b"].wy_p_value == pytest.approx(1 / 1001)
    assert all(row.wy_p_value >= row.p_value * 0.5 for row in found.values() if row.wy_p_value is not None)
    outcomes = rng.permutation([outcome for _, outcome in paths])
    shuffled = [
        (steps.rstrip("p") + "p" * (o == "converted"), o) for (steps, _), o in zip(paths, outcomes, strict=True)
    ]
    assert min(row.wy_p_value or 0 for row in mine(journeys(*shuffled), max_length=3, top=None).patterns) > 0.05


def test_the_same_seed_gives_the_same_answer_and_none_is_none() -> None:
    table = journeys(*[("abp", "converted")] * 8, *[("bc", "lost")] * 12, *[("ac", "lost")] * 9)
    assert mine(table) == mine(table)
    assert {row.wy_p_value for row in mine(table, permutations=0).patterns} == {None}
    with pytest.raises(UsageError, match="no -1 permutations"):
        mine(table, permutations=-1)
