"""Fisher's exact test, two-sided, for many tables at once."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln
from scipy.stats import hypergeom

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
#: Outcomes whose chance differs by less than this (relative) count as equally likely, as in R and SciPy.
TOLERANCE = 1e-7
#: Standard deviations on either side of the mean that are summed up, and within which the sum is exact enough: what
#: lies outside the one is nothing beside a chance within the other.
_REACH, _NEAR = 14.0, 8.0
#: Chances computed at once.
_AT_ONCE = 1 << 21


def fisher_p_values(total: ArrayLike, reached: ArrayLike, holding: _Ints, both: _Ints) -> _Floats:
    """The chance of a table at least as unlikely as the one seen, all margins given.

    Of `total` journeys `reached` have the outcome; of the `holding[i]` with pattern i, `both[i]` have it (the margins
    may differ by table).  SciPy's distribution takes 0.2 ms a value where there are many journeys, so it is asked only
    far from the mean; elsewhere the chances are summed up.

    >>> fisher_p_values(10, 5, np.array([5]), np.array([5])).round(6).tolist()
    [0.007937]
    """
    margins = np.broadcast_arrays(np.asarray(total), np.asarray(reached), holding, both)
    total, reached, holding, both = (np.asarray(margin, dtype=np.int64) for margin in margins)
    low, high = _window(total, reached, holding)
    nearest, furthest = _window(total, reached, holding, _NEAR)
    result = np.ones(len(both))
    near = (both >= nearest) & (both <= furthest)
    far = np.flatnonzero(~near)
    result[far] = _far(total[far], reached[far], holding[far], both[far])
    order = np.flatnonzero(near)[np.argsort((high - low)[near], kind="stable")]
    while len(order):
        size = max(1, _AT_ONCE // int((high - low)[order].max(initial=0) + 1))
        some, order = order[-size:], order[:-size]
        counts = low[some, None] + np.arange(int((high - low)[some].max()) + 1)
        margins_of_some = (total[some, None], reached[some, None], holding[some, None])
        inside = counts <= high[some, None]
        chances = np.where(inside, _chances(np.minimum(counts, high[some, None]), *margins_of_some), 0.0)
        seen = _chances(both[some, None], *margins_of_some) * (1 + TOLERANCE)
        result[some] = np.minimum(1.0, np.where(chances <= seen, chances, 0.0).sum(axis=1))
    return result


def every_p_value(total: int, reached: int, holding: int) -> tuple[int, _Floats]:
    """The lowest count worth asking for, and the p-value of it and of each count above.

    With all margins given the p-value depends on the count alone: for a thousand permutations a look-up is enough.

    >>> low, p_values = every_p_value(10, 5, 5)
    >>> low, p_values.round(6).tolist()
    (0, [0.007937, 0.206349, 1.0, 1.0, 0.206349, 0.007937])
    """
    margins = (np.array(total), np.array(reached), np.array(holding))
    low, high = (int(bound) for bound in _window(*margins))
    chances = _chances(np.arange(low, high + 1), *margins)
    ordered = np.sort(chances)
    upto = np.searchsorted(ordered, chances * (1 + TOLERANCE), side="right") - 1
    return low, np.minimum(1.0, np.cumsum(ordered)[upto])


def _window(total: ArrayLike, reached: ArrayLike, holding: ArrayLike, reach: float = _REACH) -> tuple[_Ints, _Ints]:
    """First and last count that is possible and within reach of the mean."""
    everyone, hits, trials = (np.asarray(margin, dtype=np.int64) for margin in (total, reached, holding))
    share = hits / np.maximum(everyone, 1)
    mean = trials * share
    spread = reach * (1 + np.sqrt(mean * (1 - share) * (everyone - trials) / np.maximum(everyone - 1, 1)))
    low = np.maximum(np.maximum(0, trials - (everyone - hits)), np.floor(mean - spread)).astype(np.int64)
    return low, np.minimum(np.minimum(trials, hits), np.ceil(mean + spread)).astype(np.int64)


def _chances(both: _Ints, total: _Ints, reached: _Ints, holding: _Ints) -> _Floats:
    """The hypergeometric distribution, by logarithms of factorials."""
    log = _log_factorials(int(np.max(total, initial=0)))

    def choose(n: _Ints, k: _Ints) -> _Floats:
        return np.asarray(log[n] - log[k] - log[n - k])

    return np.asarray(np.exp(choose(reached, both) + choose(total - reached, holding - both) - choose(total, holding)))


@lru_cache(maxsize=2)
def _log_factorials(largest: int) -> _Floats:
    return np.asarray(gammaln(np.arange(largest + 1) + 1.0))


def _far(total: _Ints, reached: _Ints, holding: _Ints, both: _Ints) -> _Floats:
    """The same where the count is far from the mean: the far tail's beginning is found by bisection."""
    low = np.maximum(0, holding - (total - reached))
    high = np.minimum(holding, reached)
    mode = np.clip((holding + 1) * (reached + 1) // (total + 2), low, high)

    def likelihood(count: _Ints) -> _Floats:
        return np.asarray(hypergeom.logpmf(count, total, reached, holding))

    limit = likelihood(both) + TOLERANCE
    below = both <= mode
    # First count at or above the mode that is as rare (for tables below it), last one at or below it (for the others).
    start, stop = np.where(below, mode, low - 1), np.where(below, high + 1, mode)
    while np.any(start < stop):
        middle = np.where(below, (start + stop) // 2, (start + stop + 1) // 2)
        hit = likelihood(middle) <= limit
        moving = start < stop
        start = np.where(moving & (hit != below), np.where(below, middle + 1, middle), start)
        stop = np.where(moving & (hit == below), np.where(below, middle, middle - 1), stop)
    left = hypergeom.cdf(np.where(below, both, start), total, reached, holding)
    right = hypergeom.sf(np.where(below, start, both) - 1, total, reached, holding)
    return np.minimum(1.0, left + right)
