"""What followed which steps: the counts of a variable-order Markov model, all orders in a few sorts.

A journey is the symbols `(start)`, its steps, and `(end)` where its outcome is known (open journeys may go on).  The
*context of order k* of a symbol is the k symbols before it, as far as the journey goes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeygraph.journeys.table import OPEN, JourneyTable

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
_MICRO = 1_000_000


class Symbols(NamedTuple):
    """All journeys as one row of symbols: codes of `steps`, then A: `(end)`, and A + 1: `(start)`."""

    codes: _Ints  # M
    first: _Ints  # M: place of the journey's `(start)`
    waits: _Floats  # M: seconds since the touchpoint before, NaN where there is none
    n_steps: int

    @property
    def end(self) -> int:
        """Code of `(end)`."""
        return self.n_steps

    @property
    def start(self) -> int:
        """Code of `(start)`."""
        return self.n_steps + 1

    @classmethod
    def of(cls, table: JourneyTable, ended: NDArray[np.bool_] | None = None) -> Symbols:
        """The journeys of a table; `ended` says which are known to have ended (by default: all but open ones).

        >>> symbols = Symbols.of(JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost",
        ...     "value": None, "steps": ["a", "b"], "channels": ["web"] * 2, "occurred_at_us": [0, 5_000_000]}]))
        >>> symbols.codes.tolist(), symbols.waits.tolist()
        ([3, 0, 1, 2], [nan, nan, 5.0, nan])
        """
        ended = table.outcomes != OPEN if ended is None else ended
        sizes = table.lengths + 1 + ended
        stops = np.cumsum(sizes)
        first = stops - sizes
        codes = np.full(int(sizes.sum()), len(table.steps) + 1, dtype=np.int64)
        at = np.arange(table.n_touchpoints) + np.repeat(first + 1 - table.offsets[:-1], table.lengths)
        codes[at] = table.step_codes
        codes[stops[ended] - 1] = len(table.steps)
        waits = np.full(len(codes), np.nan)
        again = np.ones(table.n_touchpoints, dtype=bool)
        again[table.offsets[:-1][table.lengths > 0]] = False
        places = np.flatnonzero(again)
        waits[at[places]] = (table.occurred_at_us[places] - table.occurred_at_us[places - 1]) / _MICRO
        return cls(codes, np.repeat(first, sizes), waits, len(table.steps))


@dataclass(frozen=True)
class Order:
    """The contexts of one order, C of them, and what followed them: context c's are `starts[c]:starts[c + 1]`.

    A context is known by the one without its earliest symbol, and that symbol: `keys` holds the shorter one's number
    times the number of symbols, plus the symbol, ascending.
    """

    keys: _Ints  # C
    starts: _Ints  # C + 1
    symbols: _Ints  # what followed, ascending in a context
    counts: _Ints  # how often
    median_seconds: _Floats  # NaN where no wait is known
    p90_seconds: _Floats
    timed: _Ints  # waits behind them

    def find(self, shorter: _Ints, symbols: _Ints, n_symbols: int) -> _Ints:
        """Numbers of contexts; -1 for those never seen."""
        wanted = shorter * n_symbols + symbols
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1) if len(self.keys) else shorter * 0
        known = (shorter >= 0) & (symbols >= 0) & (len(self.keys) > 0)
        return np.where(known & (self.keys[at] == wanted if len(self.keys) else False), at, -1)

    @cached_property
    def totals(self) -> _Ints:
        """How often each context was followed by anything (C)."""
        return np.diff(np.concatenate([[0], np.cumsum(self.counts)])[self.starts])

    @cached_property
    def kinds(self) -> _Ints:
        """By how many different symbols (C)."""
        return np.diff(self.starts)

    def counts_of(self, contexts: _Ints, symbols: _Ints) -> _Ints:
        """How often each context was followed by the symbol beside it; 0 for a context of -1."""
        width = int(self.symbols.max(initial=0)) + 1
        keys = np.repeat(np.arange(len(self.keys)), self.kinds) * width + self.symbols
        wanted = np.where((contexts >= 0) & (symbols < width), contexts * width + symbols, -1)
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[at] == wanted, self.counts[at], 0) if len(keys) else np.zeros(len(wanted), dtype=np.int64)


def before(symbols: Symbols, order: int) -> tuple[_Ints, _Ints]:
    """Everything that happened (T places), and the symbols before each, the latest first (T x order; -1: none)."""
    targets = np.flatnonzero(symbols.codes != symbols.start)
    last = np.full((len(targets), order), -1, dtype=np.int64)
    for k in range(1, order + 1):
        kept = targets - k >= symbols.first[targets]
        last[kept, k - 1] = symbols.codes[targets[kept] - k]
    return targets, last


def count(symbols: Symbols, order: int) -> list[Order]:
    """The contexts of every order from 0, as long as there are any."""
    n_symbols = symbols.n_steps + 2
    targets = np.flatnonzero(symbols.codes != symbols.start)
    context = np.zeros(len(targets), dtype=np.int64)
    found = [_order(np.zeros(1, dtype=np.int64), context, targets, symbols)]
    for k in range(1, order + 1):
        kept = targets - k >= symbols.first[targets]
        targets, context = targets[kept], context[kept]
        if not len(targets):
            break
        keys, context = np.unique(context * n_symbols + symbols.codes[targets - k], return_inverse=True)
        found.append(_order(keys, context, targets, symbols))
    return found


def _order(keys: _Ints, context: _Ints, targets: _Ints, symbols: Symbols) -> Order:
    """Count pairs of a context and what followed it, and take the quantiles of their waits."""
    pair = context * (symbols.n_steps + 1) + symbols.codes[targets]
    waits = symbols.waits[targets]
    order = np.lexsort((waits, pair))  # NaN stands last
    pair, waits = pair[order], waits[order]
    new = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]])) if len(pair) else np.zeros(0, dtype=np.int64)
    timed = np.add.reduceat(~np.isnan(waits), new, dtype=np.int64) if len(new) else new
    owner = pair[new] // (symbols.n_steps + 1)
    return Order(
        keys=keys,
        starts=np.searchsorted(owner, np.arange(len(keys) + 1)),
        symbols=pair[new] % (symbols.n_steps + 1),
        counts=np.diff(np.append(new, len(pair))),
        median_seconds=_quantile(waits, new, timed, 0.5),
        p90_seconds=_quantile(waits, new, timed, 0.9),
        timed=timed,
    )


def _quantile(waits: _Floats, starts: _Ints, timed: _Ints, share: float) -> _Floats:
    """A quantile of each run of ascending waits, between two of them in proportion; NaN of none."""
    if not len(starts):
        return np.zeros(0)
    place = share * np.maximum(timed - 1, 0)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(timed - 1, 0))
    low, high = waits[starts + below], waits[starts + above]
    return np.asarray(low + (high - low) * (place - below))
