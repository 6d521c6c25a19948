"""What is known of a running server: a small file, believed only while its process is the one that wrote it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import psutil

from journeygraph.server.layout import Layout


@dataclass(frozen=True)
class State:
    """A server that was started: its process, ports and version."""

    pid: int
    bolt_port: int
    http_port: int
    version: str

    @property
    def uri(self) -> str:
        """Address for the driver."""
        return f"bolt://127.0.0.1:{self.bolt_port}"

    @property
    def http(self) -> str:
        """Address of the HTTP API."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def browser(self) -> str:
        """Address of Neo4j Browser."""
        return f"{self.http}/browser/"


def read_state(layout: Layout) -> State | None:
    """The running server, or None; a stale file (crash, restart of the machine) counts as not running."""
    try:
        state = State(**json.loads(layout.state_file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return state if is_ours(state.pid, layout) else None


def write_state(layout: Layout, state: State) -> None:
    """Remember what was started."""
    layout.state_file.write_text(json.dumps(asdict(state), indent=2) + "\n", encoding="utf-8")


def is_ours(pid: int, layout: Layout) -> bool:
    """True where this process is alive and is the server of this folder (ids are reused by other programs)."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and f"--home-dir={layout.base}" in process.cmdline()
    except psutil.Error:
        return False
