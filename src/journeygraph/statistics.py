"""Tests, intervals and the correction that all kinds of findings share.

Counts in strata (same stage, same depth, ...) are compared by the exact conditional test of Cochran, Mantel and
Haenszel and summarised by the Mantel-Haenszel risk difference.  Both stay valid where strata are many and counts are
small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import signal, special, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

Counts = NDArray[np.int64]
#: Standard deviations on either side of a 95 % interval.
Z_95 = float(stats.norm.ppf(0.975))
#: Smallest p-value that is told: sums of probabilities in floating point say nothing below it.
SMALLEST = 1e-16


class Estimate(NamedTuple):
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> Estimate:
        """The estimate in another unit; `factor` is not negative.

        >>> Estimate(2.0, 1.0, 3.0).times(10)
        Estimate(value=20.0, low=10.0, high=30.0)
        """
        return Estimate(self.value * factor, self.low * factor, self.high * factor)

    @property
    def variance(self) -> float:
        """Variance that an interval of this width stands for."""
        return float(((self.high - self.low) / (2 * Z_95)) ** 2)

    def at_least_zero(self) -> Estimate:
        """The same with nothing below zero: a loss that may be none, but not a gain."""
        return Estimate(max(self.value, 0.0), max(self.low, 0.0), max(self.high, 0.0))


@dataclass(frozen=True)
class Strata:
    """Events among trials in each of S strata, for the subject and for what it is compared with."""

    events: Counts
    trials: Counts
    reference_events: Counts
    reference_trials: Counts

    def informative(self) -> Strata:
        """Only the strata that hold trials of both sides: the others compare nothing."""
        kept = (self.trials > 0) & (self.reference_trials > 0)
        return Strata(self.events[kept], self.trials[kept], self.reference_events[kept], self.reference_trials[kept])


def excess_p(strata: Strata) -> float:
    """One-sided p-value of "the subject has no more events than the reference of its stratum".

    Exact: given all margins, the subject's events in a stratum follow the hypergeometric distribution, and their sum
    over the strata the convolution of these (the exact form of the Cochran-Mantel-Haenszel test; Agresti, Categorical
    Data Analysis, 3rd ed., 7.3.5).

    >>> one = Strata(np.array([8]), np.array([10]), np.array([20]), np.array([90]))
    >>> round(excess_p(one), 6), round(float(stats.fisher_exact([[8, 2], [20, 70]], alternative="greater")[1]), 6)
    (0.000488, 0.000488)
    """
    known = strata.informative()
    total = known.trials + known.reference_trials
    hits = known.events + known.reference_events
    if not len(total) or not hits.any():
        return 1.0
    centre = known.trials * hits / total
    variance = centre * (1 - hits / total) * (total - known.trials) / np.maximum(total - 1, 1)
    excess = float(known.events.sum() - centre.sum())
    if excess < np.sqrt(variance.sum()):  # far from any decision, where the normal form says as much
        return upper_tail((excess - 0.5) / np.sqrt(max(variance.sum(), 1e-9)))
    reach = 9 * np.sqrt(variance) + 12  # beyond 9 standard deviations less than `SMALLEST` is left to count
    low = np.maximum(np.maximum(0, known.trials + hits - total), np.floor(centre - reach)).astype(np.int64)
    high = np.minimum(np.minimum(known.trials, hits), np.ceil(centre + reach)).astype(np.int64)
    distribution = np.ones(1)
    for row, width in zip(_hypergeometric(low, high, total, hits, known.trials), high - low + 1, strict=True):
        distribution = _convolve(distribution, row[:width])
    tail = distribution[int(known.events.sum() - low.sum()) :]
    return min(1.0, max(float(np.clip(tail, 0, None).sum()), SMALLEST))


def upper_tail(deviations: float) -> float:
    """Chance that a normal variable lies so many standard deviations above its mean, or further.

    What `scipy.stats.norm.sf` comes to, without what that checks, which takes fifty times as long.

    >>> round(upper_tail(1.96), 4)
    0.025
    """
    return float(special.ndtr(-deviations))


def _hypergeometric(low: Counts, high: Counts, total: Counts, hits: Counts, trials: Counts) -> NDArray[np.float64]:
    """Chances (S x widest) of `low` to `high` events in each stratum; what lies beyond `high` means nothing.

    By the ratio of neighbouring chances, scaled to a sum of one: no more than 1e-17 lies outside, and SciPy's, value by
    value, takes thirty times as long.
    """
    counts = low[:, None] + np.arange(int((high - low).max()))
    inside = counts < high[:, None]
    lacking = (total - hits - trials)[:, None] + counts + 1
    up, down = (hits[:, None] - counts) * (trials[:, None] - counts), (counts + 1) * lacking
    steps = np.zeros((len(low), counts.shape[1] + 1))
    np.cumsum(np.log(np.where(inside, up, 1) / np.where(inside, down, 1)), axis=1, out=steps[:, 1:])
    chances = np.exp(steps - steps.max(axis=1, keepdims=True))
    known = np.arange(steps.shape[1]) <= (high - low)[:, None]
    return np.asarray(chances / np.where(known, chances, 0.0).sum(axis=1, keepdims=True))


def _convolve(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(one) * len(other) < 1_000_000:
        return np.convolve(one, other)
    return np.asarray(signal.fftconvolve(one, other))


def risk_difference(strata: Strata) -> Estimate:
    """Mantel-Haenszel difference of the event rates, subject minus reference, with Sato's 95 % interval.

    Sato's variance holds both for few large strata and for many sparse ones (Sato, Biometrics 1989; 45: 1323-4).  Where
    none or all of the subject's trials are events it takes their share as certain, so Wilson's distance is added in
    quadrature, as in Newcombe's interval.

    >>> one = Strata(np.array([8]), np.array([10]), np.array([20]), np.array([80]))
    >>> round(risk_difference(one).value, 3)
    0.55
    """
    known = strata.informative()
    a, n1 = known.events.astype(float), known.trials.astype(float)
    b, n0 = known.reference_events.astype(float), known.reference_trials.astype(float)
    total = n1 + n0
    weight = float((n1 * n0 / total).sum())
    if weight == 0:
        return Estimate(0.0, -1.0, 1.0)
    difference = float(((a * n0 - b * n1) / total).sum()) / weight
    p = (n1**2 * b - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / total**2
    q = (a * (n0 - b) + b * (n1 - a)) / (2 * total)
    margin = Z_95 * float(np.sqrt(max(difference * p.sum() + q.sum(), 0.0))) / weight
    own = share(int(a.sum()), int(n1.sum()))
    certain = own.value in (0.0, 1.0)
    below = float(np.hypot(margin, own.value - own.low)) if certain else margin
    above = float(np.hypot(margin, own.high - own.value)) if certain else margin
    return Estimate(difference, max(difference - below, -1.0), min(difference + above, 1.0))


def share(events: int, trials: int) -> Estimate:
    """A share with Wilson's 95 % interval.

    >>> share(0, 10).value, round(share(0, 10).high, 3)
    (0.0, 0.278)
    """
    if trials == 0:
        return Estimate(0.0, 0.0, 1.0)
    low, high = proportion_confint(events, trials, method="wilson")
    return Estimate(events / trials, float(low), float(high))


def share_difference(events: int, trials: int, reference_events: int, reference_trials: int) -> Estimate:
    """Difference of two independent shares with Newcombe's 95 % interval."""
    low, high = confint_proportions_2indep(
        events, trials, reference_events, reference_trials, compare="diff", method="newcomb"
    )
    return Estimate(events / trials - reference_events / reference_trials, float(low), float(high))


def mean(values: NDArray[np.float64]) -> Estimate | None:
    """A mean with its 95 % t interval; None for fewer than two values."""
    if len(values) < 2:
        return None
    described = DescrStatsW(values)
    low, high = described.tconfint_mean() if values.std() > 0 else (described.mean, described.mean)
    return Estimate(float(described.mean), float(low), float(high))


def product(one: Estimate, other: Estimate) -> Estimate:
    """Product of two independent estimates, its interval by the delta method (Goodman, JASA 1960)."""
    value = one.value * other.value
    variance = one.value**2 * other.variance + other.value**2 * one.variance
    margin = Z_95 * float(np.sqrt(variance))
    return Estimate(value, value - margin, value + margin)


def q_values(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Benjamini-Hochberg adjusted p-values, all tests together."""
    if not len(p_values):
        return p_values
    return np.asarray(multipletests(p_values, method="fdr_bh")[1])


def family_wise(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Holm's adjusted p-values: at most 5 % of families with nothing to find have any at or below 0.05."""
    if not len(p_values):
        return p_values
    return np.asarray(multipletests(p_values, method="holm")[1])
