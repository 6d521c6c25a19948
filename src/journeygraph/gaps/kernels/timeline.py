"""The scan of a time line: sums by bin, and the spans that may stand out most.

The counterparts are `incident._expected`, `scan.cumulated` and `scan.best_of`: sums are taken in the same order, so
that they are the same to the last bit.  Logarithms may not be, so the spans that come near the best are returned, and
the caller decides.
"""

from __future__ import annotations

from math import log

import numpy as np
from numba import njit

#: Ratios closer than this may be told apart differently by another logarithm.
NEAR = 1e-9
SMALLEST = 1e-12


@njit(nogil=True, cache=True)
def sums(happened, bins, strata, n_bins, n_depths, n_weekdays):  # type: ignore[no-untyped-def]
    """Trials, events and expected events before each bin (n_bins + 1 x 3), of the trials whose bin is one of them."""
    trials, events = np.zeros(n_depths), np.zeros(n_depths)
    for i in range(len(happened)):
        if 0 <= bins[i] < n_bins:
            depth = strata[i] // n_weekdays
            trials[depth] += 1.0
            if happened[i]:
                events[depth] += 1.0
    by_depth = events / np.maximum(trials, 1.0)
    seen, chance = np.zeros(n_weekdays), np.zeros(n_weekdays)
    for i in range(len(happened)):
        if 0 <= bins[i] < n_bins:
            stratum = strata[i]
            if happened[i]:
                seen[stratum % n_weekdays] += 1.0
            chance[stratum % n_weekdays] += by_depth[stratum // n_weekdays]
    factor = seen / np.maximum(chance, SMALLEST)
    result = np.zeros((n_bins + 1, 3))
    for i in range(len(happened)):
        place = bins[i]
        if 0 <= place < n_bins:
            stratum = strata[i]
            result[place + 1, 0] += 1.0
            if happened[i]:
                result[place + 1, 1] += 1.0
            result[place + 1, 2] += by_depth[stratum // n_weekdays] * factor[stratum % n_weekdays]
    for place in range(n_bins):
        for column in range(3):
            result[place + 1, column] += result[place, column]
    return result


@njit(nogil=True, cache=True)
def promising(sums, before, start, end, after, least):  # type: ignore[no-untyped-def]
    """How many spans have enough trials, and those whose likelihood ratio comes near the best, in their order.

    A ratio is at most that of the chi-square form, since log(x) <= x - 1; where that is no better than the best so far,
    no logarithm is needed.
    """
    looks, floor, best = 0, 0.0, 0.0
    places, ratios = [0 for _ in range(0)], [0.0 for _ in range(0)]
    for i in range(len(start)):
        trials = sums[end[i], 0] - sums[start[i], 0]
        if trials < least or sums[after[i], 0] - sums[before[i], 0] - trials < 2 * least:
            continue
        looks += 1
        seen = sums[end[i], 1] - sums[start[i], 1]
        other = sums[after[i], 1] - sums[before[i], 1] - seen
        chance = sums[end[i], 2] - sums[start[i], 2]
        around = sums[after[i], 2] - sums[before[i], 2] - chance
        likely = (seen + other) * chance / max(chance + around, SMALLEST)
        if seen <= likely:
            continue
        rest = seen + other - likely
        if likely > 0 and rest > 0 and (seen - likely) ** 2 * (1 / likely + 1 / rest) < floor:
            continue
        ratio = np.inf
        if likely > 0:
            ratio = seen * log(seen / likely)
            if other > 0:
                ratio += other * log(other / rest)
        if ratio >= floor:
            places.append(i)
            ratios.append(ratio)
            best = max(best, ratio)
            floor = best * (1 - NEAR) - NEAR
    return looks, best, np.array([places[k] for k in range(len(places)) if ratios[k] >= floor])
