"""What is known of a running server: a small file, believed only while its process is the one that wrote it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from journeygraph.server import process
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
    return state if process.is_running(state.pid, layout) else None


def write_state(layout: Layout, state: State) -> None:
    """Remember what was started."""
    part = layout.state_file.with_suffix(".part")
    part.write_text(json.dumps(asdict(state), indent=2) + "\n", encoding="utf-8")
    part.replace(layout.state_file)
