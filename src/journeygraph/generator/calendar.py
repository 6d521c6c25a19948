"""When contacts happen: local rush hours, weekends, newsletter days and the season, as instants in UTC."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from journeygraph.generator import shop

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

DAY_SECONDS = 86_400
_MARGIN_DAYS = 800  # instants beyond the end are computed and then cut off
_TO_EMAIL_DAY = np.array([min((day - weekday) % 7 for day in shop.EMAIL_DAYS) for weekday in range(7)])


@dataclass(frozen=True)
class Calendar:
    """Days of the shop's time zone, numbered from the first; seconds are whole seconds since 1970 in UTC."""

    first_weekday: int
    midnight: int  # local midnight of day 0, as if local time were UTC
    offsets: Integers  # seconds that local time is ahead of UTC, by day
    days: int

    @classmethod
    def of(cls, start: dt.date, days: int) -> Calendar:
        """The calendar of `days` days from `start` on."""
        zone, noon = ZoneInfo(shop.TIME_ZONE), dt.datetime.combine(start, dt.time(12))
        local = [(noon + dt.timedelta(days=day)).replace(tzinfo=zone) for day in range(days + _MARGIN_DAYS)]
        offsets = [int((instant.utcoffset() or dt.timedelta()).total_seconds()) for instant in local]
        midnight = (start - dt.date(1970, 1, 1)).days * DAY_SECONDS
        return cls(start.weekday(), midnight, np.array(offsets, dtype=np.int64), days)

    @property
    def end(self) -> int:
        """The first second after the last day."""
        return int(self.midnight + self.days * DAY_SECONDS - self.offsets[self.days])

    def day_of(self, seconds: Integers) -> Integers:
        """Local day number of each instant."""
        roughly = np.clip((seconds - self.midnight) // DAY_SECONDS, 0, len(self.offsets) - 1)
        days: Integers = (seconds + self.offsets[roughly] - self.midnight) // DAY_SECONDS
        return days

    def session_start(self, days: Integers, places: NDArray[np.int8], uniform: Floats) -> Integers:
        """Instant at which a session meant for a day starts, given three uniform draws each (3 x n).

        Some wait for the weekend, an e-mail session waits for the next newsletter; the hour follows the place.
        """
        weekday = (self.first_weekday + days) % 7
        days = days + np.where((weekday < 5) & (uniform[0] < shop.WEEKEND_PULL), 5 - weekday, 0)
        email = places == list(shop.HOURS).index("email")
        days = days + np.where(email, _TO_EMAIL_DAY[(self.first_weekday + days) % 7], 0)
        hours = pick(shop.HOUR_WEIGHTS.cumsum(axis=1), places, uniform[1])
        second = hours * 3_600 + (uniform[2] * 3_600).astype(np.int64)
        days = np.minimum(days, len(self.offsets) - 1)
        return np.asarray(self.midnight + days * DAY_SECONDS + second - self.offsets[days])


def first_days(uniform: Floats, days: int) -> Integers:
    """Day of each customer's first contact: the first half of the time, more towards its end (the season)."""
    return (np.sqrt(uniform) * 0.25 * days + uniform * 0.25 * days).astype(np.int64)


def pick(cumulative: Floats, rows: NDArray[np.int8], uniform: Floats) -> Integers:
    """For each uniform draw the column at which the row's cumulative share exceeds it.

    >>> pick(np.array([[0.5, 1.0], [0.0, 1.0]]), np.array([0, 0, 1], dtype=np.int8), np.array([0.4, 0.6, 0.1])).tolist()
    [0, 1, 1]
    """
    count, width = cumulative.shape
    flat = (np.minimum(cumulative, 1.0) + np.arange(count)[:, None]).reshape(-1)
    found = np.searchsorted(flat, rows + np.minimum(uniform, 1 - 1e-9), side="right")
    return np.asarray(found - rows.astype(np.int64) * width, dtype=np.int64)
