"""Sizes of values by hour and weekday: whether those of a span differ from the usual ones, or one lies apart.

Both look at logarithms, as values are products of what varies.  What is expected of an hour is the usual mean of its
hour of the day and its weekday (weighted least squares on both, drawn a little to the mean of all).  The mean of a span
is compared with that, by its own values' spread, by how much spans of that length vary beyond it, and by how well the
expectation is known.  A single value is apart where it is unlikely even as the largest or smallest of its day, by the
spread of all values: the wider of what the quartiles and the outer hundredths say.  Hours that are very unlikely are
left out where others are expected, and all is done again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Lengths of the spans that are looked at, in hours.
SPANS: Final = (1, 6, 24)
#: Fewer days, or values in all, tell nothing about what is usual; fewer values nothing about a span's mean.
LEAST_DAYS: Final = 14
LEAST_VALUES: Final = 100
LEAST_IN_SPAN: Final = 5
#: Each hour of the day and weekday counts as the mean of all with so many values more.
_PRIOR_VALUES: Final = 5.0
_LEFT_OUT: Final = 1e-4
_ROUNDS: Final = 3
_MOST, _USUAL = 9.0, float(stats.norm.expect(lambda z: min(z * z, 9.0)))


@dataclass(frozen=True)
class Hours:
    """Hours of one source, currency and step with values: how many, sums of logarithms and squares, extremes."""

    hours: NDArray[np.int64]
    counts: Floats
    logarithms: Floats
    squares: Floats
    smallest: Floats
    largest: Floats

    @classmethod
    def of(cls, rows: Sequence[Any]) -> Hours:
        """Of rows of `quality/values`."""
        names = ("values", "logarithms", "squares", "smallest", "largest")
        return cls(
            np.array([row["hour"] for row in rows], dtype=np.int64),
            *(np.array([row[name] for row in rows], dtype=np.float64) for name in names),
        )


@dataclass(frozen=True)
class Spread:
    """Of the logarithms of all values: the median, and the standard deviation that each side of it lets expect."""

    median: float
    above: float
    below: float

    @classmethod
    def of(cls, row: Any) -> Spread:
        """Of a row of `quality/value_spread`."""
        quartiles = (row["p75"] - row["p25"]) / (2 * float(stats.norm.isf(0.25)))
        outer = float(stats.norm.isf(0.01))
        above, below = (row["p99"] - row["p50"]) / outer, (row["p50"] - row["p01"]) / outer
        return cls(row["p50"], max(quartiles, above), max(quartiles, below))


@dataclass(frozen=True)
class Tested:
    """Spans of one length: the first hour of each, what was observed and expected (logarithms), two-sided chances."""

    hours: int
    first_hours: NDArray[np.int64]
    observed: Floats
    expected: Floats
    p_values: Floats


@dataclass(frozen=True)
class _Usual:
    """The usual mean of each hour, how well it is known, and the variance of single values around it."""

    design: Floats  # hours x effects
    means: Floats
    inverse: Floats
    used: Bools
    variance: float


def enough(hours: Hours) -> bool:
    """Whether there is enough to tell what is usual."""
    return len(np.unique(hours.hours // 24)) >= LEAST_DAYS and float(hours.counts.sum()) >= LEAST_VALUES


def tested(hours: Hours, spread: Spread) -> tuple[list[Tested], Tested]:
    """The means of spans of each length, and the most extreme value of each day."""
    used = np.ones(len(hours.hours), dtype=bool)
    rest = hours
    for _ in range(_ROUNDS):
        usual = _usual(rest, used)
        alone = _apart(hours, usual, spread)
        rest = _without(hours, alone)
        means = [_shifted(rest, usual, spread, span) for span in SPANS]
        left = np.ones(len(hours.hours), dtype=bool)
        for one in means:
            odd = one.first_hours[one.p_values < _LEFT_OUT]
            left &= ~np.isin(hours.hours // one.hours * one.hours, odd)
        # Where half is unlike the rest, nothing is usual.
        if (left == used).all() or left.mean() < 0.5:
            break
        used = left
    return means, alone


def _without(hours: Hours, alone: Tested) -> Hours:
    """The hours without the single values that lie apart: one of these makes no span unusual."""
    chosen = alone.p_values < _LEFT_OUT
    places = np.searchsorted(hours.hours, alone.first_hours[chosen])
    counts, logarithms, squares = hours.counts.copy(), hours.logarithms.copy(), hours.squares.copy()
    counts[places] -= 1
    logarithms[places] -= alone.observed[chosen]
    squares[places] -= alone.observed[chosen] ** 2
    return replace(hours, counts=counts, logarithms=logarithms, squares=squares)


def _usual(hours: Hours, used: Bools) -> _Usual:
    design = np.zeros((len(hours.hours), 1 + 24 + 7))
    rows = np.arange(len(hours.hours))
    design[:, 0] = 1.0
    design[rows, 1 + hours.hours % 24] = 1.0
    design[rows, 25 + hours.hours // 24 % 7] = 1.0
    counts = np.where(used, hours.counts, 0.0)
    prior = np.diag([1e-9] + [_PRIOR_VALUES] * 31)
    inverse = np.linalg.inv(design.T @ (design * counts[:, None]) + prior)
    means: Floats = design @ (inverse @ (design.T @ np.where(used, hours.logarithms, 0.0)))
    return _Usual(design, means, inverse.astype(np.float64), used, _inside(hours, means, used))


def _inside(hours: Hours, means: Floats, used: Bools) -> float:
    """The variance of single values around what their hours let expect, but for what whole days have in common."""
    days, place = np.unique(hours.hours[used] // 24, return_inverse=True)
    counts = np.bincount(place, hours.counts[used])
    off = hours.logarithms - hours.counts * means
    squares = hours.squares - 2 * means * hours.logarithms + hours.counts * means**2
    rest = np.bincount(place, squares[used]) - np.bincount(place, off[used]) ** 2 / np.maximum(counts, 1.0)
    return float(np.maximum(rest, 0).sum() / max(counts.sum() - len(days), 1.0))


def _shifted(hours: Hours, usual: _Usual, spread: Spread, span: int) -> Tested:
    """Mean logarithms of spans of a length, against what the others let expect."""
    firsts, place = np.unique(hours.hours // span * span, return_inverse=True)
    counts: Floats = np.bincount(place, hours.counts).astype(np.float64)
    divisor = np.maximum(counts, 1.0)
    observed = np.bincount(place, hours.logarithms) / divisor
    off = observed - np.bincount(place, hours.counts * usual.means) / divisor
    known, own_weight = _certainty(hours, usual, place, divisor)
    off = off / (1 - own_weight)
    sides = np.where(off > 0, spread.above, spread.below) ** 2 / max(_whole(hours), 1e-12)
    own = usual.variance * np.maximum(sides, 1.0) / divisor + usual.variance * known / (1 - own_weight)
    chosen = counts >= LEAST_IN_SPAN
    between = _between(off[chosen], own[chosen])
    weeks = max(len(np.unique(hours.hours // 24)) / 7, 1.0)
    deviation = np.sqrt(own + between * (1 + 1 / weeks) + 1e-12)
    chances = 2 * stats.t.sf(np.abs(off) / deviation, max(int(chosen.sum()) - 1, 1))
    return Tested(span, firsts[chosen], observed[chosen], (observed - off)[chosen], chances[chosen])


def _certainty(hours: Hours, usual: _Usual, place: NDArray[np.int64], counts: Floats) -> tuple[Floats, Floats]:
    """Of each span the variance of what is expected (of values of variance 1), and the weight of its own values."""
    design = np.zeros((len(counts), usual.design.shape[1]))
    np.add.at(design, place, usual.design * hours.counts[:, None])
    design /= counts[:, None]
    known = np.einsum("ij,jk,ik->i", design, usual.inverse, design)
    used = np.bincount(place, np.where(usual.used, hours.counts, 0.0))
    return known, np.minimum(known * used, 0.9)


def _whole(hours: Hours) -> float:
    """The variance of all values."""
    counts = hours.counts.sum()
    return float(hours.squares.sum() / counts - (hours.logarithms.sum() / counts) ** 2)


def _between(off: Floats, own: Floats) -> float:
    """By how much spans vary beyond what their values let expect: robust."""

    def excess(between: float) -> float:
        return float(np.minimum(off**2 / (own + between + 1e-12), _MOST).mean()) - _USUAL

    if not len(off) or excess(0.0) <= 0:
        return 0.0
    widest = float((off**2).mean() + 1.0)
    return widest if excess(widest) > 0 else float(optimize.brentq(excess, 0.0, widest))


def _apart(hours: Hours, usual: _Usual, spread: Spread) -> Tested:
    """The most extreme value of each day for its hour, and its chance among so many."""
    if spread.above <= 1e-9 or spread.below <= 1e-9:  # one price, or few: nothing says how far others may be
        return Tested(1, hours.hours, hours.largest, usual.means, np.ones(len(hours.hours)))
    centre = spread.median + usual.means - float(np.average(usual.means, weights=hours.counts))
    high, low = (np.log(hours.largest) - centre) / spread.above, (centre - np.log(hours.smallest)) / spread.below
    extreme = np.where(high >= low, np.log(hours.largest), np.log(hours.smallest))
    one_sided = np.minimum(stats.norm.sf(high), stats.norm.sf(low))
    # Of a day, its most unlikely value: the chance is that of any of the day's.
    days = hours.hours // 24
    order = np.lexsort((one_sided, days))
    _, first, day = np.unique(days[order], return_index=True, return_inverse=True)
    chosen, counts = order[first], np.bincount(day, hours.counts[order])
    found = -np.expm1(2 * counts * np.log1p(-np.minimum(one_sided[chosen], 0.5)))
    return Tested(1, hours.hours[chosen], extreme[chosen], centre[chosen], np.clip(found, 0.0, 1.0))
