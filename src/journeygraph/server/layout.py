"""Where the managed server keeps what: one folder per major version, so that no version opens another's data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from journeygraph.server import locks
from journeygraph.settings import Settings


@dataclass(frozen=True)
class Layout:
    """Paths of one managed server; `version` is the one to run, e.g. `5.26.30`."""

    version: str
    base: Path

    @classmethod
    def of(cls, settings: Settings) -> Layout:
        """The layout that the settings say.

        Raises `UsageError` for a version that the managed server doesn't come in.
        """
        version = locks.resolve(settings.neo4j_version)
        return cls(version, settings.home / f"neo4j-{version.split('.')[0]}")

    @property
    def state_file(self) -> Path:
        """What runs, on which ports, with which process id; absent while nothing runs."""
        return self.base / "running.json"

    @property
    def ports_file(self) -> Path:
        """The ports of the last start, to be had again."""
        return self.base / "ports.json"

    @property
    def password_file(self) -> Path:
        """The generated password; only the user can read it."""
        return self.base / "password"

    @property
    def version_file(self) -> Path:
        """Version of the server that last opened the data."""
        return self.base / "version"

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
    def log(self) -> Path:
        """The server's log."""
        return self.logs / "neo4j.log"

    @property
    def console_log(self) -> Path:
        """What the server's process prints, which is little: words of Java itself."""
        return self.logs / "console.log"
