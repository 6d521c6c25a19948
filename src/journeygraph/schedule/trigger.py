"""A cron expression as a trigger of APScheduler."""

from __future__ import annotations

from datetime import datetime

from apscheduler.triggers.base import BaseTrigger

from journeygraph.schedule.cron import Cron


class CronTrigger(BaseTrigger):  # type: ignore[misc]
    """Fires at the due times of a cron expression."""

    def __init__(self, cron: Cron) -> None:
        self.cron = cron

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The due time after the previous one, or after now."""
        return self.cron.after(previous_fire_time or now)
