"""Why a score is what it is: what moved it most, and the touchpoints that it stands on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from journeygraph.answers import Answer
from journeygraph.intent.features.described import DAY_SECONDS, Feature
from journeygraph.intent.features.timeline import US_PER_SECOND, Cuts, Timeline

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


class Subjects:
    """Features by what they are about: those about the same steps, or the same trait, are one reason."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = features
        numbers: dict[tuple[str, ...], int] = {}
        named = [feature.steps or ("", feature.trait or feature.name) for feature in features]
        self.of_feature = np.array([numbers.setdefault(name, len(numbers)) for name in named], dtype=np.int64)
        self._members = [np.flatnonzero(self.of_feature == number) for number in range(len(numbers))]

    def members(self, subject: int, contributions: NDArray[np.float64]) -> list[Feature]:
        """The features about a subject, the one that says most first."""
        own = self._members[subject]
        return [self.features[k] for k in own[np.argsort(-np.abs(contributions[own]), kind="stable")].tolist()]


def explain(
    subjects: Subjects,
    contributions: NDArray[np.float64],
    timeline: Timeline,
    cut: Cuts,
    touchpoint_ids: Sequence[str],
) -> list[Reason]:
    """The strongest reasons of one cut (`contributions`: one row), strongest first.

    The weights of features about the same subject are added.
    """
    weights = np.bincount(subjects.of_feature, contributions)
    strongest = np.argsort(-np.abs(weights), kind="stable")[:MOST_REASONS]
    return [
        _reason(float(weights[subject]), subjects.members(subject, contributions), timeline, cut, touchpoint_ids)
        for subject in strongest.tolist()
        if abs(weights[subject]) > 1e-9
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
    if feature.trait is not None and feature.trait in timeline.traits:
        return indices[timeline.traits[feature.trait].codes[indices] >= 0]
    if not feature.steps:
        return indices
    wanted = np.array([timeline.step_code(step) for step in feature.steps])
    found: NDArray[np.int64] = indices[(timeline.step_codes[indices][:, None] == wanted).any(axis=1)]
    return found
