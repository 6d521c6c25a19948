"""Waits: which of them are long, and how people say so."""

from __future__ import annotations

import numpy as np

from journeygraph.gaps.visits import Integers


def split_us(waits_us: Integers) -> int:
    """Wait that best separates short from long ones, in whole minutes: Otsu's threshold on the logarithm.

    It maximises the variance between the two classes (Otsu, IEEE Trans. SMC 1979) and does not look at what became of
    the journeys, so choosing it costs no test.

    >>> split_us(np.array([60, 120, 90, 86_400, 90_000]) * 1_000_000) // 1_000_000
    3240
    """
    if len(waits_us) < 2:
        return 0
    values = np.sort(np.log1p(waits_us / 1e6))
    below = np.arange(1, len(values))
    sums = np.cumsum(values)
    low, high = sums[:-1] / below, (sums[-1] - sums[:-1]) / (len(values) - below)
    between = below * (len(values) - below) * (high - low) ** 2
    cut = int(np.argmax(between))
    middle = float(np.expm1((values[cut] + values[cut + 1]) / 2))
    return round(middle / 60) * 60_000_000


def duration(seconds: float) -> str:
    """A time span as people say it.

    >>> duration(1800), duration(7200), duration(200_000)
    ('30 minutes', '2.0 hours', '2.3 days')
    """
    if seconds < 7_200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3_600:.1f} hours" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
