"""Equal credit to every touchpoint."""

from __future__ import annotations

import numpy as np

from journeygraph.attribution import model
from journeygraph.attribution.model import Model

MODEL = Model(
    name="linear",
    title="Linear",
    definition="Each conversion is shared equally among all touchpoints of its journey; one that repeats counts again.",
    query="attribution/linear",
    prepare=lambda paths, _: model.linear(paths.shares(model.per_path(paths, np.ones(len(paths.codes))))),
)
