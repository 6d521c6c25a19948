"""The way to the graph, whoever runs it."""

from __future__ import annotations

import re
from typing import Final

from journeygraph.errors import GraphUnavailable, UsageError
from journeygraph.graph import Connection
from journeygraph.server.layout import Layout
from journeygraph.server.state import State, read_state
from journeygraph.settings import Settings

_SCHEMES: Final = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


def connection(settings: Settings) -> Connection:
    """Address and login of the graph; nothing is started and nothing is asked of the server.

    Raises `GraphUnavailable` where the managed server isn't running, `UsageError` where `NEO4J_URI` is no address.
    """
    if settings.neo4j_uri:
        return _declared(settings, settings.neo4j_uri)
    layout = Layout.of(settings)
    state = read_state(layout)
    if state is None:
        ended = f" It ended by itself; its log is {layout.log}." if layout.state_file.exists() else ""
        raise GraphUnavailable(
            "The managed Neo4j is not running: start it with `journeygraph db start`, "
            f"or set NEO4J_URI to another server.{ended}"
        )
    return managed_connection(layout, state)


def managed_connection(layout: Layout, state: State) -> Connection:
    """Address and login of the managed server."""
    return Connection(state.uri, "neo4j", layout.password_file.read_text(encoding="utf-8").strip())


def _declared(settings: Settings, uri: str) -> Connection:
    match = re.match(r"^([a-z0-9+]+)://[^/\s]+", uri)
    if match is None or match[1] not in _SCHEMES:
        raise UsageError(
            f"NEO4J_URI {uri!r} is not the address of a Neo4j server: it must look like bolt://localhost:7687, "
            f"with one of {', '.join(_SCHEMES)}."
        )
    password = settings.neo4j_password.get_secret_value() if settings.neo4j_password else ""
    return Connection(uri, settings.neo4j_username, password)
