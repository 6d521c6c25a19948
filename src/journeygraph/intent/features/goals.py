"""What a score foretells: a conversion, any step by its name, or that nothing more comes (churn)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError, did_you_mean_or_list
from journeygraph.intent.features.timeline import US_PER_SECOND, Cuts, Timeline

#: The goals that the graph declares; what is scored where no other goal is named.
CONVERSION: Final = "conversion"
#: No touchpoint within the horizon; a step of that name comes first.
CHURN: Final = "churn"
Mask = NDArray[np.bool_]


def check(timeline: Timeline, goal: str) -> None:
    """Raise `UsageError` for a goal that is neither declared, nor churn, nor a step that ever happened."""
    if goal not in (CONVERSION, CHURN) and goal not in timeline.steps:
        guess = did_you_mean_or_list(goal, timeline.steps)
        raise UsageError(f"There is no goal {goal!r}; allowed are {CONVERSION}, {CHURN} and the graph's steps.{guess}")


def is_churn(timeline: Timeline, goal: str) -> bool:
    """Whether the goal is that nothing comes."""
    return goal == CHURN and CHURN not in timeline.steps


def marked(timeline: Timeline, goal: str) -> Mask:
    """Which touchpoints are the goal (N); none of them for churn."""
    if goal == CONVERSION:
        return timeline.goals
    found: Mask = timeline.step_codes == timeline.step_code(goal)
    return found


def follows(timeline: Timeline, cuts: Cuts, horizon_seconds: float, goal: str = CONVERSION) -> Mask:
    """For each cut: does the goal follow within the horizon (inclusive)?  Churn: does no touchpoint follow?"""
    if is_churn(timeline, goal):
        return ~_within(timeline, cuts, horizon_seconds, np.ones(timeline.n_touchpoints, dtype=np.bool_))
    return _within(timeline, cuts, horizon_seconds, marked(timeline, goal))


def _within(timeline: Timeline, cuts: Cuts, horizon_seconds: float, mask: Mask) -> Mask:
    n = timeline.n_touchpoints
    indices = np.where(mask, np.arange(n), n)
    following = np.append(np.minimum.accumulate(indices[::-1])[::-1], n)[cuts.end]
    found = following < timeline.offsets[cuts.customers + 1]
    wait_us = timeline.times_us[np.minimum(following, n - 1)] - cuts.at_us
    answer: Mask = found & (wait_us <= horizon_seconds * US_PER_SECOND)
    return answer
