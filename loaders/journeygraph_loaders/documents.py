"""Touchpoints that come as documents, one by one or some thousand together: what the API takes."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from journeygraph.errors import Conflict
from journeygraph.graph import Graph
from journeygraph_loaders.batch import Batch
from journeygraph_loaders.chunks import BadRow, Chunk
from journeygraph_loaders.columns import resolve
from journeygraph_loaders.file_log import FileLog
from journeygraph_loaders.jsonl_file import flat
from journeygraph_loaders.mapping import Section
from journeygraph_loaders.pipeline import LoadResult, finish, new_batch_id, record, result
from journeygraph_loaders.quarantine import Quarantine
from journeygraph_loaders.reading import Options, converter_for
from journeygraph_loaders.sources import BY_NAME, section_for
from journeygraph_loaders.sources.base import Record
from journeygraph_loaders.sources.reading import rows_of
from journeygraph_loaders.writing import BatchWriter

#: Stands in for the file's name where bad rows are listed, and for the source of rows that name none.
ORIGIN: Final = "api"
Numbered = tuple[int, dict[str, Any]]


def store(
    graph: Graph,
    home: Path,
    documents: Sequence[AnyMapping[str, Any]],
    *,
    idempotency_key: str | None = None,
    source: str | None = None,
    refreshed_later: bool = False,
) -> LoadResult:
    """Store documents that have the fields of the touchpoint table; those that can't be used are quarantined.

    With a source they have the fields that it documents, and become touchpoints as its files do.

    `refreshed_later` as in `pipeline.finish`.

    With a key the answer of the first finished call is given again, whoever calls.  Raises `Conflict` where that call
    brought other documents.
    """
    started = time.monotonic()
    digest = hashlib.sha256(json.dumps(documents, sort_keys=True, default=str).encode()).hexdigest()
    batch_id = new_batch_id()
    if idempotency_key is not None:
        batch_id = "key-" + hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]
        if before := graph.read("load/recorded", batch_id=batch_id):
            return _again(graph, before[0], digest, batch_id)
    record(graph, batch_id, started_at=datetime.now(UTC), files=[ORIGIN], sha256=[digest])
    writer = BatchWriter(graph, batch_id, FileLog("webhook" if source else "api"))
    writer.files.add(ORIGIN, sha256=digest, format=source or "document", source=_source_name(source))
    writer.files.write(graph, batch_id)
    with Quarantine(home, batch_id, {"source": None if source else ORIGIN}) as quarantine:
        rows, bad = _rows(documents, source)
        quarantine.add(bad)
        _write(rows, source, writer, quarantine)
        finish(graph, refreshed_later=refreshed_later)
        writer.files.finish(graph, batch_id, quarantine.by_file)
        return result(graph, writer, quarantine.added, started, batch_id)


def _source_name(source: str | None) -> str:
    return ORIGIN if source is None else section_for(BY_NAME[source], Section()).source or source


def _again(graph: Graph, before: dict[str, Any], digest: str, batch_id: str) -> LoadResult:
    if before.pop("sha256") != [digest]:
        raise Conflict("This Idempotency-Key was used before, for other touchpoints.")
    return LoadResult(**before, **graph.read("load/totals")[0], seconds=0.0, batch_id=batch_id)


def _rows(documents: Sequence[AnyMapping[str, Any]], source: str | None) -> tuple[list[Numbered], list[BadRow]]:
    """The flat rows of documents, each with the document's place in the request, and those that are none."""
    if source is None:
        return [(number, flat(document)) for number, document in enumerate(documents, start=1)], []
    rows: list[Numbered] = []
    bad: list[BadRow] = []
    for number, document in enumerate(documents, start=1):
        made, wrong = rows_of(BY_NAME[source], Record(number, document, {}), ORIGIN)
        rows += [(number, row) for row in made]
        bad += [wrong] if wrong else []
    return rows, bad


def _write(rows: list[Numbered], source: str | None, writer: BatchWriter, quarantine: Quarantine) -> None:
    """Documents with the same fields go together; their place in the request stands in for the line."""
    section = section_for(BY_NAME[source], Section()) if source else Section()
    options = Options(source=None if source else ORIGIN, suppressed=quarantine.suppressed)
    converter = converter_for(section, options, Path(ORIGIN))
    numbered = sorted(rows, key=lambda pair: sorted(pair[1]))
    for fields, group in groupby(numbered, key=lambda pair: sorted(pair[1])):
        members = list(group)
        values = [[document[field] for _, document in members] for field in fields]
        chunk = Chunk(Path(ORIGIN), tuple(fields), list(values), [line for line, _ in members], format=source)
        plan = resolve(tuple(fields), section, ORIGIN, fixed=False)
        good, places, bad = converter.convert(chunk, plan)
        if good:
            batch = Batch(good, [(chunk, plan, places)])
            bad += [batch.bad_row(conflict) for conflict in writer.write(batch)]
        if bad:
            quarantine.add(bad)
