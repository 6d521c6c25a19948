"""Arithmetic shared by the analyses of paths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def quantile(values: NDArray[np.float64], fraction: float) -> float | None:
    """The quantile of `values`, None of none; between two values by the formula of Cypher's `percentileCont`.

    >>> quantile(np.array([1.0, 4.0]), 0.5), quantile(np.array([]), 0.5)
    (2.5, None)
    """
    if len(values) == 0:
        return None
    rank = fraction * (len(values) - 1)
    low, high = int(np.floor(rank)), int(np.ceil(rank))
    ordered = np.partition(values, (low, high))
    if low == high:
        return float(ordered[low])
    return float(ordered[low] * (high - rank) + ordered[high] * (rank - low))


def ratio(part: float, whole: float) -> float | None:
    """`part / whole`, None of nothing.

    >>> ratio(1, 4), ratio(0, 0)
    (0.25, None)
    """
    return part / whole if whole else None
