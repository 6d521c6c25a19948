"""Attribution over a million touchpoints, model by model: `python -m benchmarks.attribution [TOUCHPOINTS]`.

The journeys are drawn, not loaded: what is measured is the computation, without Neo4j.
"""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.measure import Measured
from journeygraph.attribution import MODELS, Options, Paths, attribute, from_table
from journeygraph.journeys.table import CONVERTED, LOST, OPEN, JourneyTable

CHANNELS = ("ad", "app", "direct", "email", "service", "social", "store", "web")
_DAY_US = 86_400_000_000


def journeys(touchpoints: int, seed: int = 0) -> JourneyTable:
    """Journeys of 1 to 13 touchpoints over eight channels; three in ten convert, one in ten is open."""
    generator = np.random.default_rng(seed)
    lengths = generator.integers(1, 14, touchpoints // 7)
    n_paths, total = len(lengths), int(lengths.sum())
    outcomes = generator.choice([CONVERTED, LOST, OPEN], n_paths, p=[0.3, 0.6, 0.1]).astype(np.int8)
    return JourneyTable(
        ids=[str(path) for path in range(n_paths)],
        customer_ids=["c"],
        customers=np.zeros(n_paths, dtype=np.int32),
        outcomes=outcomes,
        values=np.where(outcomes == CONVERTED, generator.lognormal(3, 1, n_paths), 0.0),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        step_codes=generator.integers(0, 30, total).astype(np.int32),
        channel_codes=generator.choice(8, total, p=[0.15, 0.2, 0.1, 0.1, 0.05, 0.1, 0.05, 0.25]).astype(np.int32),
        occurred_at_us=np.cumsum(generator.integers(0, _DAY_US, total)),
        steps=[f"s{step:02}" for step in range(30)],
        channels=list(CHANNELS),
    )


def _measure(name: str, paths: Paths, models: list[str], options: Options, resamples: int) -> None:
    with Measured() as measured:
        attribute(paths, models, options, resamples=resamples)
    usage = measured.usage
    print(f"{name:34} {usage.seconds:7.2f} s {usage.python_seconds:7.2f} s cpu {usage.python_mb:6.0f} MB", flush=True)


def main() -> None:
    """Measure every model without and with intervals."""
    table = journeys(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    paths, steps = from_table(table), from_table(table, "step")
    print(f"{table.n_touchpoints} touchpoints, {table.n_paths} journeys, {len(paths.names)} channels")
    for model in MODELS:
        _measure(model.name, paths, [model.name], Options(), 0)
    _measure("markov, order 3", paths, ["markov"], Options(order=3), 0)
    _measure("shapley_rate of 30 steps (sampled)", steps, ["shapley_rate"], Options(), 0)
    _measure("the same, 200 resamples", steps, ["shapley_rate"], Options(), 200)
    usual = [model.name for model in MODELS if model.usual]
    _measure("the usual eight", paths, usual, Options(), 0)
    _measure("the usual eight, 200 resamples", paths, usual, Options(), 200)
    _measure("all nine, 200 resamples", paths, [*usual, "shapley_rate"], Options(), 200)


if __name__ == "__main__":
    main()
