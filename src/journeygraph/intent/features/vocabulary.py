"""Which steps, transitions and patterns become features: learned from the training part only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.features import chain
from journeygraph.intent.features.described import Vocabulary
from journeygraph.intent.features.goals import CONVERSION
from journeygraph.intent.features.matrix import contain
from journeygraph.intent.features.outcomes import Outcomes
from journeygraph.intent.features.timeline import Cuts, Timeline

MAX_STEPS = 60
MAX_TRANSITIONS = 30
MAX_PATTERNS = 20
_PATTERN_STEPS = 12


def learn(
    timeline: Timeline,
    cuts: Cuts,
    converts: NDArray[np.bool_],
    outcomes: Outcomes | None = None,
    goal: str = CONVERSION,
) -> Vocabulary:
    """The commonest steps and last transitions of the cuts, and the ordered pairs that tell conversions apart best.

    With the `outcomes` of touchpoints also how the moves between steps, and the neighbours, of those who reach the goal
    differ from the others'.
    """
    seen = np.zeros(len(timeline.steps), dtype=np.int64)
    used = np.zeros(len(timeline.channels), dtype=np.int64)
    np.add.at(seen, timeline.step_codes[cuts.end - 1], 1)
    np.add.at(used, timeline.channel_codes[cuts.end - 1], 1)
    steps = _commonest(timeline.steps, seen, MAX_STEPS)
    stages = {step: timeline.stages[step] for step in steps if timeline.stages.get(step)}
    return Vocabulary(
        steps=steps,
        stages=tuple(sorted(set(stages.values()))),
        channels=_commonest(timeline.channels, used, MAX_STEPS),
        step_stages=_all_stages(timeline.stages),
        transitions=_transitions(timeline, cuts),
        patterns=_patterns(timeline, cuts, converts, _commonest(timeline.steps, seen, _PATTERN_STEPS)),
        goal=goal,
        chain=None if outcomes is None else chain.learn(timeline, steps, outcomes.known, outcomes.follows),
        neighbours=outcomes.all_neighbours() if outcomes else {},
    )


def _all_stages(stages: Mapping[str, str]) -> dict[str, str]:
    return {step: str(stage) for step, stage in sorted(stages.items()) if stage}


def _commonest(names: Sequence[str], counts: NDArray[np.int64], most: int) -> tuple[str, ...]:
    order = np.argsort(-counts, kind="stable")[:most]
    return tuple(sorted(names[int(code)] for code in order if counts[code] > 0))


def _transitions(timeline: Timeline, cuts: Cuts) -> tuple[tuple[str, str], ...]:
    two = cuts.end - cuts.journey >= 2
    width = len(timeline.steps)
    end = cuts.end[two]
    pairs = timeline.step_codes[end - 2].astype(np.int64) * width + timeline.step_codes[end - 1]
    codes, counts = np.unique(pairs, return_counts=True)
    kept = codes[np.argsort(-counts, kind="stable")[:MAX_TRANSITIONS]]
    return tuple(sorted((timeline.steps[int(code) // width], timeline.steps[int(code) % width]) for code in kept))


def _patterns(
    timeline: Timeline, cuts: Cuts, converts: NDArray[np.bool_], steps: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """Pairs of steps in order, by how far their conversion rate lies from the average, in standard errors."""
    rate = float(np.mean(converts))
    found: list[tuple[float, tuple[str, ...]]] = []
    pairs = list(product(steps, steps))
    for pattern, present in zip(pairs, contain(timeline, cuts, pairs).T, strict=True):
        support = int(np.count_nonzero(present))
        if support < 20:
            continue
        surplus = float(np.count_nonzero(present & converts)) - rate * support
        spread = (support * (1 - support / len(cuts)) * rate * (1 - rate)) ** 0.5
        found.append((-abs(surplus) / spread if spread > 0 else 0.0, pattern))
    return tuple(sorted(pattern for _, pattern in sorted(found)[:MAX_PATTERNS]))
