"""All credit to the last touchpoint before the goal."""

from __future__ import annotations

import numpy as np

from journeygraph.attribution.model import Model, linear

MODEL = Model(
    name="last",
    title="Last touch",
    definition="Each conversion counts for the last touchpoint before the goal.",
    query="attribution/last",
    prepare=lambda paths, _: linear(paths.shares(np.ones(paths.n_paths), paths.last)),
)
