"""The probability that two records are one person: Fellegi and Sunter's model, learnt without labels.

A pair's grade in an aspect has the probability m among pairs of one person and u among pairs of two; given which of
these a pair is, the aspects are taken as independent, and the log of m/u is the grade's weight (Fellegi & Sunter, "A
Theory for Record Linkage", JASA 64, 1969).  m, and how many pairs are matches, are learnt from the candidate pairs by
expectation and maximisation, u from random pairs, of which almost none is a match (Winkler, "Using the EM algorithm for
weight computation in the Fellegi-Sunter model of record linkage", 1988).

Two people of one household share a surname, an address or a telephone and nothing else, so that the aspects aren't
independent among all pairs of two people.  Such pairs are a third class: like one person in what a household shares
(`Aspect.shared`), like strangers in the rest; how many there are is learnt as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from journeygraph.identity.linkage.comparison import Aspect, Compared
from journeygraph.identity.linkage.records import Floats

_ROUNDS: Final = 200
_SETTLED: Final = 1e-5
#: What is known beforehand counts like half a pair, spread over an aspect's grades.
_PRIOR_PAIRS: Final = 0.5
#: Pairs of one household for each match, where the table doesn't say more.
_HOUSEHOLD_PAIRS: Final = 0.05
#: One person's records agree as a rule: where nobody is there twice, no other class of pairs is taken for the matches.
_MOST_UNLIKE: Final = 0.4
_LEAST_EQUAL: Final = 0.4
_FEWEST: Final = 1e-12


@dataclass(frozen=True)
class Model:
    """m and u of every grade by aspect (1 for a missing value), and the shares of all pairs that are matches, and two
    people of one household."""

    aspects: tuple[Aspect, ...]
    m: tuple[Floats, ...]
    u: tuple[Floats, ...]
    match_share: float
    household_share: float

    def kept(self) -> dict[str, Any]:
        """What was learnt, as plain values: nothing about anybody is in it."""
        return {
            "aspects": [[one.name, list(one.grades)] for one in self.aspects],
            "m": [one.tolist() for one in self.m],
            "u": [one.tolist() for one in self.u],
            "match_share": self.match_share,
            "household_share": self.household_share,
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any], aspects: Sequence[Aspect]) -> Model | None:
        """The model that was kept, where it is one of these aspects; None where the columns are others now."""
        if [[one.name, list(one.grades)] for one in aspects] != kept["aspects"]:
            return None
        m, u = (tuple(np.array(one, np.float64) for one in kept[name]) for name in ("m", "u"))
        return cls(tuple(aspects), m, u, kept["match_share"], kept["household_share"])

    def weights(self, compared: Sequence[Compared]) -> list[Floats]:
        """Bits of evidence for one person, aspect by aspect; 0 where a value is missing."""
        return [np.log2(m / u)[one.grades] + one.rarity for m, u, one in zip(self.m, self.u, compared, strict=True)]

    def odds(self, compared: Sequence[Compared]) -> Floats:
        """The odds that each pair is one person, at most 2**60."""
        person, household, strangers = self._likelihoods(compared)
        return np.asarray(np.clip(person / (household + strangers), 2.0**-60, 2.0**60), np.float64)

    def probability(self, compared: Sequence[Compared]) -> Floats:
        """That each pair is one person."""
        odds = self.odds(compared)
        return np.asarray(odds / (1 + odds), np.float64)

    def household(self, compared: Sequence[Compared]) -> Floats:
        """The probability that each pair is two people of one household."""
        person, household, strangers = self._likelihoods(compared)
        return np.asarray(household / (person + household + strangers), np.float64)

    def _likelihoods(self, compared: Sequence[Compared]) -> tuple[Floats, Floats, float]:
        """How probable each pair is under one person, one household and strangers, over the last one's likelihood."""
        person = np.zeros(len(compared[0].grades)) if compared else np.zeros(0)
        household = person.copy()
        for aspect, bits in zip(self.aspects, self.weights(compared), strict=True):
            person += bits
            household += np.log2(aspect.shared * np.exp2(bits) + 1 - aspect.shared)
        return (
            self.match_share * np.exp2(np.clip(person, -200, 200)),
            self.household_share * np.exp2(np.clip(household, -200, 200)),
            1 - self.match_share - self.household_share,
        )


def learn(
    aspects: Sequence[Aspect], candidates: Sequence[Compared], chance: Sequence[Compared], matches_are: float
) -> Model:
    """The model of a sample of candidate pairs and one of random pairs.

    `matches_are` is the share of all pairs that one match in the sample of candidates stands for.
    """
    model = _start(aspects, chance)
    for _ in range(_ROUNDS if aspects else 0):
        match, no_match = model.probability(candidates), 1 - model.probability(chance)
        m = tuple(
            _agreeing(aspect, _shares(aspect, one, match)) for aspect, one in zip(aspects, candidates, strict=True)
        )
        u = tuple(_shares(aspect, one, no_match) for aspect, one in zip(aspects, chance, strict=True))
        matches = float(match.sum())
        households = float(model.household(candidates).sum()) + _HOUSEHOLD_PAIRS * max(matches, 1.0)
        shares = np.clip(np.array([matches, households]) * matches_are, _FEWEST, 0.3)
        change = max(float(np.abs(new - old).max()) for new, old in zip(m, model.m, strict=True))
        model = Model(tuple(aspects), m, u, float(shares[0]), float(shares[1]))
        if change < _SETTLED:
            break
    return model


def _shares(aspect: Aspect, one: Compared, weight: Floats) -> Floats:
    """The share of each grade among the pairs that have one."""
    counts = np.bincount(one.grades, weights=weight, minlength=len(aspect.grades)).astype(np.float64)
    counts[1:] += _PRIOR_PAIRS / (len(counts) - 1)
    return _normal(counts)


def _agreeing(aspect: Aspect, m: Floats) -> Floats:
    """The same with grade 1 at most `_MOST_UNLIKE`, and the last one at least `_LEAST_EQUAL`."""
    equal = len(m) - 1
    fixed: dict[int, float] = {}
    if m[1] > _MOST_UNLIKE:
        fixed[1] = _MOST_UNLIKE
    if m[equal] < _LEAST_EQUAL and not aspect.joint:
        fixed[equal] = _LEAST_EQUAL
    if not fixed:
        return m
    rest = [grade for grade in range(1, equal + 1) if grade not in fixed]
    found = m.copy()
    found[rest] *= (1 - sum(fixed.values())) / max(float(m[rest].sum()), 1e-9)
    for grade, share in fixed.items():
        found[grade] = share
    return found


def _normal(counts: Floats) -> Floats:
    counts[0] = 0
    found = np.asarray(counts / counts.sum(), np.float64)
    found[0] = 1.0
    return found


def _start(aspects: Sequence[Aspect], chance: Sequence[Compared]) -> Model:
    """Before anything is known: seven matches in ten are equal in an aspect, and one pair in a thousand is a match."""
    m = []
    for aspect in aspects:
        counts: np.ndarray[Any, np.dtype[np.float64]] = np.linspace(1, 3, len(aspect.grades))
        counts[-1] = 7 / 3 * counts[1:-1].sum()
        m.append(_normal(counts))
    everybody = [np.ones(len(one.grades)) for one in chance]
    u = tuple(_shares(aspect, one, all_) for aspect, one, all_ in zip(aspects, chance, everybody, strict=True))
    return Model(tuple(aspects), tuple(m), u, 1e-3, 1e-4)
