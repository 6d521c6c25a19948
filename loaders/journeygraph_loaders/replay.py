"""Bad rows once more, after the mapping or the rows were mended: what is good now is stored, the rest stays."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from journeygraph.answers import Answer
from journeygraph.errors import InputError, NotFound
from journeygraph.graph import Graph, batches
from journeygraph.privacy import audit
from journeygraph.quality.waiting import EVERY, BadRowEntry, Which
from journeygraph_loaders import describing
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.batch import Batch
from journeygraph_loaders.chunks import FORMAT, BadRow, Chunk
from journeygraph_loaders.columns import Plan, resolve
from journeygraph_loaders.corrections import Corrections
from journeygraph_loaders.file_log import FileLog, mapping_version
from journeygraph_loaders.mapping import Mapping, Section
from journeygraph_loaders.pipeline import declare_rules, finish, mapping_name, new_batch_id, record
from journeygraph_loaders.quarantine import Quarantine, rows_text
from journeygraph_loaders.reading import DEFAULT_SOURCE, Options, converter_for
from journeygraph_loaders.replacing import returned_rows
from journeygraph_loaders.sources import BY_NAME, section_for
from journeygraph_loaders.writing import BatchWriter

_PAGE = 5_000
Conversion = tuple[Batch, list[int], list[BadRow]]


class Refused(Answer):
    """A corrected row that is still bad, and why; in quarantine it stays as it was."""

    id: int
    column: str | None
    reason: str


class ReplayResult(Answer):
    """What became of the bad rows: received = stored + duplicate + quarantined; `refused` are of corrected ones."""

    received: int
    stored: int
    duplicate: int
    quarantined: int
    batch_id: str
    refused: tuple[Refused, ...] = ()


@dataclass
class _Run:
    """One replay under way: what was asked, where rows go, and what was met."""

    home: Path
    quarantine: Quarantine
    writer: BatchWriter
    given: Mapping | None
    timezone: str | None
    actor: str | None
    corrections: Corrections
    unfit: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    returned: int = 0


def replay(
    graph: Graph,
    home: Path,
    *,
    mapping: str | Path | None = None,
    timezone: str | None = None,
    which: Which = EVERY,
    corrections: Corrections | None = None,
    actor: str | None = None,
    refreshed_later: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> ReplayResult:
    """Read the kept rows again, by the mapping given or the one that their file was loaded with.

    `which` says what rows are looked at, `corrections` what stands in the place of some (then of these only): a
    corrected row that is still bad stays as it was, and why is told.  A mapping that is given and does not
    fit a file's columns leaves its rows and their reasons as they are; `say` is told.  A row leaves the quarantine
    after the transaction that stored it, so a crash between the two makes it a duplicate.  A touchpoint that was set
    aside because the load that replaced its part put it in quarantine counts again; `say` is told how many.
    `refreshed_later` as in `pipeline.finish`.

    Raises `NotFound` for an id that doesn't wait.
    """
    if corrections:
        which = replace(which, ids=tuple(sorted(corrections)))
    batch_id = new_batch_id()
    writer = BatchWriter(graph, batch_id, FileLog("replay"))
    given = mappings.load(mapping) if mapping is not None else None
    given_name = mapping_name(mapping)
    if given is not None:
        declare_rules(graph, given)
    received = still = 0
    with Quarantine(home, batch_id) as quarantine:
        run = _Run(home, quarantine, writer, given, timezone, actor, corrections or {})
        ids = [entry.id for entry in quarantine.entries(which)]
        _require(which.ids, ids)
        for page in batches(ids, _PAGE):
            entries = list(quarantine.entries(replace(which, ids=tuple(page))))
            received += len(entries)
            still += _page(graph, run, [_corrected(entry, run.corrections) for entry in entries])
    _record(graph, writer, batch_id, given_name, received, still)
    if received:
        audit.record(home, f"quarantine: {received} rows replayed", actor=actor)
    finish(graph, refreshed_later=refreshed_later)
    _tell(which, received, run, say)
    return ReplayResult(
        received=received, stored=writer.stored, duplicate=writer.duplicate, quarantined=still, batch_id=batch_id,
        refused=tuple(run.refused),
    )  # fmt: skip


def _require(wanted: Sequence[int], found: Sequence[int]) -> None:
    if absent := sorted(set(wanted) - set(found)):
        listed = ", ".join(map(str, absent[:10]))
        raise NotFound(f"No row {listed} waits in quarantine; `journeygraph quarantine list` has those that do.")


def _corrected(entry: BadRowEntry, corrections: Corrections) -> BadRowEntry:
    """The entry with what stands in its place; the source whose columns it has is the entry's own."""
    if entry.id not in corrections:
        return entry
    form = {FORMAT: entry.raw[FORMAT]} if FORMAT in entry.raw else {}
    return entry.model_copy(update={"raw": {**corrections[entry.id], **form}, "replayable": True})


