"""Times of a zone's clock -> instants: what a clock shows twice, or never, is as declared, or refused.

When clocks go back an hour occurs twice, when they go forward one doesn't occur.  This is the only place where either
is decided.

ambiguous times     `earlier` and `later` are the first and the second time that the clock shows it
nonexistent times   `offset_before` is what a clock that wasn't changed shows (RFC 5545: 02:30 is 03:30 after the
                    change), `shift_forward` the first instant after the gap (as in pandas: 03:00)
A day without a time is its first instant, whatever the clock did at midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Final, Literal
from zoneinfo import ZoneInfo

Ambiguous = Literal["reject", "earlier", "later"]
Nonexistent = Literal["reject", "offset_before", "shift_forward"]
NO_ZONE: Final = (
    "has no UTC offset, and no time zone is declared: give --timezone Europe/Berlin, or `timezone:` in the mapping"
)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True)
class Clock:
    """The clock that times without an offset are read from; without a `zone` there is none, and they are refused."""

    zone: str | None = None
    ambiguous: Ambiguous = "reject"
    nonexistent: Nonexistent = "reject"

    @cached_property
    def _zone(self) -> tzinfo | None:
        return UTC if self.zone == "UTC" else ZoneInfo(self.zone) if self.zone else None

    def at(self, local: datetime, *, is_day: bool = False) -> datetime:
        """The instant, in UTC, of a local time, which has no `tzinfo`; `is_day`: of a day without a time.

        Raises `ValueError` with half a sentence.

        >>> berlin = Clock("Europe/Berlin", ambiguous="later", nonexistent="shift_forward")
        >>> berlin.at(datetime(2026, 10, 25, 2, 30)).isoformat()
        '2026-10-25T01:30:00+00:00'
        >>> berlin.at(datetime(2026, 3, 29, 2, 30)).isoformat()
        '2026-03-29T01:00:00+00:00'
        """
        zone = self._zone
        if zone is None:
            raise ValueError(NO_ZONE)
        first = local.replace(tzinfo=zone, fold=0)
        if zone is UTC:
            return first
        # Never compared or handed out as they are: by PEP 495 they equal no instant of another zone.
        second = first.replace(fold=1)
        # PEP 495: the two differ where the clock shows a time twice (the first one is earlier) or never (it is later).
        before, after = first.utcoffset(), second.utcoffset()
        if before == after or before is None or after is None:
            return first.astimezone(UTC)
        if before > after:
            return self._twice(first, second, is_day)
        return self._never(local, second.astimezone(UTC), first.astimezone(UTC), is_day)

    def _twice(self, first: datetime, second: datetime, is_day: bool) -> datetime:
        if self.ambiguous == "reject" and not is_day:
            raise ValueError(
                f"occurs twice in {self.zone}, as clocks go back ({_shown(first)}, then {_shown(second)}), and the "
                "mapping doesn't say which it is: declare `ambiguous_times: earlier` or `later`, or give offsets"
            )
        return (second if self.ambiguous == "later" and not is_day else first).astimezone(UTC)

    def _never(self, local: datetime, too_early: datetime, kept: datetime, is_day: bool) -> datetime:
        """`kept` is the time by the offset before the gap, `too_early` by that after it: the gap is between."""
        zone = self._zone
        opened = _change(too_early, kept, zone)
        if is_day and opened.astimezone(zone).date() == local.date():
            return opened
        if self.nonexistent == "reject":
            raise ValueError(
                f"doesn't occur in {self.zone}, as clocks go forward, and the mapping doesn't say what it is: declare "
                f"`nonexistent_times: offset_before` ({_shown(kept.astimezone(zone))}) or"
                f" `shift_forward` ({_shown(opened.astimezone(zone))})"
            )
        return opened if self.nonexistent == "shift_forward" else kept


#: No time zone is declared.
NO_CLOCK: Final = Clock()


def _change(before: datetime, after: datetime, zone: tzinfo | None) -> datetime:
    """The instant, a whole second after `before` and at `after` at the latest, from which another offset holds."""
    offset = after.astimezone(zone).utcoffset()
    start = before.replace(microsecond=0)
    low, high = 0, -((start - after) // _SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if (start + middle * _SECOND).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return start + high * _SECOND


def _shown(at: datetime) -> str:
    """A time with its offset, for a sentence."""
    return at.isoformat(sep=" ", timespec="minutes" if at.second == at.microsecond == 0 else "auto")
