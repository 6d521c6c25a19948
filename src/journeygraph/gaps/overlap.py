"""How alike two distributions are: tests of equivalence and of difference, and the overlap with its interval."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from journeygraph.statistics import Z_95, Estimate, upper_tail

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Two distributions that differ by less than this (total variation) count as the same.
MARGIN: Final = 0.25


def total_variation(one: Counts, other: Counts) -> float:
    """Share of the cases that would have to move for the shares of the two to be equal.

    >>> round(total_variation(np.array([8, 2]), np.array([30, 20])), 3)
    0.2
    """
    return float(np.abs(one / max(one.sum(), 1) - other / max(other.sum(), 1)).sum() / 2)


def equivalence_p(one: Counts, other: Counts, margin: float = MARGIN) -> float:
    """P-value of "the total variation of the two is `margin` or more", given counts of the same K cells.

    The estimate is too large on average (Jensen), and no sum over cells varies more than by half the root of
    1/n + 1/m; so the test errs on the safe side.

    >>> same = np.array([100, 200, 700])
    >>> equivalence_p(same, same) < 0.001, equivalence_p(same, same[::-1].copy()) > 0.05
    (True, True)
    """
    n, m = int(one.sum()), int(other.sum())
    if not n or not m:
        return 1.0
    deviation = 0.5 * np.sqrt(1 / n + 1 / m)
    return upper_tail((margin - total_variation(one, other)) / deviation)


def equal_shares_p(events: int, trials: int, other_events: int, other_trials: int, margin: float) -> float:
    """P-value of "the two shares differ by `margin` or more": two one-sided tests (Schuirmann 1987).

    >>> equal_shares_p(300, 1000, 310, 1000, 0.1) < 0.001
    True
    """
    if not trials or not other_trials:
        return 1.0
    one, other = (events + 1) / (trials + 2), (other_events + 1) / (other_trials + 2)
    deviation = np.sqrt(one * (1 - one) / (trials + 2) + other * (1 - other) / (other_trials + 2))
    return upper_tail((margin - abs(one - other)) / deviation)


def beyond_p(one: Counts, other: Counts, margin: float = MARGIN) -> Floats:
    """P-values of "the total variation is at most `margin`", row by row of two R x K counts.

    The estimate is too large by at most the mean error of each cell, which is taken off; what remains varies by no more
    than half the root of 1/n + 1/m.  With few cases the test says nothing.

    >>> beyond_p(np.array([[500, 500], [500, 500]]), np.array([[550, 450], [900, 100]])).round(3).tolist()
    [1.0, 0.0]
    """
    n, m = (np.maximum(counts.sum(axis=1), 1)[:, None] for counts in (one, other))
    p, q = one / n, other / m
    noise = np.sqrt(p * (1 - p) / n + q * (1 - q) / m) * np.sqrt(2 / np.pi)
    surely = (np.abs(p - q) - noise).sum(axis=1) / 2
    deviation = 0.5 * np.sqrt(1 / n + 1 / m)[:, 0]
    known = (one.sum(axis=1) > 0) & (other.sum(axis=1) > 0)
    return np.where(known, stats.norm.sf((surely - margin) / deviation), 1.0)


def overlap(one: Counts, other: Counts) -> tuple[float, float]:
    """Morisita's index of the overlap of two distributions, and its variance.

    The chance that two cases, one of each, are in the same cell, relative to that of two cases of the same
    distribution: 1 where the distributions are equal, 0 where they share no cell.  The estimate has no bias to speak
    of, as it counts pairs of distinct cases (Morisita 1959; Chao et al., Biometrics 2006); the variance is by the delta
    method, with what remains of it where the two are equal.

    >>> same = np.array([400, 100])
    >>> round(overlap(same, same)[0], 3), overlap(np.array([9, 0]), np.array([0, 9]))[0]
    (1.001, 0.0)
    """
    n, m = float(one.sum()), float(other.sum())
    p, q = one / n, other / m
    within = float((one * (one - 1)).sum() / (n * (n - 1)) + (other * (other - 1)).sum() / (m * (m - 1)))
    if within <= 0:
        return 0.0, 0.0
    value = 2 * float((p * q).sum()) / within
    of_one, of_other = 2 * (q - value * p) / within, 2 * (p - value * q) / within
    variance = float((p * of_one**2).sum() - (p * of_one).sum() ** 2) / n
    variance += float((q * of_other**2).sum() - (q * of_other).sum() ** 2) / m
    pooled = (one + other) / (n + m)
    variance += 2 * float((pooled**2).sum()) * (1 / n + 1 / m) ** 2 / within**2
    return value, variance


def interval(value: float, variance: float) -> Estimate:
    """An estimate with its normal 95 % interval."""
    margin = Z_95 * float(np.sqrt(variance))
    return Estimate(value, value - margin, value + margin)
