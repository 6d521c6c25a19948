"""Personalised PageRank on the graph of items and what followed them."""

from __future__ import annotations

import networkx as nx
import numpy as np
from scipy import sparse

from journeygraph.recommend.sequences import Codes, Sequences
from journeygraph.recommend.strategies.base import NOTHING, Scores, recency_weights

RECENT = 5
DAMPING = 0.85
_TOLERANCE = 1e-9
_MOST_ROUNDS = 100


def projection(sequences: Sequences) -> nx.DiGraph[int]:
    """Item codes as nodes; an edge where one directly followed another, its weight the number of times.

    >>> sorted(projection(Sequences.from_lists([["a", "b", "a", "b"]])).edges(data="weight"))
    [(0, 1, 2.0), (1, 0, 1.0)]
    """
    before, after = sequences.transitions()
    distinct, counts = np.unique(before * max(sequences.n_items, 1) + after, return_counts=True)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(sequences.n_items))
    graph.add_weighted_edges_from(
        (int(pair) // sequences.n_items, int(pair) % sequences.n_items, float(count))
        for pair, count in zip(distinct, counts, strict=True)
    )
    return graph


class PageRank:
    """Where a walk that keeps returning to the recent items spends its time.

    The same figures as `networkx.pagerank(graph, personalization=...)` (a test compares them); the transition matrix is
    taken from the NetworkX graph once, not anew for every customer.
    """

    name = "pagerank"
    memory: int | None = RECENT

    def __init__(self, sequences: Sequences) -> None:
        self.graph = projection(sequences)
        self._n = sequences.n_items
        if not self._n:
            return
        weights = sparse.csr_array(nx.to_scipy_sparse_array(self.graph, nodelist=list(range(self._n))))
        leaving = np.asarray(weights.sum(axis=1)).ravel()
        self._stuck = np.flatnonzero(leaving == 0)
        share = np.divide(1.0, leaving, out=np.zeros(self._n), where=leaving > 0)
        self._into = sparse.csr_array((sparse.diags_array(share) @ weights).T)

    def personalisation(self, history: Codes) -> Scores:
        """Where the walk returns to: the recent items, later ones more often; sums to 1."""
        recent = history[-RECENT:]
        wanted = np.bincount(recent, recency_weights(len(recent), 1.0), self._n)
        home: Scores = wanted / wanted.sum()
        return home

    def candidates(self, history: Codes) -> tuple[Codes, Scores]:
        """All items that the walk reaches."""
        if not len(history):
            return NOTHING
        home = self.personalisation(history)
        at = home
        for _ in range(_MOST_ROUNDS):
            before = at
            at = DAMPING * (self._into @ before + before[self._stuck].sum() * home) + (1 - DAMPING) * home
            if np.abs(at - before).sum() < self._n * _TOLERANCE:
                break
        reached = np.flatnonzero(at > 0)
        return reached, at[reached]
