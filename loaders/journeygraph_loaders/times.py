"""Instants: whatever a source writes -> microseconds since 1970, UTC; never a guessed zone.

- ISO 8601 with an offset or Z; without one, in the declared time zone, else the row is refused.
- Numbers are epoch: below 1e11 seconds, below 1e14 milliseconds, below 1e17 microseconds (so milliseconds from
  1973-03-03 on).  Eight digits that are a date of 1900 to 2199 (20240131) are that date.
- A local time that occurs twice when clocks go back, or not at all when they go forward, is what is declared: see
  `local_times`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from journeygraph.schema import EPOCH
from journeygraph_loaders.local_times import Clock

_MICROSECOND: Final = timedelta(microseconds=1)
#: ISO 8601 has no shorter time than 20260329T02.
_DAY_LETTERS: Final = 10
_SECONDS_BELOW, _MILLIS_BELOW, _MICROS_BELOW = 10**11, 10**14, 10**17
#: As databases write it: 2026-01-31 12:00:00 UTC.
_ZONE_AS_WORD: Final = re.compile(r"(?<=\d) (?:UTC|GMT)$")
_FORMS: Final = (
    "ISO 8601 such as 2026-01-31T12:00:00+01:00, or epoch seconds, milliseconds or microseconds is needed; "
    'another form is declared in the mapping, as in `time_format: "%d.%m.%Y %H:%M"`'
)


def parser(clock: Clock, time_format: str | None) -> Callable[[Any], int]:
    """A function from a raw value to microseconds; it raises `ValueError` with half a sentence.

    >>> parse = parser(Clock("Europe/Berlin", ambiguous="earlier"), None)
    >>> parse("2026-01-01T00:00:00Z"), parse("2026-01-01 01:00"), parse(1767225600), parse("1767225600000")
    (1767225600000000, 1767225600000000, 1767225600000000, 1767225600000000)
    >>> parse("2026-10-25 02:30") == parse("2026-10-25T02:30+02:00")
    True
    """
    formed_days = None if time_format is None else not tells_time(time_format)

    def instant(value: datetime, raw: Any) -> int:
        if value.tzinfo is None:
            in_form = isinstance(raw, str) and formed_days is not None
            value = clock.at(value, is_day=bool(formed_days) if in_form else _is_day(raw))
        return (value - EPOCH) // _MICROSECOND

    def parse(value: Any) -> int:
        if isinstance(value, str):
            try:
                return instant(_from_text(value, time_format), value)
            except _Number as found:
                return _from_number(found.value)
        if isinstance(value, datetime):
            return instant(value, value)
        if isinstance(value, bool):
            raise ValueError(f"is not an instant: {_FORMS}")
        if isinstance(value, int | float | Decimal):
            number = Decimal(str(value))
            return _from_number(number) if as_date(str(value)) is None else parse(str(value))
        if isinstance(value, date):
            return instant(datetime(value.year, value.month, value.day), value)  # noqa: DTZ001 - the zone comes next
        raise ValueError(f"is not an instant: {_FORMS}")

    return parse


def tells_time(time_format: str) -> bool:
    """Whether a form of `strptime` has a time of the day.

    >>> tells_time("%d.%m.%Y"), tells_time("%d.%m.%Y %H:%M"), tells_time("%%H %x")
    (False, True, False)
    """
    return any(f"%{letter}" in time_format.replace("%%", "") for letter in "HIcX")


def _is_day(raw: Any) -> bool:
    """Whether a value is a day without a time.

    >>> _is_day("2026-03-29"), _is_day("2026-03-29 00:00"), _is_day("2026-W13-7"), _is_day(date(2026, 3, 29))
    (True, False, True, True)
    """
    return len(raw) <= _DAY_LETTERS if isinstance(raw, str) else not isinstance(raw, datetime)


class _Number(Exception):
    def __init__(self, value: Decimal) -> None:
        self.value = value


def _from_text(text: str, time_format: str | None) -> datetime:
    if time_format is not None:
        try:
            return datetime.strptime(text, time_format)  # noqa: DTZ007 - the zone comes next
        except ValueError as error:
            raise ValueError(f"does not have the form {time_format!r} that the mapping declares") from error
    if text[:5].isdigit() or text[:1] in "-+.":  # epoch, or a date without hyphens
        found = as_date(text)
        if found is not None:
            return found
        try:
            raise _Number(Decimal(text))
        except InvalidOperation:
            pass
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        if (in_utc := _ZONE_AS_WORD.sub("Z", text)) != text:
            return _from_text(in_utc, None)
        short = _as_number(text)
        if short is not None:
            raise _Number(short) from None
        raise ValueError(f"is not an instant: {_FORMS}") from error


def _as_number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def as_date(text: str) -> datetime | None:
    """The day that eight digits write, from 1900 to 2199.

    >>> as_date("20260131"), as_date("20269931")
    (datetime.datetime(2026, 1, 31, 0, 0), None)
    """
    if len(text) != 8 or not text.isdecimal() or not 1900 <= int(text[:4]) < 2200:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _from_number(number: Decimal) -> int:
    if not number.is_finite() or not -_MICROS_BELOW < number < _MICROS_BELOW:  # `abs` of 1e9999999 is an error
        raise ValueError(f"is not an instant: {_FORMS}")
    size = abs(number)
    factor = 1_000_000 if size < _SECONDS_BELOW else 1_000 if size < _MILLIS_BELOW else 1
    return int((number * factor).to_integral_value())


def parse_column(
    values: Sequence[Any], parse: Callable[[Any], int], latest_us: int
) -> tuple[list[int | None], dict[int, str]]:
    """Instants of a column, and for each row that has none, half a sentence that says why.

    `latest_us` is the end of what can have happened; nothing happened before 1970.
    """
    instants: list[int | None] = []
    faults: dict[int, str] = {}
    for row, value in enumerate(values):
        try:
            instant = parse(value)
        except (ValueError, OverflowError) as error:
            faults[row] = "is missing" if value is None else str(error)
            instants.append(None)
            continue
        if not 0 <= instant <= latest_us:
            faults[row] = "lies before 1970" if instant < 0 else "lies more than a day in the future"
        instants.append(instant)
    return instants, faults
