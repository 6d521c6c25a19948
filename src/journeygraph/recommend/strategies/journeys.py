"""What journeys that share the recent items went on to: neighbours by shared recent items, each with its vote."""

from __future__ import annotations

import numpy as np

from journeygraph.recommend.sequences import Codes, Sequences
from journeygraph.recommend.strategies.base import NOTHING, Scores, recency_weights

RECENT = 10
NEIGHBOURS = 4_000
#: A shared item of so many later items ago counts half; likewise an item so many places after the shared one.
HALF_LIFE_ITEMS = 0.35
REACH_ITEMS = 0.35
#: At most so many of the latest journeys that hold an item are looked at, so that a common item stays quick.
LATEST = 4_000


class Journeys:
    """Sequential nearest neighbours: a journey is near when it holds the recent items; it votes for what came after.

    Every place where a neighbour holds a recent item votes for the items after it, by how recent and how rare the
    shared item is and by how soon after it the item came.  Nearness chooses the neighbours, but doesn't weigh
    their votes: so it foretold better, on clicks of a real shop and on the generated one.  The idea is that of Ludewig
    and Jannach's vector multiplication session kNN (2018).
    """

    name = "journeys"
    memory: int | None = RECENT

    def __init__(self, sequences: Sequences) -> None:
        self._sequences = sequences
        order = np.argsort(sequences.codes, kind="stable")
        self._places = order  # places of each item, item after item, the earliest first
        self._bounds = np.concatenate([[0], np.cumsum(sequences.counts)])
        self._rarity = np.log1p(len(sequences) / np.maximum(sequences.counts, 1))

    def candidates(self, history: Codes) -> tuple[Codes, Scores]:
        """Items that came after one of the recent items in a neighbouring journey."""
        recent = history[-RECENT:]
        weights = recency_weights(len(recent), HALF_LIFE_ITEMS)
        latest = {int(item): float(weight) for item, weight in zip(recent, weights, strict=True)}  # the last one stays
        places = [self._latest_places(item) for item in latest]
        if not sum(map(len, places)):
            return NOTHING
        worth = [np.full(len(at), latest[item] * self._rarity[item]) for item, at in zip(latest, places, strict=True)]
        return self._votes(np.concatenate(places), np.concatenate(worth))

    def _latest_places(self, item: int) -> Codes:
        return self._places[self._bounds[item] : self._bounds[item + 1]][-LATEST:]

    def _votes(self, places: Codes, worth: Scores) -> tuple[Codes, Scores]:
        sequences = self._sequences
        neighbours, inverse = np.unique(sequences.sequence_of[places], return_inverse=True)
        nearness = np.bincount(inverse, worth)
        kept = np.lexsort((-neighbours, -nearness))[:NEIGHBOURS]
        near = np.zeros(len(neighbours), dtype=np.bool_)
        near[kept] = True
        chosen = near[inverse]
        return self._after(places[chosen] + 1, sequences.offsets[neighbours[inverse[chosen]] + 1], worth[chosen])

    def _after(self, begin: Codes, end: Codes, weights: Scores) -> tuple[Codes, Scores]:
        lengths = np.minimum(end - begin, 20)
        begin, weights, lengths = begin[lengths > 0], weights[lengths > 0], lengths[lengths > 0]
        if not len(lengths):
            return NOTHING
        ahead = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        codes = self._sequences.codes[np.repeat(begin, lengths) + ahead]
        votes = np.repeat(weights, lengths) * np.exp2(-ahead / REACH_ITEMS)
        found, inverse = np.unique(codes, return_inverse=True)
        return found, np.bincount(inverse, votes).astype(np.float64)
