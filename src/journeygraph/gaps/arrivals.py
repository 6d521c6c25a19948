"""Visits seen as arrivals: from which step and channel to which, and whether the journey was lost on arrival."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from journeygraph.gaps.visits import Integers, Mask, Visits, compact
from journeygraph.statistics import Strata


@dataclass(frozen=True)
class Arrivals:
    """The visits at risk that have a touchpoint before them (M rows), with the channels on both sides."""

    visits: Visits

    def within(self, kept: Mask) -> Arrivals:
        """Some of them only (M), with the same numbers for their strata."""
        result = Arrivals(self.visits)
        columns = ("row", "left", "entered", "prior", "step", "path", "lost", "stays", "alike", "same_step")
        result.__dict__.update({name: getattr(self, name)[kept] for name in columns})
        return result

    @cached_property
    def row(self) -> Integers:
        """The visit (M)."""
        return np.flatnonzero(self.visits.at_risk & (self.visits.previous >= 0))

    @cached_property
    def left(self) -> Integers:
        """Channel of the touchpoint before (M)."""
        return self.visits.table.channel_codes.astype(np.int64)[self.row - 1]

    @cached_property
    def entered(self) -> Integers:
        """Channel of the visit itself (M)."""
        return self.visits.table.channel_codes.astype(np.int64)[self.row]

    @cached_property
    def prior(self) -> Integers:
        """Step before (M)."""
        return self.visits.previous[self.row]

    @cached_property
    def step(self) -> Integers:
        """Step arrived at (M)."""
        return self.visits.steps[self.row]

    @cached_property
    def path(self) -> Integers:
        """Journey (M)."""
        return self.visits.path[self.row]

    @cached_property
    def lost(self) -> Mask:
        """Whether the journey was lost on arrival (M)."""
        return self.visits.lost_here[self.row]

    @cached_property
    def stays(self) -> Mask:
        """Whether the channel is the one before (M)."""
        return np.asarray(self.left == self.entered)

    @cached_property
    def alike(self) -> Integers:
        """Stratum of the expectation: channel and step before, stage and depth arrived at (M)."""
        return compact(self.left, self.prior, self.visits.stratum[self.row])

    @cached_property
    def same_step(self) -> Integers:
        """Stratum of the check: step, channel and depth arrived at (M)."""
        return compact(self.step, self.entered, self.visits.bucket[self.row])

    def against_staying(self, here: Integers) -> Strata:
        """Losses of these arrivals (indexes) against those that stayed in the channel, from the same step."""
        return self._strata(self.alike, here, self.staying)

    def against_other_ways(self, here: Integers) -> Strata:
        """Losses of these arrivals (indexes) against all other arrivals at the same step, channel and depth."""
        trials, losses = self._everything
        own = self.count(self.same_step, here)
        return self._strata(self.same_step, here, (trials - own[0], losses - own[1]))

    def _strata(self, stratum: Integers, here: Integers, reference: tuple[Integers, Integers]) -> Strata:
        trials, losses = self.count(stratum, here)
        return Strata(losses, trials, reference[1], reference[0]).informative()

    def count(self, stratum: Integers, rows: Integers | Mask) -> tuple[Integers, Integers]:
        size = int(stratum.max(initial=-1)) + 1
        return np.bincount(stratum[rows], minlength=size), np.bincount(stratum[rows][self.lost[rows]], minlength=size)

    @cached_property
    def staying(self) -> tuple[Integers, Integers]:
        return self.count(self.alike, self.stays)

    @cached_property
    def _everything(self) -> tuple[Integers, Integers]:
        return self.count(self.same_step, np.ones(len(self.row), dtype=bool))
