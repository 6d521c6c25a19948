"""Bad rows once more, after the mapping was mended: what is good now is stored, the rest stays with its new reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from journeygraph.answers import Answer
from journeygraph.errors import InputError
from journeygraph.graph import Graph, batches
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.chunks import BadRow, Chunk
from journeygraph_loaders.columns import resolve
from journeygraph_loaders.mapping import Mapping
from journeygraph_loaders.pipeline import declare_rules, finish, new_batch_id
from journeygraph_loaders.quarantine import BadRowEntry, Quarantine
from journeygraph_loaders.reading import Options, converter_for
from journeygraph_loaders.writing import BatchWriter

_PAGE = 5_000
Conversion = tuple[list[Any], list[int], list[BadRow]]


class ReplayResult(Answer):
    """What became of the bad rows: received = stored + duplicate + quarantined."""

    received: int
    stored: int
    duplicate: int
    quarantined: int
    batch_id: str


def replay(graph: Graph, home: Path, *, mapping: str | Path | None = None, timezone: str | None = None) -> ReplayResult:
    """Read every kept row again, by the mapping given or the one that its file was loaded with.

    A row leaves the quarantine after the transaction that stored it, so a crash between the two makes it a duplicate.
    """
    batch_id = new_batch_id()
    writer = BatchWriter(graph, batch_id)
    given = mappings.load(mapping) if mapping is not None else None
    if given is not None:
        declare_rules(graph, given)
    received = still = 0
    with Quarantine(home, batch_id) as quarantine:
        for page in batches(list(_ids(quarantine)), _PAGE):
            entries = list(quarantine.entries(after=page[0] - 1, limit=len(page)))
            received += len(entries)
            still += _page(quarantine, writer, entries, given, timezone)
    finish(graph)
    return ReplayResult(
        received=received, stored=writer.stored, duplicate=writer.duplicate, quarantined=still, batch_id=batch_id
    )


def _ids(quarantine: Quarantine) -> Iterator[int]:
    return (entry.id for entry in quarantine.entries())


def _page(
    quarantine: Quarantine, writer: BatchWriter, entries: list[BadRowEntry], given: Mapping | None, timezone: str | None
) -> int:
    """Replay some entries; how many stay."""
    still = 0

    def kind(entry: BadRowEntry) -> tuple[str, str, tuple[str, ...]]:
        return json.dumps(quarantine.options_of(entry.id), sort_keys=True), entry.file, tuple(sorted(entry.raw))

    for (told, file, columns), group in groupby(sorted(entries, key=kind), key=kind):
        members = list(group)
        able = [entry for entry in members if entry.replayable]
        still += len(members) - len(able)
        if not able:
            continue
        options = _options(json.loads(told), given, timezone)
        rows, places, bad = _convert(able, Path(file), columns, options)
        if rows:
            writer.write(rows)
            quarantine.remove([able[place].id for place in places])
        by_line = {row.line: row for row in bad}
        for place, entry in enumerate(able):
            if place in by_line:
                quarantine.explain(entry.id, by_line[place])
        still += len(bad)
    return still


def _options(told: dict[str, Any], given: Mapping | None, timezone: str | None) -> Options:
    mapping = given or (mappings.load(told["mapping"]) if told.get("mapping") else Mapping(name="none"))
    return Options(mapping, told.get("source"), told.get("channel"), timezone or told.get("timezone"))


def _convert(entries: list[BadRowEntry], file: Path, columns: tuple[str, ...], options: Options) -> Conversion:
    """The entries as one chunk; its lines are their places, so that each bad row finds its entry again."""
    section = options.mapping.for_file(file)
    if section is None or section.ignore is not None:
        raise InputError(f"The mapping {options.mapping.name} has nothing for {file}, whose rows are in quarantine.")
    values = [[entry.raw[column] for entry in entries] for column in columns]
    chunk = Chunk(file, columns, list(values), range(len(entries)))
    return converter_for(section, options, file).convert(chunk, resolve(columns, section, str(file), fixed=False))
