"""Arithmetic shared by the analyses of paths: counts of distinct values and quantiles, by group."""

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


def quantiles_per_group(
    groups: NDArray[np.int64], values: NDArray[np.float64], n_groups: int, fraction: float
) -> NDArray[np.float64]:
    """The quantile of the `values` of each group; NaN for a group without any.

    Linear between the two neighbours, by the same formula as Cypher's `percentileCont`, so that the two agree to
    the last bit.

    >>> quantiles_per_group(np.array([0, 0, 1]), np.array([1.0, 4.0, 2.0]), 3, 0.5).tolist()
    [2.5, 2.0, nan]
    """
    ordered = values[np.lexsort((values, groups))]
    sizes = np.bincount(groups, minlength=n_groups)
    starts = np.cumsum(sizes) - sizes
    filled = sizes > 0
    rank = fraction * (sizes[filled] - 1)
    low, high = np.floor(rank), np.ceil(rank)
    below = ordered[starts[filled] + low.astype(np.int64)]
    above = ordered[starts[filled] + high.astype(np.int64)]
    found = np.full(n_groups, np.nan)
    found[filled] = np.where(low == high, below, below * (high - rank) + above * (rank - low))
    return found


def quantile(values: NDArray[np.float64], fraction: float) -> float | None:
    """The quantile of all `values`, None of none.

    >>> quantile(np.array([1.0, 2.0, 4.0]), 0.5), quantile(np.array([]), 0.5)
    (2.0, None)
    """
    if len(values) == 0:
        return None
    return float(quantiles_per_group(np.zeros(len(values), dtype=np.int64), values, 1, fraction)[0])


def number_or_none(value: float) -> float | None:
    """A float for an answer: NaN becomes None.

    >>> number_or_none(float("nan"))
    """
    return None if np.isnan(value) else float(value)
