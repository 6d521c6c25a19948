"""What a recommendation strategy is, and how its candidates become a ranking."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from journeygraph.recommend.sequences import Codes

Scores = NDArray[np.float64]


class Strategy(Protocol):
    """Learned from sequences; scores the items that could come after a history.

    `memory` is the number of last items of the history that it looks at: None for all.
    """

    name: str
    memory: int | None

    def candidates(self, history: Codes) -> tuple[Codes, Scores]:
        """Items and their scores, above zero; of items with equal scores the one that stands first ranks first."""
        ...


NOTHING: tuple[Codes, Scores] = (np.zeros(0, dtype=np.int64), np.zeros(0))


def ranking(strategy: Strategy, history: Codes, k: int, left_out: Codes | None = None) -> tuple[Codes, Scores]:
    """The best k candidates, best first, without those that are left out."""
    codes, scores = strategy.candidates(history)
    if left_out is not None and len(left_out):
        kept = ~np.isin(codes, left_out)
        codes, scores = codes[kept], scores[kept]
    if k > 0 and len(scores) > 8 * k:  # only those that can be among the best need sorting; ties at the bound stay
        bound = np.partition(scores, len(scores) - k)[len(scores) - k]
        codes, scores = codes[scores >= bound], scores[scores >= bound]
    order = np.argsort(-scores, kind="stable")[:k]
    return codes[order], scores[order]


def recency_weights(length: int, half_life: float) -> Scores:
    """Weights of a history's items, 1 for the last one, half as much `half_life` items earlier.

    >>> recency_weights(3, 1.0).tolist()
    [0.25, 0.5, 1.0]
    """
    return np.exp2(-np.arange(length - 1, -1, -1) / half_life).astype(np.float64)
