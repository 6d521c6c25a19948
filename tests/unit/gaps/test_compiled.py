"""The compiled loops and the threads of large tables say what the plain code says, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from journeygraph.gaps import compiled, find
from journeygraph.gaps.changes import Changes
from journeygraph.gaps.kinds.incident import _TimeLine
from journeygraph.gaps.visits import Visits
from journeygraph.schema import JourneyRules
from tests.unit.gaps.test_confined import shop


def test_a_large_table_is_analysed_as_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    table, groups = shop(2_000, 7, lambda step, day, member: np.where((step == 1) & (day > 60) & (day < 75), 0.6, 0.1))
    visits = Visits(table, JourneyRules(), 30, groups)
    plain, spans = find(table, groups=groups), [_TimeLine(visits).most_unusual(change) for change in Changes(visits)]
    monkeypatch.setattr(compiled, "FROM_TOUCHPOINTS", 0)
    assert find(table, groups=groups) == plain
    assert any(finding.kind == "incident" for finding in plain.findings)
    for change, span in zip(Changes(visits), spans, strict=True):
        found = _TimeLine(visits).most_unusual(change)
        assert found is None or found == span  # what cannot stand the correction is not looked at further
    assert any(spans)
