"""The intent model's figures and how many customers it calls likely, where a model was trained."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from journeygraph.errors import UsageError
from journeygraph.intent.features.timeline import Timeline
from journeygraph.intent.features.traits import Traits
from journeygraph.intent.models import store
from journeygraph.intent.models.card import card
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.scores.score import band, everybody
from journeygraph.journeys.table import JourneyTable
from journeygraph.report.model import Section
from journeygraph.schema import JourneyRules, from_microseconds
from journeygraph.settings import Settings

_BANDS = ("high", "medium", "low")
#: What a card says beyond the rest of the answer.
_OF_THE_CARD = {"goals", "data_hash", "features", "drifted_features", "alarms", "limits"}


def section(
    table: JourneyTable, rules: JourneyRules, settings: Settings, about: Callable[[], Traits] = dict
) -> Section:
    """The current model of the home folder, applied to every customer at the end of the table's data.

    `about` reads the products and campaigns of the table's touchpoints, where the model knows of any.
    """
    if table.grain != "customer":
        return Section(reason=f"Intent scores are a customer’s, and this report is of {table.grain}s.")
    try:
        model = store.load(settings.home)
    except UsageError as error:
        return Section(reason=str(error).replace("`", ""))
    if model.rules != rules:
        return Section(
            reason=f"The intent model {model.version} was trained under other rules than the graph has now, so it is "
            "left out: train again with journeygraph intent train."
        )
    timeline = Timeline.from_table(table, rules, about() if model.vocabulary.neighbours else None)
    return Section(answer=_answer(timeline, model, settings))


def _answer(timeline: Timeline, model: IntentModel, settings: Settings) -> dict[str, object]:
    end_us = int(timeline.times_us.max())
    probabilities = everybody(timeline, model, end_us)[1]
    bands = np.array([band(float(value), settings) for value in probabilities], dtype="<U6")
    return {
        "version": model.version,
        "horizon_seconds": model.horizon_seconds,
        "data_until": model.data_until,
        "instant": from_microseconds(end_us).isoformat(),
        "customers": len(probabilities),
        "high_above": settings.high_intent_above,
        "medium_above": settings.medium_intent_above,
        "bands": [
            {
                "band": name,
                "customers": int((bands == name).sum()),
                "expected_conversions": round(float(probabilities[bands == name].sum()), 6),
            }
            for name in _BANDS
        ],
        "figures": [figures.model_dump(mode="json") for figures in model.figures],
        "parts": [part.model_dump(mode="json") for part in model.parts],
        "calibration": model.calibration.method,
        "goal": model.goal,
        "chosen": model.chosen,
        "validation": [candidate.model_dump(mode="json") for candidate in model.validation],
        "audit": model.audit.model_dump(mode="json"),
        "card": card(model).model_dump(mode="json", include=_OF_THE_CARD),
    }
