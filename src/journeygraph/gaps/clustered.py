"""Comparing events between two sides where one customer counts several times.

The Mantel-Haenszel difference of event rates is the slope of a linear regression of the event on the side, with an
intercept for each stratum.  So its variance may be that of a regression with clusters (Liang and Zeger, Biometrika
1986; 73: 13), which holds whatever the rows of one customer have in common.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from journeygraph.gaps.visits import Integers, Mask
from journeygraph.statistics import SMALLEST, Z_95, Estimate, Strata, excess_p, risk_difference

#: A p-value above this is far from any decision.
_FAR = 0.1


@dataclass(frozen=True)
class Rows:
    """Trials (M), each with its event, its side (True: the subject), its stratum and the cluster that it belongs to."""

    event: Mask
    subject: Mask
    stratum: Integers
    cluster: Integers

    def strata(self) -> Strata:
        """Events and trials of both sides in each stratum."""
        size = int(self.stratum.max(initial=-1)) + 1

        def count(kept: Mask) -> Integers:
            return np.bincount(self.stratum[kept], minlength=size)

        subject, other = self.subject, ~self.subject
        return Strata(count(subject & self.event), count(subject), count(other & self.event), count(other))

    def excess_p(self) -> float:
        """One-sided p-value of "the subject has no more events": the larger of the exact one and the clustered one.

        The exact test takes every row for a trial of its own; the clustered one is a score test, good where events
        are not rare.

        >>> one = np.arange(40)
        >>> round(Rows(one % 2 == 0, one < 20, one * 0, one).excess_p(), 1)
        0.6
        """
        exact = excess_p(self.strata())
        if exact > _FAR:
            return exact
        score, variance, _ = self._slope(0.0)
        if variance <= 0:
            return exact
        return min(1.0, max(exact, SMALLEST, float(stats.norm.sf(score / np.sqrt(variance)))))

    def difference(self) -> Estimate:
        """Mantel-Haenszel difference of the rates; its interval is the wider of Sato's and the clustered one."""
        sato = risk_difference(self.strata())
        _, variance, weight = self._slope(sato.value)
        if weight == 0:
            return sato
        margin = Z_95 * float(np.sqrt(variance)) / weight
        low, high = min(sato.low, sato.value - margin), max(sato.high, sato.value + margin)
        return Estimate(sato.value, max(low, -1.0), min(high, 1.0))

    def _slope(self, difference: float) -> tuple[float, float, float]:
        """Score of this difference, its clustered variance, and the weight of all strata."""
        size = np.maximum(np.bincount(self.stratum), 1)
        share = np.bincount(self.stratum, weights=self.subject) / size
        rate = np.bincount(self.stratum, weights=self.event) / size
        side = self.subject - share[self.stratum]
        score = side * (self.event - rate[self.stratum] - difference * side)
        numbers, cluster = np.unique(self.cluster, return_inverse=True)
        sums = np.asarray(np.bincount(cluster, weights=score), dtype=np.float64)
        count = len(numbers)
        return float(score.sum()), float((sums**2).sum()) * count / max(count - 1, 1), float((side**2).sum())
