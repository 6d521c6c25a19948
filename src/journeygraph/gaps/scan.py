"""Scan of a time line for the span in which something happened more often than before and after it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.durations import DAY_US

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

BINS_A_DAY: Final = 4
BIN_US: Final = DAY_US // BINS_A_DAY
#: Spans are whole days, so that each holds every hour of the day equally often; longer ones count as change for good.
LONGEST_DAYS: Final = 28
#: Every span is compared with so many days on either side: were it fewer for short ones, long ones would seem surer.
_REFERENCE = 28
#: Days that there must be on a side for it to count as a reference, and before a change for good.
_LEAST_REFERENCE, _LEAST_BEFORE = 7, 14


@dataclass(frozen=True)
class Windows:
    """W spans [start, end) in bins, each with the reference [before, start) and [end, after).

    Where `for_good` the change has not gone back: there is no reference after it.
    """

    before: Integers
    start: Integers
    end: Integers
    after: Integers
    for_good: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class Span:
    """The span that stands out most, in bins, and among how many it was chosen."""

    before: int
    start: int
    end: int
    after: int
    for_good: bool
    looks: int
    log_ratio: float


@cache
def windows(n_bins: int) -> Windows:
    """All spans of 1 to `LONGEST_DAYS` days with a reference on both sides, and all lasting changes with one before."""
    least = _LEAST_REFERENCE * BINS_A_DAY
    starts, ends, lasting = [], [], []
    for days in range(1, LONGEST_DAYS + 1):
        first = np.arange(least, n_bins - days * BINS_A_DAY - least + 1)
        starts.append(first)
        ends.append(first + days * BINS_A_DAY)
        lasting.append(np.zeros(len(first), dtype=bool))
    turns = np.arange(_LEAST_BEFORE * BINS_A_DAY, n_bins - least + 1)
    starts.append(turns)
    ends.append(np.minimum(turns + LONGEST_DAYS * BINS_A_DAY, n_bins))
    lasting.append(np.ones(len(turns), dtype=bool))
    first, last, for_good = (np.concatenate(part) for part in (starts, ends, lasting))
    reach = _REFERENCE * BINS_A_DAY
    after = np.where(for_good, last, np.minimum(last + reach, n_bins))
    return Windows(np.maximum(first - reach, 0), first, last, after, for_good)


def most_unusual(bins: Integers, happened: NDArray[np.bool_], expected: Floats, n_bins: int, least: int) -> Span | None:
    """The span in which more happened than expected, by its likelihood ratio to its reference; None where none did.

    M trials: their bin, whether it happened, and the chance that it would have anyway.  A span and its reference need
    `least` trials each.  Vectorised over all spans by cumulative sums.
    """
    return best_of(cumulated(bins, happened, expected, n_bins), windows(n_bins), slice(None), least)


def _sides(sums: Floats, every: Windows, places: Integers | slice) -> tuple[Floats, Floats]:
    """Trials, events and expected events within each span, and around it."""
    inside = sums.take(every.end[places], axis=0) - sums.take(every.start[places], axis=0)
    around = sums.take(every.after[places], axis=0) - sums.take(every.before[places], axis=0) - inside
    return inside, around


def best_of(
    sums: Floats, every: Windows, places: Integers | slice, least: int, looks: int | None = None
) -> Span | None:
    """Of some spans (by their places) the one with the largest likelihood ratio; `looks` where they are not all."""
    inside, around = _sides(sums, every, places)
    (trials, seen, chance), (around_trials, other, around_chance) = inside.T, around.T
    enough = (trials >= least) & (around_trials >= 2 * least)
    likely = (seen + other) * chance / np.maximum(chance + around_chance, 1e-12)
    more = np.flatnonzero(enough & (seen > likely))
    if not len(more):
        return None
    seen, other, likely = seen[more], other[more], likely[more]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = seen * np.log(seen / likely)
        ratio += np.where(other > 0, other * np.log(other / (seen + other - likely)), 0.0)
    best = int(np.arange(len(every))[places][more[np.argmax(ratio)]])
    if ratio.max() <= 0:
        return None
    names = ("before", "start", "end", "after")
    return Span(
        **{name: int(getattr(every, name)[best]) for name in names},
        for_good=bool(every.for_good[best]),
        looks=int(enough.sum()) if looks is None else looks,
        log_ratio=float(ratio.max()),
    )


def cumulated(bins: Integers, happened: NDArray[np.bool_], expected: Floats, n_bins: int) -> Floats:
    """Trials, events and expected events before each bin (n_bins + 1 x 3)."""
    columns = [np.bincount(bins, weights, minlength=n_bins)[:n_bins] for weights in (None, happened, expected)]
    return np.concatenate([np.zeros((1, 3)), np.cumsum(np.column_stack(columns), axis=0)])
