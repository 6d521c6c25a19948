"""Fisher's exact test, two-sided, for many tables with the same margins at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

_Ints = NDArray[np.int64]
#: Outcomes whose chance differs by less than this (relative) count as equally likely, as in R and SciPy.
_TOLERANCE = 1e-7


def fisher_p_values(total: int, reached: int, holding: _Ints, both: _Ints) -> NDArray[np.float64]:
    """The chance of a table at least as unlikely as the one seen, all margins given.

    Of `total` journeys `reached` have the outcome; of the `holding[i]` with pattern i, `both[i]` have it.  The chance
    of a count falls on either side of the most likely one, so the far tail's beginning is found by bisection.

    >>> fisher_p_values(10, 5, np.array([5]), np.array([5])).round(6).tolist()
    [0.007937]
    """
    if total == 0:  # every journey is still open: nothing is unlikely
        return np.ones(len(both))
    low = np.maximum(0, holding - (total - reached))
    high = np.minimum(holding, reached)
    mode = np.clip((holding + 1) * (reached + 1) // (total + 2), low, high)
    limit = hypergeom.pmf(both, total, reached, holding) * (1 + _TOLERANCE)

    def rare(count: _Ints) -> NDArray[np.bool_]:
        return np.asarray(hypergeom.pmf(count, total, reached, holding) <= limit)

    below = both <= mode
    # First count at or above the mode that is as rare (for tables below it), last one at or below it (for the others).
    start, stop = np.where(below, mode, low - 1), np.where(below, high + 1, mode)
    while np.any(start < stop):
        middle = np.where(below, (start + stop) // 2, (start + stop + 1) // 2)
        hit = rare(middle)
        moving = start < stop
        start = np.where(moving & (hit != below), np.where(below, middle + 1, middle), start)
        stop = np.where(moving & (hit == below), np.where(below, middle, middle - 1), stop)
    left = hypergeom.cdf(np.where(below, both, start), total, reached, holding)
    right = hypergeom.sf(np.where(below, start, both) - 1, total, reached, holding)
    return np.minimum(1.0, left + right)
