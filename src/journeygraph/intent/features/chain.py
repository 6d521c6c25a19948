"""Which moves between steps lead to the goal: the likelihood ratio of two Markov chains."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from journeygraph.intent.features.timeline import Cuts, Indices, Timeline

#: A move counts as seen this often before it is: unseen ones are unlikely, not impossible.
_PRIOR: Final = 0.5
#: Log-likelihoods are kept in whole millionths, so that a sum does not depend on what is summed beside it.
_MILLIONTH: Final = 1e-6


class Chain(BaseModel):
    """Log-likelihood of each move with the goal following, less that without, in millionths.

    `weights[a][b]` is for the move from `steps[a]` to `steps[b]`; behind them come, as a, the start of a journey and
    any other step, as b any other step.
    """

    model_config = ConfigDict(frozen=True)

    steps: tuple[str, ...]
    weights: tuple[tuple[int, ...], ...]

    def ratio(self, timeline: Timeline, cuts: Cuts) -> NDArray[np.float64]:
        """The log-likelihood ratio of each cut's running journey (K); 0 where none runs."""
        before, now = moves(timeline, self.steps)
        total = np.concatenate([[0], np.cumsum(self._held.weights[before, now])])
        return np.asarray((total[cuts.end] - total[cuts.journey]) * _MILLIONTH, dtype=np.float64)

    @cached_property
    def _held(self) -> _Held:
        return _Held(np.array(self.weights, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class _Held:
    weights: Indices


def moves(timeline: Timeline, steps: tuple[str, ...]) -> tuple[Indices, Indices]:
    """The move that each touchpoint ends (N each): from and to, as codes of `Chain.weights`."""
    other = len(steps)
    position = {step: code for code, step in enumerate(steps)}
    known = np.array([position.get(step, other) for step in timeline.steps], dtype=np.int64)
    now = known[timeline.step_codes]
    before = np.where(np.roll(now, 1) == other, other + 1, np.roll(now, 1))
    begins = timeline.journey_starts == np.arange(timeline.n_touchpoints)
    return np.where(begins, other, before), now


def learn(timeline: Timeline, steps: tuple[str, ...], kept: NDArray[np.bool_], follows: NDArray[np.bool_]) -> Chain:
    """The chain of the `kept` touchpoints (N); `follows` (N) says after which of them the goal followed."""
    before, now = moves(timeline, steps)
    width = len(steps) + 1
    sides = [
        np.bincount(before[chosen] * width + now[chosen], minlength=(width + 1) * width).reshape(width + 1, width)
        for chosen in (kept & follows, kept & ~follows)
    ]
    with_it, without = (np.log((counts + _PRIOR) / (counts + _PRIOR).sum(axis=1, keepdims=True)) for counts in sides)
    weights = np.round((with_it - without) / _MILLIONTH).astype(np.int64)
    return Chain(steps=steps, weights=tuple(tuple(row) for row in weights.tolist()))
