"""Durations as people write them."""

from __future__ import annotations

import re
from typing import Final

from journeygraph.errors import UsageError

DAY_SECONDS: Final = 86_400
DAY_US: Final = DAY_SECONDS * 1_000_000
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
#: A century: longer than any data, and its microseconds fit a database's integer.
LONGEST_SECONDS: Final = 36_500 * DAY_SECONDS
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*([smhdw])$")


def seconds(text: str, option: str) -> float | None:
    """Seconds of a duration such as 14d, 12h, 30m or 90s; None of "none".

    Raises `UsageError`, naming the option, for anything else and for more than a century.

    >>> seconds("12h", "--window"), seconds("none", "--window")
    (43200.0, None)
    """
    if text.strip().lower() == "none":
        return None
    found = _DURATION.match(text.strip().lower())
    if found is None:
        raise UsageError(f"{option} {text!r} is not a duration such as 14d, 12h, 30m, 90s, or none.")
    length = float(found[1]) * _SECONDS[found[2]]
    if length > LONGEST_SECONDS:
        raise UsageError(f"{option} {text!r} is longer than a century (36500d); write none for no limit.")
    return length


def bounded_seconds(text: str, option: str) -> float:
    """Seconds of a duration that has a length and an end.

    Raises `UsageError`, naming the option, for no time, for none, and for anything that is no duration.

    >>> bounded_seconds("36h", "--half-life")
    129600.0
    """
    found = seconds(text, option)
    if not found:
        raise UsageError(f"{option} {text!r} has no end or no length; it is a time such as 30m, 36h or 7d.")
    return found
