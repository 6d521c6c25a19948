"""All credit to the last touchpoint that isn't direct."""

from __future__ import annotations

import numpy as np

from journeygraph.attribution.model import Model, Options, Rule, linear
from journeygraph.attribution.paths import Paths


def _prepare(paths: Paths, options: Options) -> Rule:
    direct = np.isin(paths.codes, [paths.names.index(name) for name in options.direct_names(paths)])
    latest = np.maximum.accumulate(np.where(direct, -1, np.arange(len(paths.codes))))
    chosen = np.where(latest[paths.last] >= paths.first, latest[paths.last], paths.last)
    return linear(paths.shares(np.ones(paths.n_paths), chosen))


MODEL = Model(
    name="last_non_direct",
    title="Last non-direct touch",
    definition="Each conversion counts for the last touchpoint whose name isn't direct; where all are, for the last.",
    query="attribution/last_non_direct",
    prepare=_prepare,
    parameters=lambda paths, options: {"direct": options.direct_names(paths)},
)
