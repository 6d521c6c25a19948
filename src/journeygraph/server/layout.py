"""Where the managed server keeps what: one folder per major version, so that no version opens another's data."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from journeygraph.errors import UsageError
from journeygraph.settings import Settings


@dataclass(frozen=True)
class Layout:
    """Paths of one managed server; `version` is the one to run, e.g. `5.26.30`."""

    version: str
    base: Path
    cache: Path

    @classmethod
    def of(cls, settings: Settings) -> Layout:
        """The layout that the settings say.

        Raises `UsageError` for a version that isn't one.
        """
        version = settings.neo4j_version
        if not all(part.isdigit() for part in version.split(".")) or version.count(".") < 1:
            raise UsageError(f"JOURNEYGRAPH_NEO4J_VERSION {version!r} is not a version such as 5.26.30.")
        return cls(version, settings.home / f"neo4j-{version.split('.')[0]}", cache_home())

    @property
    def state_file(self) -> Path:
        """What runs, on which ports, with which process id; absent while nothing runs."""
        return self.base / "running.json"

    @property
    def ports_file(self) -> Path:
        """The ports chosen at the last start."""
        return self.base / "ports.json"

    @property
    def password_file(self) -> Path:
        """The generated password; only the user can read it."""
        return self.base / "password"

    @property
    def version_file(self) -> Path:
        """Version of the server that last opened the data."""
        return self.base / "data" / "version"

    @property
    def lock_file(self) -> Path:
        """Held while the server is started, stopped or reset."""
        return self.base.with_name(self.base.name + ".lock")

    @property
    def data(self) -> Path:
        """The databases."""
        return self.base / "data"

    @property
    def conf(self) -> Path:
        """The folder of neo4j.conf, written anew at every start."""
        return self.base / "conf"

    @property
    def logs(self) -> Path:
        """The server's logs."""
        return self.base / "logs"

    @property
    def console_log(self) -> Path:
        """What the server's process prints."""
        return self.logs / "console.log"


def cache_home() -> Path:
    """Folder of what can be fetched again: JOURNEYGRAPH_CACHE, or the user's cache folder."""
    override = os.environ.get("JOURNEYGRAPH_CACHE")
    if override:
        return Path(override).expanduser().absolute()
    return Path(platformdirs.user_cache_dir("journeygraph", appauthor=False))
