"""Anomalies of volume and values: null data with seasons give none, planted ones are found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from journeygraph.quality.anomalies import values, volume
from journeygraph.quality.anomalies.found import Candidate, _tests, corrected, hourly

DAYS = 70
FIRST_HOUR = 24 * 20_000


def counts(rng: Any, a_day: float, spread: float = 0.01) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Hours of a source with hours of the day, weekdays, a trend, and days that vary beyond chance."""
    hour = 1 + 0.9 * np.sin((np.arange(24) - 9) / 24 * 2 * np.pi)
    week = np.array([1, 1, 1.1, 1.1, 1.3, 1.6, 1.4])[np.arange(DAYS) % 7]
    day = a_day * week * (1 + 0.3 * np.arange(DAYS) / DAYS) * rng.gamma(1 / spread, spread, DAYS)
    found: np.ndarray[Any, np.dtype[np.int64]] = rng.poisson((day[:, None] * hour / hour.sum()).ravel())
    return found


def rows_of(source: str, found: Any) -> list[dict[str, Any]]:
    return [
        {"source": source, "hour": FIRST_HOUR + hour, "touchpoints": int(count)}
        for hour, count in enumerate(found)
        if count
    ]


def value_rows(
    rng: Any,
    *,
    factor: float = 1.0,
    span: tuple[int, int] = (40 * 24, 41 * 24),
    single: float | None = None,
    a_day: float = 60,
    effect: float = 0.0,
    draw: Any = None,
) -> tuple[Any, Any]:
    """Rows of `quality/values` and of `quality/value_spread`; values of the hours of `span` are multiplied.

    Values are log-normal unless `draw` gives others of mean 1; `effect` is by how much they follow hour and weekday.
    """
    hour = np.repeat(np.arange(DAYS * 24), rng.poisson(a_day / 24, DAYS * 24))
    usual = effect * (np.sin(hour % 24 / 24 * 2 * np.pi) + (hour // 24 % 7 >= 5))
    usual = usual + rng.normal(0, 0.05, DAYS)[hour // 24]
    drawn = np.exp(3 + usual) * (np.exp(rng.normal(0, 0.8, len(hour))) if draw is None else draw(len(hour)))
    drawn[(hour >= span[0]) & (hour < span[1])] *= factor
    if single is not None:
        hour, drawn = np.append(hour, span[0]), np.append(drawn, single)
    logs = np.log(drawn)
    hours = [
        {
            "source": "shop", "currency": "EUR", "step": "buy", "hour": FIRST_HOUR + int(one), "values": int(own.sum()),
            "logarithms": logs[own].sum(), "squares": (logs[own] ** 2).sum(),
            "smallest": drawn[own].min(), "largest": drawn[own].max(),
        }
        for one in np.unique(hour)
        for own in [hour == one]
    ]  # fmt: skip
    cut = np.percentile(logs, [1, 25, 50, 75, 99]).tolist()
    named = dict(zip(("p01", "p25", "p50", "p75", "p99"), cut, strict=True))
    return hours, [{"source": "shop", "currency": "EUR", "step": "buy", **named}]


def found_in(rows: list[dict[str, Any]], days: Any = (), spread: Any = ()) -> list[Candidate]:
    return [candidate for candidate, _ in corrected(_tests(rows, days, spread)[0], 0.05)]


def test_null_data_gives_few_alarms() -> None:
    """Of 20 such worlds one may; docs/cleaning.md has the rate of a thousand."""
    alarms = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rows = [row for name, size in (("a", 20), ("b", 300)) for row in rows_of(name, counts(rng, size))]
        alarms += bool(found_in(rows, *value_rows(rng)))
    assert alarms <= 3


@pytest.mark.parametrize(("factor", "kind"), [(0, "fewer touchpoints"), (2, "more touchpoints")])
def test_an_outage_and_a_doubling_are_found(factor: int, kind: str) -> None:
    drawn = counts(np.random.default_rng(1), 300)
    since, until = 40 * 24 + 8, 40 * 24 + 20
    drawn[since:until] *= factor
    first, *more = found_in(rows_of("shop", drawn))
    assert not more
    assert (first.kind, first.source) == (kind, "shop")
    assert first.first_hour <= FIRST_HOUR + since + 4
    assert first.first_hour + first.hours >= FIRST_HOUR + until - 4


def test_a_source_that_stops_is_found_while_others_go_on() -> None:
    rng = np.random.default_rng(3)
    stopped = counts(rng, 300)
    stopped[66 * 24 :] = 0
    found = found_in(rows_of("a", stopped) + rows_of("b", counts(rng, 300)))
    assert [(one.kind, one.source) for one in found] == [("fewer touchpoints", "a")]
    assert found[0].first_hour == FIRST_HOUR + 66 * 24


def test_values_of_a_day_and_a_single_one() -> None:
    shifted = found_in([], *value_rows(np.random.default_rng(5), factor=2.0))
    assert [(one.kind, one.first_hour, one.hours) for one in shifted] == [("larger values", FIRST_HOUR + 40 * 24, 24)]
    assert shifted[0].observed == pytest.approx(2 * shifted[0].expected, rel=0.2)
    single = found_in([], *value_rows(np.random.default_rng(6), single=250_000.0))
    assert [(one.kind, one.hours, one.observed) for one in single] == [("a value apart", 1, pytest.approx(250_000))]


def test_values_of_some_hours() -> None:
    span = (40 * 24 + 12, 40 * 24 + 18)
    [first] = found_in([], *value_rows(np.random.default_rng(7), a_day=200, factor=0.3, span=span))
    assert (first.kind, first.first_hour, first.hours) == ("smaller values", FIRST_HOUR + span[0], 6)


def test_values_that_follow_hour_and_weekday_are_no_anomalies() -> None:
    """Nights and weekends with values twice and three times as large every week; an odd night is found among them."""
    rng = np.random.default_rng(8)
    assert not found_in([], *value_rows(rng, a_day=200, effect=0.8))
    night = (43 * 24, 43 * 24 + 6)  # as dear as an afternoon is cheap
    [first] = found_in([], *value_rows(rng, a_day=200, effect=0.8, factor=0.2, span=night))
    assert (first.kind, first.first_hour, first.hours) == ("smaller values", FIRST_HOUR + night[0], 6)


@pytest.mark.parametrize("kind", ["exponential", "few prices", "heavy"])
def test_values_of_other_shapes_give_no_alarms(kind: str) -> None:
    rng = np.random.default_rng(9)
    draw = {
        "exponential": lambda count: rng.exponential(1, count),
        "few prices": lambda count: rng.choice([0.5, 1.0, 1.0, 1.0, 2.0], count),
        "heavy": lambda count: np.exp(rng.standard_t(8, count)),
    }[kind]
    assert not [one for one in found_in([], *value_rows(rng, draw=draw)) if one.kind != "a value apart"]


def test_too_little_is_said_to_be() -> None:
    rows = rows_of("young", counts(np.random.default_rng(1), 300)[: 20 * 24])
    assert _tests(rows, [], []) == ([], [f"young: fewer than {volume.LEAST_WEEKS} weeks"])
    assert _tests([], [], []) == ([], [])
    hours, spread = value_rows(np.random.default_rng(1))
    flat = {**spread[0], "p01": 1.0, "p25": 1.0, "p75": 1.0, "p99": 1.0, "p50": 1.0}
    assert values.tested(values.Hours.of(hours), values.Spread.of(flat))[1].p_values.min() == 1
    assert not values.enough(values.Hours.of(hours[:200]))


def test_hours_are_whole_days() -> None:
    rows = [{"source": "a", "hour": 24 * 3 + 5, "touchpoints": 1}, {"source": "a", "hour": 24 * 6, "touchpoints": 9}]
    [(source, first, counted)] = hourly(rows)
    assert (source, first, len(counted), counted.sum()) == ("a", 24 * 4, 48, 0)
