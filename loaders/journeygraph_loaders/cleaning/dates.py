"""Dates to ISO 8601: the order of day and month, and the hundred of a two-digit year, are declared or the row waits.

So do bare numbers below 100,000, which are years, or the days that spreadsheets count, and hardly ever seconds of 1970.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from journeygraph.schema import from_microseconds
from journeygraph_loaders.cleaning.rules import CleanRule
from journeygraph_loaders.local_times import Clock
from journeygraph_loaders.times import as_date, parser, tells_time

_NUMBERS: Final = re.compile(
    r"(?P<a>\d{1,4})(?P<by>[./-])(?P<b>\d{1,2})(?P=by)(?P<c>\d{1,4})"
    r"(?:(?:T|,?\s+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,6}))?)?"
    r"\s*(?P<half>[AaPp])?(?(half)\.?[Mm]\.?)\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_CENTURY: Final = (
    "has a year of two digits, and which hundred is meant is not declared: say its first year in the mapping, as in "
    "`clean: {occurred_at: {as: date, two_digit_years_from: 1970}}`"
)
_HOUR_OF_12: Final = range(1, 13)
#: Digits, with a fraction; German spreadsheets write that with a comma.
_BARE: Final = re.compile(r"-?\d+(?:[.,]\d*)?")
_EPOCH_FROM: Final = 100_000
_NO_EPOCH: Final = (
    "is a bare number below 100,000, and whether it is a year or the day of a spreadsheet is not declared: say so in "
    'the mapping, as in `{as: date, serial: 1900}` (days as Excel counts them) or `{as: date, format: "%Y"}`'
)
#: Of 9999-12-31 in the system of 1900.
_LAST_SERIAL: Final = 2_958_465
#: The 29th of February 1900, which spreadsheets have and no calendar has.
_NO_DAY: Final = 60
_DAY_MS: Final = 86_400_000


def instants(clock: Clock, time_format: str | None, rule: CleanRule | None) -> Callable[[Any], int]:
    """`times.parser`, which also reads what the rule declares; it raises `ValueError` with half a sentence.

    >>> parse = instants(Clock("UTC"), None, CleanRule.model_validate({"as": "date", "order": "DMY"}))
    >>> parse("01.02.2026") == parse("2026-02-01"), parse("1/2/2026 3:05 PM") == parse("2026-02-01 15:05")
    (True, True)
    """
    serial = rule.serial if rule else None
    time_format = rule.format if rule is not None and rule.format is not None else time_format
    time_format = None if serial else time_format
    short_year = time_format is not None and bool(re.search(r"%[yDxcg]", time_format.replace("%%", "")))
    parse = parser(clock, None if short_year else time_format)
    is_date = rule is not None and rule.kind == "date"
    order = rule.order if rule else None
    first_year = rule.two_digit_years_from if rule else None

    def read(value: Any) -> int:
        if not isinstance(value, str):
            if not is_date or isinstance(value, bool) or not isinstance(value, int | float | Decimal):
                return parse(value)
            if time_format is not None:
                return read(str(value)) if abs(float(value)) < _EPOCH_FROM else parse(value)
            return parse(_of_number(str(value), serial))
        if short_year:
            return parse(_of_format(value, str(time_format), first_year))
        # Most are ISO 8601, which `parse` reads at once.
        if time_format is None and value[4:5] != "-":
            if found := _NUMBERS.fullmatch(value.strip()):
                return parse(_ordered(found, order, first_year))
            return parse(_of_number(value, serial) if is_date else value)
        return parse(value)

    return read


def _of_number(text: str, serial: int | None) -> str:
    """A spreadsheet's day as ISO 8601; text that is no such number, eight digits of a date, and epoch stay."""
    if not _BARE.fullmatch(text.strip()):
        return text
    number = Decimal(text.strip().replace(",", "."))
    if serial is None:
        if abs(number) < _EPOCH_FROM:
            raise ValueError(_NO_EPOCH)
        return text
    return text if number > _LAST_SERIAL and as_date(text.strip()) else of_serial(number, serial)


