"""What most often came directly after the last item."""

from __future__ import annotations

import numpy as np

from journeygraph.recommend.sequences import Codes, Sequences
from journeygraph.recommend.strategies.base import NOTHING, Scores


class Markov:
    """First-order transitions by their count; of equally common ones, the one that was observed first."""

    name = "markov"
    memory: int | None = 1

    def __init__(self, sequences: Sequences) -> None:
        before, after = sequences.transitions()
        distinct, first, counts = np.unique(
            before * max(sequences.n_items, 1) + after, return_index=True, return_counts=True
        )
        source = distinct // max(sequences.n_items, 1)
        order = np.lexsort((first, source))
        self._after = (distinct % max(sequences.n_items, 1))[order]
        self._counts = counts[order].astype(np.float64)
        self._bounds = np.searchsorted(source[order], np.arange(sequences.n_items + 1))

    def candidates(self, history: Codes) -> tuple[Codes, Scores]:
        """Items that were seen to follow the last item."""
        if not len(history):
            return NOTHING
        row = slice(self._bounds[history[-1]], self._bounds[history[-1] + 1])
        return self._after[row], self._counts[row]
