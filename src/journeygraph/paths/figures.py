"""Arithmetic shared by the analyses of paths: counts of distinct values by group, and quantiles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def distinct_per_group(groups: NDArray[np.int64], values: NDArray[Any], n_groups: int) -> NDArray[np.int64]:
    """Number of distinct `values` (non-negative integers) in each group `0..n_groups - 1`.

    >>> distinct_per_group(np.array([0, 0, 1]), np.array([7, 7, 7]), 3).tolist()
    [1, 1, 0]
    """
    if len(groups) == 0:
        return np.zeros(n_groups, dtype=np.int64)
    width = int(values.max()) + 1
    pairs = np.unique(groups.astype(np.int64) * width + values)
    return np.bincount(pairs // width, minlength=n_groups)


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
