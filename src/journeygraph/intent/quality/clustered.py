"""Means of cases that are not independent of each other: several of one customer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from statsmodels.regression.linear_model import OLS

from journeygraph.statistics import Estimate


def clustered_mean(values: NDArray[np.float64], clusters: NDArray[np.int64]) -> Estimate:
    """Mean of values with its 95 % interval; values of one cluster (customer) are not independent of each other.

    >>> clustered_mean(np.array([1.0, 1.0, 2.0, 2.0]), np.array([0, 1, 2, 3])).value
    1.5
    """
    if not np.ptp(values):
        return Estimate(float(values[0]), float(values[0]), float(values[0]))
    fitted = OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": clusters})
    low, high = fitted.conf_int()[0]
    return Estimate(float(fitted.params[0]), float(low), float(high))
