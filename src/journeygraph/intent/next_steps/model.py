"""The next step by the longest context that was seen, and by shorter ones as far as that one says little.

Prediction by partial matching with escape method C (Moffat 1990; Witten and Bell, *The zero-frequency problem*, 1991),
interpolated as in Chen and Goodman (1999, section 2.4) and with a weight w of the escape for every order: with n
symbols seen behind a context, d different ones, and c times x,

    P(x | context) = (c + w * d * P(x | context without its earliest symbol)) / (n + w * d)

Order 0 falls back on all steps and `(end)` being equally likely, so the probabilities of all of these sum to one.  The
weights, and how far back it pays to look, are chosen on the latest journeys, with counts of the earlier ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.next_steps.contexts import Order, Symbols, before, count
from journeygraph.journeys.table import JourneyTable

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
#: Symbols of context that are looked at, at most.
ORDER = 5
#: Weights of the escape that are tried, and the one where there is too little to choose on.
WEIGHTS, USUAL = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0), 4.0
#: Share of the journeys, the earlier ones, whose counts are used to choose; and the fewest symbols to choose on.
EARLIER, FEWEST = 0.8, 200


@dataclass(frozen=True)
class NextStepModel:
    """Counts of `journeys` over A steps; symbol A is `(end)`, A + 1 `(start)`.  `weights` has one for every order."""

    steps: tuple[str, ...]
    orders: tuple[Order, ...]
    weights: tuple[float, ...]
    journeys: int
    touchpoints: int

    @property
    def n_symbols(self) -> int:
        """Steps, `(end)` and `(start)`."""
        return len(self.steps) + 2

    @property
    def start(self) -> int:
        """Code of `(start)`."""
        return len(self.steps) + 1

    def encode(self, steps: Sequence[str]) -> list[int]:
        """Codes of a journey's steps, `(start)` before them; -1 for a step never seen."""
        index = {step: code for code, step in enumerate(self.steps)}
        return [self.start, *(index.get(step, -1) for step in steps)]

    def contexts(self, history: Sequence[int]) -> _Ints:
        """Numbers of a history's contexts, one of every order (1 x orders); -1 where it was never seen."""
        last = np.full((1, len(self.orders) - 1), -1, dtype=np.int64)
        back = list(reversed(history[-last.shape[1] :])) if last.shape[1] else []
        last[0, : len(back)] = back
        return self.contexts_of(last)

    def contexts_of(self, last: _Ints) -> _Ints:
        """The same from the last symbols, the latest first, -1 beyond the journey's beginning."""
        found = np.zeros((len(last), len(self.orders)), dtype=np.int64)
        for k, order in enumerate(self.orders[1:], start=1):
            found[:, k] = order.find(found[:, k - 1], last[:, k - 1], self.n_symbols)
        return found

    def probabilities(self, contexts: _Ints) -> _Floats:
        """Probabilities of every step, and of `(end)` in the last column (contexts x (A + 1))."""
        n = len(self.steps) + 1
        result = np.full((len(contexts), n), 1.0 / n)
        for k, (order, weight) in enumerate(zip(self.orders, self.weights, strict=True)):
            rows = np.flatnonzero((contexts[:, k] >= 0) & (len(order.symbols) > 0))
            context = contexts[rows, k]
            sizes = order.kinds[context]
            escape, total = weight * sizes, order.totals[context] + weight * sizes
            result[rows] *= (escape / total)[:, None]
            places = np.repeat(order.starts[context] - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))
            result[np.repeat(rows, sizes), order.symbols[places]] += order.counts[places] / np.repeat(total, sizes)
        return self._never_empty(result, contexts)

    def _never_empty(self, result: _Floats, contexts: _Ints) -> _Floats:
        """A journey has at least one touchpoint: behind `(start)` there is no `(end)`."""
        if len(self.orders) > 1:
            begin = self.orders[1].find(np.zeros(1, np.int64), np.array([self.start]), self.n_symbols)[0]
            rows = np.flatnonzero((contexts[:, 1] == begin) & (begin >= 0))
            result[rows, -1] = 0.0
            result[rows] /= result[rows].sum(axis=1)[:, None]
        return result


def learn(table: JourneyTable, *, order: int = ORDER, ended: NDArray[np.bool_] | None = None) -> NextStepModel:
    """Count what followed what, up to `order` symbols back; `ended` as in `Symbols.of`.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["a", "b", "a", "b"], "channels": ["web"] * 4, "occurred_at_us": [0, 1, 2, 3]}])
    >>> model = learn(table, order=1)
    >>> model.probabilities(model.contexts(model.encode(["a"]))).round(3).tolist()
    [[0.235, 0.569, 0.196]]
    """
    weights = _chosen(table, order, ended)
    orders = count(Symbols.of(table, ended), len(weights) - 1)
    return NextStepModel(
        tuple(table.steps), tuple(orders), tuple(weights[: len(orders)]), table.n_paths, table.n_touchpoints
    )


def _chosen(table: JourneyTable, order: int, ended: NDArray[np.bool_] | None) -> list[float]:
    """A weight for every order that foretells later journeys better than those below it.

    Only the probability of what happened is needed, and that depends on its own of the order below.
    """
    began = table.occurred_at_us[table.offsets[:-1]] if table.n_touchpoints else np.zeros(0, dtype=np.int64)
    early = np.argsort(np.argsort(began, kind="stable"), kind="stable") < EARLIER * len(began)
    symbols = Symbols.of(table.select(~early), None if ended is None else ended[~early])
    targets, last = before(symbols, order)
    if len(targets) < FEWEST:
        return [USUAL] * (order + 1)
    orders = count(Symbols.of(table.select(early), None if ended is None else ended[early]), order)
    happened = symbols.codes[targets]
    chance = np.full(len(targets), 1.0 / (len(table.steps) + 1))
    contexts = np.zeros(len(targets), dtype=np.int64)
    weights: list[float] = []
    for k, counted in enumerate(orders):
        if k:
            contexts = counted.find(contexts, last[:, k - 1], symbols.n_steps + 2)
        tried = [_with(counted, weight, contexts, happened, chance) for weight in WEIGHTS]
        best = int(np.argmin([-np.log(one).sum() for one in tried]))
        if k > 1 and np.log(tried[best]).sum() <= np.log(chance).sum():
            break
        chance = tried[best]
        weights.append(WEIGHTS[best])
    return weights


def _with(order: Order, weight: float, contexts: _Ints, happened: _Ints, below: _Floats) -> _Floats:
    """The probability of what happened with this order on top of those below."""
    if not len(order.symbols):  # nothing happened earlier
        return below
    known = contexts >= 0
    seen = np.where(known, contexts, 0)
    escape = weight * order.kinds[seen]
    chance = (order.counts_of(contexts, happened) + escape * below) / (order.totals[seen] + escape)
    return np.where(known, chance, below)
