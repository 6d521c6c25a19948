"""Items most alike to the last one."""

from __future__ import annotations

import numpy as np

from journeygraph.recommend.sequences import Codes, Sequences
from journeygraph.recommend.similarity import co_occurrence, similarity
from journeygraph.recommend.strategies.base import NOTHING, Scores


class ItemKnn:
    """Cosine similarity of the sets of sequences that hold two items, regularised by 20 (Hidasi et al., ICLR 2016)."""

    name = "item_knn"
    memory: int | None = 1

    def __init__(self, sequences: Sequences, regularisation: float = 20.0) -> None:
        together = co_occurrence(*sequences.pairs, sequences.n_items)
        self._alike = similarity(together, "cosine", regularisation=regularisation)
        self._alike.sort_indices()

    def candidates(self, history: Codes) -> tuple[Codes, Scores]:
        """Items that share a sequence with the last item, without itself."""
        if not len(history):
            return NOTHING
        last = int(history[-1])
        row = slice(self._alike.indptr[last], self._alike.indptr[last + 1])
        codes, scores = self._alike.indices[row].astype(np.int64), self._alike.data[row]
        return codes[codes != last], scores[codes != last]
