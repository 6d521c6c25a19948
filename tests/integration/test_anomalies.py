"""Anomalies of a real graph: the statements of what is found give its figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from journeygraph import set_aside
from journeygraph.graph import Graph
from journeygraph.quality.anomalies import anomalies
from journeygraph.quality.silences import silences
from journeygraph_loaders import pipeline
from tests.unit.loaders.helpers import write

pytestmark = pytest.mark.graph

START = 1_767_225_600 // 86_400 * 86_400


def test_what_is_found_can_be_counted_again(graph: Graph, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    lines = ["customer_id,step,occurred_at,source,value,currency"]
    for hour in range(35 * 24):
        expected = 1.5 * (1 + np.sin(hour / 24 * 2 * np.pi)) + 0.3
        count = 0 if 25 * 24 <= hour < 26 * 24 else rng.poisson(expected)
        for _ in range(count):
            at = START + hour * 3_600 + int(rng.integers(3_600))
            lines.append(f"c{rng.integers(50)},buy,{at},shop,{np.exp(rng.normal(3, 0.5)):.4f},EUR")
    lines.append(f"c1,buy,{START + 30 * 86_400},shop,99999,EUR")
    pipeline.load(graph, [write(tmp_path / "x.csv", "\n".join(lines))], home=tmp_path)
    answer = anomalies(graph)
    kinds = {one.kind: one for one in answer.anomalies}
    assert set(kinds) == {"fewer touchpoints", "a value apart"}
    assert answer.tested > 1_000
    outage = kinds["fewer touchpoints"]
    counted = graph.run(outage.cypher, outage.parameters)
    assert sum(row["touchpoints"] for row in counted) == outage.observed == 0
    apart = kinds["a value apart"]
    assert [row["largest"] for row in graph.run(apart.cypher, apart.parameters)] == [apart.observed] == [99_999]
    assert set_aside.overview(graph).total == 0


def test_a_source_is_late_once_others_go_on_for_longer_than_it_ever_paused(graph: Graph, tmp_path: Path) -> None:
    hours = {"shop": range(100), "till": [*range(30), *range(42, 60)], "once": [3]}
    lines = ["customer_id,step,occurred_at,source"]
    lines += [f"c{hour},buy,{START + hour * 3_600 + 60},{source}" for source, own in hours.items() for hour in own]
    pipeline.load(graph, [write(tmp_path / "x.csv", "\n".join(lines))], home=tmp_path)
    end = datetime.fromtimestamp(START + 99 * 3_600, UTC)
    found = silences(graph, until=end)
    assert [(one.source, one.state, one.pauses, one.usual_pause_hours, one.longest_pause_hours, one.behind_hours)
            for one in found.sources] == [
        ("till", "late", 47, 1, 13, 40), ("shop", "on time", 99, 1, 1, 0),
        ("once", "too few pauses to tell", 0, None, None, 96),
    ]  # fmt: skip
    assert found.late == 1
    states = {one.source: one.state for one in silences(graph, until=end + timedelta(hours=2)).sources}
    assert states == {"till": "late", "shop": "nothing since", "once": "too few pauses to tell"}
    counted = graph.run(found.browser_text.rstrip(";"), {})  # type: ignore[arg-type]
    assert {row["source"]: row["silent_hours"] for row in counted} == {"shop": 0, "till": 40, "once": 96}
    assert silences(graph, as_of=datetime(2020, 1, 1, tzinfo=UTC)).sources == ()
