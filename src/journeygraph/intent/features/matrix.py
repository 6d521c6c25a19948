"""What was known of a customer at an instant, as numbers: the features of the intent score.

Every block of columns is computed for all cuts at once from cumulative counts, so a million touchpoints take seconds,
and one visitor's a millisecond.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.features import features_about
from journeygraph.intent.features.described import (
    Column,
    Feature,
    Group,
    Matrix,
    Vocabulary,
    blocks,
    count,
    fresh,
    positions,
    recency,
    recent,
    seconds,
    window,
)
from journeygraph.intent.features.timeline import US_PER_SECOND, Cuts, Indices, Timeline


def matrix(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> tuple[list[Feature], Matrix]:
    """All features of the cuts: their descriptions (F) and values (K x F)."""
    return described(vocabulary), values(timeline, cuts, vocabulary)


def described(vocabulary: Vocabulary) -> list[Feature]:
    """What each column says (F)."""
    return [feature for group in GROUPS for feature in group.describe(vocabulary)]


def values(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Matrix:
    """All columns of the cuts (K x F)."""
    return np.concatenate([group.values(timeline, cuts, vocabulary) for group in GROUPS], axis=1)


def _steps(vocabulary: Vocabulary) -> list[Feature]:
    return [
        feature
        for step in vocabulary.steps
        for feature in (
            Feature(f"count:{step}", f"{step} in this journey", (step,)),
            Feature(f"recent:{step}", f"a recent {step}", (step,)),
            Feature(f"last:{step}", f"{step} as the last step", (step,)),
        )
    ]


def step_values(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Matrix:
    """How often each step occurs in the running journey, how recent it is, and whether it is the last one (fading)."""
    fading = fresh(timeline, cuts) * (cuts.end > cuts.journey)
    codes = positions(timeline.steps, vocabulary.steps)[timeline.step_codes]
    made = np.empty((len(cuts), len(vocabulary.steps), 3))
    for part, there in blocks(codes, len(vocabulary.steps)):
        made[:, part, 0] = np.log1p(count(there, cuts.journey, cuts.end))
        made[:, part, 1] = recent(timeline, cuts, there)
        made[:, part, 2] = fading[:, None] * there[cuts.end - 1]
    return made.reshape(len(cuts), 3 * len(vocabulary.steps))


def _stages(vocabulary: Vocabulary) -> list[Feature]:
    return [
        Feature(f"stage:{stage}", f"touchpoints of the stage {stage} in this journey") for stage in vocabulary.stages
    ]


def stage_values(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Matrix:
    """How many touchpoints of the running journey belong to each stage."""
    of_step = positions([vocabulary.step_stages.get(step, "") for step in timeline.steps], vocabulary.stages)
    return _counted(of_step[timeline.step_codes], len(vocabulary.stages), cuts)


def _channels(vocabulary: Vocabulary) -> list[Feature]:
    counted = [
        Feature(f"channel:{channel}", f"touchpoints through {channel} in this journey")
        for channel in vocabulary.channels
    ]
    return [*counted, Feature("channels", "channels used in this journey")]


def channel_values(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Matrix:
    """Which channels the running journey used, and how many."""
    codes = positions(timeline.channels, vocabulary.channels)[timeline.channel_codes]
    counted = _counted(codes, len(vocabulary.channels), cuts)
    return np.concatenate([counted, np.count_nonzero(counted, axis=1)[:, None]], axis=1)


def _sequences(vocabulary: Vocabulary) -> list[Feature]:
    last = [
        Feature(f"transition:{source}>{target}", f"{source} > {target} as the last transition", (source, target))
        for source, target in vocabulary.transitions
    ]
    return last + [
        Feature(f"pattern:{'>'.join(pattern)}", f"{' > '.join(pattern)} in this journey", pattern)
        for pattern in vocabulary.patterns
    ]


def sequence_values(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Matrix:
    """Whether the running journey ends in each transition (fading), and contains each pattern (gaps allowed)."""
    sources, targets = (
        np.array([timeline.step_code(pair[side]) for pair in vocabulary.transitions], dtype=np.int64) for side in (0, 1)
    )
    fading = fresh(timeline, cuts) * (cuts.end - cuts.journey >= 2)
    came = timeline.step_codes[np.maximum(cuts.end - 2, 0)][:, None] == sources
    now = timeline.step_codes[cuts.end - 1][:, None] == targets
    ends = fading[:, None] * (came & now)
    return np.concatenate([ends, contain(timeline, cuts, vocabulary.patterns)], axis=1)


def _rhythm(vocabulary: Vocabulary) -> list[Feature]:  # noqa: ARG001
    return [
        Feature("depth", "touchpoints of this journey"),
        Feature("duration", "duration of this journey"),
        Feature("pause", "time since the last touchpoint", history=True),
        Feature("visit_depth", "touchpoints of the running visit"),
        Feature("visit_duration", "duration of the running visit"),
        Feature("history", "touchpoints so far", history=True),
        *(Feature(f"touchpoints_{days}d", f"touchpoints in the last {_days(days)}", (), days) for days in (1, 7, 30)),
    ]


def rhythm_values(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Matrix:  # noqa: ARG001
    """Depth, durations, pauses, and how active the customer was in the last 1, 7 and 30 days."""
    last = cuts.end - 1
    pause = (cuts.at_us - timeline.times_us[last]) / US_PER_SECOND
    visit = timeline.visit_starts[last]
    visiting = pause <= timeline.rules.session_idle_seconds
    columns = [
        cuts.end - cuts.journey,
        seconds(timeline, np.minimum(cuts.journey, last), last) * (cuts.end > cuts.journey),
        pause,
        (cuts.end - visit) * visiting,
        seconds(timeline, visit, last) * visiting,
        cuts.end - cuts.first,
        *(cuts.end - window(timeline, cuts, days) for days in (1, 7, 30)),
    ]
    return np.log1p(np.column_stack(columns))


def _history(vocabulary: Vocabulary) -> list[Feature]:  # noqa: ARG001
    return [
        Feature("conversions", "earlier conversions", history=True),
        Feature("recent_conversion", "a recent conversion", history=True),
        Feature("visits_30d", "visits in the last 30 days", (), 30),
        Feature("visit_depth_30d", "touchpoints a visit in the last 30 days", (), 30),
        Feature("visit_seconds_30d", "length of visits in the last 30 days", (), 30),
    ]


def history_values(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Matrix:  # noqa: ARG001
    """Earlier conversions, and the three measures of engagement over 30 days."""
    everything = Cuts(cuts.customers, cuts.at_us, cuts.first, cuts.end, cuts.first)
    start = window(timeline, cuts, 30)
    opened = timeline.visit_starts == np.arange(timeline.n_touchpoints)
    visits = count(opened, start, cuts.end)
    gaps_us = np.where(opened, 0, np.diff(timeline.times_us, prepend=0))
    some = np.maximum(visits, 1)
    columns: list[Column] = [
        np.log1p(count(timeline.goals, cuts.first, cuts.end)),
        recency(timeline, everything, timeline.goals, 15),
        np.log1p(visits),
        np.log1p((cuts.end - start) / some),
        np.log1p(count(gaps_us, start, cuts.end) / US_PER_SECOND / some),
    ]
    return np.column_stack(columns)


GROUPS: tuple[Group, ...] = (
    Group(_steps, step_values),
    Group(_stages, stage_values),
    Group(_channels, channel_values),
    Group(_sequences, sequence_values),
    Group(_rhythm, rhythm_values),
    Group(_history, history_values),
    *features_about.GROUPS,
)


def contain(timeline: Timeline, cuts: Cuts, patterns: Sequence[Sequence[str]]) -> NDArray[np.bool_]:
    """Does the running journey of each cut contain each pattern's steps in order, anything between them (K x P)?"""
    n = timeline.n_touchpoints
    steps = sorted({step for pattern in patterns for step in pattern})
    codes = positions(timeline.steps, steps)[timeline.step_codes]
    column = {step: number for number, step in enumerate(steps)}
    following = np.full((n + 2, len(steps)), n, dtype=np.int64)
    for part, there in blocks(codes, len(steps)):
        here = np.where(there, np.arange(n)[:, None], n)
        following[:n, part] = np.minimum.accumulate(here[::-1], axis=0)[::-1]
    position = np.repeat(cuts.journey[:, None], len(patterns), axis=1)
    for place in range(max(map(len, patterns), default=0)):
        reached = [number for number, pattern in enumerate(patterns) if len(pattern) > place]
        wanted = np.array([column[patterns[number][place]] for number in reached], dtype=np.int64)
        position[:, reached] = following[np.minimum(position[:, reached], n), wanted] + 1
    found: NDArray[np.bool_] = position <= cuts.end[:, None]
    return found


def contains(timeline: Timeline, cuts: Cuts, pattern: Sequence[str]) -> NDArray[np.bool_]:
    """Does the running journey of each cut contain the steps in that order (K)?"""
    return contain(timeline, cuts, [pattern])[:, 0]


def _counted(codes: Indices, names: int, cuts: Cuts) -> Matrix:
    """How often each of the names comes in each cut's running journey, as log(1 + n) (K x names)."""
    made = np.empty((len(cuts), names))
    for part, there in blocks(codes, names):
        made[:, part] = np.log1p(count(there, cuts.journey, cuts.end))
    return made


def _days(days: int) -> str:
    return "day" if days == 1 else f"{days} days"
