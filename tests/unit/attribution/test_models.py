"""Every model against plain Python on random paths, and the axioms that credits must keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.attribution import MODELS, Options, attribute
from journeygraph.attribution.game import Game
from journeygraph.attribution.model import observed
from journeygraph.errors import UsageError
from tests.unit.attribution.samples import NAMES, Row, paths_of, rows

ALL = [model.name for model in MODELS]


def credits(table: Sequence[Row], model: str, **options: object) -> dict[str, tuple[float, float]]:
    answer = attribute(paths_of(table), [model], Options(**options), resamples=0)  # type: ignore[arg-type]
    return {row.channel: (row.credit, row.value_credit or 0.0) for row in answer.channels}


def _shared(table: Sequence[Row], weights: Callable[[Row], list[float]]) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for row in table:
        for name, weight in zip(row.path, weights(row), strict=True):
            credit, value = found[name]
            found[name] = (credit + weight * row.conversions, value + weight * row.value)
    return found


def _first(row: Row) -> list[float]:
    return [1.0] + [0.0] * (len(row.path) - 1)


def _last(row: Row) -> list[float]:
    return _first(row)[::-1]


def _last_non_direct(row: Row) -> list[float]:
    places = [k for k, name in enumerate(row.path) if name != "direct"] or [len(row.path) - 1]
    return [float(k == places[-1]) for k in range(len(row.path))]


def _linear(row: Row) -> list[float]:
    return [1 / len(row.path)] * len(row.path)


def _position(row: Row) -> list[float]:
    n = len(row.path)
    return [1 / n] * n if n <= 2 else [0.4] + [0.2 / (n - 2)] * (n - 2) + [0.4]


def _time_decay(row: Row) -> list[float]:
    weights = [0.5 ** (day / 7) for day in row.days]
    return [weight / sum(weights) for weight in weights]


def _shapley(row: Row) -> list[float]:
    """An equal share for each distinct name, told at its first place."""
    seen = len(set(row.path))
    return [1 / seen if name not in row.path[:k] else 0.0 for k, name in enumerate(row.path)]


PLAIN = {
    "first": _first,
    "last": _last,
    "last_non_direct": _last_non_direct,
    "linear": _linear,
    "position": _position,
    "time_decay": _time_decay,
    "shapley": _shapley,
}


@pytest.mark.parametrize("model", PLAIN)
@given(table=rows())
def test_rules_are_those_of_plain_python(model: str, table: list[Row]) -> None:
    expected = _shared(table, PLAIN[model])
    for name, found in credits(table, model).items():
        assert found == pytest.approx(expected[name], abs=1e-9)


@pytest.mark.parametrize("model", ALL)
@given(table=rows(), order=st.integers(1, 3))
def test_credits_sum_to_conversions_and_to_value(model: str, table: list[Row], order: int) -> None:
    found = credits(table, model, order=order)
    assert sum(credit for credit, _ in found.values()) == pytest.approx(sum(row.conversions for row in table))
    assert sum(value for _, value in found.values()) == pytest.approx(sum(row.value for row in table), abs=1e-9)


@pytest.mark.parametrize("model", [name for name in ALL if name != "last_non_direct"])
@given(table=rows(), order=st.integers(1, 3), names=st.permutations(NAMES))
def test_names_don_t_matter(model: str, table: list[Row], order: int, names: list[str]) -> None:
    renamed = dict(zip(NAMES, names, strict=True))
    other = [Row(tuple(renamed[name] for name in row.path), *_rest(row)) for row in table]
    before, after = credits(table, model, order=order), credits(other, model, order=order)
    for name, found in before.items():
        assert after[renamed[name]] == pytest.approx(found, abs=1e-8)


@pytest.mark.parametrize("model", [name for name in ALL if name != "shapley_rate"])
@given(table=rows(), order=st.integers(1, 3))
def test_a_name_without_conversions_gets_nothing(model: str, table: list[Row], order: int) -> None:
    # In the chain a journey may go on from any state as others did, so there the name stands alone.  The game of rates
    # is left out: such a name lowers the rate of whoever it joins.
    path = ("nobody",) if model == "markov" else ("ad", "nobody", "ad")
    lost = Row(path, 0, 0.0, 3, (0.0,) * len(path))
    assert credits([*table, lost], model, order=order)["nobody"] == pytest.approx((0, 0), abs=1e-9)


@pytest.mark.parametrize("model", ALL)
@given(table=rows(), order=st.integers(1, 3))
def test_rows_may_be_split_and_reordered(model: str, table: list[Row], order: int) -> None:
    split = [Row(row.path, 0, 0.0, row.losses, row.days) for row in table] + [
        Row(row.path, row.conversions, row.value, 0, row.days) for row in reversed(table)
    ]
    before, after = credits(table, model, order=order), credits(split, model, order=order)
    for name, found in before.items():
        assert after[name] == pytest.approx(found, abs=1e-8)


def _rest(row: Row) -> tuple[int, float, int, tuple[float, ...]]:
    return row.conversions, row.value, row.losses, row.days


def _brute_shapley(names: Sequence[str], worth: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """The mean gain over all orders of the names."""
    gains = dict.fromkeys(names, 0.0)
    orders = list(permutations(names))
    for order in orders:
        for k, name in enumerate(order):
            gains[name] += worth(frozenset(order[: k + 1])) - worth(frozenset(order[:k]))
    return {name: gain / len(orders) for name, gain in gains.items()}


@given(table=rows())
def test_shapley_values_are_mean_gains_over_all_orders(table: list[Row]) -> None:
    names = sorted({name for row in table for name in row.path})
    total = sum(row.conversions + row.losses for row in table)

    def within(members: frozenset[str]) -> list[Row]:
        return [row for row in table if set(row.path) <= members]

    def conversions(members: frozenset[str]) -> float:
        return sum(row.conversions for row in within(members))

    def rate(members: frozenset[str]) -> float:
        journeys = sum(row.conversions + row.losses for row in within(members))
        return total * conversions(members) / journeys if journeys else 0.0

    for model, worth in (("shapley", conversions), ("shapley_rate", rate)):
        expected = _brute_shapley(names, worth)
        for name, (credit, _) in credits(table, model).items():
            assert credit == pytest.approx(expected[name], abs=1e-9), model


@given(table=rows(), order=st.integers(1, 3))
def test_removal_effects_are_those_of_a_dense_chain(table: list[Row], order: int) -> None:
    answer = attribute(paths_of(table), ["markov"], Options(order=order), resamples=0)
    whole = _absorbed(table, order, None)
    for row in answer.channels:
        assert row.removal_effect == pytest.approx(1 - _absorbed(table, order, row.channel) / whole, abs=1e-9)
    total = sum(row.removal_effect or 0 for row in answer.channels)
    for row in answer.channels:
        assert row.credit == pytest.approx(answer.conversions * (row.removal_effect or 0) / total, abs=1e-8)


def _absorbed(table: Sequence[Row], order: int, removed: str | None) -> float:
    """Probability of converting from the start when reaching the removed name leads to null: by a dense solve."""
    counts: dict[tuple[tuple[str, ...], object], float] = defaultdict(float)
    for row in table:
        for k in range(len(row.path)):
            before, after = row.path[max(0, k - order) : k], row.path[max(0, k + 1 - order) : k + 1]
            counts[before, after] += row.conversions + row.losses
        counts[row.path[-order:], "conversion"] += row.conversions
        counts[row.path[-order:], "null"] += row.losses
    states = sorted({state for state, _ in counts})
    moves, ends = np.zeros((len(states), len(states))), np.zeros(len(states))
    for (state, following), count in counts.items():
        if following == "conversion":
            ends[states.index(state)] += count
        elif following != "null" and following[-1] != removed:  # type: ignore[index]
            moves[states.index(state), states.index(following)] += count  # type: ignore[arg-type]
    leaving = np.array([sum(count for (one, _), count in counts.items() if one == state) for state in states])
    leaving[leaving == 0] = 1
    solved = np.linalg.solve(np.eye(len(states)) - moves / leaving[:, None], ends / leaving)
    return float(solved[states.index(())])


def test_hundreds_of_names_have_credits_but_no_intervals() -> None:
    table = [Row((f"n{number:03}",), 1, 0.0, 1, (0.0,)) for number in range(600)]
    answer = attribute(paths_of(table), ["markov", "last"], resamples=10)
    assert "markov has no intervals" in answer.notes[0]
    assert {row.model for row in answer.channels if row.interval is not None} == {"last"}


def test_a_hand_made_chain() -> None:
    # From the start: ad or mail, half each. Ad converts half, mail goes on to ad.  Without ad nothing converts; without
    # mail half of it is left.
    table = [Row(("ad",), 1, 10.0, 1, (0.0,)), Row(("mail", "ad"), 1, 20.0, 1, (0.0, 0.0))]
    answer = attribute(paths_of(table), ["markov"], resamples=0)
    assert {row.channel: (row.removal_effect, row.credit) for row in answer.channels} == {
        "ad": (pytest.approx(1.0), pytest.approx(4 / 3)),
        "mail": (pytest.approx(0.5), pytest.approx(2 / 3)),
    }


def test_direct_is_what_one_says_it_is() -> None:
    table = [Row(("ad", "typed in", "Direct"), 1, 0.0, 0, (0.0, 0.0, 0.0))]
    assert credits(table, "last_non_direct")["typed in"][0] == 1
    assert credits(table, "last_non_direct", direct=("DIRECT", "typed in"))["ad"][0] == 1


def test_nothing_to_credit_still_sums() -> None:
    paths = paths_of([])
    answer = attribute(paths, ["first", "markov", "shapley", "shapley_rate"], resamples=50)
    assert (answer.conversions, answer.channels) == (0, [])


def test_only_losses_credit_nobody() -> None:
    found = attribute(paths_of([Row(("ad",), 0, 0.0, 5, (0.0,))]), ALL, resamples=20).channels
    assert {(row.credit, row.value_credit, row.interval) for row in found} == {(0.0, 0.0, (0.0, 0.0))}


@pytest.mark.parametrize("wrong", [{"order": 0}, {"order": 11}, {"half_life_days": 0.0}])
def test_options_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="must be"):
        Options(**wrong)  # type: ignore[arg-type]


def test_an_unknown_model_is_a_sentence_with_the_names() -> None:
    with pytest.raises(UsageError, match="There is no model 'u_shape'; there are first, last"):
        attribute(paths_of([]), ["u_shape"])


def test_a_chain_with_too_many_states_is_refused_with_a_way_out() -> None:
    names = [f"n{number:04}" for number in range(3_001)]
    table = [Row((name,), 1, 0.0, 0, (0.0,)) for name in names]
    with pytest.raises(UsageError, match="3002 states here; up to 3000"):
        attribute(paths_of(table), ["markov"], resamples=0)


def test_sampled_shapley_values_are_within_their_bound_of_the_exact_ones() -> None:
    generator = np.random.default_rng(5)
    names = [f"n{number}" for number in range(12)]
    table = [
        Row(tuple(generator.choice(names, size)), int(generator.integers(0, 4)), 0.0, 6, (0.0,) * size)
        for size in generator.integers(1, 5, 300)
    ]
    paths = paths_of(table)
    game = Game.of(paths)
    exact = game.exact(observed(paths)).credit[:, 0]
    missed = 0
    for seed in range(20):
        found = game.sampler(observed(paths), seed)(observed(paths))
        assert found.error_bound is not None
        assert found.credit[:, 0].sum() == pytest.approx(paths.conversions.sum())
        missed += bool(np.any(np.abs(found.credit[:, 0] - exact) > found.error_bound))
    assert missed <= 3  # each with probability 0.05 at most


def test_beyond_fifteen_names_the_rate_is_sampled_and_says_so() -> None:
    names = [f"n{number:02}" for number in range(18)]
    table = [Row(pair, 1 + k % 3, 5.0, 2, (0.0, 0.0)) for k, pair in enumerate(combinations(names, 2))]
    answer = attribute(paths_of(table), ["shapley", "shapley_rate"], resamples=20)
    assert [model.method for model in answer.models] == [
        "exact, by unanimity games",
        "sampled, 2000 random orders of 18 names",
    ]
    bounds = {row.model: row.error_bound for row in answer.channels}
    assert bounds["shapley"] == 0
    assert bounds["shapley_rate"] is not None
    assert 0 < bounds["shapley_rate"] < answer.conversions / 10