def _tell(which: Which, received: int, run: _Run, say: Callable[[str], None]) -> None:
    unfit = run.unfit
    if which and not received:
        named = f"of a file named {which.file}" if which.file else "such a one"
        say(f"No row in quarantine is {named}.")
    if unfit:
        names = ", ".join(sorted(unfit))
        stayed = "of it stayed as it was" if unfit.total() == 1 else "stayed as they were"
        say(f"The mapping does not fit {names}: {rows_text(unfit.total())} {stayed}.")
    if run.returned:
        say(f"{rows_text(run.returned)} had been set aside by a load with --replaces: counted again.")


def _record(graph: Graph, writer: BatchWriter, batch_id: str, mapping: str | None, received: int, still: int) -> None:
    """Write the replay down as a load of the files whose rows it stored; one that stored nothing leaves no trace."""
    if not writer.received:
        return
    counts = {"stored": writer.stored, "duplicate": writer.duplicate, "quarantined": still}
    now = datetime.now(UTC)
    names = [str(about["name"]) for about in writer.files.about]
    record(graph, batch_id, replay=True, started_at=now, finished_at=now, files=names, sha256=[], mapping=mapping,
           received=received, **counts)  # fmt: skip
    writer.files.finish(graph, batch_id, {})


def _note_file(
    files: FileLog, file: str, form: str, options: Options, section: Section, home: Path, **about: Any
) -> None:
    if not files.knows(file):
        told = {"source": options.source, "channel": options.channel, "timezone": options.timezone}
        files.add(
            file,
            format=form or None,
            source=options.source or section.source or DEFAULT_SOURCE,
            mapping=None if options.mapping.name == "none" else options.mapping.name,
            mapping_version=mapping_version(section, told, home),
            **about,
        )


def _page(graph: Graph, run: _Run, entries: list[BadRowEntry]) -> int:
    """Replay some entries; how many stay."""
    still = 0

    def kind(entry: BadRowEntry) -> tuple[str, str, str, tuple[str, ...]]:
        columns = tuple(sorted(entry.raw.keys() - {FORMAT}))
        told = json.dumps(run.quarantine.options_of(entry.id), sort_keys=True)
        return told, entry.file, str(entry.raw.get(FORMAT, "")), columns

    for (told, file, form, columns), group in groupby(sorted(entries, key=kind), key=kind):
        members = list(group)
        able = [entry for entry in members if entry.replayable]
        still += len(members) - len(able)
        if able:
            options = replace(_options(json.loads(told), run), suppressed=run.quarantine.suppressed)
            still += _alike(graph, run, able, Path(file), columns, form, options)
    return still


def _alike(
    graph: Graph, run: _Run, able: list[BadRowEntry], file: Path, columns: tuple[str, ...], form: str, options: Options
) -> int:
    """Replay entries of one file with the same columns; how many stay."""
    planned = _plan(file, columns, form, options.mapping, run.given is not None)
    if planned is None:
        run.unfit[str(file)] += len(able)
        return len(able)
    if planned[0].describes is not None:
        good, bad = _described(graph, run, able, file, columns, options, *planned)
    else:
        good, bad = _stored(graph, run, able, file, columns, form, options, *planned)
    run.quarantine.replayed([able[place].id for place in good], run.actor)
    by_line = {row.line: row for row in bad}
    for place, entry in enumerate(able):
        if place in by_line and entry.id in run.corrections:
            row = by_line[place]
            run.refused.append(Refused(id=entry.id, column=row.column, reason=row.reason))
        elif place in by_line:
            run.quarantine.explain(entry.id, by_line[place])
    return len(bad)


