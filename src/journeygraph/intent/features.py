"""What was known of a customer at an instant, as numbers: the features of the intent score.

Every column is computed for all cuts at once from cumulative counts, so a million touchpoints take seconds.  A cut
reads touchpoint columns below its `end` only; a test changes everything after it and finds the same features.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from journeygraph.intent.timeline import US_PER_SECOND, Cuts, Indices, Timeline

Column = NDArray[np.float64]
DAY_SECONDS = 86_400
#: A step counts half as recent after this time.
HALF_LIFE_SECONDS = 2 * DAY_SECONDS


class Vocabulary(BaseModel):
    """The names that features are made of, as learned from the training part; others are not seen."""

    model_config = ConfigDict(frozen=True)

    steps: tuple[str, ...]
    stages: tuple[str, ...]
    channels: tuple[str, ...]
    step_stages: dict[str, str]
    transitions: tuple[tuple[str, str], ...] = ()
    patterns: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Feature:
    """One column: its name, the steps that it is about (none: all) and the touchpoints that it counts.

    `days` is the length of the window that it looks back on; None: the running journey, or the customer's whole
    `history`.
    """

    name: str
    words: str
    steps: tuple[str, ...] = ()
    days: int | None = None
    history: bool = False


def matrix(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> tuple[list[Feature], NDArray[np.float64]]:
    """All features of the cuts: their descriptions (F) and values (K x F)."""
    features: list[Feature] = []
    columns: list[Column] = []
    for group in GROUPS:
        for feature, column in group(timeline, cuts, vocabulary):
            features.append(feature)
            columns.append(np.asarray(column, dtype=np.float64))
    return features, np.column_stack(columns)


Described = tuple[Feature, NDArray[Any]]
Group = Callable[[Timeline, Cuts, Vocabulary], Iterator[Described]]


def step_features(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Iterator[Described]:
    """How often each step occurs in the running journey, how recent it is, and whether it is the last one (fading)."""
    last = cuts.end - 1
    fresh = _fresh(timeline, cuts) * (cuts.end > cuts.journey)
    for step in vocabulary.steps:
        mask = timeline.step_codes == _code(timeline.steps, step)
        counted = _count(mask, cuts.journey, cuts.end)
        yield Feature(f"count:{step}", f"{step} in this journey", (step,)), np.log1p(counted)
        yield Feature(f"recent:{step}", f"a recent {step}", (step,)), _recency(timeline, cuts, mask)
        yield Feature(f"last:{step}", f"{step} as the last step", (step,)), fresh * mask[last]


def stage_features(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Iterator[Described]:
    """How many touchpoints of the running journey belong to each stage."""
    stage_of = [vocabulary.step_stages.get(step, "") for step in timeline.steps]
    for stage in vocabulary.stages:
        belongs = np.array([name == stage for name in stage_of], dtype=np.bool_)
        counted = _count(belongs[timeline.step_codes], cuts.journey, cuts.end)
        yield Feature(f"stage:{stage}", f"touchpoints of the stage {stage} in this journey"), np.log1p(counted)


def channel_features(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Iterator[Described]:
    """Which channels the running journey used, and how many."""
    used = np.zeros(len(cuts), dtype=np.float64)
    for channel in vocabulary.channels:
        mask = timeline.channel_codes == _code(timeline.channels, channel)
        counted = _count(mask, cuts.journey, cuts.end)
        used += counted > 0
        yield Feature(f"channel:{channel}", f"touchpoints through {channel} in this journey"), np.log1p(counted)
    yield Feature("channels", "channels used in this journey"), used


def sequence_features(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Iterator[Described]:
    """Whether the running journey ends in each transition (fading), and contains each pattern (gaps allowed)."""
    before = np.maximum(cuts.end - 2, 0)
    fresh = _fresh(timeline, cuts) * (cuts.end - cuts.journey >= 2)
    for source, target in vocabulary.transitions:
        came = timeline.step_codes[before] == _code(timeline.steps, source)
        now = timeline.step_codes[cuts.end - 1] == _code(timeline.steps, target)
        words = f"{source} > {target} as the last transition"
        yield Feature(f"transition:{source}>{target}", words, (source, target)), fresh * (came & now)
    for pattern in vocabulary.patterns:
        words = f"{' > '.join(pattern)} in this journey"
        yield Feature(f"pattern:{'>'.join(pattern)}", words, pattern), contains(timeline, cuts, pattern)


def rhythm_features(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Iterator[Described]:  # noqa: ARG001
    """Depth, durations, pauses, and how active the customer was in the last 1, 7 and 30 days."""
    last = cuts.end - 1
    pause = (cuts.at_us - timeline.times_us[last]) / US_PER_SECOND
    lasting = _seconds(timeline, np.minimum(cuts.journey, last), last) * (cuts.end > cuts.journey)
    visit = timeline.visit_starts[last]
    visiting = pause <= timeline.rules.session_idle_seconds
    yield Feature("depth", "touchpoints of this journey"), np.log1p(cuts.end - cuts.journey)
    yield Feature("duration", "duration of this journey"), np.log1p(lasting)
    yield Feature("pause", "time since the last touchpoint", history=True), np.log1p(pause)
    yield Feature("visit_depth", "touchpoints of the running visit"), np.log1p((cuts.end - visit) * visiting)
    visited = _seconds(timeline, visit, last) * visiting
    yield Feature("visit_duration", "duration of the running visit"), np.log1p(visited)
    yield Feature("history", "touchpoints so far", history=True), np.log1p(cuts.end - cuts.first)
    for days in (1, 7, 30):
        counted = cuts.end - _window(timeline, cuts, days)
        yield Feature(f"touchpoints_{days}d", f"touchpoints in the last {_days(days)}", (), days), np.log1p(counted)


def history_features(timeline: Timeline, cuts: Cuts, vocabulary: Vocabulary) -> Iterator[Described]:  # noqa: ARG001
    """Earlier conversions, and the three measures of engagement over 30 days."""
    yield (
        Feature("conversions", "earlier conversions", history=True),
        np.log1p(_count(timeline.goals, cuts.first, cuts.end)),
    )
    everything = Cuts(cuts.customers, cuts.at_us, cuts.first, cuts.end, cuts.first)
    yield (
        Feature("recent_conversion", "a recent conversion", history=True),
        _recency(timeline, everything, timeline.goals, 15),
    )
    start = _window(timeline, cuts, 30)
    opened = timeline.visit_starts == np.arange(timeline.n_touchpoints)
    visits = _count(opened, start, cuts.end)
    gaps_us = np.where(opened, 0, np.diff(timeline.times_us, prepend=0))
    seconds = _count(gaps_us, start, cuts.end) / US_PER_SECOND
    some = np.maximum(visits, 1)
    yield Feature("visits_30d", "visits in the last 30 days", (), 30), np.log1p(visits)
    depth = (cuts.end - start) / some
    yield Feature("visit_depth_30d", "touchpoints a visit in the last 30 days", (), 30), np.log1p(depth)
    yield Feature("visit_seconds_30d", "length of visits in the last 30 days", (), 30), np.log1p(seconds / some)


GROUPS: tuple[Group, ...] = (
    step_features,
    stage_features,
    channel_features,
    sequence_features,
    rhythm_features,
    history_features,
)


def contains(timeline: Timeline, cuts: Cuts, pattern: Sequence[str]) -> NDArray[np.bool_]:
    """Does the running journey of each cut contain the steps in that order, anything between them?"""
    n = timeline.n_touchpoints
    position = cuts.journey.copy()
    for step in pattern:
        here = np.where(timeline.step_codes == _code(timeline.steps, step), np.arange(n), n)
        following = np.append(np.minimum.accumulate(here[::-1])[::-1], [n, n])
        position = following[np.minimum(position, n)] + 1
    found: NDArray[np.bool_] = position <= cuts.end
    return found


def _code(names: Sequence[str], name: str) -> int:
    try:
        return names.index(name)
    except ValueError:
        return -1


def _count(amounts: NDArray[np.bool_] | Indices, start: Indices, end: Indices) -> Indices:
    """Sum of each cut's slice; in whole numbers, so that no other customer's data can show in a rounding."""
    total = np.concatenate([[0], np.cumsum(amounts, dtype=np.int64)])
    counted: Indices = total[end] - total[start]
    return counted


def _recency(timeline: Timeline, cuts: Cuts, mask: NDArray[np.bool_], half_life_days: float | None = None) -> Column:
    """0.5 to the power of the age in half-lives of the last such touchpoint of the journey; 0 where there is none."""
    half_life = HALF_LIFE_SECONDS if half_life_days is None else half_life_days * DAY_SECONDS
    latest = np.maximum.accumulate(np.where(mask, np.arange(len(mask)), -1))[cuts.end - 1]
    age = (cuts.at_us - timeline.times_us[np.maximum(latest, 0)]) / US_PER_SECOND
    recent: Column = np.where(latest >= cuts.journey, np.exp2(-np.maximum(age, 0.0) / half_life), 0.0)
    return recent


def _fresh(timeline: Timeline, cuts: Cuts) -> Column:
    """How recent the last touchpoint is: a cart of a minute ago says more than one of last week."""
    pause = (cuts.at_us - timeline.times_us[cuts.end - 1]) / US_PER_SECOND
    return np.exp2(-pause / HALF_LIFE_SECONDS).astype(np.float64)


def _seconds(timeline: Timeline, start: Indices, end: Indices) -> Column:
    return (timeline.times_us[end] - timeline.times_us[start]) / US_PER_SECOND


def _window(timeline: Timeline, cuts: Cuts, days: int) -> Indices:
    """Index of the customer's first touchpoint later than `days` before the cut."""
    return np.maximum(timeline.ends(cuts.customers, cuts.at_us - days * DAY_SECONDS * US_PER_SECOND), cuts.first)


def _days(days: int) -> str:
    return "day" if days == 1 else f"{days} days"
