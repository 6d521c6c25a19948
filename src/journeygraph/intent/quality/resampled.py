"""Figures with intervals where cases are not independent: customers are drawn again, with all of their cases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from journeygraph.intent.quality.clustered import clustered_mean
from journeygraph.statistics import Estimate

Matrix = NDArray[np.float64]
_BINS: Final = 10
_ROUNDS: Final = 200


@dataclass(frozen=True, eq=False)
class Scored:
    """K cases: what was foretold, what came true, and whose they are."""

    probability: Matrix
    truth: NDArray[np.bool_]
    customers: NDArray[np.int64]
    seed: int = 0

    def __len__(self) -> int:
        return len(self.truth)

    def select(self, kept: NDArray[np.bool_]) -> Scored:
        """Only those of the mask."""
        return Scored(self.probability[kept], self.truth[kept], self.customers[kept], self.seed)

    @cached_property
    def _weights(self) -> Matrix:
        """How often each case comes in each round (1 + rounds x K); the first row is the data as it is."""
        distinct, owner = np.unique(self.customers, return_inverse=True)
        drawn = np.random.default_rng(self.seed).multinomial(
            len(distinct), np.full(len(distinct), 1 / len(distinct)), size=_ROUNDS
        )
        return np.vstack([np.ones(len(self)), drawn[:, owner].astype(np.float64)])

    def rate(self) -> Estimate:
        """Share that came true."""
        return _estimate(_mean(self._weights, self.truth.astype(np.float64)))

    def mean_score(self) -> Estimate:
        """Mean probability."""
        return _estimate(_mean(self._weights, self.probability))

    def gap(self) -> Estimate:
        """Share that came true less the mean probability: 0 where scores are right on average."""
        return _estimate(_mean(self._weights, self.truth - self.probability))

    def gap_error(self) -> tuple[float, float, int]:
        """The gap, its standard error, and the number of customers that this was estimated from."""
        found = clustered_mean((self.truth - self.probability).astype(np.float64), self.customers)
        return found.value, float(np.sqrt(found.variance)), len(np.unique(self.customers))

    @property
    def fewest_customers(self) -> int:
        """How many customers the rarer outcome comes from."""
        return min(len(np.unique(self.customers[truth])) for truth in (self.truth, ~self.truth))

    def auc(self) -> Estimate:
        """Area under the ROC curve; ties count half."""
        return _estimate(self._aucs)

    def auc_log_odds(self) -> tuple[float, float]:
        """The area's log-odds with their standard error: near 1 an area is skewed, its log-odds much less."""
        kept = np.clip(self._aucs[np.isfinite(self._aucs)], 0.5 / len(self), 1 - 0.5 / len(self))
        odds = np.log(kept / (1 - kept))
        return float(odds[0]), float(odds[1:].std(ddof=1))

    def auc_interval(self) -> tuple[float, float]:
        """95 % interval of the area under the ROC curve, by Student's t on its log-odds.

        Narrower ones, of the rounds' quantiles, leave out 0.5 too often where customers are few and nothing is there.
        """
        value, error = self.auc_log_odds()
        margin = float(stats.t.ppf(0.975, max(self.fewest_customers - 1, 1))) * error
        low, high = special.expit([value - margin, value + margin])
        return float(low), float(high)

    @cached_property
    def _aucs(self) -> Matrix:
        order = np.argsort(-self.probability, kind="stable")
        starts = np.flatnonzero(np.diff(self.probability[order], prepend=np.inf))
        weights = self._weights[:, order]
        yes = np.add.reduceat(weights * self.truth[order], starts, axis=1)
        no = np.add.reduceat(weights * ~self.truth[order], starts, axis=1)
        above = np.cumsum(yes, axis=1) - yes / 2
        with np.errstate(invalid="ignore"):  # a round may draw one outcome only: it says nothing
            return np.asarray((above * no).sum(axis=1) / (yes.sum(axis=1) * no.sum(axis=1)), dtype=np.float64)

    def ece(self) -> Estimate:
        """Expected calibration error, ten bins of equal width."""
        bins = np.minimum((self.probability * _BINS).astype(np.int64), _BINS - 1)
        member = np.eye(_BINS)[bins]
        off = self._weights @ (member * (self.truth - self.probability)[:, None])
        return _estimate(np.abs(off).sum(axis=1) / self._weights.sum(axis=1))


def _mean(weights: Matrix, values: Matrix) -> Matrix:
    return np.asarray(weights @ values / weights.sum(axis=1), dtype=np.float64)


def _estimate(found: Matrix) -> Estimate:
    """The figure as it is, and the middle 95 % of the rounds."""
    known = found[1:][np.isfinite(found[1:])]
    value = float(found[0])
    if not len(known):
        return Estimate(value, value, value)
    low, high = np.quantile(known, [0.025, 0.975])
    return Estimate(value, float(min(low, value)), float(max(high, value)))


def gap_differs(one: Scored, other: Scored | None = None) -> float:
    """Two-sided p-value of the mean gap between outcome and score being that of other cases; of 0 where none are given.

    Cases of one customer are not independent: standard errors are clustered by customer.
    """
    own = one.gap_error()
    against = (0.0, 0.0, len(one)) if other is None else other.gap_error()
    return differs_by(own[0] - against[0], float(np.hypot(own[1], against[1])), min(own[2], against[2]) - 1)


def ranks_differ(one: Scored, other: Scored) -> float:
    """Two-sided p-value of two sets of cases being ranked equally well: areas under the ROC curve, in log-odds."""
    (value, error), (value_of_other, error_of_other) = one.auc_log_odds(), other.auc_log_odds()
    freedom = min(one.fewest_customers, other.fewest_customers) - 1
    return differs_by(value - value_of_other, float(np.hypot(error, error_of_other)), freedom)


def differs_by(difference: float, error: float, freedom: int) -> float:
    """Two-sided p-value of a difference with a standard error that was estimated from so many, less one, customers."""
    return float(2 * stats.t.sf(abs(difference) / error, max(freedom, 1))) if error > 0 else 1.0
