"""What followed each touchpoint, as far as it was known when training ended: what chains and neighbours learn from.

Both are learned with outcomes.  A cut of the training part must not meet its own outcome in a feature, so its chain is
learned from other customers, and its neighbours are those known at its instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.features import chain, goals, neighbours
from journeygraph.intent.features.described import Feature, Vocabulary
from journeygraph.intent.features.features_about import CHAIN
from journeygraph.intent.features.neighbours import Neighbours, Touches
from journeygraph.intent.features.timeline import US_PER_SECOND, Cuts, Timeline
from journeygraph.intent.features.traits import TraitName

Matrix = NDArray[np.float64]
_FOLDS: Final = 5


@dataclass(frozen=True)
class Outcomes:
    """Touchpoints (N) whose horizon ends by `until_us`, and after which of all the goal follows within it."""

    timeline: Timeline
    horizon_seconds: float
    until_us: int
    follows: NDArray[np.bool_]

    @classmethod
    def of(cls, timeline: Timeline, horizon_seconds: float, until_us: int, goal: str) -> Outcomes:
        """What follows each touchpoint."""
        owners, n = timeline.owners, timeline.n_touchpoints
        cuts = Cuts(owners, timeline.times_us, timeline.offsets[owners], np.arange(1, n + 1), timeline.journey_starts)
        return cls(timeline, horizon_seconds, until_us, goals.follows(timeline, cuts, horizon_seconds, goal))

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Touchpoints whose outcome was known at the end of training (N)."""
        found: NDArray[np.bool_] = self.timeline.times_us + int(self.horizon_seconds * US_PER_SECOND) <= self.until_us
        return found

    @cached_property
    def rate(self) -> float:
        """Share of those that the goal follows, kept away from 0 and 1."""
        n = int(np.count_nonzero(self.known))
        return (int(np.count_nonzero(self.follows & self.known)) + 1) / (n + 2)

    def all_neighbours(self) -> dict[TraitName, Neighbours]:
        """What was known at the end of training, of each trait that any touchpoint has."""
        return {
            trait: neighbours.learn(self.timeline, trait, self._touches(trait), self.until_us, self.rate)
            for trait in neighbours.present(self.timeline)
        }

    def held_out(self, features: list[Feature], values: Matrix, cuts: Cuts, vocabulary: Vocabulary) -> Matrix:
        """Features (K x F) of cuts to learn from, chain and neighbours as they were without their outcome."""
        column = {feature.name: index for index, feature in enumerate(features)}
        changed = values.copy()
        if vocabulary.chain is not None:
            for fold in range(_FOLDS):
                others = self.known & (self.timeline.owners % _FOLDS != fold)
                learned = chain.learn(self.timeline, vocabulary.chain.steps, others, self.follows)
                mine = np.flatnonzero(cuts.customers % _FOLDS == fold)
                changed[mine, column[CHAIN]] = learned.ratio(self.timeline, cuts.select(mine))
        for trait in vocabulary.neighbours:
            changed[:, column[f"neighbours:{trait}"]] = neighbours.as_of_each(
                self.timeline, trait, self._touches(trait), cuts, self.rate
            )
        return changed

    def _touches(self, trait: TraitName) -> Touches:
        return neighbours.first_touches(self.timeline, trait, self.follows, self.horizon_seconds)
