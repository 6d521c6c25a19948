"""Instants: whatever a source writes -> microseconds since 1970, UTC; never a guessed zone.

- ISO 8601 with an offset or Z; without one, in the declared time zone, else the row is refused.
- Numbers are epoch: below 1e11 seconds, below 1e14 milliseconds, below 1e17 microseconds (so milliseconds from
  1973-03-03 on).  Eight digits that are a date of 1900 to 2199 (20240131) are that date.
- A local time that occurs twice when clocks go back is its first occurrence; one that doesn't occur when they go
  forward is read with the offset before the change, which makes it one hour later on the clock (PEP 495, fold=0).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from journeygraph.schema import EPOCH

_MICROSECOND: Final = timedelta(microseconds=1)
_SECONDS_BELOW, _MILLIS_BELOW, _MICROS_BELOW = 10**11, 10**14, 10**17
NO_ZONE: Final = (
    "has no UTC offset, and no time zone is declared: give --timezone Europe/Berlin, or `timezone:` in the mapping"
)
_FORMS: Final = (
    "ISO 8601 such as 2026-01-31T12:00:00+01:00, or epoch seconds, milliseconds or microseconds is needed; "
    'another form is declared in the mapping, as in `time_format: "%d.%m.%Y %H:%M"`'
)


def parser(zone: str | None, time_format: str | None) -> Callable[[Any], int]:
    """A function from a raw value to microseconds; it raises `ValueError` with half a sentence.

    >>> parse = parser("Europe/Berlin", None)
    >>> parse("2026-01-01T00:00:00Z"), parse("2026-01-01 01:00"), parse(1767225600), parse("1767225600000")
    (1767225600000000, 1767225600000000, 1767225600000000, 1767225600000000)
    >>> parse("2026-10-25 02:30") == parse("2026-10-25T02:30+02:00")
    True
    >>> parse("2026-03-29 02:30") == parse("2026-03-29T03:30+02:00")
    True
    """
    tz: tzinfo | None = UTC if zone == "UTC" else ZoneInfo(zone) if zone else None

    def instant(value: datetime) -> int:
        if value.tzinfo is None:
            if tz is None:
                raise ValueError(NO_ZONE)
            value = value.replace(tzinfo=tz)
        return (value - EPOCH) // _MICROSECOND

    def parse(value: Any) -> int:
        if isinstance(value, str):
            try:
                return instant(_from_text(value, time_format))
            except _Number as found:
                return _from_number(found.value)
        if isinstance(value, datetime):
            return instant(value)
        if isinstance(value, bool):
            raise ValueError(f"is not an instant: {_FORMS}")
        if isinstance(value, int | float | Decimal):
            number = Decimal(str(value))
            return _from_number(number) if _as_date(str(value)) is None else parse(str(value))
        if isinstance(value, date):
            return instant(datetime(value.year, value.month, value.day))  # noqa: DTZ001 - the zone comes next
        raise ValueError(f"is not an instant: {_FORMS}")

    return parse


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
        found = _as_date(text)
        if found is not None:
            return found
        try:
            raise _Number(Decimal(text))
        except InvalidOperation:
            pass
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        short = _as_number(text)
        if short is not None:
            raise _Number(short) from None
        raise ValueError(f"is not an instant: {_FORMS}") from error


def _as_number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _as_date(text: str) -> datetime | None:
    if len(text) != 8 or not text.isdigit() or not 1900 <= int(text[:4]) < 2200:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _from_number(number: Decimal) -> int:
    if not number.is_finite() or abs(number) >= _MICROS_BELOW:
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
