"""Dates to ISO 8601: the order of day and month, and the hundred of a two-digit year, are declared or the row waits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

from journeygraph.schema import from_microseconds
from journeygraph_loaders.cleaning.rules import CleanRule
from journeygraph_loaders.local_times import Clock
from journeygraph_loaders.times import parser, tells_time

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


def instants(clock: Clock, time_format: str | None, rule: CleanRule | None) -> Callable[[Any], int]:
    """`times.parser`, which also reads what the rule declares; it raises `ValueError` with half a sentence.

    >>> parse = instants(Clock("UTC"), None, CleanRule.model_validate({"as": "date", "order": "DMY"}))
    >>> parse("01.02.2026") == parse("2026-02-01"), parse("1/2/2026 3:05 PM") == parse("2026-02-01 15:05")
    (True, True)
    """
    time_format = rule.format if rule is not None and rule.format is not None else time_format
    short_year = time_format is not None and bool(re.search(r"%[yDxcg]", time_format.replace("%%", "")))
    parse = parser(clock, None if short_year else time_format)
    order = rule.order if rule else None
    first_year = rule.two_digit_years_from if rule else None

    def read(value: Any) -> int:
        if not isinstance(value, str):
            return parse(value)
        if short_year:
            return parse(_of_format(value, str(time_format), first_year))
        # Most are ISO 8601, which `parse` reads at once.
        if time_format is None and value[4:5] != "-" and (found := _NUMBERS.fullmatch(value.strip())):
            return parse(_ordered(found, order, first_year))
        return parse(value)

    return read


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
        if ":" in value:
            at = from_microseconds(of_instant(value))
            return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return from_microseconds(of_day(value)).date().isoformat()

    return read
