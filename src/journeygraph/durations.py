"""Durations as people write them."""

from __future__ import annotations

import re

from journeygraph.errors import UsageError

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}
_DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*([smhdw])$")


def seconds(text: str, option: str) -> float | None:
    """Seconds of a duration such as 14d, 12h, 30m or 90s; None of "none".

    Raises `UsageError`, naming the option, for anything else.

    >>> seconds("12h", "--window"), seconds("none", "--window")
    (43200.0, None)
    """
    if text.strip().lower() == "none":
        return None
    found = _DURATION.match(text.strip().lower())
    if found is None:
        raise UsageError(f"{option} {text!r} is not a duration such as 14d, 12h, 30m, 90s, or none.")
    return float(found[1]) * _SECONDS[found[2]]
