"""The game of conversion rates: sets of names, their exact Shapley values, and sampled ones with their error."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

from journeygraph.attribution.model import Credits, Rule, Sample
from journeygraph.attribution.paths import Floats, Integers, Matrix, Paths

EXACT_UP_TO = 15
PERMUTATIONS = 2_000
FEWEST = 20
#: Members of sets that all orders together may look at, and at once: what bounds time and memory.
_WORK = 100_000_000
_CELLS = 4_000_000
_MISTAKE = 0.05


@dataclass(frozen=True)
class Game:
    """The K distinct sets of names that journeys touched.

    Set k's members are `members[offsets[k]:offsets[k + 1]]`; `of_paths` (K x P) says which paths have which set.
    A coalition is worth the conversion rate of the journeys whose set lies within it, times the number of all
    journeys, so that all names together are worth the conversions; no journeys, no worth.
    """

    n_names: int
    offsets: Integers
    members: Integers
    of_paths: Matrix

    @classmethod
    def of(cls, paths: Paths) -> Game:
        """The game of some paths."""
        table = paths.shares(np.ones(len(paths.codes))).tocsc()
        table.sort_indices()
        members = table.indices.astype(np.int32)
        index: dict[bytes, int] = {}
        ends = table.indptr.tolist()
        which = [index.setdefault(members[start:end].tobytes(), len(index)) for start, end in pairwise(ends)]
        sets = [np.frombuffer(key, dtype=np.int32).astype(np.int64) for key in index]
        return cls(
            n_names=len(paths.names),
            offsets=np.concatenate([[0], np.cumsum([len(each) for each in sets])]).astype(np.int64),
            members=np.concatenate([np.zeros(0, dtype=np.int64), *sets]),
            of_paths=sparse.coo_array(
                (np.ones(paths.n_paths), (which, np.arange(paths.n_paths))), shape=(len(index), paths.n_paths)
            ).tocsr(),
        )

    def exact(self, sample: Sample) -> Credits:
        """Shapley values by all 2^C coalitions."""
        found = [self._enumerated(*counts) for counts in self._counts(sample)]
        return Credits(
            np.stack([credit for credit, _ in found], axis=1),
            np.stack([value for _, value in found], axis=1),
            error_bound=np.zeros(self.n_names),
            method=f"exact, over all {2**self.n_names} coalitions",
        )

    def sampler(self, observed: Sample, seed: int) -> Rule:
        """A rule that averages over random orders of the names, as many as `_WORK` allows.

        Resamples use the first few of these orders, and what all of them make of the observed journeys corrects them:
        their credits still sum to the conversions, and scatter about the better estimate.
        """
        orders = self._orders(np.random.default_rng(seed))
        few = self._complete_at(orders[: max(FEWEST, min(len(orders) // 10, _WORK // 10 // self.n_sets))])
        counts = next(self._counts(observed))
        best = self._sampled(orders, *counts)
        shift = [exact - rough for exact, rough in zip(best[:2], self._means(few, orders, *counts), strict=True)]

        def rule(sample: Sample) -> Credits:
            found = [self._means(few, orders, *each) for each in self._counts(sample)]
            return Credits(
                np.stack([credit for credit, _ in found], axis=1) + shift[0][:, None],
                np.stack([value for _, value in found], axis=1) + shift[1][:, None],
                error_bound=best[2],
                method=f"sampled, {len(orders)} random orders of {self.n_names} names",
            )

        return rule

    @property
    def n_sets(self) -> int:
        """Number of distinct sets (K)."""
        return len(self.offsets) - 1

    def _orders(self, generator: np.random.Generator) -> Integers:
        """Orders x names: the place of each name."""
        amount = max(FEWEST * 10, min(PERMUTATIONS, _WORK // max(len(self.members), 1)))
        return generator.permuted(np.tile(np.arange(self.n_names), (amount, 1)), axis=1)

    def _counts(self, sample: Sample) -> Iterator[tuple[Floats, Floats, Floats]]:
        """Conversions, value and journeys of each set (K), for each resample."""
        conversions, values = self.of_paths @ sample.conversions, self.of_paths @ sample.values
        journeys = conversions + self.of_paths @ sample.losses
        for b in range(sample.conversions.shape[1]):
            yield conversions[:, b], values[:, b], journeys[:, b]

    @cached_property
    def _masks(self) -> Integers:
        return np.add.reduceat(1 << self.members, self.offsets[:-1]) if len(self.members) else self.members

    def _enumerated(self, conversions: Floats, values: Floats, journeys: Floats) -> tuple[Floats, Floats]:
        within = [subset_sums(self._masks, each, self.n_names) for each in (conversions, values, journeys)]
        total = journeys.sum()
        return shapley(_rate(within[0], within[2], total)), shapley(_rate(within[1], within[2], total))

    def _means(
        self, complete: Integers, orders: Integers, conversions: Floats, values: Floats, journeys: Floats
    ) -> tuple[Floats, Floats]:
        """Mean gains over the first orders, whose `complete` is known, for conversions and value."""
        places, total = orders[: len(complete)], journeys.sum()
        of_all = _cumulated(complete, journeys, self.n_names)
        credit, value = (
            _gains(_rate(_cumulated(complete, each, self.n_names), of_all, total), places).mean(axis=0)
            for each in (conversions, values)
        )
        return credit, value

    def _sampled(
        self, orders: Integers, conversions: Floats, values: Floats, journeys: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Means over all orders, for conversions and value, and the error bound of the first."""
        credit, squares, value = (np.zeros(self.n_names) for _ in range(3))
        total = journeys.sum()
        batch = max(1, _CELLS // max(len(self.members), 1))
        for places in (orders[start : start + batch] for start in range(0, len(orders), batch)):
            complete = self._complete_at(places)
            of_all = _cumulated(complete, journeys, self.n_names)
            gains = _gains(_rate(_cumulated(complete, conversions, self.n_names), of_all, total), places)
            credit += gains.sum(axis=0)
            squares += (gains**2).sum(axis=0)
            value += _gains(_rate(_cumulated(complete, values, self.n_names), of_all, total), places).sum(axis=0)
        n = len(orders)
        deviation = np.sqrt(np.maximum(squares - credit**2 / n, 0) / (n - 1))
        quantile = stats.norm.isf(_MISTAKE / 2 / self.n_names)
        return credit / n, value / n, quantile * deviation / math.sqrt(n)

    def _complete_at(self, places: Integers) -> Integers:
        """For each order and set, the place at which the set's last member joins."""
        return np.maximum.reduceat(places[:, self.members], self.offsets[:-1], axis=1)


def _cumulated(complete: Integers, weights: Floats, n_names: int) -> Floats:
    """Orders x places: the weights of the sets that are complete by then."""
    cells = complete + np.arange(len(complete))[:, None] * n_names
    counts = np.bincount(cells.ravel(), np.tile(weights, len(complete)), len(complete) * n_names)
    sums: Floats = np.cumsum(counts.reshape(len(complete), n_names), axis=1, dtype=np.float64)
    return sums


def _gains(worth: Floats, places: Integers) -> Floats:
    """Orders x names: by how much each name's joining raises the worth."""
    return np.take_along_axis(np.diff(worth, axis=1, prepend=0.0), places, axis=1)


def _rate(part: Floats, whole: Floats, total: float) -> Floats:
    return np.divide(part * total, whole, out=np.zeros_like(part), where=whole > 0)


def subset_sums(masks: Integers, weights: Floats, n_names: int) -> Floats:
    """For each of the 2^C coalitions, the weight of the sets within it.

    >>> subset_sums(np.array([1, 3]), np.array([5.0, 2.0]), 2).tolist()
    [0.0, 5.0, 0.0, 7.0]
    """
    sums: Floats = np.bincount(masks, weights, 1 << n_names).astype(np.float64)
    for name in range(n_names):
        halves = sums.reshape(-1, 2, 1 << name)
        halves[:, 1] += halves[:, 0]
    return sums


def shapley(worth: Floats) -> Floats:
    """Shapley values of a game given by the worth of each of its 2^C coalitions (bit c of the index: name c is in).

    >>> shapley(np.array([0.0, 5.0, 0.0, 7.0])).tolist()
    [6.0, 1.0]
    """
    n_names = len(worth).bit_length() - 1
    sizes = _sizes(n_names)
    weights = np.array([1 / (n_names * math.comb(n_names - 1, size)) for size in range(n_names)])
    found = np.zeros(n_names)
    for name in range(n_names):
        halves = worth.reshape(-1, 2, 1 << name)
        without = sizes.reshape(-1, 2, 1 << name)[:, 0]
        found[name] = np.sum(weights[without] * (halves[:, 1] - halves[:, 0]))
    return found


def _sizes(n_names: int) -> NDArray[np.uint8]:
    return np.bitwise_count(np.arange(1 << n_names))
