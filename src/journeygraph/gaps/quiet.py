"""Spans of time in which less happened than usual: counts by hour against what the rhythm lets expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WEEK: Final = 168
#: The same hour of these weeks says what is usual; some of them must lie on either side.
WEEKS: Final = (-4, -3, -2, -1, 1, 2, 3, 4)
_ON_EITHER_SIDE = 2
#: Spans looked at, in hours.
LENGTHS: Final = (6, 12, 24, 48, 72, 96, 144, 168, 240, 336, 504, 672)
#: At the end of the data, where only weeks before are known, a span must be this long, and half of the usual counts.
_AT_THE_END = 96
#: A span in which fewer were to be expected is not looked at.
_LEAST_EXPECTED = 10.0
#: Variance of an hour's level from week to week, as a share of its square: never taken for less.
LEAST_DISPERSION: Final = 0.02
#: Correlation of a day's touchpoints in having a field filled: never taken for less.
LEAST_CORRELATION: Final = 0.01


@dataclass(frozen=True)
class Quiet:
    """The quietest span [start, end) in hours, what was seen and expected in it, and its p-value over all spans."""

    start: int
    end: int
    seen: float
    expected: float
    p_value: float


@dataclass(frozen=True)
class Spans:
    """All spans of `LENGTHS` within H hours that may be looked at."""

    start: Integers
    end: Integers

    @classmethod
    def of(cls, n_hours: int, allowed: NDArray[np.bool_], open_ended: NDArray[np.bool_]) -> Spans:
        """Spans of hours that are allowed; those with open-ended hours reach to the end, and are long."""
        closed = np.concatenate([[0], np.cumsum(~allowed)])
        ending = np.concatenate([[0], np.cumsum(open_ended)])
        starts, ends = [], []
        for length in LENGTHS:
            step = max(1, length // 6)
            start = np.arange(0, n_hours - length + 1, step)
            if len(start) and start[-1] != n_hours - length:
                start = np.append(start, n_hours - length)
            end = start + length
            late = (ending[end] > ending[start]) & ((end < n_hours) | (length < _AT_THE_END))
            kept = (closed[end] == closed[start]) & ~late
            starts.append(start[kept])
            ends.append(end[kept])
        return cls(np.concatenate(starts), np.concatenate(ends))


def usual(counts: Integers) -> tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """What is usual in each hour (H), where that is known, and where from the weeks before only."""
    size = len(counts)
    total, before, after = np.zeros(size), np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    hours = np.arange(size)
    for week in WEEKS:
        other = hours + week * WEEK
        inside = (other >= 0) & (other < size)
        total[inside] += counts[other[inside]]
        (before if week < 0 else after)[inside] += 1
    both = (before >= _ON_EITHER_SIDE) & (after >= _ON_EITHER_SIDE)
    open_ended = ~both & (before == len(WEEKS) // 2)
    mean = total / np.maximum(before + after, 1)
    return np.where(open_ended, mean / 2, mean), both | open_ended, open_ended


def quietest(counts: Integers) -> Quiet | None:
    """The span in which a source sent least of what is usual; None where no span can be judged.

    The p-value is of "at least half of the usual came", by a negative binomial whose dispersion is that of all spans of
    its length, times the number of spans looked at.
    """
    expected, known, open_ended = usual(counts)
    spans = Spans.of(len(counts), known, open_ended)
    seen_sums, expected_sums = _sums(counts), _sums(expected)
    seen, mean = _inside(seen_sums, spans), _inside(expected_sums, spans)
    judged = mean >= _LEAST_EXPECTED
    if not judged.any():
        return None
    spans, seen, mean = Spans(spans.start[judged], spans.end[judged]), seen[judged], mean[judged]
    spread = _dispersion(spans, seen, mean)
    p_values = np.asarray(stats.nbinom.cdf(seen, 1 / spread, 1 / (1 + spread * mean / 2)), dtype=np.float64)
    best = int(np.lexsort((-mean, p_values))[0])
    start, end = _edges(seen_sums, expected_sums, int(spans.start[best]), int(spans.end[best]))
    return Quiet(
        start,
        end,
        float(seen_sums[end] - seen_sums[start]),
        float(expected_sums[end] - expected_sums[start]),
        min(1.0, float(p_values[best]) * len(seen)),
    )


def emptiest(filled: Integers, counts: Integers, reference_hours: int, least: int, share_left: float) -> Quiet | None:
    """The span in which a field was filled least of what it was before; `seen` and `expected` count filled ones.

    The p-value is of "at least `share_left` of the usual share was filled", by a beta-binomial whose correlation is
    that of the days' shares, times the number of spans looked at.
    """
    n_hours = len(counts)
    every = np.ones(n_hours, dtype=bool)
    spans = Spans.of(n_hours, every, ~every)
    filled_sums, sums = _sums(filled), _sums(counts)
    earlier = Spans(np.maximum(spans.start - reference_hours, 0), spans.start)
    before, filled_before = _inside(sums, earlier), _inside(filled_sums, earlier)
    inside, seen = _inside(sums, spans), _inside(filled_sums, spans)
    rate = filled_before / np.maximum(before, 1)
    judged = (spans.end - spans.start >= 24) & (inside >= least) & (before >= 3 * least)
    judged &= inside * rate * share_left >= _LEAST_EXPECTED / 4
    if not judged.any():
        return None
    spans, seen, inside, rate = (
        Spans(spans.start[judged], spans.end[judged]),
        seen[judged],
        inside[judged],
        rate[judged],
    )
    spread = _day_to_day(filled, counts, share_left)
    p_values = _beta_binomial(seen, inside, rate * share_left, spread)
    best = int(np.lexsort((-inside, p_values))[0])
    expected_sums = sums * float(rate[best])
    start, end = _edges(filled_sums, expected_sums, int(spans.start[best]), int(spans.end[best]))
    return Quiet(
        start,
        end,
        float(filled_sums[end] - filled_sums[start]),
        float(expected_sums[end] - expected_sums[start]),
        min(1.0, float(p_values[best]) * len(seen)),
    )


def _sums(values: Integers | Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])


def _inside(sums: Floats, spans: Spans) -> Floats:
    return np.asarray(sums[spans.end] - sums[spans.start])


def _dispersion(spans: Spans, seen: Floats, mean: Floats) -> Floats:
    """For each span the excess variance of all spans of its length, as a share of the squared mean."""
    length = spans.end - spans.start
    result = np.full(len(length), LEAST_DISPERSION)
    for one in np.unique(length):
        same = length == one
        factor = 1 + 1 / len(WEEKS)  # what is usual is itself a mean of so many weeks
        excess = ((seen[same] - mean[same]) ** 2 - factor * mean[same]).sum()
        result[same] = max(LEAST_DISPERSION, excess / (factor * (mean[same] ** 2).sum()))
    return result


def _beta_binomial(seen: Floats, trials: Floats, mean: Floats, spread: float) -> Floats:
    """Chance of no more than was seen, where a day's share varies with `spread` times its square."""
    alike = np.clip(spread * mean / (1 - mean), LEAST_CORRELATION, 0.5)
    scale = (1 - alike) / alike
    chances = stats.betabinom.cdf(seen, trials, np.maximum(mean * scale, 1e-9), (1 - mean) * scale)
    return np.asarray(chances, dtype=np.float64)