def _stored(
    graph: Graph,
    run: _Run,
    able: list[BadRowEntry],
    file: Path,
    columns: tuple[str, ...],
    form: str,
    options: Options,
    section: Section,
    plan: Plan,
) -> tuple[list[int], list[BadRow]]:
    """Entries as touchpoints: the places of those that are in the graph, and what is still bad."""
    rows, places, bad = _convert(able, file, columns, form, options, section, plan)
    if not rows:
        return [], bad
    _note_file(run.writer.files, str(file), form, options, section, run.home)
    conflicts = run.writer.write(rows)
    remaining = {conflict.place for conflict in conflicts}
    good = [at for n, at in enumerate(places) if n not in remaining]
    fine = [(row.touchpoint_id, able[at].batch_id) for row, at in zip(rows, places, strict=True)]
    run.returned += returned_rows(graph, [pair for n, pair in enumerate(fine) if n not in remaining])
    return good, bad + [rows.bad_row(conflict) for conflict in conflicts]


def _described(
    graph: Graph,
    run: _Run,
    able: list[BadRowEntry],
    file: Path,
    columns: tuple[str, ...],
    options: Options,
    section: Section,
    plan: Plan,
) -> tuple[list[int], list[BadRow]]:
    """Entries of a table that describes customers, products or campaigns."""
    chunk, kind = _chunk(able, file, columns, None, section), describing.kind_of(section)
    good, bad = converter_for(section, options, file).describe(chunk, plan, describing.OF[kind].key)
    wrong = {row.line for row in bad}
    if good:
        _note_file(run.writer.files, str(file), "", options, section, run.home, describes=kind)
        new = describing.write(graph, kind, good)
        run.writer.stored += new
        run.writer.duplicate += len(good) - new
        run.writer.files.note(run.writer.files.number(str(file)), new, len(good) - new, set())
    return [place for place in range(len(able)) if place not in wrong], bad


def _options(told: dict[str, Any], run: _Run) -> Options:
    mapping = run.given or (mappings.load(told["mapping"]) if told.get("mapping") else Mapping(name="none"))
    return Options(mapping, told.get("source"), told.get("channel"), run.timezone or told.get("timezone"))


def _plan(
    file: Path, columns: tuple[str, ...], form: str, mapping: Mapping, is_given: bool
) -> tuple[Section, Plan] | None:
    """What the mapping says about rows with these columns; None where it isn't meant for them.

    `form` is the source whose columns they are, nothing for a table.

    The mapping with which a file was loaded was meant for it, even where a row lacks a column.
    """
    section = mapping.for_file(file)
    if section is None or section.ignore is not None:
        return None
    section = section_for(BY_NAME[form], section) if form in BY_NAME else section
    try:
        if section.describes is not None:
            section = describing.section_of(section)
        plan = resolve(columns, section, str(file), fixed=False)
    except InputError:
        return None
    if section.describes is not None:
        return (section, plan) if describing.fits(section, plan, columns) or not is_given else None
    return (section, plan) if plan.fits(columns) or not is_given else None


def _convert(
    entries: list[BadRowEntry],
    file: Path,
    columns: tuple[str, ...],
    form: str,
    options: Options,
    section: Section,
    plan: Plan,
) -> Conversion:
    """The entries as touchpoints; lines are their places, so that each bad row finds its entry again."""
    chunk = _chunk(entries, file, columns, form or None, section)
    rows, places, bad = converter_for(section, options, file).convert(chunk, plan)
    lines = [entries[place].line for place in places]
    return Batch(rows, [(chunk, plan, places)], lines=lines), places, bad


def _chunk(
    entries: list[BadRowEntry], file: Path, columns: tuple[str, ...], form: str | None, section: Section
) -> Chunk:
    """The entries as one chunk whose lines are their places."""
    values = [[_decoded(entry.raw[column], section.encoding) for entry in entries] for column in columns]
    return Chunk(file, columns, list(values), range(len(entries)), format=form)


def _decoded(value: Any, encoding: str | None) -> Any:
    """Text that wasn't UTF-8, by the encoding that the mapping now declares.

    >>> _decoded("J\\udcfcrgen", "windows-1252"), _decoded("J\u00fcrgen", "windows-1252"), _decoded(7, None)
    ('J\u00fcrgen', 'J\u00fcrgen', 7)
    """
    if encoding is None or not isinstance(value, str) or not any("\udc80" <= letter <= "\udcff" for letter in value):
        return value
    return value.encode("utf-8", "surrogateescape").decode(encoding, "surrogateescape")
