"""The server's jars: fetched once, in parallel, each verified against the lock, and repaired where half fetched.

A jar is written under another name and renamed once its checksum is right, so a file in its place is whole.  What
was verified is remembered by size and time of change: a start with everything in place reads 200 file sizes, no files.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from filelock import FileLock

from journeygraph.errors import ServerError
from journeygraph.server import disk
from journeygraph.server.download import Download, Interrupted, from_maven
from journeygraph.server.locks import Jar, Lock

#: Called with the bytes that are there and the bytes of all.
Progress = Callable[[int, int], None]
_PARALLEL = 8
_SPARE_BYTES = 64_000_000


def class_path(
    lock: Lock, cache: Path, progress: Progress | None = None, repositories: Callable[[], Download] = from_maven
) -> list[Path]:
    """Paths of the version's jars, after fetching what is missing or damaged.

    `repositories` makes what downloads one artifact, one for each thread.

    Raises `ServerError` without network, on a full disk, or where a checksum stays wrong.
    """
    root = cache / "maven"
    paths = [root / jar.path for jar in lock.jars]
    with disk.explained(cache, "JOURNEYGRAPH_CACHE"):
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / "fetch.lock"):
            seen = _Verified(cache / f"verified-{lock.version}.json")
            missing = [jar for jar, path in zip(lock.jars, paths, strict=True) if not seen.is_whole(jar, path)]
            if missing:
                disk.require(cache, sum(jar.size for jar in missing) + _SPARE_BYTES, "JOURNEYGRAPH_CACHE")
                _fetch_all(missing, root, _Count(lock, missing, progress), repositories)
            seen.remember(lock.jars, paths)
    return paths


class _Verified:
    """Which files had the right checksum, with the size and time of change they had then."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._seen: dict[str, list[int | str]] = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._seen = {}

    def is_whole(self, jar: Jar, path: Path) -> bool:
        stamp = _stamp(jar, path)
        return stamp is not None and (self._seen.get(str(jar.path)) == stamp or _checksum(path) == jar.sha256)

    def remember(self, jars: Iterable[Jar], paths: Iterable[Path]) -> None:
        now = {str(jar.path): stamp for jar, path in zip(jars, paths, strict=True) if (stamp := _stamp(jar, path))}
        if now != self._seen:
            part = self._file.with_suffix(".part")
            part.write_text(json.dumps(now), encoding="utf-8")
            part.replace(self._file)


class _Count:
    """Bytes so far, added up over the threads."""

    def __init__(self, lock: Lock, missing: list[Jar], progress: Progress | None) -> None:
        self._total, self._progress, self._mutex = lock.size, progress, threading.Lock()
        self._done = lock.size - sum(jar.size for jar in missing)

    def add(self, size: int) -> None:
        with self._mutex:
            self._done += size
            if self._progress:
                self._progress(self._done, self._total)


def _fetch_all(missing: list[Jar], root: Path, count: _Count, repositories: Callable[[], Download]) -> None:
    local, stop = threading.local(), threading.Event()

    def fetch(jar: Jar) -> None:
        if not stop.is_set():
            if not hasattr(local, "download"):
                local.download = repositories()
            _fetch(jar, root, count, local.download)

    largest_first = sorted(missing, key=lambda jar: -jar.size)
    with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="fetch") as pool:
        futures = [pool.submit(fetch, jar) for jar in largest_first]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
        for future in done:
            future.result()


def _fetch(jar: Jar, root: Path, count: _Count, download: Download) -> None:
    path = root / jar.path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    for attempt in (1, 2, 3):  # a transfer that broke off or was damaged may come whole the next time
        try:
            digest = _receive(jar, part, count, download)
        except Interrupted:
            if attempt == 3:
                raise
            continue
        if digest == jar.sha256:
            part.replace(path)
            return
        count.add(-part.stat().st_size)
    part.unlink()
    raise ServerError(
        f"{path.name} arrived with another checksum than the lock says ({jar.sha256[:12]}...): something between "
        "here and the Maven repository changes files. Try another network, or set NEO4J_URI to a server you have."
    )


def _receive(jar: Jar, part: Path, count: _Count, download: Download) -> str:
    digest, received = hashlib.sha256(), 0
    try:
        with part.open("wb") as file:
            for chunk in download(jar.path):
                file.write(chunk)
                digest.update(chunk)
                received += len(chunk)
                count.add(len(chunk))
    except Interrupted:
        count.add(-received)
        raise
    return digest.hexdigest()


def _stamp(jar: Jar, path: Path) -> list[int | str] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - one call for both, 200 times at every start
    except OSError:
        return None
    return [jar.sha256, status.st_size, status.st_mtime_ns] if status.st_size == jar.size else None


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
