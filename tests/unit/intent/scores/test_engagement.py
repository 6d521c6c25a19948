"""Engagement against its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.intent.quality import metrics
from journeygraph.intent.scores.engagement import MEASURES, from_rows, percentile_ranks
from journeygraph.intent.scores.score import band
from journeygraph.settings import Settings


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20))
def test_percentile_ranks_equal_their_definition(values: list[int]) -> None:
    expected = [sum((other < one) + 0.5 * (other == one) for other in values) / len(values) for one in values]
    assert percentile_ranks(values).tolist() == pytest.approx(expected)


def test_bands_are_cut_at_thirds_of_the_mean_rank() -> None:
    rows = [{"customer_id": f"c{n}", **dict.fromkeys(MEASURES, n)} for n in range(9)]
    engagement = from_rows(rows)
    assert [engagement.band(f"c{n}") for n in range(9)] == ["low"] * 3 + ["medium"] * 3 + ["high"] * 3
    assert engagement.band("stranger") == "low"


def test_weights_decide_which_measure_counts() -> None:
    rows = [
        {"customer_id": "long", "mean_seconds": 9, "mean_touchpoints": 1, "sessions": 1},
        {"customer_id": "often", "mean_seconds": 1, "mean_touchpoints": 1, "sessions": 9},
    ]
    engagement = from_rows(rows, weights=(1, 0, 0))
    assert (engagement.rank("long"), engagement.rank("often")) == (0.75, 0.25)


def test_bounds_of_the_score_bands_are_settings() -> None:
    settings = Settings(JOURNEYGRAPH_HIGH_INTENT_ABOVE=0.5, JOURNEYGRAPH_MEDIUM_INTENT_ABOVE=0.2)
    assert [band(score, settings) for score in (0.2, 0.21, 0.5, 0.51)] == ["low", "medium", "medium", "high"]


def test_calibration_error_of_perfect_probabilities_is_zero() -> None:
    truth = [1, 0, 0, 0, 1, 1, 1, 0]
    assert metrics.expected_calibration_error(truth, [0.25] * 4 + [0.75] * 4) == 0.0
