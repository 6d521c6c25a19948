"""Journeys in which nothing is wrong, though much could look so.

The exit hazard depends on stage and depth alone, but steps differ in the depth at which they occur; waits are
heavy-tailed and differ between transitions, but say nothing about the outcome; the data ends while journeys are
under way.  Customers tend to stay in a channel, and each step happens in one more than in the others.
"""

from __future__ import annotations

import numpy as np

from journeygraph.journeys.table import CONVERTED, LOST, OPEN, JourneyTable

DAY_US = 86_400_000_000
_STAGES = ("awareness", "consideration", "purchase")
_STEPS_PER_STAGE = 6
_CHANNELS = ("app", "service", "store", "web")


def null_table(journeys: int, seed: int, *, days: int = 150, most_touchpoints: int = 40) -> JourneyTable:
    """A table of so many journeys over so many days, split by the default rules."""
    rng = np.random.default_rng(seed)
    size = _STEPS_PER_STAGE
    stage, steps, alive = np.zeros(journeys, int), [], np.ones(journeys, bool)
    lengths, converted = np.zeros(journeys, int), np.zeros(journeys, bool)
    drift = np.linspace(-0.5, 0.5, size)
    for depth in range(most_touchpoints):
        weights = np.exp(drift * min(depth, 12) / 4) * (1.0 + np.arange(size) % 3)
        inside = rng.choice(size, size=journeys, p=weights / weights.sum())
        wins = alive & (stage == 2) & (rng.random(journeys) < 0.3) & (depth > 0)
        steps.append(np.where(wins, 3 * size, stage * size + inside))
        lengths += alive
        converted |= wins
        hazard = np.array([0.22, 0.12, 0.16])[stage] * (0.6 + 1.2 * np.exp(-depth / 3))
        alive = alive & ~wins & (rng.random(journeys) >= hazard)
        stage = np.minimum(stage + (rng.random(journeys) < 0.25), 2)
    matrix = np.stack(steps, axis=1)
    slow = 1 + (matrix * 7 % 5) * 4.0
    waits = np.minimum(np.exp(rng.normal(5.0, 3.0, matrix.shape)) * slow, 20 * 86_400) * 1_000_000
    waits[:, 0] = np.sort(rng.random(journeys)) * days * DAY_US
    return _observed(matrix, np.cumsum(waits, axis=1).astype(np.int64), lengths, converted, days)


def _observed(
    matrix: np.ndarray, times: np.ndarray, lengths: np.ndarray, converted: np.ndarray, days: int
) -> JourneyTable:
    """What is seen of the journeys by the end of the data."""
    size = 3 * _STEPS_PER_STAGE
    place = np.arange(matrix.shape[1])
    seen = np.minimum(lengths, (times < days * DAY_US).sum(axis=1))
    kept = seen > 0
    end = int(times[place[None] < seen[:, None]].max())
    last = times[np.arange(len(seen)), np.maximum(seen, 1) - 1]
    outcomes = np.where(converted & (seen == lengths), CONVERTED, np.where(end - last > 30 * DAY_US, LOST, OPEN))
    inside = place[None] < seen[:, None]
    ids = [f"j{number:07d}" for number in range(int(kept.sum()))]
    names = [f"{_STAGES[code // _STEPS_PER_STAGE]} {code % _STEPS_PER_STAGE}" for code in range(size)] + ["goal"]
    rank = np.argsort(np.argsort(names))
    return JourneyTable(
        ids=ids,
        customer_ids=ids,
        customers=np.arange(len(ids), dtype=np.int32),
        outcomes=outcomes[kept].astype(np.int8),
        values=np.where(outcomes[kept] == CONVERTED, 20.0 + np.arange(len(ids)) % 50, 0.0),
        offsets=np.concatenate([[0], np.cumsum(seen[kept])]).astype(np.int64),
        step_codes=rank[matrix[inside]].astype(np.int32),
        channel_codes=_channels(matrix[inside], place[None].repeat(len(seen), axis=0)[inside] == 0),
        occurred_at_us=times[inside],
        steps=sorted(names),
        channels=list(_CHANNELS),
        stages={name: name.split()[0] if name != "goal" else "purchase" for name in names},
    )


def _channels(steps: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """A channel for each touchpoint: often the one before, else often the step's own."""
    rng = np.random.default_rng((len(steps), int(steps.sum())))
    own = np.where(rng.random(len(steps)) < 0.5, steps * 5 % 3, rng.integers(len(_CHANNELS), size=len(steps)))
    chosen = starts | (rng.random(len(steps)) < 0.5)
    return own[np.maximum.accumulate(np.where(chosen, np.arange(len(steps)), 0))].astype(np.int32)
