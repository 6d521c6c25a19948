"""A managed Neo4j and a home of their own, for one benchmark, removed afterwards."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from journeygraph import migrations, server
from journeygraph.generator import simulate, write
from journeygraph.graph import Graph
from journeygraph.settings import Settings


@dataclass(frozen=True)
class Scratch:
    """A home, its settings, and a folder for files."""

    home: Path
    settings: Settings
    folder: Path

    def shop(self, customers: int, seed: int = 1) -> Path:
        """Folder with the files of a generated shop."""
        folder = self.folder / f"shop-{customers}-{seed}"
        write(simulate(customers, seed), folder)
        return folder

    @contextmanager
    def graph(self) -> Iterator[Graph]:
        """The running server's graph, with its schema."""
        with Graph(server.connection(self.settings)) as graph:
            migrations.apply(graph)
            yield graph


def server_pids(home: Path) -> list[int]:
    """Process id of a home's managed server, where it runs."""
    return [json.loads(path.read_text(encoding="utf-8"))["pid"] for path in home.glob("neo4j-*/running.json")]


@contextmanager
def scratch(*, started: bool = True) -> Iterator[Scratch]:
    """A home in a temporary folder; child processes see it too."""
    os.environ.pop("NEO4J_URI", None)
    with tempfile.TemporaryDirectory(prefix="journeygraph-bench-") as name:
        home = Path(name) / "home"
        os.environ["JOURNEYGRAPH_HOME"] = str(home)
        settings = Settings(JOURNEYGRAPH_HOME=home)
        managed = server.managed(settings)
        if started:
            managed.start()
        try:
            yield Scratch(home, settings, Path(name))
        finally:
            managed.stop()
