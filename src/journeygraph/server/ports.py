"""Ports on the loopback interface: the usual ones, those of last time, or the next free."""

from __future__ import annotations

import json
import socket
from collections.abc import Container

from journeygraph.errors import ServerError
from journeygraph.server.layout import Layout

BOLT, HTTP = 7687, 7474
_TRIED = 300


def last(layout: Layout) -> tuple[int, int]:
    """The ports for Bolt and HTTP of the last start, or the usual ones."""
    try:
        chosen = json.loads(layout.ports_file.read_text(encoding="utf-8"))
        return int(chosen["bolt"]), int(chosen["http"])
    except (OSError, ValueError, KeyError, TypeError):
        return BOLT, HTTP


def choose(layout: Layout) -> tuple[int, int]:
    """The ports of the last start where they are free, else the next free ones; remembered."""
    bolt, http = last(layout)
    bolt = free(bolt)
    http = free(http, {bolt})
    layout.ports_file.write_text(json.dumps({"bolt": bolt, "http": http}) + "\n", encoding="utf-8")
    return bolt, http


def free(preferred: int, but: Container[int] = ()) -> int:
    """The first free port from `preferred` on.

    Raises `ServerError` where none of 300 is.
    """
    for port in range(preferred, min(preferred + _TRIED, 65_536)):
        if port not in but and _is_free(port):
            return port
    raise ServerError(
        f"No port from {preferred} to {preferred + _TRIED - 1} is free on this machine: end what uses them."
    )


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as the server does: one that just ended is no hindrance
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