def _day_to_day(filled: Integers, counts: Integers, share_left: float) -> float:
    """Excess variance of the share filled from day to day, as a share of its square, by moments.

    Days on which less than `share_left` of the median share is left are what is looked for, and no measure of it.
    """
    days = len(counts) // 24
    n, k = (part[: days * 24].reshape(days, 24).sum(axis=1).astype(float) for part in (counts, filled))
    n, k = n[n > 1], k[n > 1]
    if not len(n):
        return 0.0
    kept = k / n >= share_left * np.median(k / n)
    n, k = n[kept], k[kept]
    rate = k.sum() / n.sum()
    excess = ((k - n * rate) ** 2 - n * rate * (1 - rate)).sum()
    return max(0.0, float(excess / max((n**2).sum() * rate**2, 1e-9)))


def _edges(seen: Floats, expected: Floats, start: int, end: int) -> tuple[int, int]:
    """The edges near a span's that set it off best, by the likelihood ratio of Poisson counts."""
    reach = max(2, (end - start) // 4)
    starts = np.arange(max(start - reach, 0), min(start + reach, end - 1) + 1)[:, None]
    ends = np.arange(max(end - reach, start + 1), min(end + reach, len(seen) - 1) + 1)[None]
    k, m = seen[ends] - seen[starts], np.maximum(expected[ends] - expected[starts], 1e-9)
    ratio = np.where(k > 0, k * np.log(np.maximum(k, 1e-9) / m), 0.0) + m - k
    ratio = np.where((ends > starts) & (k < m), ratio, -1.0)
    row, column = np.unravel_index(int(np.argmax(ratio)), ratio.shape)
    return int(starts[row, 0]), int(ends[0, column])
