"""The intent score on the generated shop."""

from __future__ import annotations

import pytest

from journeygraph.generator.simulate import simulate
from journeygraph.intent.models.training import Training, train
from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.threading import build_rows
from journeygraph.schema import JourneyRules


@pytest.mark.slow
def test_intent_is_found_and_calibrated() -> None:
    touchpoints = list(simulate(1_000, 5).touchpoints)
    stages = {touchpoint.step: touchpoint.stage.value for touchpoint in touchpoints if touchpoint.stage}
    table = JourneyTable.from_rows(build_rows(touchpoints), stages=stages)
    model = train(table, JourneyRules(), Training(7 * 86_400.0))
    measured = {row.name: row for row in model.figures}
    assert model.chosen == "logistic"
    assert measured["logistic"].auc > 0.8 > measured["prevalence"].auc
    assert measured["logistic"].average_precision > 1.3 * measured["counts_only"].average_precision
    assert measured["logistic"].ece < 0.04
