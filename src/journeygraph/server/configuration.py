"""neo4j.conf and the Java options: loopback only, login required, nothing told to the outside."""

from __future__ import annotations

import os
import re
import secrets

from journeygraph.errors import UsageError
from journeygraph.server import java, locks
from journeygraph.server.layout import Layout
from journeygraph.settings import Settings

_SIZE = re.compile(r"^([1-9]\d*)([kmg])$", re.IGNORECASE)


def write(layout: Layout, bolt: int, http: int, settings: Settings) -> None:
    """Write neo4j.conf for these ports."""
    base = layout.base
    for folder in (layout.conf, layout.logs, base / "run", base / "plugins", base / "import"):
        folder.mkdir(parents=True, exist_ok=True)
    lines = {
        "server.directories.data": layout.data,
        "server.directories.logs": layout.logs,
        "server.directories.run": base / "run",
        "server.directories.plugins": base / "plugins",
        "server.directories.import": base / "import",
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{bolt}",
        "server.bolt.advertised_address": f"localhost:{bolt}",
        "server.http.listen_address": f"127.0.0.1:{http}",
        "server.http.advertised_address": f"localhost:{http}",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": size("JOURNEYGRAPH_NEO4J_PAGE_CACHE", settings.neo4j_page_cache),
        "dbms.security.auth_enabled": "true",
        "dbms.usage_report.enabled": "false",
        # Browser then doesn't ask the outside for guides and fonts, nor tells it anything.
        "client.allow_telemetry": "false",
        "browser.post_connect_cmd": "",
        **_of_version(layout.version),
        # Two new databases would reserve 512 MB for their logs before the first touchpoint.
        "db.tx_log.preallocate": "false",
    }
    text = "".join(f"{key}={_escaped(str(value))}\n" for key, value in lines.items())
    (layout.conf / "neo4j.conf").write_text("# Written anew at every start.\n" + text, encoding="utf-8")


def _of_version(version: str) -> dict[str, str]:
    # Without the quiet periods a stop takes 2 s instead of 12; the server has no other clients that need them.
    if locks.numbers(version) < (2026,):
        return {"internal.dbms.bolt.netty_server_shutdown_quiet_period": "0"}
    return {
        "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
        "server.fleet_discovery.enabled": "false",
        "dbms.fleet_manager.enabled": "false",
    }


def java_options(settings: Settings, layout: Layout) -> list[str]:
    """Options of the server's Java, close to those of Neo4j's own start script."""
    heap = size("JOURNEYGRAPH_NEO4J_HEAP", settings.neo4j_heap)
    return [
        f"-Xms{heap}",
        f"-Xmx{heap}",
        "-XX:+UseG1GC",
        "-XX:-OmitStackTraceInFastThrow",
        "-XX:+ExitOnOutOfMemoryError",
        f"-XX:ErrorFile={layout.logs / 'java_error.log'}",
        "-Djdk.nio.maxCachedBufferSize=1024",
        "-Dio.netty.tryReflectionSetAccessible=true",
        "-Dlog4j2.disable.jmx=true",
        "-Dfile.encoding=UTF-8",
        *java.OPENED,
    ]


def size(setting: str, text: str) -> str:
    """A memory size as Java and Neo4j both read it.

    Raises `UsageError` for anything else.
    """
    if not _SIZE.match(text):
        raise UsageError(f"{setting} {text!r} is not a size such as 512m or 2g.")
    return text.lower()


def password(layout: Layout) -> str:
    """The generated password, made at the first call; only the user can read the file."""
    if not layout.password_file.exists():
        descriptor = os.open(layout.password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            # Letters and digits only: a password that began with a dash would be taken for an option.
            file.write(secrets.token_hex(24) + "\n")
    return layout.password_file.read_text(encoding="utf-8").strip()


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\")
