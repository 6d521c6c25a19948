"""What fetching asks of whoever has the artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Protocol

from journeygraph.errors import ServerError


class Interrupted(ServerError):
    """The artifact was found, and its transfer broke off."""


class Download(Protocol):
    """Gives the bytes of the artifact at a path of a Maven repository."""

    def __call__(self, path: PurePosixPath) -> Iterator[bytes]: ...


def from_maven() -> Download:
    """Downloads from jgo's Maven repositories."""
    # Imported here: most commands fetch nothing, and the HTTP library costs them 0.2 s.
    from journeygraph.server.repositories import MavenRepositories

    return MavenRepositories()
