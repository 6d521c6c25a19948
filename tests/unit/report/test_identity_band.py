"""The funnel's band for how sure merges of customers must be: a sentence, a table, a statement for each level."""

from __future__ import annotations

from typing import Any

from journeygraph.report import html, markdown
from journeygraph.report.model import Section
from tests.report_samples import report


def level(least: float, merges: int, last: int) -> dict[str, Any]:
    steps = [
        {"step": "view", "count": 200, "conversion": 1.0},
        {"step": "buy", "count": last, "conversion": last / 200},
    ]
    counts = {"merges": merges, "customers": 300 - merges, "journeys": 400, "converted": last, "lost": 100}
    return {
        **counts,
        "least_confidence": least,
        "conversion": last / (last + 100),
        "steps": steps,
        "cypher": f"RETURN {least} AS level_{merges}",
        "parameters": {},
        "journeys_cypher": "RETURN 1",
        "journeys_parameters": {},
    }


BAND = {
    "merges": 7,
    "levels": [level(0.5, 7, 50), level(0.99, 2, 30)],
    "counts": [],
    "conversions": [{"name": "view", "low": 1.0, "high": 1.0}, {"name": "buy", "low": 0.15, "high": 0.25}],
    "journey_conversion": {"name": "journeys", "low": 0.23, "high": 0.33},
}


def test_the_band_is_shown_where_merges_stand() -> None:
    sample = report()
    answer = {**(sample.funnel.answer or {}), "identity_band": BAND}
    banded = sample.model_copy(update={"funnel": Section(answer=answer)})
    for text in (html.render(banded), markdown.render(banded)):
        assert "7 merges of customers stand" in text
        assert "15 % and 25 %" in text or "15.0 % and 25.0 %" in text
        assert "level_7" in text
        assert "level_2" in text
        assert "at least so sure" in text
    assert "at least so sure" not in html.render(sample)
    assert "at least so sure" not in markdown.render(sample)
