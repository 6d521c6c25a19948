"""One run of a schedule: is it due, write the report, compare it, deliver it; and the same for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import Timeout

from journeygraph.answers import Answer
from journeygraph.privacy import written as written_files
from journeygraph.report import FORMATS, Report, Written
from journeygraph.report.write import Format
from journeygraph.schedule import state as states
from journeygraph.schedule.cron import Cron
from journeygraph.schedule.delivery import Delivery, Destination, Message, deliver
from journeygraph.schedule.digest import digest, statuses, subject
from journeygraph.schedule.state import Pending, State
from journeygraph.settings import Settings

_AGAIN_AFTER = timedelta(minutes=5)
#: Writes a report into a folder, its findings compared with those of the report in the folder named last.
Make = Callable[[Path, str | None], tuple[Report, Written]]


@dataclass(frozen=True)
class Schedule:
    """What is to be done, and when."""

    name: str
    cron: Cron
    out: Path
    destinations: tuple[Destination, ...] = ()
    formats: tuple[Format, ...] = FORMATS


class Run(Answer):
    """What one look at a schedule did; `skipped` says why there was no report."""

    name: str
    ran: bool
    skipped: str | None = None
    report: Written | None = None
    statuses: dict[str, int] | None = None
    digest: str | None = None
    deliveries: tuple[Delivery, ...] = ()
    next: str

    @property
    def failed(self) -> bool:
        """Whether something has not arrived."""
        return any(not delivery.delivered for delivery in self.deliveries)


def run_if_due(
    schedule: Schedule,
    make: Make,
    settings: Settings,
    *,
    now: datetime | None = None,
    at_once: bool = False,
    wait: Callable[[float], None] = time.sleep,
) -> Run:
    """Write and deliver the report if a due time has passed since the last run; else deliver what is left over.

    Due times that were missed are caught up by one report, since each holds all that there is.  A schedule that is
    new waits for its first due time unless `at_once`.  Where another process is at it, nothing is done.
    """
    moment = now or datetime.now(UTC)
    path = states.file_of(settings.home, schedule.name)
    following = schedule.cron.after(moment).isoformat()
    try:
        with states.lock(path).acquire(timeout=0):
            known = states.read(path) or State(ran_until=moment.isoformat())
            due = schedule.cron.after(datetime.fromisoformat(known.ran_until))
            if due > moment and not at_once:
                known, deliveries = _catch_up(known, settings, moment, wait)
                states.write(path, known)
                skipped = f"not due before {due.isoformat()}"
                return Run(name=schedule.name, ran=False, skipped=skipped, deliveries=deliveries, next=following)
            return _run(schedule, make, settings, known, moment, wait, path, following)
    except Timeout:
        return Run(name=schedule.name, ran=False, skipped="another process is running it", next=following)


def _run(
    schedule: Schedule,
    make: Make,
    settings: Settings,
    known: State,
    moment: datetime,
    wait: Callable[[float], None],
    path: Path,
    following: str,
) -> Run:
    folder = schedule.out.absolute() / moment.astimezone(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    last = known.last_report if known.last_report and Path(known.last_report).is_dir() else None
    report, written = make(folder, last)
    text = digest(report, f"The whole report: {folder}")
    (folder / "digest.txt").write_text(text, encoding="utf-8")
    written_files.note(settings.home, folder, ["digest.txt"])
    message = Message(
        report_id=written.id, subject=subject(report), digest=text, statuses=statuses(report), folder=str(folder)
    )
    fresh = tuple(Pending(message=message, destination=to) for to in schedule.destinations)
    # Kept before anything is sent: who is killed while sending sends the rest, and not the report, again.
    state = State(ran_until=moment.isoformat(), last_report=str(folder), pending=(*known.pending, *fresh))
    states.write(path, state)
    state, deliveries = _catch_up(state, settings, moment, wait)
    states.write(path, state)
    return Run(
        name=schedule.name,
        ran=True,
        report=written,
        statuses=message.statuses,
        digest=text,
        deliveries=deliveries,
        next=following,
    )


def _catch_up(
    state: State, settings: Settings, moment: datetime, wait: Callable[[float], None]
) -> tuple[State, tuple[Delivery, ...]]:
    """Deliver what has not arrived."""
    tried = [(one, deliver(one.message, one.destination, settings, moment, wait=wait)) for one in state.pending]
    left = tuple(one for one, delivery in tried if not delivery.delivered)
    return state.model_copy(update={"pending": left}), tuple(delivery for _, delivery in tried)


def serve(schedule: Schedule, look: Callable[[], bool], settings: Settings) -> None:
    """Look at the schedule now and at each of its due times, until the process is told to stop.

    `look` says whether all went well; where it did not, it is called again after five minutes.
    """
    from apscheduler.schedulers.blocking import BlockingScheduler

    from journeygraph.schedule.trigger import CronTrigger

    path = states.file_of(settings.home, schedule.name)
    if states.read(path) is None:  # from now on due times count as missed
        states.write(path, State(ran_until=datetime.now(UTC).isoformat()))
    scheduler = BlockingScheduler(timezone=UTC)
    options: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}

    def job() -> None:
        if not look():
            soon = datetime.now(UTC) + _AGAIN_AFTER
            scheduler.add_job(job, "date", run_date=soon, id="again", replace_existing=True, **options)

    scheduler.add_job(job, CronTrigger(schedule.cron), **options)
    scheduler.add_job(job, "date", run_date=datetime.now(UTC), **options)
    scheduler.start()
