"""The managed Neo4j: provisioned, started and stopped without anything to install beside this package."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from journeygraph.errors import GraphUnavailable, ServerError, UsageError
from journeygraph.graph import Connection, Graph
from journeygraph.server import configuration, crash, disk, fetch, launch, ports, process, replaced
from journeygraph.server.connect import managed_connection
from journeygraph.server.layout import Layout
from journeygraph.server.server_status import ServerStatus, managed_status
from journeygraph.server.state import State, read_state
from journeygraph.settings import Settings

_LOCK_SECONDS = 600.0
_PORT_ATTEMPTS = 4


class ManagedServer:
    """One Neo4j in the user's data folder, on the loopback interface only, with a generated password.

    `progress` is told the bytes of the server that are there and those of all while they are fetched; `tell` is
    given a sentence where something takes long; `base` is another folder than the usual one.  Two processes that start
    or stop it at once wait for each other.

    Raises `UsageError` where `NEO4J_URI` names another server.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        progress: fetch.Progress | None = None,
        tell: Callable[[str], None] = lambda _: None,
        base: Path | None = None,
    ) -> None:
        if not settings.managed:
            raise UsageError(
                f"NEO4J_URI is set ({settings.neo4j_uri}), and JourneyGraph neither starts nor stops nor resets that "
                "server: unset NEO4J_URI to use the managed one."
            )
        usual = Layout.of(settings)
        self.layout = usual if base is None else Layout(usual.version, base)
        self._settings, self._progress, self._tell = settings, progress, tell

    def is_running(self) -> bool:
        """True where its process is alive."""
        return read_state(self.layout) is not None

    def status(self) -> ServerStatus:
        """Where it is and whether it answers."""
        return managed_status(self.layout, read_state(self.layout))

    def start(self) -> ServerStatus:
        """Fetch what is missing, start it unless it runs, and return once it answers.

        Raises `ServerError` with a sentence for everything that can stand in the way.
        """
        with self._exclusive():
            state = read_state(self.layout) or self._launch()
            for _ in range(_PORT_ATTEMPTS):
                if self._is_up(state):
                    break
                if not crash.is_port_taken(self.layout):
                    raise ServerError(self._crash())
                state = (
                    self._launch()
                )  # a port that was free when it was chosen was taken since: once more, with others
            else:
                raise ServerError(self._crash())
            self.layout.version_file.write_text(state.version + "\n", encoding="utf-8")
            return managed_status(self.layout, state)

    def connection(self) -> Connection:
        """Address and login.

        Raises `GraphUnavailable` where it isn't running.
        """
        state = read_state(self.layout)
        if state is None:
            raise GraphUnavailable(f"The managed Neo4j in {self.layout.base} is not running.")
        return managed_connection(self.layout, state)

    def stop(self) -> ServerStatus:
        """Stop it cleanly and return once its process has ended; nothing to do where it isn't running."""
        with self._exclusive():
            self._end()
            return managed_status(self.layout, None)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Stop it, and let nobody start it until this ends."""
        with self._exclusive():
            self._end()
            replaced.complete(self.layout)
            yield

    def reset(self) -> ServerStatus:
        """Stop it and delete its data, login and logs; what was fetched stays."""
        with self._exclusive():
            self._end()
            with disk.explained(self.layout.base, "JOURNEYGRAPH_HOME"):
                if self.layout.base.exists():
                    shutil.rmtree(self.layout.base)
            return managed_status(self.layout, None)

    def admin(self, *arguments: str, heap: str | None = None) -> str:
        """Run a command of `neo4j-admin` on its data, e.g. `admin("database", "info", "neo4j")`; what it printed.

        `heap` bounds the tool's memory (e.g. `"2g"`; Java's own default else).

        Raises `ServerError`, with the tool's last words, where it fails.
        """
        self.layout.base.mkdir(parents=True, exist_ok=True, mode=0o700)
        configuration.write(self.layout, *ports.last(self.layout), self._settings)
        return launch.admin(self.layout, self._provision(), arguments, heap)

    def is_empty(self) -> bool:
        """True where the database holds no data yet; a stopped one counts as empty only if it was never started."""
        state = read_state(self.layout)
        if state is None:
            return not (self.layout.data / "databases" / "neo4j").exists()
        with Graph(managed_connection(self.layout, state)) as graph:
            return not graph.read("schema/any_data")

    def _provision(self) -> launch.Provision:
        return launch.provide(self._settings, self.layout, self._progress)

    def _launch(self) -> State:
        replaced.complete(self.layout)
        return launch.launch(self._settings, self.layout, self._provision())

    def _is_up(self, state: State) -> bool:
        reached = managed_connection(self.layout, state)
        return process.wait_until_ready(state.pid, self.layout, reached, (state.bolt_port, state.http_port))

    def _crash(self) -> str:
        return crash.sentence(self.layout, self._settings.neo4j_heap, self._settings.neo4j_page_cache)

    def _end(self) -> None:
        state = read_state(self.layout)
        if state is not None:
            process.end(state.pid, still_waiting=lambda: self._tell("Neo4j is still stopping ..."))
        self.layout.state_file.unlink(missing_ok=True)

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        file = self.layout.lock_file
        with disk.explained(file.parent, "JOURNEYGRAPH_HOME"):
            file.parent.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(file)
            try:
                lock.acquire(timeout=_LOCK_SECONDS)
            except filelock.Timeout:
                raise ServerError(
                    f"Another journeygraph command has been starting or stopping this Neo4j for {_LOCK_SECONDS:.0f} s "
                    f"(it holds {file}): wait for it or end it, then try again."
                ) from None
        try:
            yield
        finally:
            lock.release()


def managed(settings: Settings) -> ManagedServer:
    """The managed server that the settings say, without progress or talk."""
    return ManagedServer(settings)
