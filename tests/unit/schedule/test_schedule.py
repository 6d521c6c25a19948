"""Schedules: what is due, one run at a time, what is caught up, and what arrives."""

from __future__ import annotations

import base64
import json
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from journeygraph.errors import UsageError
from journeygraph.report import Report, Written
from journeygraph.report import write as write_report
from journeygraph.schedule import Cron, Schedule, destination, run_if_due
from journeygraph.schedule import state as states
from journeygraph.schedule.delivery import signature
from journeygraph.schedule.digest import COLUMNS, LINES, digest, statuses, subject
from journeygraph.settings import Settings
from tests import report_samples

SECRET = base64.b64encode(b"k" * 32).decode()
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)


class Maker:
    """Stands for the graph: writes the sample report, and notes what it was compared with."""

    def __init__(self, report: Report) -> None:
        self.report, self.compared = report, list[str | None]()

    def __call__(self, folder: Path, last: str | None) -> tuple[Report, Written]:
        self.compared.append(last)
        return self.report, write_report(self.report, folder, ("json",))


@pytest.fixture
def make() -> Maker:
    return Maker(report_samples.report())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(JOURNEYGRAPH_HOME=tmp_path / "home", JOURNEYGRAPH_WEBHOOK_SECRET=SECRET)


@pytest.fixture
def weekly(tmp_path: Path) -> Schedule:
    return Schedule("weekly", Cron("0 6 * * 1"), tmp_path / "out")


@pytest.mark.parametrize(
    ("expression", "zone", "expected"),
    [
        ("0 6 * * 1", "UTC", "2026-03-02T06:00:00+00:00"),  # a Monday
        ("0 6 * * 7", "UTC", "2026-03-01T06:00:00+00:00"),  # Sunday is 7, and 0
        ("0 6 * * 0", "UTC", "2026-03-01T06:00:00+00:00"),
        ("30 2 29 3 *", "Europe/Berlin", "2026-03-29T01:00:00+00:00"),  # an hour that this day does not have
        ("*/15 * * * *", "UTC", "2026-02-26T12:15:00+00:00"),
    ],
)
def test_cron_means_what_cron_means(expression: str, zone: str, expected: str) -> None:
    start = datetime(2026, 2, 26, 12, tzinfo=UTC)
    assert Cron(expression, zone).after(start).isoformat() == expected


