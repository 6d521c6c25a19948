"""All credit to the first touchpoint."""

from __future__ import annotations

import numpy as np

from journeygraph.attribution.model import Model, linear

MODEL = Model(
    name="first",
    title="First touch",
    definition="Each conversion counts for the first touchpoint of its journey.",
    query="attribution/first",
    prepare=lambda paths, _: linear(paths.shares(np.ones(paths.n_paths), paths.first)),
)
