"""What a schedule remembers between runs: until when it ran, its last report, and what has not arrived yet."""

from __future__ import annotations

import re
from pathlib import Path

from filelock import FileLock
from pydantic import ValidationError

from journeygraph.answers import Answer
from journeygraph.errors import JourneyGraphError, UsageError
from journeygraph.schedule.delivery import Destination, Message

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Pending(Answer):
    """A message that has not arrived."""

    message: Message
    destination: Destination


class State(Answer):
    """The memory of one schedule; instants are ISO 8601 in UTC."""

    ran_until: str
    last_report: str | None = None
    pending: tuple[Pending, ...] = ()


def file_of(home: Path, name: str) -> Path:
    """Where a schedule's state lies.  Raises `UsageError` for a name that is no file name."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"--name {name!r} may hold letters, digits, - and _ only, 64 at most.")
    return home / "schedules" / f"{name}.json"


def read(path: Path) -> State | None:
    """The state, None before the first run.  Raises `JourneyGraphError` where the file is broken."""
    if not path.is_file():
        return None
    try:
        return State.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise JourneyGraphError(f"The schedule's state {path} cannot be read; delete it to begin anew.") from error


def write(path: Path, state: State) -> None:
    """Keep the state; replaced in one go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".json.new")
    fresh.write_text(state.model_dump_json(indent=2) + "\n", encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(path)


def lock(path: Path) -> FileLock:
    """The lock that keeps two runs of a schedule apart; it goes with the process that holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path.with_suffix(".lock"))
