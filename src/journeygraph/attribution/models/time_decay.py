"""Credit that halves with every half-life before the conversion."""

from __future__ import annotations

import numpy as np

from journeygraph.attribution.model import Model, Options, Rule, linear, per_path
from journeygraph.attribution.paths import Paths
from journeygraph.errors import UsageError


def _prepare(paths: Paths, options: Options) -> Rule:
    if paths.days is None:
        raise UsageError("time_decay needs to know when each touchpoint was; a table of paths doesn't say.")
    # Counted from the last touchpoint, whose weight is 1: the same shares, and no sum that vanishes after years.
    age = paths.days - np.repeat(paths.days[paths.last], paths.lengths)
    return linear(paths.shares(per_path(paths, np.exp2(-age / options.half_life_days))))


MODEL = Model(
    name="time_decay",
    title="Time decay",
    definition="Each conversion is shared by weights that halve with every half-life between touchpoint and goal.",
    query="attribution/time_decay",
    prepare=_prepare,
    parameters=lambda _, options: {"half_life_days": float(options.half_life_days)},
    needs_times=True,
)
