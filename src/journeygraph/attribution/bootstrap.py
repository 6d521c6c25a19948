"""Bootstrap of journeys: what the credits would have been in other samples of as many journeys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from journeygraph.attribution.model import Rule, Sample
from journeygraph.attribution.paths import Floats, Integers, Paths

LEVEL = 0.95
#: Numbers that a batch of resamples may hold at once: what bounds the memory.
_CELLS = 4_000_000


@dataclass(frozen=True)
class Intervals:
    """Percentile intervals of conversions and of value: two arrays C x 2."""

    credit: Floats
    value: Floats


def intervals(paths: Paths, rules: dict[str, Rule], *, resamples: int, seed: int) -> dict[str, Intervals]:
    """For each rule the 95 % percentile intervals over the same resamples.

    A resample draws, with replacement, as many journeys (converted and lost together) as there are; it is the same for
    every rule and for the same seed.
    """
    credit: dict[str, list[Floats]] = {name: [] for name in rules}
    value: dict[str, list[Floats]] = {name: [] for name in rules}
    for sample in draws(paths, resamples, seed):
        for name, rule in rules.items():
            found = rule(sample)
            credit[name].append(found.credit)
            value[name].append(found.value)
    return {name: Intervals(_ends(credit[name]), _ends(value[name])) for name in rules}


def draws(paths: Paths, resamples: int, seed: int) -> Iterator[Sample]:
    """The resamples in batches of at least two."""
    outcomes = np.concatenate([paths.conversions, paths.losses]).astype(np.int64)  # 2P kinds of journeys
    worth = np.divide(paths.values, paths.conversions, out=np.zeros(paths.n_paths), where=paths.conversions > 0)
    generator = np.random.default_rng(seed)
    batch = max(2, _CELLS // max(len(outcomes), 1))
    done = 0
    while done < resamples:
        size = min(batch, resamples - done)
        size = size + 1 if resamples - done - size == 1 else size  # no batch of one is left over
        drawn = _draw(generator, outcomes, size)
        conversions, losses = drawn[: paths.n_paths], drawn[paths.n_paths :]
        yield Sample(conversions, conversions * worth[:, None], losses)
        done += size


def _draw(generator: np.random.Generator, counts: Integers, size: int) -> Floats:
    """Kinds x resamples: how often each kind is drawn."""
    total = int(counts.sum())
    if total > 4 * len(counts):
        return generator.multinomial(total, counts / max(total, 1), size).T.astype(np.float64)
    kind_of = np.repeat(np.arange(len(counts)), counts)
    return np.stack(
        [
            np.bincount(kind_of[generator.integers(0, total, total)], minlength=len(counts)).astype(np.float64)
            for _ in range(size)
        ],
        axis=1,
    )


def _ends(parts: list[Floats]) -> Floats:
    tail = (1 - LEVEL) / 2
    return np.quantile(np.concatenate(parts, axis=1), [tail, 1 - tail], axis=1).T
