"""Why a score is what it is: what moved it most, and the touchpoints that it stands on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from journeygraph.answers import Answer
from journeygraph.intent.features import DAY_SECONDS, Feature
from journeygraph.intent.timeline import US_PER_SECOND, Cuts, Timeline

MOST_REASONS = 5
MOST_TOUCHPOINTS = 5


class Reason(Answer):
    """One thing that moved a score.

    `weight` is what it adds to the log-odds against the average of the training data: 0.7 doubles the odds.
    `pattern` holds the steps that it is about, in order, none where it is about all; `touchpoint_ids` the latest such
    touchpoints, none where it was their absence.
    """

    touchpoint_ids: list[str]
    pattern: list[str]
    weight: float
    words: str


def explain(
    features: Sequence[Feature],
    contributions: NDArray[np.float64],
    timeline: Timeline,
    cut: Cuts,
    touchpoint_ids: Sequence[str],
) -> list[Reason]:
    """The strongest reasons of one cut (`contributions`: one row), strongest first.

    Features about the same steps are one reason: their weights are added.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, feature in enumerate(features):
        groups.setdefault(feature.steps or ("", feature.name), []).append(index)
    weighed = [(float(contributions[members].sum()), members) for members in groups.values()]
    weighed.sort(key=lambda group: (-abs(group[0]), features[group[1][0]].name))
    return [
        _reason(weight, [features[index] for index in members], timeline, cut, touchpoint_ids)
        for weight, members in weighed[:MOST_REASONS]
        if abs(weight) > 1e-9
    ]


def _reason(
    weight: float, features: Sequence[Feature], timeline: Timeline, cut: Cuts, touchpoint_ids: Sequence[str]
) -> Reason:
    feature = features[0]
    indices = _touchpoints(feature, timeline, cut)
    absent = bool(feature.steps) and not len(indices)
    subject = f"no {' > '.join(feature.steps)} in this journey" if absent else feature.words
    effect = "raises" if weight > 0 else "lowers"
    return Reason(
        touchpoint_ids=[touchpoint_ids[int(index)] for index in indices[-MOST_TOUCHPOINTS:]],
        pattern=list(feature.steps),
        weight=weight,
        words=f"{subject}: {effect} the odds {np.exp(abs(weight)):.2f}-fold against the average",
    )


def _touchpoints(feature: Feature, timeline: Timeline, cut: Cuts) -> NDArray[np.int64]:
    """Indices of the touchpoints that a feature counts, in order."""
    first, end = int(cut.journey[0]), int(cut.end[0])
    if feature.days is not None or feature.history:
        first = int(cut.first[0])
    indices = np.arange(first, end)
    if feature.days is not None:
        since_us = cut.at_us[0] - feature.days * DAY_SECONDS * US_PER_SECOND
        indices = indices[timeline.times_us[indices] > since_us]
    if feature.name in ("conversions", "recent_conversion"):
        return indices[timeline.goals[indices]]
    if not feature.steps:
        return indices
    wanted = np.isin(timeline.step_codes[indices], [_code(timeline.steps, step) for step in feature.steps])
    return indices[wanted]


def _code(steps: Sequence[str], step: str) -> int:
    return steps.index(step) if step in steps else -1
