"""From blocks to pairs with a probability, in two passes over the candidates and bounded memory.

The first pass takes a sample of the candidates to learn the model from, the second compares all of them and keeps those
that could matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from journeygraph.identity.linkage.blocking import PAIRS_AT_ONCE, Blocks
from journeygraph.identity.linkage.comparison import Aspect, Compared, Comparison
from journeygraph.identity.linkage.model import Model, learn
from journeygraph.identity.linkage.records import Flags, Floats, Rows

SAMPLE_PAIRS: Final = 400_000
#: Pairs that are less probable are forgotten: they tell next to nothing about clusters.
LEAST_PROBABILITY: Final = 0.001
_SEED: Final = 1969


@dataclass(frozen=True)
class Scored:
    """Pairs of rows and the odds that each is one person, of so many that were compared."""

    left: Rows
    right: Rows
    odds: Floats
    candidates: int = 0

    def __getitem__(self, chosen: Flags | Rows) -> Scored:
        return Scored(self.left[chosen], self.right[chosen], self.odds[chosen], self.candidates)

    @property
    def probability(self) -> Floats:
        """The same as probabilities."""
        return self.odds / (1 + self.odds)


@dataclass(frozen=True)
class Candidates:
    """A sample of the candidate pairs, and how many there are."""

    left: Rows
    right: Rows
    total: int


def aspects(comparisons: Sequence[Comparison]) -> tuple[Aspect, ...]:
    """What the comparisons give, in order."""
    return tuple(aspect for comparison in comparisons for aspect in comparison.aspects)


def compare(comparisons: Sequence[Comparison], left: Rows, right: Rows) -> list[Compared]:
    """All aspects of some pairs."""
    return [one for comparison in comparisons for one in comparison(left, right)]


def train(comparisons: Sequence[Comparison], blocks: Blocks, rows: int) -> tuple[Model, int]:
    """The model of a table and the number of its candidate pairs."""
    found = sample(blocks)
    all_pairs = max(rows * (rows - 1) / 2, 1.0)
    if not comparisons:
        return learn((), [], [], 0.0), 0
    chance = compare(comparisons, *random_pairs(rows))
    candidates = compare(comparisons, found.left, found.right)
    matches_are = found.total / max(len(found.left), 1) / all_pairs
    return learn(aspects(comparisons), candidates, chance, matches_are), found.total


def score(model: Model, comparisons: Sequence[Comparison], blocks: Blocks) -> Scored:
    """The candidate pairs that are not all but impossible."""
    none = np.empty(0, np.int64)
    parts = [Scored(none, none, np.empty(0))]
    least, compared = LEAST_PROBABILITY / (1 - LEAST_PROBABILITY), 0
    for left, right in blocks.pairs() if comparisons else ():
        compared += len(left)
        odds = model.odds(compare(comparisons, left, right))
        parts.append(Scored(left, right, odds)[odds >= least])
    return Scored(
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.odds for part in parts]),
        compared,
    )


def sample(blocks: Blocks) -> Candidates:
    """Some of the candidate pairs, the same ones on every run: all of them in a table that isn't large."""
    left, right = np.empty(0, np.int64), np.empty(0, np.int64)
    total, one_in = 0, 1
    for one, other in blocks.pairs():
        chosen = _hash(one, other) % one_in == 0
        total += len(one)
        left, right = np.concatenate([left, one[chosen]]), np.concatenate([right, other[chosen]])
        while len(left) > SAMPLE_PAIRS:
            one_in *= 2
            chosen = _hash(left, right) % one_in == 0
            left, right = left[chosen], right[chosen]
    return Candidates(left, right, total)


def _hash(left: Rows, right: Rows) -> Rows:
    mixed = (left.astype(np.uint64) << np.uint64(32)) ^ right.astype(np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return ((mixed ^ (mixed >> np.uint64(32))) >> np.uint64(1)).astype(np.int64)


def random_pairs(rows: int) -> tuple[Rows, Rows]:
    """Pairs by chance: all of a small table, else a sample that is the same on every run."""
    if rows * (rows - 1) // 2 <= 2 * PAIRS_AT_ONCE:
        left, right = np.triu_indices(rows, 1)
        return left.astype(np.int64), right.astype(np.int64)
    left, right = np.random.default_rng(_SEED).integers(0, rows, (2, 2 * PAIRS_AT_ONCE))
    return left[left != right], right[left != right]
