"""The baselines that look at no order: what everybody takes, and what this session took already."""

from __future__ import annotations

import numpy as np

from journeygraph.recommend.sequences import Codes, Sequences
from journeygraph.recommend.strategies.base import Scores


class Popularity:
    """Items by how often they occur."""

    name = "popularity"
    memory: int | None = 0

    def __init__(self, sequences: Sequences) -> None:
        seen = np.flatnonzero(sequences.counts)
        order = seen[np.argsort(-sequences.counts[seen], kind="stable")]
        self._answer = (order, sequences.counts[order].astype(np.float64))

    def candidates(self, history: Codes) -> tuple[Codes, Scores]:  # noqa: ARG002
        """The same for every history."""
        return self._answer


class SessionPopularity:
    """Items by how often the history has them, then by how often they occur in all."""

    name = "session_popularity"
    memory: int | None = None

    def __init__(self, sequences: Sequences) -> None:
        self._overall = Popularity(sequences)
        self._counts = sequences.counts

    def candidates(self, history: Codes) -> tuple[Codes, Scores]:
        """All items; those of the history first."""
        codes, counts = self._overall.candidates(history)
        here = np.bincount(history, minlength=len(self._counts))[codes]
        return codes, here + counts / (1.0 + self._counts.max(initial=0))
