"""What `benchmarks.crash` kills: loads of a generated shop, each in a process of its own that tells its stage."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, LiteralString

import pyarrow.parquet as pq
import zstandard

from benchmarks.scratch import Scratch
from journeygraph import migrations, server
from journeygraph.generator.files import FILES
from journeygraph.graph import Connection, Graph, Row, Written
from journeygraph.settings import Settings
from journeygraph_loaders import pipeline

#: What a load is doing, by how the name of its last query begins; the first that fits.
_STAGES = (
    ("load/thread_", "journeys are built"), ("load/withhold", "journeys are built"),
    ("load/step_graph", "the step graph is made"), ("journeys/table", "the step graph is made"),
    ("paths/", "the step graph is made"), ("load/identity", "identity is resolved"),
    ("identity/", "identity is resolved"), ("set_aside/", "identity is resolved"),
    ("load/touchpoints", "rows are written"), ("load/conflicts", "rows are written"),
    ("load/committed", "rows are written"),
)  # fmt: skip
OTHERWISE = "it begins or ends"
_NAME_BYTES = 64


def stage_of(query: str) -> str:
    """What a load does that ran this query last.

    >>> stage_of("load/thread_write"), stage_of("")
    ('journeys are built', 'it begins or ends')
    """
    return next((stage for begin, stage in _STAGES if query.startswith(begin)), OTHERWISE)


@dataclass(frozen=True)
class Running:
    """A load that has begun."""

    process: BaseProcess
    since: float
    said: Path

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.since

    def ended(self) -> float:
        """Wait for its end, which has to be a good one; how long it took."""
        self.process.join()
        if self.process.exitcode != 0:
            raise SystemExit(f"A load ended with {self.process.exitcode}: {self.said.read_text()[-2000:]}")
        return self.seconds


class Load:
    """Begins loads; `stage` tells what the last one does, or did when it was killed."""

    def __init__(self, place: Scratch, batch_rows: int) -> None:
        self._settings, self._batch_rows = place.settings, batch_rows
        self.said = place.folder / "said"
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self._query = self._context.Array("c", _NAME_BYTES, lock=False)

    @property
    def stage(self) -> str:
        """What the load is about."""
        return stage_of(self._query.value.decode())

    def begin(self, files: Sequence[Path]) -> Running:
        """Start one."""
        self.said.write_text("")
        self._query.value = b""
        given = (self._settings, files, self.said, self._batch_rows, self._query)
        process = self._context.Process(target=_load, args=given)
        process.start()
        return Running(process, time.monotonic(), self.said)


class _Telling(Graph):
    """A graph that writes down, where another process sees it, which query runs."""

    def __init__(self, connection: Connection, query: Any) -> None:
        super().__init__(connection)
        self._query = query

    def run(self, cypher: LiteralString, parameters: Mapping[str, Any], *, name: str = "query") -> list[Row]:
        self._query.value = name.encode()[: _NAME_BYTES - 1]
        return super().run(cypher, parameters, name=name)

    def stream(self, query: str, **given: Any) -> Iterator[Row]:
        self._query.value = query.encode()[: _NAME_BYTES - 1]
        yield from super().stream(query, **given)

    def write_all(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> Written:
        self._query.value = statements[0][0].encode()[: _NAME_BYTES - 1]
        return super().write_all(statements)


def _load(settings: Settings, files: Sequence[Path], said: Path, batch_rows: int, query: Any) -> None:
    def say(sentence: str) -> None:
        with said.open("a") as file:
            file.write(f"{sentence}\n")

    with _Telling(server.connection(settings), query) as graph:
        migrations.apply(graph)
        pipeline.load(graph, files, home=settings.home, batch_rows=batch_rows, say=say)


def cut(folder: Path, parts: int) -> list[list[Path]]:
    """Every file of a shop cut into as many pieces; the n-th of each are the n-th part, about equal spans of time."""
    pieces = [_pieces(folder / name, parts) for name in FILES.values()]
    return [[of_file[number] for of_file in pieces if of_file[number] is not None] for number in range(parts)]  # type: ignore[misc]


def _pieces(path: Path, parts: int) -> list[Path | None]:
    """The pieces of a file in order, None for an empty one; packed ones are unpacked."""
    name = path.name.removesuffix(".gz").removesuffix(".zst")
    folders = [path.parent / f"part-{number:03}" for number in range(parts)]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    if name.endswith(".parquet"):
        table = pq.read_table(path)
        bounds = [len(table) * number // parts for number in range(parts + 1)]
        for folder, (start, end) in zip(folders, pairwise(bounds), strict=True):
            pq.write_table(table.slice(start, end - start), folder / name)
    else:
        lines = _unpacked(path).splitlines(keepends=True)
        header = [lines.pop(0)] if name.endswith(".csv") else []
        bounds = [len(lines) * number // parts for number in range(parts + 1)]
        for folder, (start, end) in zip(folders, pairwise(bounds), strict=True):
            (folder / name).write_bytes(b"".join([*header, *lines[start:end]]))
    filled = [start < end for start, end in pairwise(bounds)]
    return [folder / name if rows else None for folder, rows in zip(folders, filled, strict=True)]


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(content)
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().decompressobj().decompress(content)
    return content
