"""Shared fixtures: a real Neo4j for the tests marked `graph`, emptied before each of them.

The server is that of `NEO4J_URI` where set (**its data is deleted**), else a container where a Docker daemon answers,
else a managed server in a home of its own.  Where none can be had the test fails: a suite that skips its database is
no suite.
"""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadFileScheduling

from journeygraph import migrations, server
from journeygraph.graph import Connection, Graph
from journeygraph.settings import Settings
from tests.support import empty

# A busy machine is no failing test: examples are not timed.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

#: The Community image that docker-compose.yml runs.
NEO4J_IMAGE = "neo4j:5.26.30-community"
#: Files whose tests start servers of their own, and files whose tests need nothing of each other.
START_SERVERS = {"test_bulk_load", "test_managed_server", "test_privacy_purge"}
STAND_ALONE = {"test_documented_commands"}


class _Shares(LoadFileScheduling):
    """Which tests one worker gets: those of a file; of further servers at most one is started at a time."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        name = Path(file).stem
        return "servers" if name in START_SERVERS else nodeid if name in STAND_ALONE else file


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first: begun last, one would keep a single worker busy at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Our own for `--dist loadfile` (the groups of xdist 3.8 are lost in pytest 9)."""
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # files with the most tests first: those are the quick ones
    return _Shares(config, log)


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Address and login of the Neo4j that this test run may empty."""
    if os.environ.get("NEO4J_URI"):
        if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
            pytest.fail("Workers would empty the server of NEO4J_URI under each other: run these tests with -n 0.")
        yield server.connection(Settings())
    elif _docker_answers():
        yield from _container()
    else:
        yield from _managed(tmp_path_factory)


@pytest.fixture(scope="session")
def _migrated(neo4j_server: Connection) -> Iterator[Graph]:
    with Graph(neo4j_server) as graph:
        graph.wait_until_ready(60)
        migrations.apply(graph)
        yield graph


@pytest.fixture
def graph(_migrated: Graph) -> Graph:
    """An emptied graph with its schema applied."""
    empty(_migrated)
    return _migrated


def _docker_answers() -> bool:
    if not os.environ.get("DOCKER_HOST") and not Path("/var/run/docker.sock").exists():
        return False
    import docker
    from docker.errors import DockerException

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the client leaves a socket open where nobody answers
        try:
            docker.from_env(timeout=5).close()
        except DockerException:
            return False
        finally:
            gc.collect()
    return True


def _container() -> Iterator[Connection]:
    from testcontainers.community.neo4j import Neo4jContainer

    with Neo4jContainer(NEO4J_IMAGE, password="journeys-test") as container:
        yield Connection(container.get_connection_url(), "neo4j", "journeys-test")


def _managed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    settings = Settings(JOURNEYGRAPH_HOME=tmp_path_factory.mktemp("home"))
    managed = server.managed(settings)
    # Ports of its own: of two test runs that find the usual ones free at once, one would start in vain.
    first = 20_000 + 2 * (os.getpid() % 10_000)
    managed.layout.base.mkdir(parents=True)
    managed.layout.ports_file.write_text(f'{{"bolt": {first}, "http": {first + 1}}}', encoding="utf-8")
    managed.start()
    try:
        yield server.connection(settings)
    finally:
        managed.stop()
