"""From settings to a running process: jars and Java provided, configuration written, the first password set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from journeygraph.errors import ServerError
from journeygraph.server import configuration, disk, fetch, java, locks, ports, process
from journeygraph.server.layout import Layout
from journeygraph.server.state import State, write_state
from journeygraph.settings import Settings

_NEEDED_BYTES = 300_000_000
_ADMIN_CLASS = "org.neo4j.cli.AdminTool"


@dataclass(frozen=True)
class Provision:
    """What a server runs with."""

    java: Path
    jars: list[Path]
    main_class: str


def provide(settings: Settings, layout: Layout, progress: fetch.Progress | None = None) -> Provision:
    """Java and the jars of the layout's version, fetched where they are missing."""
    lock = locks.read(layout.version)
    runtime = java.find(settings, lock.java)
    return Provision(runtime, fetch.class_path(lock, settings.cache, progress), lock.main_class)


def launch(settings: Settings, layout: Layout, provision: Provision) -> State:
    """Start the server's process; it doesn't answer yet.

    Raises `ServerError` on a full disk, or where the data is a newer version's.
    """
    _refuse_newer_data(layout)
    disk.require(layout.base, _NEEDED_BYTES, "JOURNEYGRAPH_HOME")
    with disk.explained(layout.base, "JOURNEYGRAPH_HOME"):
        layout.base.mkdir(parents=True, exist_ok=True, mode=0o700)
        bolt, http = ports.choose(layout)
        configuration.write(layout, bolt, http, settings)
        _set_first_password(layout, provision)
        options = layout.conf / "java.options"
        java.write_arguments(
            options, [*configuration.java_options(settings, layout), *java.class_path_argument(provision.jars)]
        )
        _put_logs_aside(layout)
        home = [f"--home-dir={layout.base}", f"--config-dir={layout.conf}"]
        pid = process.spawn(provision.java, [f"@{options}", provision.main_class, *home], layout)
        state = State(pid, bolt, http, layout.version)
        write_state(layout, state)
    return state


def admin(layout: Layout, provision: Provision, arguments: Sequence[str], heap: str | None = None) -> str:
    """What a command of `neo4j-admin` printed.

    Raises `ServerError`, with the tool's last words, where it fails.
    """
    options = [*java.class_path_argument(provision.jars), *java.OPENED, f"-Dbasedir={layout.base}"]
    options += [f"-Xmx{heap}"] if heap else []
    environment = {"NEO4J_HOME": str(layout.base), "NEO4J_CONF": str(layout.conf)}
    done = java.run(provision.java, [*options, _ADMIN_CLASS, *arguments], environment)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()
        raise ServerError(f"neo4j-admin {' '.join(arguments[:2])} failed (exit status {done.returncode}): {said[-1]}")
    return done.stdout


def _set_first_password(layout: Layout, provision: Provision) -> None:
    if not (layout.data / "databases").exists():
        admin(layout, provision, ["dbms", "set-initial-password", configuration.password(layout)])


def _put_logs_aside(layout: Layout) -> None:
    for log in (layout.log, layout.console_log):
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))


def _refuse_newer_data(layout: Layout) -> None:
    try:
        last = layout.version_file.read_text(encoding="utf-8").strip()
    except OSError:
        return
    if locks.numbers(last) > locks.numbers(layout.version):
        raise ServerError(
            f"The data in {layout.data} was last opened by Neo4j {last}, which {layout.version} cannot read: "
            f"set JOURNEYGRAPH_NEO4J_VERSION={last}, or JOURNEYGRAPH_HOME to another folder."
        )
