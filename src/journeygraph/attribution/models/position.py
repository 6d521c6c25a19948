"""40 % to the first touchpoint, 40 % to the last, 20 % to those between."""

from __future__ import annotations

import numpy as np

from journeygraph.attribution.model import Model, Options, Rule, linear
from journeygraph.attribution.paths import Paths


def _prepare(paths: Paths, _: Options) -> Rule:
    lengths = np.repeat(paths.lengths, paths.lengths)
    outer = (paths.ranks == 0) | (paths.ranks == lengths - 1)
    weights = np.where(outer, 0.4, 0.2 / np.maximum(lengths - 2, 1))
    weights = np.where(lengths <= 2, 1 / lengths, weights)
    return linear(paths.shares(weights))


MODEL = Model(
    name="position",
    title="Position 40/20/40",
    definition=(
        "40 % of each conversion to the first touchpoint, 40 % to the last, 20 % equally to those between; "
        "half each where there are two, all to the only one."
    ),
    query="attribution/position",
    prepare=_prepare,
)
