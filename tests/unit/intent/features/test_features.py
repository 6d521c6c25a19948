"""Features against plain counting, and that nothing after a cut can be seen in them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.intent.features.goals import follows
from journeygraph.intent.features.matrix import Vocabulary, contains, matrix
from journeygraph.intent.features.timeline import Cuts, Timeline, place
from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.threading import build_rows
from journeygraph.schema import JourneyRules, Touchpoint, from_microseconds
from tests.unit.intent.small_shop import RULES, shop, table

DAY_US = 86_400_000_000
STEPS = ("cart", "purchase", "view")
VOCABULARY = Vocabulary(
    steps=STEPS,
    stages=("consideration",),
    channels=("web",),
    step_stages={"view": "consideration"},
    transitions=(("view", "cart"),),
    patterns=(("view", "cart"), ("view", "view", "cart")),
)

events = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(STEPS), st.integers(0, 90 * 24)), min_size=1, max_size=40
)


def touchpoints_of(made: list[tuple[str, str, int]]) -> list[Touchpoint]:
    """Touchpoints of (customer, step, hour)."""
    return [
        Touchpoint(
            touchpoint_id=f"t{number:03}",
            step=step,
            channel="web",
            occurred_at=from_microseconds(hour * DAY_US // 24),
            source="test",
            customer_id=customer,
        )
        for number, (customer, step, hour) in enumerate(made)
    ]


def running_steps(history: list[Touchpoint], at_us: int, rules: JourneyRules) -> list[str]:
    """Steps of the journey that still runs at an instant, by the definition."""
    steps: list[str] = []
    before: float | None = None
    for touchpoint in history:
        now = touchpoint.occurred_at.timestamp()
        if before is not None and now - before > rules.journey_window_seconds:
            steps = []
        steps = [] if touchpoint.step in rules.goals else [*steps, touchpoint.step]
        before = now
    over = before is not None and at_us / 1e6 - before > rules.journey_window_seconds
    return [] if over else steps


def is_subsequence(pattern: tuple[str, ...], steps: list[str]) -> bool:
    left = iter(steps)
    return all(step in left for step in pattern)


@settings(max_examples=150, deadline=None)
@given(events, st.integers(0, 95 * 24))
def test_features_equal_plain_counting(made: list[tuple[str, str, int]], hour: int) -> None:
    touchpoints = touchpoints_of(made)
    at_us = hour * DAY_US // 24
    timeline = Timeline.from_table(JourneyTable.from_rows(build_rows(touchpoints, RULES)), RULES)
    customers = np.arange(len(timeline.customer_ids), dtype=np.int64)
    cuts = place(timeline, customers, np.full(len(customers), at_us))
    known = {
        customer: sorted(
            (t for t in touchpoints if t.customer_id == customer and t.occurred_at <= from_microseconds(at_us)),
            key=lambda t: (t.occurred_at, t.touchpoint_id),
        )
        for customer in timeline.customer_ids
    }
    assert [timeline.customer_ids[int(c)] for c in cuts.customers] == [c for c, own in known.items() if own]
    features, values = matrix(timeline, cuts, VOCABULARY)
    column = {feature.name: values[:, number] for number, feature in enumerate(features)}
    for k, customer in enumerate(timeline.customer_ids[int(c)] for c in cuts.customers):
        history, steps = known[customer], running_steps(known[customer], at_us, RULES)
        for step in STEPS:
            assert column[f"count:{step}"][k] == np.log1p(steps.count(step))
        assert column["stage:consideration"][k] == np.log1p(steps.count("view"))
        assert column["depth"][k] == np.log1p(len(steps))
        assert column["conversions"][k] == np.log1p([t.step for t in history].count("purchase"))
        for days in (1, 7, 30):
            recent = sum(t.occurred_at > from_microseconds(at_us - days * DAY_US) for t in history)
            assert column[f"touchpoints_{days}d"][k] == np.log1p(recent)
        for pattern in VOCABULARY.patterns:
            assert column[f"pattern:{'>'.join(pattern)}"][k] == is_subsequence(pattern, steps)


@settings(max_examples=100, deadline=None)
@given(events, st.integers(0, 95 * 24), st.integers(1, 20))
def test_labels_equal_looking_ahead(made: list[tuple[str, str, int]], hour: int, days: int) -> None:
    touchpoints, at_us = touchpoints_of(made), hour * DAY_US // 24
    timeline = Timeline.from_table(JourneyTable.from_rows(build_rows(touchpoints, RULES)), RULES)
    customers = np.arange(len(timeline.customer_ids), dtype=np.int64)
    cuts = place(timeline, customers, np.full(len(customers), at_us))
    begin, end = from_microseconds(at_us), from_microseconds(at_us + days * DAY_US)
    expected = [
        any(
            t.step == "purchase" and begin < t.occurred_at <= end
            for t in touchpoints
            if t.customer_id == timeline.customer_ids[int(c)]
        )
        for c in cuts.customers
    ]
    assert follows(timeline, cuts, days * 86_400.0).tolist() == expected


@settings(max_examples=60, deadline=None)
@given(events, events, st.integers(0, 60 * 24))
def test_what_happens_after_a_cut_does_not_change_its_features(
    past: list[tuple[str, str, int]], future: list[tuple[str, str, int]], hour: int
) -> None:
    at_us = hour * DAY_US // 24
    known = [t for t in touchpoints_of(past) if t.occurred_at <= from_microseconds(at_us)]
    later = [
        t.model_copy(update={"touchpoint_id": "later" + t.touchpoint_id})
        for t in touchpoints_of(future)
        if t.occurred_at > from_microseconds(at_us)
    ]
    assert _by_customer(known, at_us) == _by_customer(known + later, at_us)


def _by_customer(touchpoints: list[Touchpoint], at_us: int) -> dict[str, list[float]]:
    if not touchpoints:
        return {}
    timeline = Timeline.from_table(JourneyTable.from_rows(build_rows(touchpoints, RULES)), RULES)
    customers = np.arange(len(timeline.customer_ids), dtype=np.int64)
    cuts = place(timeline, customers, np.full(len(customers), at_us))
    values = matrix(timeline, cuts, VOCABULARY)[1]
    return {timeline.customer_ids[int(c)]: row.tolist() for c, row in zip(cuts.customers, values, strict=True)}


def test_a_million_touchpoints_take_seconds() -> None:
    once = Timeline.from_table(table(shop(100)), RULES)
    times = 1_000_000 // once.n_touchpoints + 1
    n, customers = once.n_touchpoints, len(once.customer_ids)
    shifts = np.repeat(np.arange(times) * n, n)
    offsets = np.append((np.arange(times)[:, None] * n + once.offsets[:-1]).ravel(), times * n)
    many = Timeline(
        customer_ids=[f"{copy}-{c}" for copy in range(times) for c in range(customers)],
        offsets=offsets,
        step_codes=np.tile(once.step_codes, times),
        channel_codes=np.tile(once.channel_codes, times),
        times_us=np.tile(once.times_us, times),
        goals=np.tile(once.goals, times),
        journey_starts=np.tile(once.journey_starts, times) + shifts,
        visit_starts=np.tile(once.visit_starts, times) + shifts,
        steps=once.steps,
        channels=once.channels,
        rules=RULES,
    )
    everybody = np.arange(times * customers, dtype=np.int64)
    cuts = place(many, everybody, np.full(len(everybody), int(many.times_us.max())))
    values = matrix(many, cuts, VOCABULARY)[1]
    assert many.n_touchpoints >= 1_000_000
    assert len(values) == times * customers


def test_contains_finds_repeats_and_order() -> None:
    timeline = Timeline.from_table(
        JourneyTable.from_rows(
            build_rows(touchpoints_of([("a", "view", 0), ("a", "cart", 1), ("a", "view", 2)]), RULES)
        ),
        RULES,
    )
    cut: Cuts = place(timeline, np.array([0]), np.array([3 * DAY_US]))
    found = {pattern: bool(contains(timeline, cut, pattern)[0]) for pattern in [("view", "view"), ("cart", "cart")]}
    assert found == {("view", "view"): True, ("cart", "cart"): False}
