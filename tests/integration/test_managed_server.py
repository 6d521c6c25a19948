"""The managed Neo4j for real: started by two at once, stopped, killed, started again, emptied."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from journeygraph import server
from journeygraph.errors import GraphUnavailable, ServerError
from journeygraph.graph import Graph
from journeygraph.server import ports
from journeygraph.server.state import State, write_state
from journeygraph.settings import Settings
from tests.support import execute

pytestmark = [pytest.mark.graph, pytest.mark.slow]


class Shop:
    """A home of its own, and the commands on it."""

    def __init__(self, home: Path) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("NEO4J_") and k != "JOURNEYGRAPH_HOME"}
        self.environment = {**kept, "JOURNEYGRAPH_HOME": str(home)}
        self.settings = Settings(JOURNEYGRAPH_HOME=home).model_copy(update={"neo4j_uri": None})

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "journeygraph_cli.main", "db", *arguments, "--json"]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def db(self, *arguments: str) -> dict[str, Any]:
        return _answer(self.begin(*arguments))

    def count(self) -> int:
        with Graph(server.connection(self.settings)) as graph:
            return int(execute(graph, "MATCH (n:Kept) RETURN count(n) AS kept")[0]["kept"])


def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=400)
    assert process.returncode == 0, err
    answer: dict[str, Any] = json.loads(out)
    return answer


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("managed"))
    yield shop
    shop.db("reset", "--yes")


@pytest.fixture(scope="module")
def started(shop: Shop) -> dict[str, Any]:
    """What both of two commands answered that started it at once, while the usual port was taken."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", ports.BOLT))
            taken.listen()
        except OSError:
            pass  # another program has it, which is as good
        first, second = [_answer(process) for process in [shop.begin("start"), shop.begin("start")]]
    assert first == second
    return first


def test_two_starts_give_one_server_beside_a_taken_port(started: dict[str, Any]) -> None:
    assert started["running"] is True
    assert started["edition"] == "community"
    assert started["uri"] != f"bolt://127.0.0.1:{ports.BOLT}"
    home = str(Path(started["password_file"]).parent)
    servers = [p for p in psutil.process_iter(["cmdline"]) if f"--home-dir={home}" in (p.info["cmdline"] or [])]
    assert len(servers) == 1
    assert stat.S_IMODE(Path(started["password_file"]).stat().st_mode) == 0o600


def test_only_the_loopback_interface_is_listened_to(started: dict[str, Any], shop: Shop) -> None:
    state = json.loads(server.managed(shop.settings).layout.state_file.read_text(encoding="utf-8"))
    listening = [c.laddr for c in psutil.Process(state["pid"]).net_connections("inet") if c.status == "LISTEN"]
    assert {address.port for address in listening} == {state["bolt_port"], state["http_port"]}
    assert {address.ip for address in listening} <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}


def test_the_real_browser_is_served(started: dict[str, Any]) -> None:
    with urllib.request.urlopen(started["browser"]) as answer:
        assert "<title>Neo4j Browser</title>" in answer.read().decode()


def test_a_start_while_it_runs_changes_nothing(started: dict[str, Any], shop: Shop) -> None:
    assert shop.db("start") == started
    assert shop.db("status") == started


def test_data_login_and_ports_survive_stop_and_start(started: dict[str, Any], shop: Shop) -> None:
    with Graph(server.connection(shop.settings)) as graph:
        execute(graph, "CREATE (:Kept)")
    assert not server.managed(shop.settings).is_empty()
    stopped = shop.db("stop")
    assert (stopped["running"], stopped["uri"]) == (False, None)
    assert shop.db("stop") == stopped
    assert shop.db("start") == started
    assert shop.count() == 1


def test_admin_commands_run_on_the_same_jars(started: dict[str, Any], shop: Shop) -> None:
    assert server.managed(shop.settings).admin("--version").strip() == started["version"]


def test_a_killed_server_is_noticed_and_recovers(started: dict[str, Any], shop: Shop) -> None:
    layout = server.managed(shop.settings).layout
    pid = json.loads(layout.state_file.read_text(encoding="utf-8"))["pid"]
    psutil.Process(pid).kill()
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=30)
    assert shop.db("status")["running"] is False
    with pytest.raises(GraphUnavailable, match="ended by itself"):
        server.connection(shop.settings)
    # The machine was restarted meanwhile, and another program has the process id now.
    write_state(layout, State(os.getpid(), 1, 2, "5.26.30"))
    assert shop.db("start")["running"] is True
    assert shop.count() == 1


def test_reset_deletes_the_data_and_keeps_the_jars(started: dict[str, Any], shop: Shop) -> None:
    assert shop.db("reset", "--yes")["running"] is False
    managed = server.managed(shop.settings)
    assert managed.is_empty()
    assert not managed.layout.base.exists()
    assert any(shop.settings.cache.rglob("neo4j-browser-*.jar"))


def test_a_port_taken_at_the_last_moment_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(tmp_path)
    managed = server.ManagedServer(shop.settings)
    choose = ports.choose
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        late = taken.getsockname()[1]
        chosen = iter([lambda layout: (choose(layout)[0], late)])
        monkeypatch.setattr(ports, "choose", lambda layout: next(chosen, choose)(layout))
        try:
            started = managed.start()
            assert started.http != f"http://127.0.0.1:{late}"
            assert server.status(shop.settings).running
        finally:
            managed.reset()


def test_a_heap_beyond_the_machine_is_explained(tmp_path: Path) -> None:
    settings = Shop(tmp_path).settings.model_copy(update={"neo4j_heap": "900g"})
    with pytest.raises(ServerError, match=r"not enough memory for it.*JOURNEYGRAPH_NEO4J_HEAP"):
        server.managed(settings).start()
    assert not server.status(settings).running
