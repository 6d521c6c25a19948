"""Sequences of steps as numbers: what occurs, how often, in which order, and how likely it leads to the outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import StratifiedKFold

from journeygraph.intent.tables.event_table import DWELL_OF, STEPS_OF

Matrix = NDArray[np.float64]
_FOLDS: Final = 5
#: Words of a vocabulary: the commonest of the training part.
_STEPS, _PAIRS, _TRIPLES = 60, 120, 80
#: A transition counts as seen this often before it is: unseen ones are unlikely, not impossible.
_PRIOR = 0.5
_BEFORE, _BEHIND = "(start)", "(end)"


class SequenceFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Columns `steps` and `dwell` (lists) of a table as a matrix.

    Length, distinct steps, time; each common step's count, time spent, and whether it is the first or the last; pairs
    and triples of neighbours; and the log-likelihood ratio of a first- and a second-order Markov chain of the sequences
    with the outcome against those without.  The ratios of the training part are cross-fitted: a sequence is
    never measured by chains that it is in.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, table: pd.DataFrame, truth: ArrayLike) -> Self:
        """Learn the vocabulary and the chains."""
        steps = list(table[STEPS_OF])
        self.steps_ = _commonest((step for one in steps for step in one), _STEPS)
        self.pairs_ = _commonest((pair for one in steps for pair in _grams(one, 2)), _PAIRS)
        self.triples_ = _commonest((triple for one in steps for triple in _grams(one, 3)), _TRIPLES)
        self.chains_ = [_Chains(order).fit(steps, np.asarray(truth, dtype=np.bool_)) for order in (1, 2)]
        return self

    def transform(self, table: pd.DataFrame) -> Matrix:
        """The matrix of sequences that were not learned from."""
        steps = list(table[STEPS_OF])
        ratios = [[chains.ratio(one) for chains in self.chains_] for one in steps]
        return np.hstack([self._described(table), np.array(ratios, dtype=np.float64).reshape(len(steps), -1)])

    def fit_transform(self, table: pd.DataFrame, truth: ArrayLike | None = None, **_: Any) -> Matrix:
        """The matrix of the sequences that are learned from."""
        known = np.asarray(truth, dtype=np.bool_)
        self.fit(table, known)
        steps = list(table[STEPS_OF])
        ratios = np.zeros((len(steps), len(self.chains_)))
        for learned, held in StratifiedKFold(_FOLDS, shuffle=True, random_state=self.seed).split(steps, known):
            for place, fitted in enumerate(self.chains_):
                chains = _Chains(fitted.order).fit([steps[k] for k in learned], known[learned])
                ratios[held, place] = [chains.ratio(steps[k]) for k in held]
        return np.hstack([self._described(table), ratios])

    def _described(self, table: pd.DataFrame) -> Matrix:
        rows = zip(table[STEPS_OF], table[DWELL_OF], strict=True)
        return np.array([self._row(steps, dwell) for steps, dwell in rows], dtype=np.float64)

    def _row(self, steps: Sequence[str], dwell: Sequence[float]) -> list[float]:
        counted, spent = Counter(steps), Counter[str]()
        for step, seconds in zip(steps, dwell, strict=True):
            spent[step] += seconds  # type: ignore[assignment]
        pairs, triples = Counter(_grams(steps, 2)), Counter(_grams(steps, 3))
        repeats = sum(one == other for one, other in pairwise(steps))
        row = [len(steps), len(counted), repeats, sum(dwell), max(dwell, default=0.0), float(np.median(dwell or [0.0]))]
        row += [counted[step] for step in self.steps_] + [spent[step] for step in self.steps_]
        row += [float(steps[:1] == [step]) for step in self.steps_] + [
            float(steps[-1:] == [step]) for step in self.steps_
        ]
        return row + [pairs[pair] for pair in self.pairs_] + [triples[triple] for triple in self.triples_]


class _Chains:
    """Markov chains of an order: one of the sequences with the outcome, one of the others (ends included)."""

    def __init__(self, order: int) -> None:
        self.order = order

    def fit(self, sequences: Sequence[Sequence[str]], truth: NDArray[np.bool_]) -> Self:
        self.moves: tuple[Counter[tuple[str, ...]], ...] = (Counter(), Counter())
        self.leaving: tuple[Counter[tuple[str, ...]], ...] = (Counter(), Counter())
        for steps, side in zip(sequences, truth.tolist(), strict=True):
            for gram in self._moves(steps):
                self.moves[side][gram] += 1
                self.leaving[side][gram[:-1]] += 1
        self.width = len({gram[-1] for side in self.moves for gram in side}) + 1
        return self

    def ratio(self, steps: Sequence[str]) -> float:
        """Log-likelihood with the outcome, less that without it."""
        moves = list(self._moves(steps))
        with_it, without = (sum(np.log(self._chance(side, gram)) for gram in moves) for side in (1, 0))
        return float(with_it - without)

    def _chance(self, side: int, gram: tuple[str, ...]) -> float:
        return float((self.moves[side][gram] + _PRIOR) / (self.leaving[side][gram[:-1]] + _PRIOR * self.width))

    def _moves(self, steps: Sequence[str]) -> Iterable[tuple[str, ...]]:
        return _grams([_BEFORE] * self.order + list(steps) + [_BEHIND], self.order + 1)


def _grams(steps: Sequence[str], length: int) -> Iterable[tuple[str, ...]]:
    return zip(*(steps[place:] for place in range(length)), strict=False)


def _commonest(words: Iterable[Any], most: int) -> list[Any]:
    counted = Counter(words)
    return sorted(word for word, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:most])
