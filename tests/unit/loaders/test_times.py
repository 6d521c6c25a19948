"""Instants: exact, in UTC, never in a guessed zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.schema import to_microseconds
from journeygraph_loaders.local_times import NO_CLOCK, Clock
from journeygraph_loaders.times import parser

INSTANTS = st.datetimes(datetime(1973, 3, 4), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS, st.integers(-14 * 60, 14 * 60))
def test_every_way_of_writing_an_instant_is_the_same_instant(instant: datetime, minutes: int) -> None:
    parse = parser(NO_CLOCK, None)
    us = to_microseconds(instant)
    local = instant.astimezone(timezone(timedelta(minutes=minutes)))
    assert parse(instant.isoformat()) == us
    assert parse(local.isoformat(" ")) == us
    assert parse(local) == us
    assert parse(us) == parse(str(us)) == us
    assert parse(us // 1_000) == parse(str(us // 1_000)) == us // 1_000 * 1_000
    assert parse(us // 1_000_000) == parse(str(us // 1_000_000)) == us // 1_000_000 * 1_000_000
    assert parse(f"{us // 1_000_000}.{us % 1_000_000:06}") == us
    assert parse(us / 1_000_000) == us


@pytest.mark.parametrize(
    "text",
    ["2026-01-31T12:00:00", "2026-01-31", "20260131", datetime(2026, 1, 31), date(2026, 1, 31)],  # noqa: DTZ001
)
def test_a_time_without_zone_is_refused_and_read_once_one_is_declared(text: object) -> None:
    with pytest.raises(ValueError, match="no time zone is declared: give --timezone"):
        parser(NO_CLOCK, None)(text)
    assert parser(Clock("Asia/Tokyo"), None)(text) == parser(Clock("UTC"), None)(text) - 9 * 3_600_000_000


def test_a_declared_form_is_the_only_one() -> None:
    parse = parser(Clock("UTC"), "%d.%m.%Y %H:%M")
    assert parse("01.02.2026 10:00") == parser(Clock("UTC"), None)("2026-02-01T10:00")
    with pytest.raises(ValueError, match="does not have the form"):
        parse("2026-02-01T10:00")


@pytest.mark.parametrize(
    "value", ["yesterday", "nan", "1e400", "", "12:30", "1e20", True, [1], 10**17, "99999999999999999999"]
)
def test_what_is_no_instant_says_what_was_allowed(value: object) -> None:
    with pytest.raises(ValueError, match="ISO 8601 such as"):
        parser(Clock("UTC"), None)(value)
