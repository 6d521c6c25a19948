"""The intent model's figures and how many customers it calls likely, where a model was trained."""

from __future__ import annotations

import numpy as np

from journeygraph.errors import UsageError
from journeygraph.intent import store
from journeygraph.intent.model import IntentModel
from journeygraph.intent.score import band, probabilities_of
from journeygraph.intent.timeline import Timeline, place
from journeygraph.journeys.table import JourneyTable
from journeygraph.report.model import Section
from journeygraph.schema import JourneyRules, from_microseconds
from journeygraph.settings import Settings

_BANDS = ("high", "medium", "low")


def section(table: JourneyTable, rules: JourneyRules, settings: Settings) -> Section:
    """The current model of the home folder, applied to every customer at the end of the table's data."""
    try:
        model = store.load(settings.home)
    except UsageError as error:
        return Section(reason=str(error).replace("`", ""))
    if model.rules != rules:
        return Section(
            reason=f"The intent model {model.version} was trained under other rules than the graph has now, so it is "
            "left out: train again with journeygraph intent train."
        )
    return Section(answer=_answer(table, model, settings))


def _answer(table: JourneyTable, model: IntentModel, settings: Settings) -> dict[str, object]:
    end_us = int(table.occurred_at_us.max())
    timeline = Timeline.from_table(table, model.rules)
    customers = np.arange(len(timeline.customer_ids), dtype=np.int64)
    cuts = place(timeline, customers, np.full(len(customers), end_us, dtype=np.int64))
    probabilities = probabilities_of(timeline, cuts, model)
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
    }
