"""Funnels against ClickHouse's `windowFunnel`: its documented examples, and what the real one said of random logs.

Those were written by `tools/clickhouse_funnels.py`; `docs/funnels.md` says which modes correspond.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from journeygraph.funnels import funnel
from journeygraph.funnels.question import Mode
from journeygraph.journeys.table import JourneyTable
from tests.support import ROOT
from tests.unit.funnels.test_funnel import with_vocabulary
from tests.unit.paths.tables import SECOND

CASES: list[dict[str, Any]] = json.loads((ROOT / "tests/golden/window_funnel.json").read_text(encoding="utf-8"))[
    "cases"
]


def level(log: list[list[Any]], chain: str, window: float, mode: Mode) -> int:
    """How far the one path of this log comes."""
    row = {
        "id": "j",
        "customer_id": "c",
        "outcome": "lost",
        "value": None,
        "steps": [step for step, _ in log],
        "channels": ["web"] * len(log),
        "occurred_at_us": [at * SECOND for _, at in log],
    }
    table = with_vocabulary(JourneyTable.from_rows([row]))
    return sum(step.count for step in funnel(table, list(chain), mode=mode, window_seconds=window).steps)


def has_ties(case: dict[str, Any]) -> bool:
    return len({at for _, at in case["log"]}) < len(case["log"])


def has_repeats(chain: str) -> bool:
    return len(set(chain)) < len(chain)


def test_ordered_is_strict_once_where_no_two_touchpoints_share_an_instant() -> None:
    cases = [case for case in CASES if not has_ties(case)]
    assert len(cases) > 200
    for case in cases:
        assert level(case["log"], case["chain"], case["window"], "ordered") == case["levels"]["strict_once"], case


def test_it_is_the_default_and_strict_increase_too_where_no_step_is_asked_for_twice() -> None:
    cases = [case for case in CASES if not has_ties(case) and not has_repeats(case["chain"])]
    assert len(cases) > 80
    for case in cases:
        ordered = level(case["log"], case["chain"], case["window"], "ordered")
        assert ordered == case["levels"]["default"] == case["levels"]["strict_increase"], case


def test_with_ties_it_is_the_default_where_the_order_is_that_of_the_steps() -> None:
    cases = [case for case in CASES if has_ties(case) and not has_repeats(case["chain"])]
    assert len(cases) > 20
    for case in cases:
        log = sorted(case["log"], key=lambda row: (row[1], case["chain"].find(row[0])))
        assert level(log, case["chain"], case["window"], "ordered") == case["levels"]["default"], case


def test_strict_is_strict_order_where_no_step_happens_twice() -> None:
    cases = [
        case for case in CASES if len({step for step, _ in case["log"]}) == len(case["log"])
        and not has_ties(case) and not has_repeats(case["chain"])
    ]  # fmt: skip
    assert len(cases) > 15
    for case in cases:
        strict = level(case["log"], case["chain"], case["window"], "strict")
        assert strict == case["levels"]["strict_order"], case


@pytest.mark.parametrize(
    ("path", "ours", "strict_order"),
    [
        ("abdc", 2, 2),  # the documentation's example: an intervention ends it
        ("acab", 2, 1),  # a newer attempt counts here; there the first violation ends everything
        ("abbc", 2, 3),  # a repeated step lies between here; there it is taken for the same step
        ("abac", 2, 3),  # likewise the first step
    ],
)
def test_where_strict_decides_otherwise(path: str, ours: int, strict_order: int) -> None:
    log = [[step, k + 1] for k, step in enumerate(path)]
    assert level(log, "abc", 100, "strict") == ours
    found = [c for c in CASES if c["log"] == log and c["chain"] == "abc" and c["window"] == 100]
    assert found[0]["levels"]["strict_order"] == strict_order
