"""Numbers as people read them: separators, percentages with sensible digits, waits in words, instants in UTC."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from dateutil.parser import isoparse

_UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))
NONE = "–"


def count(value: float | None) -> str:
    """A count with thousands separators; digits after the point only where it is a small fraction.

    >>> count(1930), count(12.34), count(0.4), count(None), count(-0.0)
    ('1,930', '12.3', '0.4', '–', '0')
    """
    if value is None or not math.isfinite(value):
        return NONE
    if float(value).is_integer() or abs(value) >= 100:
        return f"{round(value):,}"
    return f"{value:,.1f}"


def percent(share: float | None) -> str:
    """A share as a percentage, with more digits where it is small.

    >>> percent(0.66), percent(0.00041), percent(1), percent(0), percent(None)
    ('66.0 %', '0.04 %', '100 %', '0 %', '–')
    """
    if share is None or not math.isfinite(share):
        return NONE
    value = share * 100
    if value and abs(value) < 0.005:
        return "< 0.01 %" if value > 0 else "> −0.01 %"
    if value in (0, 100):
        return f"{value:.0f} %"
    return f"{value:.{2 if abs(value) < 1 else 1}f} %".replace("-", "−")


def decimal(value: float | None, digits: int = 2) -> str:
    """A plain number with a fixed number of digits.

    >>> decimal(1.234), decimal(-0.5, 1), decimal(None)
    ('1.23', '−0.5', '–')
    """
    if value is None or not math.isfinite(value):
        return NONE
    return f"{value:,.{digits}f}".replace("-", "−")


def money(value: float | None, currency: str | None = None) -> str:
    """An amount, in whole units from a hundred on, with its currency where there is one.

    >>> money(18250.4, "EUR"), money(9.5), money(0), money(None)
    ('18,250 EUR', '9.50', '0', '–')
    """
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{value:,.0f}" if abs(value) >= 100 or not value else f"{value:,.2f}"
    return f"{text} {currency}".replace("-", "−") if currency else text.replace("-", "−")


def probability(value: float | None) -> str:
    """A p- or q-value: three digits, or a bound.

    >>> probability(0.0412), probability(3e-9), probability(None)
    ('0.041', '< 0.001', '–')
    """
    if value is None or not math.isfinite(value):
        return NONE
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def duration(seconds: float | None) -> str:
    """A wait in its two largest units.

    >>> duration(12_600), duration(45), duration(0.25), duration(90_000), duration(None)
    ('3 h 30 min', '45 s', '0.2 s', '1 d 1 h', '–')
    """
    if seconds is None or not math.isfinite(seconds):
        return NONE
    if seconds < 1:
        return f"{seconds:.1f} s" if seconds else "0 s"
    rest = float(round(seconds) if seconds < 86_400 else round(seconds / 3_600) * 3_600)
    parts: list[str] = []
    for size, unit in _UNITS:
        amount, rest = divmod(rest, size)
        if amount:
            parts.append(f"{int(amount)} {unit}")
    return " ".join(parts[:2])


def instant(value: datetime | str | None) -> str:
    """An instant to the minute, in UTC.

    >>> instant("2026-01-31T12:34:56+01:00")
    '2026-01-31 11:34 UTC'
    """
    if value is None:
        return NONE
    aware = isoparse(value) if isinstance(value, str) else value
    return aware.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def day(value: datetime | str | None) -> str:
    """The day of an instant, in UTC.

    >>> day("2026-01-31T23:34:56-01:00")
    '2026-02-01'
    """
    return instant(value)[:10]


def points(value: float) -> str:
    """A difference of two shares, in percentage points, with its sign.

    >>> points(0.163), points(-0.004), points(0)
    ('+16.3 pp', '−0.4 pp', '0 pp')
    """
    text = f"{value * 100:+.1f}".rstrip("0").rstrip(".").replace("-", "−")
    return f"{'0' if text in ('+0', '−0') else text} pp"


def shortened(name: str, letters: int) -> str:
    """A name in at most so many letters: its beginning and its end, which often tell it from others.

    >>> shortened("cart", 17), shortened("checkout_of_branch_014", 17)
    ('cart', 'checkout_o…ch_014')
    """
    if len(name) <= letters:
        return name
    tail = letters // 3 + 1
    return f"{name[: letters - tail - 1]}…{name[-tail:]}"


def unbroken(text: str) -> str:
    """A date or an instant that isn't broken over lines."""
    return text.replace("-", "\N{NON-BREAKING HYPHEN}").replace(" ", "\N{NO-BREAK SPACE}")
