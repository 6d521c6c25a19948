"""What `journeygraph db` answers: where the graph is and whether it answers."""

from __future__ import annotations

from journeygraph.answers import Answer
from journeygraph.errors import GraphUnavailable, LoginRefused
from journeygraph.graph import Connection, Graph
from journeygraph.server.connect import connection, managed_connection
from journeygraph.server.layout import Layout
from journeygraph.server.state import State, read_state
from journeygraph.settings import Settings


class ServerStatus(Answer):
    """Where the graph is, how to log in, and whether it is running.

    `password_file` and the addresses of HTTP and Browser are known of the managed server only; `uri` is null while
    that one is stopped.  `running`: the server answers.
    """

    uri: str | None
    http: str | None
    browser: str | None
    username: str
    password_file: str | None
    version: str | None
    edition: str | None
    running: bool
    managed: bool
    data: str | None = None
    log: str | None = None


def status(settings: Settings) -> ServerStatus:
    """The status as it is now; nothing is started."""
    if settings.managed:
        layout = Layout.of(settings)
        return managed_status(layout, read_state(layout))
    declared = connection(settings)
    running, version, edition = _asked(declared)
    return ServerStatus(
        uri=declared.uri,
        http=None,
        browser=None,
        username=declared.username,
        password_file=None,
        version=version,
        edition=edition,
        running=running,
        managed=False,
    )


def managed_status(layout: Layout, state: State | None) -> ServerStatus:
    """The managed server's status."""
    running, version, edition = False, None, None
    if state is not None:
        running, version, edition = _asked(managed_connection(layout, state))
    return ServerStatus(
        uri=state.uri if state else None,
        http=state.http if state else None,
        browser=state.browser if state else None,
        username="neo4j",
        password_file=str(layout.password_file),
        version=version or (state.version if state else layout.version),
        edition=edition or "community",
        running=running,
        managed=True,
        data=str(layout.data),
        log=str(layout.log),
    )


def _asked(connection: Connection) -> tuple[bool, str | None, str | None]:
    with Graph(connection, retry_seconds=1.0) as graph:
        try:
            return True, *graph.version()
        except LoginRefused:
            return True, None, None
        except GraphUnavailable:
            return False, None, None
