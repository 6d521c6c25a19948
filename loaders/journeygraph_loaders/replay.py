"""Bad rows once more, after the mapping was mended: what is good now is stored, the rest stays with its new reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatch
from itertools import groupby
from pathlib import Path
from typing import Any

from journeygraph.answers import Answer
from journeygraph.errors import InputError
from journeygraph.graph import Graph, batches
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.batch import Batch
from journeygraph_loaders.chunks import BadRow, Chunk
from journeygraph_loaders.columns import Plan, resolve
from journeygraph_loaders.mapping import Mapping, Section
from journeygraph_loaders.pipeline import declare_rules, finish, new_batch_id
from journeygraph_loaders.quarantine import BadRowEntry, Quarantine, rows_text
from journeygraph_loaders.reading import Options, converter_for
from journeygraph_loaders.writing import BatchWriter

_PAGE = 5_000
Conversion = tuple[Batch, list[int], list[BadRow]]


class ReplayResult(Answer):
    """What became of the bad rows: received = stored + duplicate + quarantined."""

    received: int
    stored: int
    duplicate: int
    quarantined: int
    batch_id: str


def replay(
    graph: Graph,
    home: Path,
    *,
    mapping: str | Path | None = None,
    timezone: str | None = None,
    file: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> ReplayResult:
    """Read the kept rows again, by the mapping given or the one that their file was loaded with.

    `file` is a glob on the file's name; rows of other files are not looked at.  A mapping that is given and does not
    fit a file's columns leaves its rows and their reasons as they are; `say` is told.  A row leaves the quarantine
    after the transaction that stored it, so a crash between the two makes it a duplicate.
    """
    batch_id = new_batch_id()
    writer = BatchWriter(graph, batch_id)
    given = mappings.load(mapping) if mapping is not None else None
    if given is not None:
        declare_rules(graph, given)
    received = still = 0
    unfit: Counter[str] = Counter()
    with Quarantine(home, batch_id) as quarantine:
        for page in batches([entry.id for entry in quarantine.entries()], _PAGE):
            entries = [entry for entry in quarantine.entries(after=page[0] - 1, limit=len(page)) if _is_of(entry, file)]
            received += len(entries)
            still += _page(quarantine, writer, entries, given, timezone, unfit)
    finish(graph)
    if file is not None and not received:
        say(f"No row in quarantine is of a file named {file}.")
    if unfit:
        names = ", ".join(sorted(unfit))
        stayed = "of it stayed as it was" if unfit.total() == 1 else "stayed as they were"
        say(f"The mapping does not fit {names}: {rows_text(unfit.total())} {stayed}.")
    return ReplayResult(
        received=received, stored=writer.stored, duplicate=writer.duplicate, quarantined=still, batch_id=batch_id
    )


def _is_of(entry: BadRowEntry, pattern: str | None) -> bool:
    return pattern is None or fnmatch(Path(entry.file).name, pattern) or fnmatch(entry.file, pattern)


def _page(
    quarantine: Quarantine,
    writer: BatchWriter,
    entries: list[BadRowEntry],
    given: Mapping | None,
    timezone: str | None,
    unfit: Counter[str],
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
        planned = _plan(Path(file), columns, options.mapping, given is not None)
        if planned is None:
            unfit[file] += len(able)
            still += len(able)
            continue
        rows, places, bad = _convert(able, Path(file), columns, options, *planned)
        if rows:
            conflicts = writer.write(rows)
            bad += [rows.bad_row(conflict) for conflict in conflicts]
            remaining = {conflict.place for conflict in conflicts}
            quarantine.remove([able[at].id for n, at in enumerate(places) if n not in remaining])
        by_line = {row.line: row for row in bad}
        for place, entry in enumerate(able):
            if place in by_line:
                quarantine.explain(entry.id, by_line[place])
        still += len(bad)
    return still


def _options(told: dict[str, Any], given: Mapping | None, timezone: str | None) -> Options:
    mapping = given or (mappings.load(told["mapping"]) if told.get("mapping") else Mapping(name="none"))
    return Options(mapping, told.get("source"), told.get("channel"), timezone or told.get("timezone"))


def _plan(file: Path, columns: tuple[str, ...], mapping: Mapping, is_given: bool) -> tuple[Section, Plan] | None:
    """What the mapping says about rows with these columns; None where it isn't meant for them.

    The mapping with which a file was loaded was meant for it, even where a row lacks a column.
    """
    section = mapping.for_file(file)
    if section is None or section.ignore is not None:
        return None
    try:
        plan = resolve(columns, section, str(file), fixed=False)
    except InputError:
        return None
    return (section, plan) if plan.fits(columns) or not is_given else None


def _convert(
    entries: list[BadRowEntry], file: Path, columns: tuple[str, ...], options: Options, section: Section, plan: Plan
) -> Conversion:
    """The entries as one chunk; its lines are their places, so that each bad row finds its entry again."""
    values = [[_decoded(entry.raw[column], section.encoding) for entry in entries] for column in columns]
    chunk = Chunk(file, columns, list(values), range(len(entries)))
    rows, places, bad = converter_for(section, options, file).convert(chunk, plan)
    return Batch(rows, [(chunk, plan, places)]), places, bad


def _decoded(value: Any, encoding: str | None) -> Any:
    """Text that wasn't UTF-8, by the encoding that the mapping now declares.

    >>> _decoded("J\\udcfcrgen", "windows-1252"), _decoded("J\u00fcrgen", "windows-1252"), _decoded(7, None)
    ('J\u00fcrgen', 'J\u00fcrgen', 7)
    """
    if encoding is None or not isinstance(value, str) or not any("\udc80" <= letter <= "\udcff" for letter in value):
        return value
    return value.encode("utf-8", "surrogateescape").decode(encoding, "surrogateescape")
