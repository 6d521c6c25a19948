"""Counts of a source by hour and weekday, against what the same hours of the other weeks let expect.

The expected count of a span is that of the same hours and weekday in the other weeks, by how busy the source is around
that day (a median over three weeks, so that trends are none).  Chances are those of a negative binomial distribution:
its variance is the count's own, plus what the source's counts vary beyond that (estimated robustly), plus that of the
other weeks.  Spans that are very unlikely are left out where others are expected, and all is done again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, optimize, stats

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Lengths of the spans that are looked at, in hours.
SPANS: Final = (1, 6, 24)
WEEK_HOURS: Final = 168
#: Fewer weeks tell nothing about what is usual.
LEAST_WEEKS: Final = 4
_AROUND_DAYS: Final = 21
_LEFT_OUT: Final = 1e-4
_ROUNDS: Final = 3
#: Squared deviations count up to this: mean of min(z^2, 9) of a normal variable.
_MOST, _USUAL = 9.0, float(stats.norm.expect(lambda z: min(z * z, 9.0)))


@dataclass(frozen=True)
class Spans:
    """Spans of one length: the first hour of each, what was observed and expected, and two-sided chances."""

    hours: int
    first_hours: NDArray[np.int64]
    observed: Floats
    expected: Floats
    p_values: Floats


def spans(counts: NDArray[np.int64], first_hour: int) -> Iterator[Spans]:
    """The tested spans of one source: its counts hour by hour from `first_hour` (since 1970) on, whole days.

    Nothing where there are fewer than `LEAST_WEEKS` weeks.
    """
    if len(counts) < LEAST_WEEKS * WEEK_HOURS or len(counts) % 24:
        return
    level = _level(counts.reshape(-1, 24).sum(axis=1).astype(np.float64))
    for hours in SPANS:
        observed = counts.reshape(-1, hours).sum(axis=1).astype(np.float64)
        exposure = np.repeat(level, 24 // hours)
        expected, chances = _tested(observed, exposure, WEEK_HOURS // hours)
        places = np.arange(len(observed), dtype=np.int64)
        yield Spans(hours, first_hour + places * hours, observed, expected, chances)


def _level(days: Floats) -> Floats:
    """How busy the source is around each day, relative to its usual weekday."""
    usual = np.array([np.median(days[weekday::7]) for weekday in range(7)])
    usual = np.where(usual > 0, usual, max(days.mean(), 1e-9))
    ratios = days / np.resize(usual, len(days))
    around: Floats = ndimage.median_filter(ratios, size=_AROUND_DAYS, mode="nearest")
    # Where most days are empty the median says nothing.
    return np.where(around > 0, around, max(float(ratios.mean()), 1e-9))


def _tested(observed: Floats, exposure: Floats, slots: int) -> tuple[Floats, Floats]:
    """Expected counts and two-sided chances; a slot is an hour of the week."""
    slot = np.arange(len(observed)) % slots
    usable = np.ones(len(observed), dtype=bool)
    expected = chances = np.ones(len(observed))
    for _ in range(_ROUNDS):
        expected, certainty = _expected(observed, exposure, slot, slots, usable)
        weeks = np.bincount(slot, usable, slots)[slot]
        spread = _spread(observed[usable], expected[usable], certainty[usable])
        chances = _chances(observed, expected, spread * (1 + 1 / np.maximum(weeks, 1)) + 1 / certainty)
        left = chances >= _LEFT_OUT
        # What is expected of a slot needs some weeks that are left in.
        left |= np.bincount(slot, left, slots)[slot] < LEAST_WEEKS - 1
        if (left == usable).all():
            break
        usable = left
    return expected, chances


def _expected(
    observed: Floats, exposure: Floats, slot: NDArray[Any], slots: int, usable: Bools
) -> tuple[Floats, Floats]:
    """What the other weeks let expect of each span, and how many touchpoints that rests on."""
    own = np.where(usable, observed, 0.0)
    weight = np.where(usable, exposure, 0.0)
    others = np.bincount(slot, own, slots)[slot] - own + 0.5
    weights = np.bincount(slot, weight, slots)[slot] - weight
    return exposure * others / np.maximum(weights, 1e-9), others


def _spread(observed: Floats, expected: Floats, certainty: Floats) -> float:
    """How much counts vary beyond Poisson's variance, as a part of the squared mean: robust, and rather too much.

    It is the upper end of the 80 % interval, as of few spans the variance is not known well.
    """

    def excess(spread: float) -> float:
        variance = expected + (spread + 1 / certainty) * expected**2
        return float(np.minimum((observed - expected) ** 2 / variance, _MOST).mean()) - _USUAL

    if not len(observed) or excess(0.0) <= 0:
        return 0.0
    found = 10.0 if excess(10.0) > 0 else float(optimize.brentq(excess, 0.0, 10.0))
    return found * len(observed) / float(stats.chi2.ppf(0.1, len(observed)))


def _chances(observed: Floats, expected: Floats, spread: Floats) -> Floats:
    """Two-sided chances of counts at least as far off, negative binomial with variance m + spread m^2."""
    size = 1 / np.maximum(spread, 1e-12)
    share = size / (size + expected)
    low, high = stats.nbinom.cdf(observed, size, share), stats.nbinom.sf(observed - 1, size, share)
    found: Floats = np.minimum(1.0, 2 * np.minimum(low, high))
    return found
