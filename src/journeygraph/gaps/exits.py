"""The journeys that came somewhere, and what became of them there: lost, or gone on and perhaps converted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from journeygraph.gaps.kind import mask
from journeygraph.gaps.visits import Integers, Mask, Visits
from journeygraph.journeys.table import CONVERTED
from journeygraph.statistics import Estimate, Strata, product, risk_difference, share

#: Of fewer journeys that went on nothing is learnt about those that were lost.
FEWEST = 10


@dataclass(frozen=True)
class Exits:
    """Losses at some visits against those in the same strata.

    `came` are the journeys of these visits (one entry a visit), `left` those of the visits at which a journey was lost.
    """

    visits: Visits
    came: Integers
    left: Integers
    strata: Strata

    @cached_property
    def reached(self) -> Mask:
        """The journeys that came there (P)."""
        return mask(self.visits.table.n_paths, self.came)

    @cached_property
    def lost(self) -> Mask:
        """The journeys that were lost there (P)."""
        return mask(self.visits.table.n_paths, self.left)

    @cached_property
    def n_reached(self) -> int:
        """Number of journeys that came there."""
        return int(self.reached.sum())

    @cached_property
    def n_lost(self) -> int:
        """Number of journeys that were lost there."""
        return int(self.lost.sum())

    @property
    def observed(self) -> float:
        """Share of the journeys that were lost there."""
        return self.n_lost / self.n_reached

    @cached_property
    def effect(self) -> Estimate:
        """Excess share of the journeys: that of the visits, times visits a journey."""
        return risk_difference(self.strata).times(len(self.came) / self.n_reached)

    @property
    def expected(self) -> float:
        """Share of the journeys that would have been lost without the excess."""
        return max(self.observed - self.effect.value, 0.0)

    @property
    def lost_conversions(self) -> Estimate | None:
        """The excess, times the share of the journeys that went on which converted; None where too few went on."""
        if self.n_went_on < FEWEST:
            return None
        return product(self.effect.times(self.n_reached), share(self.n_converted, self.n_went_on))

    @cached_property
    def n_went_on(self) -> int:
        """Number of closed journeys that went on."""
        return int(self._went_on.sum())

    @cached_property
    def n_converted(self) -> int:
        """Number of journeys that went on and converted."""
        return int((self._went_on & (self.visits.table.outcomes == CONVERTED)).sum())

    @cached_property
    def _went_on(self) -> Mask:
        return np.asarray(self.reached & ~self.lost & self.visits.closed)
