"""Tests and intervals against enumeration, scipy, statsmodels and simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from journeygraph.statistics import (
    Estimate,
    Strata,
    _hypergeometric,
    excess_p,
    mean,
    product,
    q_values,
    risk_difference,
    share_difference,
)


@st.composite
def strata(draw: st.DrawFn) -> Strata:
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        trials, others = draw(st.integers(0, 6)), draw(st.integers(0, 8))
        rows.append((draw(st.integers(0, trials)), trials, draw(st.integers(0, others)), others))
    return Strata(*(np.array(column) for column in zip(*rows, strict=True)))


def _enumerated(data: Strata) -> float:
    """Probability of as many events or more: every way to share them out, weighted by plain binomial coefficients."""
    columns = (data.events, data.trials, data.reference_events, data.reference_trials)
    options = []
    for events, trials, others, other_trials in zip(*(column.tolist() for column in columns), strict=True):
        hits, total = events + others, trials + other_trials
        options.append(
            [
                (count, math.comb(trials, count) * math.comb(other_trials, hits - count) / math.comb(total, hits))
                for count in range(max(0, hits - other_trials), min(hits, trials) + 1)
            ]
        )
    observed = int(data.events.sum())
    return sum(
        math.prod(chance for _, chance in way)
        for way in itertools.product(*options)
        if sum(count for count, _ in way) >= observed
    )


@settings(max_examples=200, deadline=None)
@given(strata())
def test_the_exact_test_counts_every_way_to_share_the_events_out(data: Strata) -> None:
    p_value, enumerated = excess_p(data), _enumerated(data)
    if enumerated < 0.1:
        assert p_value == pytest.approx(enumerated, rel=1e-9)
    else:  # far from a decision the normal form is told, which must not decide either
        assert p_value > 0.05


def test_one_stratum_is_fishers_test() -> None:
    data = Strata(np.array([31]), np.array([60]), np.array([90]), np.array([400]))
    fisher = stats.fisher_exact([[31, 29], [90, 310]], alternative="greater")[1]
    assert excess_p(data) == pytest.approx(float(fisher), rel=1e-9)


def test_a_large_stratum_is_the_hypergeometric_tail() -> None:
    data = Strata(np.array([52_000]), np.array([100_000]), np.array([257_500]), np.array([500_000]))
    tail = float(stats.hypergeom.sf(51_999, 600_000, 309_500, 100_000))
    assert 1e-5 < tail < 0.01
    assert excess_p(data) == pytest.approx(tail, rel=1e-6)


def test_many_large_strata_agree_with_the_asymptotic_test() -> None:
    trials = np.array([4_000, 9_000, 2_500])
    data = Strata(np.array([440, 950, 300]), trials, np.array([4_000, 9_000, 2_500]), trials * 10)
    tables = [
        [[e, t - e], [r, n - r]]
        for e, t, r, n in zip(data.events, data.trials, data.reference_events, data.reference_trials, strict=True)
    ]
    two_sided = StratifiedTable(np.array(tables).transpose(1, 2, 0)).test_null_odds(correction=True).pvalue
    assert excess_p(data) == pytest.approx(float(two_sided) / 2, rel=0.2)


def test_strata_without_both_sides_compare_nothing() -> None:
    data = Strata(np.array([5, 0]), np.array([5, 0]), np.array([0, 9]), np.array([0, 9]))
    assert excess_p(data) == 1.0
    assert risk_difference(data) == Estimate(0.0, -1.0, 1.0)


@pytest.mark.parametrize(("strata_count", "size"), [(2, 60), (60, 3)])
def test_the_interval_of_the_risk_difference_covers_the_truth(strata_count: int, size: int) -> None:
    rng = np.random.default_rng(7)
    base = rng.uniform(0.1, 0.5, strata_count)
    trials = rng.integers(1, size + 1, strata_count)
    others = rng.integers(1, 2 * size + 1, strata_count)
    covered = 0
    for _ in range(1_000):
        data = Strata(rng.binomial(trials, base + 0.2), trials, rng.binomial(others, base), others)
        estimate = risk_difference(data)
        covered += estimate.low <= 0.2 <= estimate.high
    assert 930 <= covered <= 985


def test_an_interval_is_not_certain_where_all_trials_are_events() -> None:
    estimate = risk_difference(Strata(np.array([60]), np.array([60]), np.array([3_000]), np.array([6_000])))
    newcombe = share_difference(60, 60, 3_000, 6_000)
    assert estimate == pytest.approx(newcombe, abs=0.005)


def test_p_values_are_uniform_at_most_where_nothing_differs() -> None:
    rng = np.random.default_rng(5)
    base, trials, others = rng.uniform(0.05, 0.4, 8), rng.integers(5, 40, 8), rng.integers(30, 300, 8)
    p_values = np.array(
        [excess_p(Strata(rng.binomial(trials, base), trials, rng.binomial(others, base), others)) for _ in range(2_000)]
    )
    assert (p_values <= 0.05).mean() <= 0.06
    assert (p_values <= 0.01).mean() <= 0.015


def test_products_and_means() -> None:
    assert product(Estimate(2.0, 2.0, 2.0), Estimate(3.0, 2.0, 4.0)) == pytest.approx((6.0, 4.0, 8.0))
    assert mean(np.array([5.0])) is None
    assert mean(np.array([5.0, 5.0])) == Estimate(5.0, 5.0, 5.0)
    values = np.array([1.0, 2.0, 6.0])
    half = stats.t.ppf(0.975, 2) * values.std(ddof=1) / math.sqrt(3)
    assert mean(values) == pytest.approx((3.0, 3.0 - half, 3.0 + half))
    assert share_difference(8, 10, 20, 80).value == pytest.approx(0.55)


@given(st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=30))
def test_the_correction_is_the_step_up_rule(p_values: list[float]) -> None:
    count = len(p_values)
    ranked = sorted(p_values)
    adjusted = [min(1.0, *(ranked[j] * count / (j + 1) for j in range(i, count)), 1.0) for i in range(count)]
    expected = [adjusted[ranked.index(p)] for p in p_values]
    got = q_values(np.array(p_values))
    # Equal p-values share the largest rank's adjustment.
    assert np.all(got <= np.array(expected) + 1e-12)
    assert np.allclose(np.sort(got), np.sort([adjusted[i] for i in range(count)]))


@given(st.integers(1, 3_000), st.data())
def test_chances_are_those_of_scipy(total: int, data: st.DataObject) -> None:
    hits, trials = data.draw(st.integers(0, total)), data.draw(st.integers(1, total))
    low, high = max(0, trials + hits - total), min(trials, hits)
    found = _hypergeometric(*(np.array([number]) for number in (low, high, total, hits, trials)))[0]
    assert found == pytest.approx(stats.hypergeom.pmf(np.arange(low, high + 1), total, hits, trials), abs=1e-12)
