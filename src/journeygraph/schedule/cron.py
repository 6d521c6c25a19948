"""Cron expressions, with the meaning that cron gives them.

APScheduler counts weekdays from Monday = 0, so its own parser would run `0 6 * * 1` on Tuesdays; the expression is
therefore read by cronsim, which follows Debian's cron, also where clocks change.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from journeygraph.errors import UsageError


class Cron:
    """A cron expression in a time zone.

    >>> Cron("0 6 * * 1", "Europe/Berlin").after(datetime(2026, 3, 25, tzinfo=UTC)).isoformat()
    '2026-03-30T04:00:00+00:00'
    """

    def __init__(self, expression: str, time_zone: str = "UTC") -> None:
        """Raises `UsageError` for an expression or a time zone that cannot be read."""
        self.expression, self.time_zone = expression, time_zone
        try:
            self._zone: tzinfo = ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise UsageError(f"{time_zone!r} is no time zone such as 'Europe/Berlin' or 'UTC'.") from error
        try:
            CronSim(expression, datetime(2026, 1, 1, tzinfo=self._zone))
        except CronSimError as error:
            raise UsageError(
                f"The cron expression {expression!r} cannot be read: {error}. It has five fields, minute, hour, day of "
                "month, month and day of week (0 and 7 are Sunday), such as '0 6 * * 1' for Mondays at six."
            ) from error

    def after(self, instant: datetime) -> datetime:
        """The first due time after an instant, in UTC."""
        return next(CronSim(self.expression, instant.astimezone(self._zone))).astimezone(UTC)

    @property
    def words(self) -> str:
        """The expression in words, e.g. `At 06:00 on Monday`."""
        return f"{CronSim(self.expression, datetime(2026, 1, 1, tzinfo=self._zone)).explain()} ({self.time_zone})"
