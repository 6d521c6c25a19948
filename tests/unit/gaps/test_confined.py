"""Findings confined to a group or a time: what is planted is found as such, and what only looks so is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.gaps import Finding, find
from journeygraph.gaps.groups import Dimension, Groups
from journeygraph.gaps.quiet import emptiest, quietest
from journeygraph.gaps.scan import BINS_A_DAY, most_unusual, windows
from journeygraph.gaps.sources import SourceHours
from journeygraph.journeys.table import JourneyTable

DAY_US, HOUR_US = 86_400_000_000, 3_600_000_000
Rate = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def shop(journeys: int, seed: int, exit_rate: Rate, *, members: float = 0.4) -> tuple[JourneyTable, Groups]:
    """Journeys of up to four visits; `exit_rate(step, day, member)` is the chance to be lost after each."""
    rng = np.random.default_rng(seed)
    member = rng.random(journeys) < members
    start = rng.random(journeys) * 150
    rows, codes = [], []
    for number in range(journeys):
        steps, times, at, outcome = [], [], float(start[number]), "converted"
        for _ in range(4):
            step = int(rng.integers(4))
            steps.append(f"step {step}")
            times.append(int(at * DAY_US))
            chance = exit_rate(np.array(step), np.array(at), np.array(member[number]))
            if rng.random() < float(chance):
                outcome = "lost"
                break
            at += float(rng.random() * 0.1)
        if outcome == "converted":
            steps.append("goal")
            times.append(int(at * DAY_US) + HOUR_US)
        codes.append([int(member[number]) - 1 if not member[number] else 0] * len(steps))
        rows.append(_row(number, steps, times, outcome))
    rows.append(_row(journeys, ["step 0"], [185 * DAY_US], "open"))
    codes.append([-1])
    table = JourneyTable.from_rows(rows, stages={f"step {step}": "consideration" for step in range(4)})
    place = {f"j{number:06d}": codes[number] for number in range(journeys + 1)}
    column = np.concatenate([np.array(place[journey_id], dtype=np.int8) for journey_id in table.ids])
    return table, Groups((Dimension("p_platform", ("ios",), column),))


def _row(number: int, steps: list[str], times: list[int], outcome: str) -> dict[str, object]:
    return {
        "id": f"j{number:06d}",
        "customer_id": f"c{number:06d}",
        "outcome": outcome,
        "value": 10.0 if outcome == "converted" else None,
        "steps": steps,
        "channels": ["web"] * len(steps),
        "occurred_at_us": times,
    }


def found(exit_rate: Rate, *kinds: str, seed: int = 1, journeys: int = 3_000) -> list[Finding]:
    table, groups = shop(journeys, seed, exit_rate)
    return [finding for finding in find(table, groups=groups).findings if finding.kind in kinds]


def test_a_step_that_one_group_leaves_is_told_as_confined_to_it_and_once() -> None:
    findings = found(lambda step, _, member: np.where((step == 2) & member, 0.4, 0.1), "drop_off")
    assert [(finding.subject, finding.group) for finding in findings] == [("step 2", "platform=ios")]
    (per_journey,) = (finding.counts["visits"] / finding.denominator for finding in findings)
    assert findings[0].interval[0] < 0.3 * per_journey < findings[0].interval[1]
    assert findings[0].parameters["property"] == "p_platform"


def test_a_step_that_everybody_leaves_is_told_for_everybody() -> None:
    findings = found(lambda step, _, __: np.where(step == 2, 0.4, 0.1), "drop_off")
    assert [(finding.subject, finding.group) for finding in findings] == [("step 2", None)]


def test_a_group_that_leaves_more_everywhere_is_no_gap_of_a_step() -> None:
    assert not found(lambda _, __, member: np.where(member, 0.35, 0.1), "drop_off", "incident")


def test_an_incident_has_its_time_and_those_who_met_it() -> None:
    findings = found(lambda step, day, _: np.where((step == 1) & (day > 60) & (day < 70), 0.6, 0.1), "incident")
    (finding,) = findings
    assert (finding.subject, finding.group, finding.until is not None) == ("exit after step 1", None, True)
    since, until = (datetime.fromisoformat(str(at)).timestamp() / 86_400 for at in (finding.since, finding.until))
    assert since == pytest.approx(60, abs=1.5)
    assert until == pytest.approx(70, abs=1.5)
    assert finding.interval[0] < 0.5 < finding.interval[1]
    assert finding.lost_conversions is not None
    assert finding.trend is not None
    assert sum(point.trials for point in finding.trend.points) > finding.denominator


def test_an_incident_of_one_group_is_told_as_confined_to_it() -> None:
    findings = found(
        lambda step, day, member: np.where((step == 1) & (day > 60) & (day < 75) & member, 0.7, 0.1), "incident"
    )
    assert [(finding.subject, finding.group) for finding in findings] == [("exit after step 1", "platform=ios")]


def test_a_change_for_good_has_no_end() -> None:
    (finding,) = found(lambda step, day, _: np.where((step == 1) & (day > 80), 0.5, 0.1), "incident")
    assert finding.until is None
    assert datetime.fromisoformat(str(finding.since)).timestamp() / 86_400 == pytest.approx(80, abs=2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_season_weekends_and_rush_hours_are_no_incident(seed: int) -> None:
    def rates(_: np.ndarray, day: np.ndarray, __: np.ndarray) -> np.ndarray:
        weekend = np.where((day.astype(int) + 3) % 7 >= 5, 1.8, 1.0)
        rush = np.where((day % 1 > 0.7) & (day % 1 < 0.85), 1.6, 1.0)
        return (0.06 + 0.08 * day / 150) * weekend * rush

    assert not found(rates, "incident", seed=seed)


def test_spans_are_whole_days_with_a_reference() -> None:
    every = windows(400)
    lengths = every.end - every.start
    assert set((lengths[~every.for_good] % BINS_A_DAY).tolist()) == {0}
    assert (every.before < every.start).all()
    assert (every.after[~every.for_good] > every.end[~every.for_good]).all()
    assert (every.after[every.for_good] == every.end[every.for_good]).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_span_that_stands_out_is_that_of_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_bins, size = 140, 900
    bins = np.sort(rng.integers(n_bins, size=size))
    happened = rng.random(size) < np.where((bins > 60) & (bins < 80), 0.5, 0.1)
    expected = np.full(size, happened.mean())
    span = most_unusual(bins, happened, expected, n_bins, 30)
    every, best = windows(n_bins), -1.0
    for at in range(len(every)):
        inside = (bins >= every.start[at]) & (bins < every.end[at])
        around = (bins >= every.before[at]) & (bins < every.after[at]) & ~inside
        k, o, n, m = happened[inside].sum(), happened[around].sum(), inside.sum(), around.sum()
        if n < 30 or m < 60:
            continue
        likely = (k + o) * n / (n + m)
        if k > likely:
            rest = o * np.log(o / (k + o - likely)) if o else 0.0
            best = max(best, k * np.log(k / likely) + rest)
    assert (span.log_ratio if span else -1.0) == pytest.approx(best)


def hours(weeks: int = 16, mean: float = 4.0, seed: int = 0) -> np.ndarray:
    """Counts with a rhythm by hour and weekday, a trend, and more than Poisson's variance."""
    rng = np.random.default_rng(seed)
    hour = np.arange(weeks * 168)
    rhythm = (1 + np.sin(hour % 24 / 24 * 6.28)) * np.where(hour // 24 % 7 >= 5, 0.4, 1.0) * (1 + hour / len(hour))
    day_level = rng.gamma(20, 1 / 20, size=weeks * 7).repeat(24)
    return rng.poisson(mean * rhythm * day_level)


def test_an_outage_is_found_to_the_hour_where_much_is_sent() -> None:
    counts = hours(mean=30.0)
    counts[1_000:1_060] = 0
    quiet = quietest(counts)
    assert quiet is not None
    assert quiet.p_value < 1e-6
    assert (quiet.start, quiet.end) == (pytest.approx(1_000, abs=8), pytest.approx(1_060, abs=8))


def test_a_source_that_stopped_for_good_is_found() -> None:
    counts = hours(mean=30.0)
    counts[-150:] = 0
    quiet = quietest(counts)
    assert quiet is not None
    assert quiet.p_value < 1e-6
    assert quiet.end == len(counts)


def test_rhythm_trend_and_a_thin_end_are_no_outage() -> None:
    fired = 0
    for seed in range(60):
        counts = hours(seed=seed)
        counts[-48:] = np.random.default_rng(seed).binomial(counts[-48:], 0.3)  # late data has not come yet
        quiet = quietest(counts)
        fired += quiet is not None and quiet.p_value < 0.05
    assert fired <= 3


def test_a_field_that_went_empty_is_found_and_one_seldom_filled_is_not() -> None:
    counts = hours(mean=6.0)
    filled = np.random.default_rng(1).binomial(counts, 0.8)
    assert (emptiest(filled, counts, 672, 30, 0.25) or filled).p_value > 0.05  # type: ignore[union-attr]
    filled[1_200:1_500] = 0
    empty = emptiest(filled, counts, 672, 30, 0.25)
    assert empty is not None
    assert empty.p_value < 1e-6
    assert (empty.start, empty.end) == (pytest.approx(1_200, abs=8), pytest.approx(1_500, abs=8))


def test_blind_spots_count_hours_touchpoints_and_customers() -> None:
    table, _ = shop(600, 1, lambda step, *_: np.where(step > 9, 1.0, 0.1))
    counts = np.stack([hours(mean=20.0, seed=1), hours(mean=20.0, seed=2)])
    counts[0, 1_000:1_060] = 0
    filled = counts.copy()[None]
    filled[0, 1, 1_200:1_500] = 0
    unknown = JourneyTable.from_rows(
        [
            _row(number, ["step 0"], [number * HOUR_US], "open")
            | {"customer_id": f"anonymous:{number}" if number % 3 == 0 else f"c{number}"}
            for number in range(600)
        ]
    )
    names = [int(name.startswith("anonymous")) for name in unknown.customer_ids]
    codes = np.array([names[customer] for customer in unknown.customers], dtype=np.int8)
    groups = Groups((Dimension("source", ("shop", "tills"), codes),))
    sources = SourceHours(("shop", "tills"), ("p_device",), 0, counts, filled)
    hourly = [one for one in find(table, sources=sources).findings if one.kind == "blind_spot"]
    assert {(one.subject, one.per) for one in hourly} == {("shop", "hour"), ("device of tills", "touchpoint")}
    assert all(one.effect > 0.9 and one.lost_conversions is None and one.since for one in hourly)
    (people,) = (one for one in find(unknown, groups=groups).findings if one.kind == "blind_spot")
    assert (people.subject, people.per, people.affected, people.denominator) == (
        "customers of tills",
        "customer",
        200,
        200,
    )