def of_serial(number: Decimal, system: int) -> str:
    """The day, or the instant of a clock on the wall, that a spreadsheet counts; its times are whole milliseconds.

    The system of 1900 has the day 1900-02-29, that of 1904 begins with day 0.

    >>> of_serial(Decimal(45721), 1900), of_serial(Decimal("45721.5"), 1900), of_serial(Decimal(44259), 1904)
    ('2025-03-05', '2025-03-05T12:00:00', '2025-03-05')
    """
    day = int(number // 1)
    first = 0 if system == 1904 else 1
    if not first <= day <= _LAST_SERIAL or (system == 1900 and day == _NO_DAY):
        raise ValueError(f"is no day that a spreadsheet counts from {system} on")
    start = date(1904, 1, 1) if system == 1904 else date(1899, 12, 31 if day < _NO_DAY else 30)
    try:
        at = datetime(start.year, start.month, start.day) + timedelta(  # noqa: DTZ001 - the zone comes next
            days=day, milliseconds=round(number % 1 * _DAY_MS)
        )
    except OverflowError as error:
        raise ValueError(f"is no day that a spreadsheet counts from {system} on") from error
    return at.isoformat() if number % 1 else at.date().isoformat()


def _of_format(text: str, time_format: str, first_year: int | None) -> str:
    if first_year is None:
        raise ValueError(_CENTURY)
    try:
        found = datetime.strptime(text, time_format)  # noqa: DTZ007 - the zone comes next
        found = found.replace(year=_year(found.year % 100, first_year))
        return found.isoformat() if tells_time(time_format) else found.date().isoformat()
    except ValueError as error:
        raise ValueError(f"does not have the form {time_format!r} that the mapping declares") from error


def _year(short: int, first_year: int) -> int:
    """The year of two digits that lies in the hundred years from `first_year` on.

    >>> _year(69, 1970), _year(70, 1970)
    (2069, 1970)
    """
    return first_year + (short - first_year) % 100


def _ordered(found: re.Match[str], order: str | None, first_year: int | None) -> str:
    """The text as ISO 8601."""
    a, b, c = found["a"], found["b"], found["c"]
    if len(a) == 4:
        year, month, day = a, b, c
    elif order is None:
        raise ValueError(_undeclared(a, b, c))
    else:
        year, month, day = (dict(zip(order, (a, b, c), strict=True))[part] for part in "YMD")
    if len(year) == 2:
        if first_year is None:
            raise ValueError(_CENTURY)
        year = str(_year(int(year), first_year))
    try:
        at = date(int(year) if len(year) == 4 else 0, int(month), int(day))
    except ValueError as error:
        wanted = order if len(a) != 4 else "YMD"
        raise ValueError(f"is no date with the order {wanted} of day, month and year") from error
    return at.isoformat() + _time(found)


def _undeclared(a: str, b: str, c: str) -> str:
    readings = [
        order
        for order, day, month in (("DMY", a, b), ("MDY", b, a), ("YMD", c, b))
        if (order != "YMD" or len(c) <= 2) and 1 <= int(month) <= 12 and 1 <= int(day) <= 31
    ]
    meaning = f"may mean {' or '.join(readings)}" if readings else "has an order that is not declared"
    return (
        f"{meaning} (day, month, year), and no order is guessed: say which in the mapping, as in "
        f"`clean: {{occurred_at: {{as: date, order: {readings[0] if readings else 'DMY'}}}}}`, or "
        '`time_format: "%d.%m.%Y %H:%M"`'
    )


def _time(found: re.Match[str]) -> str:
    if found["hour"] is None:
        return ""
    hour = int(found["hour"])
    if found["half"]:
        if hour not in _HOUR_OF_12:
            raise ValueError("has an hour that no clock of twelve hours shows")
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    fraction = f".{found['part']:0<6}" if found["part"] else ""
    return f"T{hour:02}:{found['minute']}:{found['second'] or '00'}{fraction}{found['zone'] or ''}"


def date_text(clock: Clock, rule: CleanRule) -> Callable[[str], str]:
    """A function from a date to ISO 8601: days as such, instants in UTC.

    >>> text = date_text(Clock("Europe/Berlin"), CleanRule.model_validate({"as": "date", "order": "MDY"}))
    >>> text("02/01/2026"), text("2/1/2026 1:00 AM"), text("2026-02-01T00:00Z")
    ('2026-02-01', '2026-02-01T00:00:00Z', '2026-02-01T00:00:00Z')
    """
    of_day, of_instant = instants(Clock("UTC"), None, rule), instants(clock, None, rule)

    def read(value: str) -> str:
        if rule.serial is not None:
            value = _of_number(value, rule.serial)
        if ":" in value:
            at = from_microseconds(of_instant(value))
            return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return from_microseconds(of_day(value)).date().isoformat()

    return read
