"""The server's process: started on its own, found again by later commands, ended cleanly."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import psutil

from journeygraph.errors import LoginRefused, ServerError
from journeygraph.graph import Connection, Graph
from journeygraph.server.layout import Layout

#: Neo4j answers in about 10 s; a database that was killed and must recover its log needs longer.
START_SECONDS = 300.0
STOP_SECONDS = 180.0
_LOOKS = 40


def spawn(java: Path, arguments: Sequence[str], layout: Layout) -> int:
    """Start the server in a session of its own, so that it outlives this command; its process id."""
    with layout.console_log.open("ab") as log:
        process = subprocess.Popen(
            [java, *arguments],
            cwd=layout.base,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process.returncode = 0  # it is meant to go on running: keeps Popen from warning about that
    return process.pid


def is_running(pid: int, layout: Layout) -> bool:
    """True where this process is alive and is the server of this folder: ids are used again by other programs."""
    try:
        process = psutil.Process(pid)
        for _ in range(_LOOKS):
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            if command := process.cmdline():
                return f"--home-dir={layout.base}" in command
            time.sleep(0.05)  # a process that is just replacing its program has no command line for a moment
    except psutil.Error:
        pass
    return False


def wait_until_ready(
    pid: int, layout: Layout, connection: Connection, listening: Iterable[int], seconds: float = START_SECONDS
) -> bool:
    """True as soon as the server answers, False where its process ended before it did.

    The process itself must be `listening` on these ports: what answers on a port may be another server, which this one
    will shortly give way to.  And it must have said that it is complete: asked to stop before, it doesn't stop cleanly.

    Raises `ServerError` where it takes too long or the password is no longer the generated one.
    """
    deadline = time.monotonic() + seconds
    while is_running(pid, layout):
        if set(listening) <= _ports(pid) and _is_complete(layout):
            return _answers(layout, connection, deadline)
        if time.monotonic() > deadline:
            raise ServerError(
                f"Neo4j (process {pid}) has not answered within {seconds:.0f} s, and is still working: look into "
                f"{layout.log}, or wait and run `journeygraph db start` again."
            )
        time.sleep(0.25)
    return False


def _answers(layout: Layout, connection: Connection, deadline: float) -> bool:
    with Graph(connection, retry_seconds=1.0) as graph:
        try:
            graph.wait_until_ready(max(deadline - time.monotonic(), 5.0))
        except LoginRefused as error:
            raise ServerError(
                f"Neo4j runs, and the password in {layout.password_file} is not accepted: write the one that was set "
                "since into that file, or delete the data with `journeygraph db reset --yes`."
            ) from error
    return True


def _is_complete(layout: Layout) -> bool:
    try:
        return " Started." in layout.log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _ports(pid: int) -> set[int]:
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return set()
    return {connection.laddr.port for connection in connections if connection.status == psutil.CONN_LISTEN}


def end(pid: int, *, seconds: float = STOP_SECONDS, still_waiting: Callable[[], None]) -> None:
    """Ask the server to stop and wait for it; `still_waiting` is called once, where that takes more than 10 s.

    Raises `ServerError` where it is still running after `seconds`.
    """
    process = psutil.Process(pid)
    process.terminate()
    patience = min(10.0, seconds)
    try:
        process.wait(patience)
        return
    except psutil.TimeoutExpired:
        still_waiting()
    try:
        process.wait(seconds - patience)
        return
    except psutil.TimeoutExpired:
        pass
    raise ServerError(
        f"Neo4j (process {pid}) was asked to stop {seconds:.0f} s ago and is still running, probably writing to disk: "
        f"wait and run `journeygraph db stop` again. `kill -9 {pid}` ends it at once; it then repairs its data at the "
        "next start."
    )
