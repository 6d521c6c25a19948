"""Fetching the server's jars: verified, repaired, resumed, and explained where it can't be done."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest
import requests

from journeygraph.errors import ServerError, UsageError
from journeygraph.server import fetch, locks
from journeygraph.server.download import Interrupted
from journeygraph.server.locks import Jar, Lock
from journeygraph.server.repositories import MavenRepositories

CONTENTS = {f"org/example/a{n}/1/a{n}-1.jar": f"jar {n} ".encode() * (n + 1) for n in range(20)}


class Repository:
    """A Maven repository in memory that counts, and fails as told."""

    def __init__(self, fail: Callable[[str], None] = lambda path: None) -> None:
        self.asked: list[str] = []
        self._fail = fail
        self.contents = dict(CONTENTS)

    def __call__(self, path: PurePosixPath) -> Iterator[bytes]:
        self.asked.append(str(path))
        content = self.contents[str(path)]
        yield content[:3]
        self._fail(str(path))
        yield content[3:]


@pytest.fixture
def lock() -> Lock:
    jars = (Jar(PurePosixPath(path), hashlib.sha256(c).hexdigest(), len(c)) for path, c in CONTENTS.items())
    return Lock("1.0", "example.Main", 17, tuple(jars))


def test_fetches_all_once_and_then_nothing(lock: Lock, tmp_path: Path) -> None:
    repository, told = Repository(), []
    paths = fetch.class_path(lock, tmp_path, lambda done, total: told.append((done, total)), lambda: repository)
    assert [path.read_bytes() for path in paths] == list(CONTENTS.values())
    assert told[-1] == (lock.size, lock.size)
    assert sorted(repository.asked) == sorted(CONTENTS)
    fetch.class_path(lock, tmp_path, repositories=lambda: pytest.fail("fetched what was there"))


def test_a_half_fetched_or_damaged_cache_is_repaired(lock: Lock, tmp_path: Path) -> None:
    paths = fetch.class_path(lock, tmp_path, repositories=Repository)
    paths[1].unlink()
    paths[2].write_bytes(paths[2].read_bytes()[:-1])
    paths[3].write_bytes(b"x" * lock.jars[3].size)
    (paths[4].parent / (paths[4].name + ".part")).write_bytes(b"left over")
    repository = Repository()
    fetch.class_path(lock, tmp_path, repositories=lambda: repository)
    assert sorted(repository.asked) == sorted(str(lock.jars[n].path) for n in (1, 2, 3))
    assert [path.read_bytes() for path in paths] == list(CONTENTS.values())


def test_a_transfer_that_breaks_off_is_tried_again(lock: Lock, tmp_path: Path) -> None:
    broken: set[str] = set()

    def once(path: str) -> None:
        if path.endswith("a7-1.jar") and path not in broken:
            broken.add(path)
            raise Interrupted("a7-1.jar broke off")

    told: list[int] = []
    paths = fetch.class_path(lock, tmp_path, lambda done, _: told.append(done), lambda: Repository(once))
    assert paths[7].read_bytes() == CONTENTS["org/example/a7/1/a7-1.jar"]
    assert told[-1] == lock.size


def test_what_arrived_before_a_failure_is_kept(lock: Lock, tmp_path: Path) -> None:
    def always(path: str) -> None:
        if path.endswith("a0-1.jar"):  # the smallest: fetched last
            raise Interrupted("a0-1.jar could not be fetched")

    with pytest.raises(ServerError, match=r"a0-1\.jar"):
        fetch.class_path(lock, tmp_path, repositories=lambda: Repository(always))
    repository = Repository()
    fetch.class_path(lock, tmp_path, repositories=lambda: repository)
    assert "org/example/a0/1/a0-1.jar" in repository.asked
    assert len(repository.asked) < len(CONTENTS)


def test_a_wrong_checksum_is_refused(lock: Lock, tmp_path: Path) -> None:
    repository = Repository()
    repository.contents["org/example/a5/1/a5-1.jar"] = b"something else"
    with pytest.raises(ServerError, match=r"a5-1\.jar arrived with another checksum"):
        fetch.class_path(lock, tmp_path, repositories=lambda: repository)
    assert not (tmp_path / "maven/org/example/a5/1/a5-1.jar").exists()


def test_a_full_disk_is_seen_before_fetching(lock: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(ServerError, match=r"has 1 MB free and 64 MB are needed.*JOURNEYGRAPH_CACHE"):
        fetch.class_path(lock, tmp_path, repositories=lambda: pytest.fail("fetched all the same"))


def test_a_disk_that_fills_up_meanwhile_is_explained(lock: Lock, tmp_path: Path) -> None:
    def full(path: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ServerError, match=r"disk of .* is full: make room there.*what is already there is kept"):
        fetch.class_path(lock, tmp_path, repositories=lambda: Repository(full))


def test_no_network_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise requests.ConnectionError("no route")

    monkeypatch.setattr(requests.Session, "get", away)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(
        ServerError, match=r"no Maven repository answered\. Check the network.*what has arrived is kept"
    ):
        list(MavenRepositories()(PurePosixPath("org/neo4j/neo4j/5.26.30/neo4j-5.26.30.jar")))


def test_a_repository_that_refuses_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    response = requests.Response()
    response.status_code = 403
    monkeypatch.setattr(requests.Session, "get", lambda *_, **__: response)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(ServerError, match="repository answered 403"):
        list(MavenRepositories()(PurePosixPath("a/b/1/b-1.jar")))


@pytest.mark.parametrize("version", locks.versions())
def test_locks_name_every_jar_once_with_checksum_and_size_and_no_address(version: str) -> None:
    lock = locks.read(version)
    assert len({jar.path for jar in lock.jars}) == len(lock.jars) > 200
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in lock.jars)
    assert {f"neo4j-{version}.jar", "neo4j-browser-5.24.0.jar"} <= {jar.path.name for jar in lock.jars}
    source = Path(locks.__file__).parent / "locks" / f"neo4j-{version}.lock.toml"
    assert "://" not in source.read_text(encoding="utf-8")


def test_a_version_without_a_lock_is_refused() -> None:
    assert locks.resolve("2026").startswith("2026.")
    with pytest.raises(UsageError, match=r"JOURNEYGRAPH_NEO4J_VERSION '4\.4' is not among .*5\.26\.30"):
        locks.resolve("4.4")
