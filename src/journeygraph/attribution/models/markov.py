"""Credit by removal effect in an absorbing Markov chain of order k."""

from __future__ import annotations

import numpy as np

from journeygraph.attribution.chain import RESAMPLED_UP_TO, Chain
from journeygraph.attribution.model import Credits, Model, Options, Rule, Sample
from journeygraph.attribution.paths import Paths


def _prepare(paths: Paths, options: Options) -> Rule:
    chain = Chain.of(paths, options.order)

    def rule(sample: Sample) -> Credits:
        effects = np.stack(chain.removal_effects(sample), axis=2)  # C x 2 x B
        totals = np.stack([sample.conversions.sum(axis=0), sample.values.sum(axis=0)])  # 2 x B
        sums = effects.sum(axis=0)
        # No sum to divide by where no value is known: then value goes as conversions do (and is 0 in all).
        shares = effects / np.where(sums > 0, sums, 1)
        shares[:, 1, sums[1] <= 0] = shares[:, 0, sums[1] <= 0]
        credit = shares * totals
        return Credits(
            credit[:, 0],
            credit[:, 1],
            removal_effect=effects[:, 0, 0],
            method=f"absorbing Markov chain of order {options.order} with {chain.n_states} states, solved exactly",
            resampled=chain.n_states <= RESAMPLED_UP_TO,
        )

    return rule


MODEL = Model(
    name="markov",
    title="Markov chain",
    definition=(
        "Journeys as an absorbing Markov chain. A name's removal effect is the share of conversions lost when reaching "
        "it leads to null; credits are proportional to it and sum to the conversions."
    ),
    query="attribution/markov",
    prepare=_prepare,
    parameters=lambda _, options: {"order": options.order},
    reproduces="transition counts",
)
