"""The managed database that a bulk load may replace: an empty one, or one that an interrupted bulk load left."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import psutil

from journeygraph.errors import GraphError, UsageError
from journeygraph.graph import Graph
from journeygraph.schema import JourneyRules
from journeygraph.server import ManagedServer, connection
from journeygraph.settings import Settings


class Target:
    """The database and the mark on it: `<home>/bulk/importing.json` exists exactly while it is being replaced."""

    def __init__(self, settings: Settings, server: ManagedServer) -> None:
        self._settings, self._server = settings, server
        self.folder = settings.home / "bulk"
        self._mark = self.folder / "importing.json"

    def require_replaceable(self) -> JourneyRules | None:
        """The rules that an interrupted bulk load was to write, None where there was none and the database is empty.

        Raises `UsageError` where the database holds anything else.
        """
        self._wait_for_orphan()
        if self._mark.exists():
            told = json.loads(self._mark.read_text(encoding="utf-8"))
            if self._only_of(told["batch_id"]):
                return JourneyRules(**told["rules"])
            self._mark.unlink()
        self._server.start()
        with Graph(connection(self._settings)) as graph:
            occupied = graph.read("load/anything_stored")
        if occupied:
            raise UsageError(
                "--bulk needs an empty managed database, and this one holds data: load without --bulk, or delete it "
                "first with `journeygraph db reset --yes`."
            )
        return None

    def mark(self, batch_id: str, rules: JourneyRules) -> None:
        """From now on the database may be replaced, whatever state it is in."""
        told = {"batch_id": batch_id, "rules": rules.model_dump(mode="json")}
        partial = self._mark.with_suffix(".part")
        partial.write_text(json.dumps(told), encoding="utf-8")
        partial.replace(self._mark)

    def unmark(self) -> None:
        """The database is whole."""
        self._mark.unlink(missing_ok=True)

    def _only_of(self, batch_id: str) -> bool:
        """False where the database runs and holds what another load brought."""
        if not self._server.is_running():
            return True
        try:
            with Graph(connection(self._settings), retry_seconds=2.0) as graph:
                return not graph.read("load/other_load", batch_id=batch_id)
        except GraphError:
            return True  # a database that was left half imported cannot be opened

    def _wait_for_orphan(self) -> None:
        """An import tool whose command was killed works on; wait until it has ended."""
        base = str(self._server.layout.base)
        for process in psutil.process_iter(["name", "cmdline"]):
            if "java" not in (process.info["name"] or "") or f"--home-dir={base}" in (process.info["cmdline"] or []):
                continue
            try:
                if process.environ().get("NEO4J_HOME") == base:
                    process.wait()
            except psutil.Error:
                continue


def work_folder(folder: Path) -> Path:
    """A new empty folder for this load; what an interrupted one left is deleted."""
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    (work / "csv").mkdir(parents=True, mode=0o700)
    return work
