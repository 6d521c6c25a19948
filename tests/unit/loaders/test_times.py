"""Instants: exact, in UTC, never in a guessed zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.schema import to_microseconds
from journeygraph_loaders.times import parser

INSTANTS = st.datetimes(datetime(1973, 3, 4), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS, st.integers(-14 * 60, 14 * 60))
def test_every_way_of_writing_an_instant_is_the_same_instant(instant: datetime, minutes: int) -> None:
    parse = parser(None, None)
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
        parser(None, None)(text)
    assert parser("Asia/Tokyo", None)(text) == parser("UTC", None)(text) - 9 * 3_600_000_000


def test_summer_time_is_decided_by_one_rule() -> None:
    parse = parser("America/New_York", None)
    assert parse("2025-11-02 01:30") == parse("2025-11-02T01:30-04:00")  # twice: the first
    assert parse("2025-03-09 02:30") == parse("2025-03-09T03:30-04:00")  # never: an hour later on the clock


def test_a_declared_form_is_the_only_one() -> None:
    parse = parser("UTC", "%d.%m.%Y %H:%M")
    assert parse("01.02.2026 10:00") == parser("UTC", None)("2026-02-01T10:00")
    with pytest.raises(ValueError, match="does not have the form"):
        parse("2026-02-01T10:00")


@pytest.mark.parametrize(
    "value", ["yesterday", "nan", "1e400", "", "12:30", "1e20", True, [1], 10**17, "99999999999999999999"]
)
def test_what_is_no_instant_says_what_was_allowed(value: object) -> None:
    with pytest.raises(ValueError, match="ISO 8601 such as"):
        parser("UTC", None)(value)
