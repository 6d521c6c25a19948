"""What a pattern adds over its parts, and which one stands for which."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from journeygraph.intent.mining.mined import Mined
from journeygraph.intent.mining.sequences import Limits, Sequences
from journeygraph.intent.patterns import occurrences
from journeygraph.intent.patterns.found import mine
from journeygraph.journeys.table import JourneyTable
from tests.unit.intent.test_patterns import journeys
from tests.unit.paths.tables import rows


@settings(max_examples=60)
@given(rows(), st.sampled_from([None, 0, 1]))
def test_the_best_part_by_hand(log: list[dict[str, Any]], max_gap: int | None) -> None:
    table = JourneyTable.from_rows(log)
    report = mine(table, minimum_support=1, max_length=3, max_gap=max_gap, top=None, permutations=3)
    found = {tuple(row.pattern): row for row in report.patterns}
    for steps, row in found.items():
        if len(steps) == 1:
            assert (row.part, row.adds, row.adds_p_value) == (None, None, None)
            continue
        parts = set(combinations(steps, len(steps) - 1)) if max_gap is None else {steps[1:], steps[:-1]}
        p_values = {part: _p(row.reached_with, row.decided_with, found[part]) for part in parts}
        assert row.part is not None
        assert tuple(row.part) in parts
        assert row.adds_p_value == pytest.approx(max(p_values.values()), rel=1e-6)
        assert p_values[tuple(row.part)] == pytest.approx(row.adds_p_value, rel=1e-6)
        part = found[tuple(row.part)]
        assert (row.part_decided_with, row.part_reached_with) == (part.decided_with, part.reached_with)


def _p(both: int, holding: int, part: Any) -> float:
    rest = part.decided_with - holding, part.reached_with - both
    return float(fisher_exact([[both, holding - both], [rest[1], rest[0] - rest[1]]])[1])


@settings(max_examples=60)
@given(rows(), st.sampled_from([None, 0, 1]))
def test_everything_is_represented_once(log: list[dict[str, Any]], max_gap: int | None) -> None:
    table = JourneyTable.from_rows(log)
    asked: dict[str, Any] = {"minimum_support": 1, "max_length": 3, "max_gap": max_gap, "permutations": 0, "top": None}
    report = mine(table, **asked)
    alone = {tuple(row.pattern) for row in report.patterns if row.represented_by is None}
    assert {tuple(row.represented_by) for row in report.patterns if row.represented_by is not None} <= alone
    assert sum(1 + row.stands_for for row in report.patterns if row.represented_by is None) == report.tested
    assert len(alone) == report.representatives
    shown = mine(table, representatives=True, **asked)
    assert [row.pattern for row in shown.patterns] == [r.pattern for r in report.patterns if r.represented_by is None]
    assert (shown.tested, shown.representatives) == (report.tested, report.representatives)


def _planted(seed: int, n: int = 3_000) -> JourneyTable:
    """Half of those with a, later b, later c convert; of the others a tenth."""
    rng = np.random.default_rng(seed)
    paths = []
    for _ in range(n):
        steps = "".join(rng.choice(list("abcdef"), 7))
        at = steps.find("b", steps.find("a")) if "a" in steps else -1
        holds = at >= 0 and "c" in steps[at:]
        outcome = "converted" if rng.random() < (0.5 if holds else 0.1) else "lost"
        paths.append((steps + "p" * (outcome == "converted"), outcome))
    return journeys(*paths)


def test_one_finding_is_shown_once() -> None:
    report = mine(_planted(4), minimum_support=0.01, max_length=4, top=None)
    found = {tuple(row.pattern): row for row in report.patterns}
    finding = found["a", "b", "c"]
    assert finding.represented_by is None
    assert finding.adds is not None
    assert finding.adds > 2
    assert finding.adds_q_value is not None
    assert finding.adds_q_value < 1e-10
    for part in (("a",), ("c",), ("a", "b"), ("b", "c"), ("a", "c")):
        assert found[part].q_value < 0.05  # each goes with conversion, and each does because of the whole
        assert found[part].represented_by == ["a", "b", "c"]
    assert found["a", "b", "c", "d"].represented_by == ["a", "b", "c"]
    significant = [row for row in report.patterns if row.q_value <= 0.05]
    shown = [row for row in significant if row.represented_by is None]
    assert len(significant) > 80
    assert len(shown) <= 6
    assert finding.stands_for > 20


def test_closed_patterns_are_represented_by_closed_ones() -> None:
    table = journeys(*[("abcp", "converted")] * 30, *[("ab", "lost")] * 30, *[("d", "lost")] * 40)
    report = mine(table, closed=True, top=None)
    listed = {tuple(row.pattern) for row in report.patterns}
    assert all(row.represented_by is None or tuple(row.represented_by) in listed for row in report.patterns)


@settings(max_examples=80)
@given(
    st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=9), min_size=1, max_size=5),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4),
    st.sampled_from([None, 0, 1, 2]),
    st.sampled_from([None, 1, 2, 4]),
    st.sampled_from([None, 2, 3, 6]),
)
def test_holders_with_every_kind_of_limit(
    log: list[list[tuple[str, int]]],
    wanted: list[str],
    max_gap: int | None,
    gap_seconds: float | None,
    span_seconds: float | None,
) -> None:
    db = Sequences.of([[step for step, _ in row] for row in log])
    times = [np.cumsum([wait for _, wait in row]) for row in log]
    db = Sequences(db.codes, db.offsets, db.items, np.concatenate([*times, []]).astype(np.int64) * 1_000_000)
    if not set(wanted) <= set(db.items):
        return
    limits = Limits(1, max_gap=max_gap, max_gap_seconds=gap_seconds, max_span_seconds=span_seconds)
    codes = tuple(db.items.index(step) for step in wanted)
    held = occurrences.of_pattern(occurrences.Places(db, limits), codes)
    ends = {}
    for number, row in enumerate(log):
        matches = [
            at
            for at in combinations(range(len(row)), len(wanted))
            if [row[i][0] for i in at] == wanted
            and all(max_gap is None or j - i - 1 <= max_gap for i, j in pairwise(at))
            and all(gap_seconds is None or times[number][j] - times[number][i] <= gap_seconds for i, j in pairwise(at))
            and (span_seconds is None or times[number][at[-1]] - times[number][at[0]] <= span_seconds)
        ]
        if matches:
            ends[number] = min(at[-1] for at in matches)
    assert dict(zip(held.sequences.tolist(), (held.ends - db.offsets[held.sequences]).tolist(), strict=True)) == ends


def test_nothing_found_is_nothing_walked() -> None:
    db = Sequences.of([["a"]])
    assert list(occurrences.walk(db, Mined.of([], 0), Limits(1))) == []
