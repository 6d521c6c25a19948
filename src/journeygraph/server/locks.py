"""What a version of the server consists of: every jar with its SHA-256, from a lock file that comes with the code.

The locks are made by `tools/lock_neo4j.py` in the format of jgo's lock file.  They hold no addresses: where Maven
artifacts come from is jgo's setting (`~/.config/jgo.conf`), so that a company's mirror works.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath

from journeygraph.errors import UsageError

_SUFFIX = ".lock.toml"


@dataclass(frozen=True)
class Jar:
    """One file of the server: its path in any Maven repository, its checksum and its size in bytes."""

    path: PurePosixPath
    sha256: str
    size: int


@dataclass(frozen=True)
class Lock:
    """All of one version of the server."""

    version: str
    main_class: str
    java: int
    jars: tuple[Jar, ...]

    @property
    def size(self) -> int:
        """Bytes of all jars."""
        return sum(jar.size for jar in self.jars)


def versions() -> list[str]:
    """The versions that can be run, oldest first.

    >>> versions()[0]
    '5.26.30'
    """
    folder = resources.files("journeygraph.server") / "locks"
    names = [entry.name for entry in folder.iterdir() if entry.name.endswith(_SUFFIX)]
    return sorted((name.removeprefix("neo4j-").removesuffix(_SUFFIX) for name in names), key=numbers)


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, for comparing.

    >>> numbers("5.26.30") < numbers("2026.08.1")
    True
    """
    return tuple(int(part) for part in version.split("."))


def resolve(wanted: str) -> str:
    """The newest locked version that is `wanted` or starts with it.

    >>> resolve("5.26")
    '5.26.30'

    Raises `UsageError` where there is none.
    """
    matching = [version for version in versions() if version == wanted or version.startswith(f"{wanted}.")]
    if not matching:
        raise UsageError(
            f"JOURNEYGRAPH_NEO4J_VERSION {wanted!r} is not among the versions of the managed Neo4j: "
            f"{', '.join(versions())}. For another one, run it yourself and set NEO4J_URI."
        )
    return matching[-1]


def read(version: str) -> Lock:
    """The lock of one of `versions()`."""
    text = (resources.files("journeygraph.server") / "locks" / f"neo4j-{version}{_SUFFIX}").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    jars = tuple(_jar(entry) for entry in document["dependencies"])
    return Lock(version, document["entrypoints"]["server"], document["environment"]["min_java_version"], jars)


def _jar(entry: dict[str, str]) -> Jar:
    artifact, version = entry["artifactId"], entry["version"]
    suffix = f"-{entry['classifier']}" if "classifier" in entry else ""
    folder = PurePosixPath(*entry["groupId"].split("."), artifact, version)
    return Jar(folder / f"{artifact}-{version}{suffix}.jar", entry["sha256"], int(entry["size"]))
