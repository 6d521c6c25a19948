"""The score of a running session whose touchpoints come with the question; nothing is stored, no graph is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from journeygraph.answers import Answer
from journeygraph.errors import UsageError
from journeygraph.intent.features import reasons
from journeygraph.intent.features.reasons import Reason
from journeygraph.intent.features.timeline import Timeline, in_order, place
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.scores.engagement import Band
from journeygraph.intent.scores.score import band
from journeygraph.schema import Touchpoint, from_microseconds, to_microseconds
from journeygraph.settings import Settings


class SessionScore(Answer):
    """The calibrated probability that this visitor reaches the goal within the horizon after `instant`."""

    score: float
    band: Band
    reasons: list[Reason]
    instant: str
    goal: str
    horizon_seconds: float
    model_version: str


def score_session(
    model: IntentModel, touchpoints: Sequence[Touchpoint], settings: Settings, *, at: datetime | None = None
) -> SessionScore:
    """Score one visitor's touchpoints, in any order, at an instant: by default that of the last one.

    Whose they are makes no difference; the caller hands over those of one visitor.  Raises `UsageError` where there is
    none by that instant.
    """
    ordered = in_order(touchpoints)
    if not ordered:
        raise UsageError("A session needs at least one touchpoint to be scored.")
    instant_us = to_microseconds(at or ordered[-1].occurred_at)
    timeline = Timeline.from_touchpoints(ordered, model.rules)
    cut = place(timeline, np.zeros(1, dtype=np.int64), np.array([instant_us], dtype=np.int64))
    instant = from_microseconds(instant_us).isoformat()
    if not len(cut):
        raise UsageError(f"The session has no touchpoint up to {instant}.")
    values = model.describe(timeline, cut)[1]
    probability = float(model.probabilities(values)[0])
    ids = [touchpoint.touchpoint_id for touchpoint in ordered]
    return SessionScore(
        score=probability,
        band=band(probability, settings, model.goal),
        reasons=reasons.explain(model.subjects, model.contributions(values)[0], timeline, cut, ids),
        instant=instant,
        goal=model.goal,
        horizon_seconds=model.horizon_seconds,
        model_version=model.version,
    )
