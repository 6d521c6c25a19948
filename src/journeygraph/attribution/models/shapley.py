"""Shapley value of the game whose worth is the number of conversions."""

from __future__ import annotations

import numpy as np

from journeygraph.attribution.model import Credits, Model, Options, Rule, Sample
from journeygraph.attribution.paths import Paths


def _prepare(paths: Paths, _: Options) -> Rule:
    # The game is a sum of unanimity games, one for each set of names with conversions, and the Shapley value of a
    # unanimity game is an equal share for each member: exact for any number of names, and no coalition is enumerated.
    members = paths.shares(np.ones(len(paths.codes)))
    sizes = np.bincount(members.indices, minlength=paths.n_paths)
    members.data = 1.0 / sizes[members.indices]
    none = np.zeros(len(paths.names))

    def rule(sample: Sample) -> Credits:
        return Credits(
            members @ sample.conversions, members @ sample.values, error_bound=none, method="exact, by unanimity games"
        )

    return rule


MODEL = Model(
    name="shapley",
    title="Shapley value",
    definition=(
        "A coalition is worth the conversions of journeys that touched nothing outside it; each name gets its Shapley "
        "value, which is an equal share of each conversion for each distinct name of its journey."
    ),
    query="attribution/shapley",
    prepare=_prepare,
)