@pytest.mark.parametrize("expression", ["", "0 6 * *", "61 * * * *", "0 6 * * mom", "0 0 31 2 *"])
def test_a_bad_expression_is_refused(expression: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        Cron(expression)
    with pytest.raises(UsageError, match="no time zone"):
        Cron("0 6 * * 1", "Mars/Base")


def test_a_new_schedule_waits_for_its_first_time(weekly: Schedule, make: Maker, settings: Settings) -> None:
    first = run_if_due(weekly, make, settings, now=MONDAY - timedelta(days=2))
    assert (first.ran, first.next) == (False, MONDAY.isoformat())
    assert not run_if_due(weekly, make, settings, now=MONDAY - timedelta(seconds=1)).ran
    assert run_if_due(weekly, make, settings, now=MONDAY).ran
    assert not run_if_due(weekly, make, settings, now=MONDAY + timedelta(hours=1)).ran


def test_missed_times_are_caught_up_by_one_report(weekly: Schedule, make: Maker, settings: Settings) -> None:
    run_if_due(weekly, make, settings, now=MONDAY, at_once=True)
    late = run_if_due(weekly, make, settings, now=MONDAY + timedelta(days=24))
    assert late.ran
    assert not run_if_due(weekly, make, settings, now=MONDAY + timedelta(days=25)).ran
    assert make.compared == [None, str(weekly.out / "2026-03-02T060000Z")]
    assert (weekly.out / "2026-03-26T060000Z" / "digest.txt").is_file()


def test_one_run_at_a_time(weekly: Schedule, make: Maker, settings: Settings) -> None:
    with states.lock(states.file_of(settings.home, "weekly")):
        answers: list[Any] = []
        # Another thread: the lock that a thread holds already is no obstacle to itself.
        thread = threading.Thread(target=lambda: answers.append(run_if_due(weekly, make, settings, at_once=True)))
        thread.start()
        thread.join()
    assert answers[0].skipped == "another process is running it"
    assert make.compared == []


def test_a_run_that_failed_is_done_again(weekly: Schedule, make: Maker, settings: Settings) -> None:
    run_if_due(weekly, make, settings, now=MONDAY - timedelta(days=1))

    def fail(folder: Path, last: str | None) -> tuple[Report, Written]:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        run_if_due(weekly, fail, settings, now=MONDAY)
    assert run_if_due(weekly, make, settings, now=MONDAY + timedelta(minutes=5)).ran


@pytest.mark.parametrize("name", ["", "../up", "a b", "x" * 65])
def test_a_name_is_a_file_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--name"):
        states.file_of(tmp_path, name)


class Hook(BaseHTTPRequestHandler):
    """A webhook's other end; answers with the next of `answers`."""

    answers: ClassVar[list[int]] = []
    received: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.received.append(({key.lower(): value for key, value in self.headers.items()}, body))
        self.send_response(self.answers.pop(0) if self.answers else 200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.answers, Hook.received = [], []
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/in"
        server.shutdown()
        thread.join()


def to(url: str, weekly: Schedule, settings: Settings) -> Schedule:
    return Schedule(weekly.name, weekly.cron, weekly.out, (destination("webhook", url, settings),))


def test_a_webhook_gets_a_signed_digest(hook: str, weekly: Schedule, make: Maker, settings: Settings) -> None:
    run = run_if_due(to(hook, weekly, settings), make, settings, now=MONDAY, at_once=True)
    assert [one.delivered for one in run.deliveries] == [True]
    ((headers, body),) = Hook.received
    timestamp = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == signature(SECRET, headers["webhook-id"], timestamp, body)
    sent = json.loads(body)
    assert sent["data"]["digest"] == run.digest
    assert run.report
    assert sent["data"]["report_id"] == run.report.id


def test_a_failure_that_may_pass_is_tried_again(hook: str, weekly: Schedule, make: Maker, settings: Settings) -> None:
    Hook.answers[:] = [503, 429]
    waited: list[float] = []
    run = run_if_due(to(hook, weekly, settings), make, settings, now=MONDAY, at_once=True, wait=waited.append)
    assert [one.delivered for one in run.deliveries] == [True]
    assert len(Hook.received) == 3
    assert waited == sorted(waited)
    assert len({headers["webhook-id"] for headers, _ in Hook.received}) == 1, "so that the receiver can tell"


def test_what_did_not_arrive_is_delivered_at_the_next_look(
    hook: str, weekly: Schedule, make: Maker, settings: Settings
) -> None:
    Hook.answers[:] = [500] * 4
    schedule = to(hook, weekly, settings)
    run = run_if_due(schedule, make, settings, now=MONDAY, at_once=True, wait=lambda _: None)
    assert run.failed
    assert "answers 500" in (run.deliveries[0].error or "")
    again = run_if_due(schedule, make, settings, now=MONDAY + timedelta(hours=1))
    assert not again.ran
    assert [one.delivered for one in again.deliveries] == [True]
    assert run_if_due(schedule, make, settings, now=MONDAY + timedelta(hours=2)).deliveries == ()


def test_a_refusal_is_not_tried_again_at_once(hook: str, weekly: Schedule, make: Maker, settings: Settings) -> None:
    Hook.answers[:] = [404]
    run = run_if_due(to(hook, weekly, settings), make, settings, now=MONDAY, at_once=True)
    assert run.failed
    assert len(Hook.received) == 1


class MailServer(socketserver.StreamRequestHandler):
    """As much of SMTP as it takes to receive a mail."""

    mails: ClassVar[list[str]] = []

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline().decode().strip():
            if line.upper() == "DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(lambda: self.rfile.readline().decode(), ".\r\n")
                self.mails.append("".join(lines))
            if line.upper() == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 ok\r\n")


def test_a_mail_carries_the_digest_and_the_page(weekly: Schedule, make: Maker, tmp_path: Path) -> None:
    MailServer.mails.clear()
    with socketserver.TCPServer(("127.0.0.1", 0), MailServer) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"smtp://127.0.0.1:{server.server_address[1]}"
        settings = Settings(JOURNEYGRAPH_HOME=tmp_path / "home", JOURNEYGRAPH_SMTP_URL=url)
        schedule = Schedule("mail", weekly.cron, weekly.out, (destination("mail", "team@example.com", settings),))
        run = run_if_due(schedule, make, settings, now=MONDAY, at_once=True)
        thread.join()
    assert [one.error for one in run.deliveries] == [None]
    assert f"Subject: {subject(make.report)}\r\n" in MailServer.mails[0]
    assert "To: team@example.com" in MailServer.mails[0]


@pytest.mark.parametrize(
    ("kind", "target", "message"),
    [
        ("mail", "nobody", "no e-mail address"),
        ("mail", "a@b", "JOURNEYGRAPH_SMTP_URL"),
        ("webhook", "ftp://x", "no http or https URL"),
        ("webhook", "https://x", "JOURNEYGRAPH_WEBHOOK_SECRET"),
    ],
)
def test_a_destination_that_cannot_be_used_is_refused(kind: Any, target: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        destination(kind, target, Settings())


def test_the_digest_fits_one_screen_and_keeps_text_from_the_data_on_its_line() -> None:
    report = report_samples.report()
    assert report.gaps.answer
    row = report.gaps.answer["findings"][0]
    rows = [
        row
        | {"id": f"drop_off-{n}", "title": f"{n} \n\x1b[31m{report_samples.HOSTILE}" * 9, "owner": "A\nnn", "status": s}
        for n, s in enumerate(("same", "worse", "new") * 9)
    ]
    many = report.model_copy(
        update={
            "gaps": report.gaps.model_copy(
                update={"answer": report.gaps.answer | {"findings": rows, "compared_with": "x"}}
            )
        }
    )
    lines = digest(many, "The whole report: here").splitlines()
    assert len(lines) <= LINES
    assert all(len(line) <= COLUMNS and line.isprintable() for line in lines)
    assert lines[3].startswith("NEW ")
    assert lines[-1] == "The whole report: here"
    assert statuses(many) == {"new": 9, "worse": 9, "same": 9}
    assert subject(many).endswith("9 new, 9 worse, 9 same")
