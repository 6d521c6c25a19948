"""The planted handoff, repeat, bypassable step and duplicate steps, recounted in plain Python."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from journeygraph.generator import detours
from journeygraph.generator.truth import Planted
from tests.unit.generator.shop_data import journeys, simulated

Row = dict[str, Any]
CUSTOMERS, SEED = 1_500, 11
DAY_US = 86_400 * 1_000_000
ROWS = journeys(CUSTOMERS, SEED, True)
END = max(row["occurred_at_us"][-1] for row in ROWS)
PLANTED = {item.kind: item for item in simulated(CUSTOMERS, SEED, True).truth.planted}


def conversion(rows: list[Row]) -> float:
    outcomes = Counter(row["outcome"] for row in rows)
    return outcomes["converted"] / (outcomes["converted"] + outcomes["lost"])


def assert_counts(item: Planted, hits: list[tuple[Row, int]]) -> None:
    assert item.occurrences == len(hits) > 0
    assert item.journeys == len({row["id"] for row, _ in hits})
    assert item.customers == len({row["customer_id"] for row, _ in hits})


def test_the_handoff_loses_on_arrival_and_staying_does_not() -> None:
    item, rule = PLANTED["handoff"], detours.HANDOFF
    moves: dict[str, list[tuple[Row, int]]] = {"web": [], "app": []}
    for row in ROWS:
        for at in range(1, len(row["steps"])):
            came = row["steps"][at - 1] == rule.step and row["channels"][at - 1] == rule.left
            if came and row["channels"][at] in moves and row["steps"][at] != "purchase":
                moves[row["channels"][at]].append((row, at))
    assert item.subject == "app → web after read_reviews"
    assert_counts(item, moves["web"])
    share = {}
    for channel, hits in moves.items():
        settled = [(row, at) for row, at in hits if row["occurred_at_us"][at] < END - 30 * DAY_US]
        lost = sum(row["outcome"] == "lost" and at == len(row["steps"]) - 1 for row, at in settled)
        share[channel] = lost / len(settled)
    assert item.observed["exit_share"] == pytest.approx(share["web"], abs=1e-4)
    assert share["web"] == pytest.approx(rule.exit_rate, abs=0.15)
    assert share["app"] < 0.15


def test_complaints_are_raised_again_in_another_channel() -> None:
    item, step = PLANTED["repeat"], detours.REPEAT.step
    raised = [(row, at) for row in ROWS for at, name in enumerate(row["steps"]) if name == step]
    assert_counts(item, raised)
    first = [(row, row["steps"].index(step)) for row in ROWS if step in row["steps"]]
    first = [(row, at) for row, at in first if row["occurred_at_us"][at] < END - 7 * DAY_US]
    again = sum(
        any(
            other["customer_id"] == row["customer_id"]
            and other["channels"][place] != row["channels"][at]
            and 0 < other["occurred_at_us"][place] - row["occurred_at_us"][at] <= 7 * DAY_US
            for other, place in raised
        )
        for row, at in first
    )
    assert item.observed["journeys_repeating"] == again
    assert item.observed["repeat_share"] == pytest.approx(again / len(first), abs=1e-4)
    assert again / len(first) > 0.2


def test_who_asked_in_a_store_converts_less() -> None:
    item, step = PLANTED["bypassable"], detours.BYPASSABLE.step
    visited = [row for row in ROWS if step in row["steps"]]
    assert_counts(item, [(row, at) for row in visited for at, name in enumerate(row["steps"]) if name == step])
    assert item.observed["conversion"] == pytest.approx(conversion(visited), abs=1e-4)
    assert conversion(visited) < conversion([row for row in ROWS if "social_question" in row["steps"]]) - 0.1


def test_the_duplicates_are_a_way_into_consideration_and_never_come_later() -> None:
    item, pair = PLANTED["duplicate_step"], detours.DUPLICATE.steps
    hits = [(row, at) for row in ROWS for at, name in enumerate(row["steps"]) if name in pair]
    assert_counts(item, hits)
    for name, step in zip(("first", "second"), pair, strict=True):
        visited = [row for row in ROWS if step in row["steps"]]
        assert item.observed[f"{name}_journeys"] == len(visited)
        assert item.observed[f"{name}_conversion"] == pytest.approx(conversion(visited), abs=1e-4)
    considered = {"search", "view_product", "read_reviews", "open_ticket", "ask_in_store", *pair}
    assert not [1 for row, at in hits if at and row["steps"][at - 1] in considered]
