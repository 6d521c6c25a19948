"""Files -> validated rows: the one reader behind the driver's load and the bulk import."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from journeygraph.errors import InputError
from journeygraph.privacy.suppression import Suppressions
from journeygraph.schema import from_microseconds
from journeygraph_loaders import csv_file, jsonl_file, parquet_file, sources
from journeygraph_loaders.batch import Batch
from journeygraph_loaders.choosing import chosen_files
from journeygraph_loaders.chunks import CHUNK_ROWS, BadRow, Chunk
from journeygraph_loaders.cleaning.dates import instants
from journeygraph_loaders.cleaning.names import FIELD_NAMES, names_in
from journeygraph_loaders.columns import Plan, resolve
from journeygraph_loaders.contracts import Contracts, Held
from journeygraph_loaders.files import PACKING_ERRORS, Opened, damaged, expand, open_file, total_bytes
from journeygraph_loaders.local_times import Clock
from journeygraph_loaders.mapping import Mapping, Section, check_zone
from journeygraph_loaders.rows import Row
from journeygraph_loaders.sources.base import Source
from journeygraph_loaders.sources.reading import chunks as source_chunks
from journeygraph_loaders.validation import DAY_US, Converter
from journeygraph_loaders.values import Tables, texts

if TYPE_CHECKING:
    from journeygraph_loaders.cleaning.imputation import Imputer

DEFAULT_CHANNEL: Final = "web"
DEFAULT_SOURCE: Final = "file"
#: 1980: before it no touchpoint of today's sources happened.
_EARLY_US: Final = 315_532_800_000_000


class BadRows(Protocol):
    """Whatever takes the rows that cannot be stored."""

    def add(self, rows: Sequence[BadRow]) -> None:
        """Take these; may be called from another thread than the one that made it."""


@dataclass(frozen=True)
class Options:
    """How files are to be read; what is given here wins over the mapping.

    Nothing happens after `latest_us`: a day from now, and the same whenever a file is read again.  With `contracts`, a
    source's columns are held against its contract.  Rows about people who are `suppressed` are bad rows.
    """

    mapping: Mapping = field(default_factory=Mapping)
    source: str | None = None
    channel: str | None = None
    timezone: str | None = None
    format: str = "auto"
    batch_rows: int = CHUNK_ROWS
    latest_us: int = field(default_factory=lambda: time.time_ns() // 1_000 + DAY_US)
    contracts: Contracts | None = None
    suppressed: Suppressions | None = None

    def __post_init__(self) -> None:
        if self.timezone is not None:
            try:
                check_zone(self.timezone)
            except ValueError as error:
                raise InputError(f"--timezone {error}.") from error


def touchpoints(
    paths: Sequence[str | Path],
    options: Options,
    quarantine: BadRows,
    *,
    say: Callable[[str], None] = lambda _: None,
    progress: Callable[[int, int], None] = lambda _read, _total: None,
) -> Iterator[Batch]:
    """The rows of all files, in batches of `options.batch_rows` or fewer; bad rows go to `quarantine`.

    Bounded memory: a batch at a time.  `say` is told what was guessed, `progress` the bytes read and their total.

    Raises `InputError` for a file that cannot be touchpoints at all; rows of earlier files were handed out by then.
    """
    files = chosen_files(paths, options.mapping, say)
    total = total_bytes([path for path, _ in files])
    converters: dict[tuple[int, str], tuple[Section, Converter]] = {}
    before = 0
    for path, given in files:
        opened, source, form = sources.open_as(path, options.format, given)
        try:
            key = (id(given), source.name if source else "")
            if key not in converters:
                own = sources.section_for(source, given) if source else given
                converters[key] = own, converter_for(own, options, path)
            section, converter = converters[key]
            if source:
                say(f"{path}: read as {form.format} ({source.title}): {form.reason}.")
            fixed = source is None and opened.format != "jsonl" and section.explode is None
            reader = ChunkReader(str(path), section, converter, quarantine, say, fixed=fixed)
            reader.contract = contract_of(section, options, source)
            for chunks in _file_chunks(opened, section, source, options.batch_rows, say):
                if rows := reader.batch(chunks):
                    yield rows
                progress(before + opened.position, total)
        except PACKING_ERRORS as error:
            raise damaged(path, error) from error
        finally:
            opened.close()
        before += opened.size


def converter_for(section: Section, options: Options, beside: Path) -> Converter:
    """The converter of a section; its lookup tables lie beside the file that is read."""
    clock = clock_of(section, options)
    return Converter(
        section,
        instants(clock, section.time_format, section.clean.get("occurred_at")),
        tables_of(options.mapping, beside),
        channel=options.channel or section.channel or DEFAULT_CHANNEL,
        source=options.source or section.source or DEFAULT_SOURCE,
        latest_us=options.latest_us,
        suppressed=options.suppressed,
        clock=clock,
        imputer=_imputer(section, options.mapping),
    )


def clock_of(section: Section, options: Options) -> Clock:
    """The clock that times without an offset are read from."""
    return Clock(options.timezone or section.timezone, section.ambiguous_times, section.nonexistent_times)


def tables_of(mapping: Mapping, beside: Path) -> Tables:
    """The mapping's lookup tables, which lie beside this file."""
    return _Tables(mapping, beside.parent)


def _imputer(section: Section, mapping: Mapping) -> Imputer | None:
    """What fills missing values; its libraries are imported only where something is to be filled."""
    if not section.impute:
        return None
    from journeygraph_loaders.cleaning.imputation import imputer_for

    return imputer_for(section, mapping)


def contract_of(section: Section, options: Options, source: Source | None) -> Held | None:
    """The contract of a file's source: where the mapping asks for one, and of sources that were recognised."""
    name = options.source or section.source
    if options.contracts is None or name is None:
        return None
    mode = section.contract or options.contracts.declared(name)
    return None if mode is None and source is None else options.contracts.of(name, mode or "evolve")


class ChunkReader:
    """Validated rows of the chunks of one file, table or service; `place` is its name in sentences.

    `fixed` is false where its rows may have different columns.  Bad rows go to `quarantine`.
    """

    def __init__(
        self,
        place: str,
        section: Section,
        converter: Converter,
        quarantine: BadRows,
        say: Callable[[str], None],
        *,
        fixed: bool,
    ) -> None:
        self._place, self._section, self._converter, self._fixed = place, section, converter, fixed
        self._quarantine, self._say = quarantine, say
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._told: set[str] = set()
        self._usable = False
        self.contract: Held | None = None

    def batch(self, read: Sequence[Chunk]) -> Batch:
        """The good rows of chunks that were read together, in the order in which they stood there.

        Raises `InputError` where none of the first ones could be a touchpoint.
        """
        chunks = list(read) if self.contract is None else [self.contract.applied(chunk) for chunk in read]
        found: list[Row] = []
        order: list[int] = []
        parts: list[tuple[Chunk, Plan, list[int]]] = []
        bad: list[BadRow] = []
        plans = [self._plan(chunk) for chunk in chunks]
        self._check(chunks, plans)
        for chunk, plan in zip(chunks, plans, strict=True):
            rows, places, wrong = self._converter.convert(chunk, plan)
            found += rows
            parts.append((chunk, plan, places))
            if chunk.order is not None:
                order += [chunk.order[place] for place in places]
            bad += chunk.bad + wrong
            self._tell_early(chunk, rows, places)
        by_place = sorted(range(len(order)), key=order.__getitem__) if len(chunks) > 1 else None
        if bad:
            self._quarantine.add(sorted(bad, key=lambda row: row.line))
        return Batch(found if by_place is None else [found[number] for number in by_place], parts, by_place)

    def _plan(self, chunk: Chunk) -> Plan:
        plan = self._plans.get(chunk.columns)
        if plan is None:
            if len(self._plans) > 1_000:
                self._plans.clear()
            plan = resolve(chunk.columns, self._section, self._place, fixed=self._fixed)
            self._plans[chunk.columns] = plan
            self._tell(plan)
        return plan

    def _tell(self, plan: Plan) -> None:
        fresh = {field: column for field, column in plan.chosen.items() if field not in self._told}
        self._told |= set(fresh)
        if fresh:
            taken = ", ".join(f"{column!r} as {field}" for field, column in fresh.items())
            self._say(f"{self._place}: took the column {taken}; a mapping file can say otherwise.")
        absent = sorted(names_in(self._section) - FIELD_NAMES - plan.properties.keys() - self._told)
        self._told |= set(absent)
        if absent and plan.missing is None:
            named = ", ".join(repr(name.removeprefix("p_")) for name in absent)
            self._say(f"{self._place} has no {named}, about which the mapping says what is to be done.")

    def _tell_early(self, chunk: Chunk, rows: Sequence[Row], places: Sequence[int]) -> None:
        """A number that is no epoch becomes a time long ago: say so, once."""
        if "(early)" in self._told:
            return
        early = next((place for place, row in enumerate(rows) if row.occurred_at_us < _EARLY_US), None)
        if early is not None:
            self._told.add("(early)")
            self._say(
                f"{self._place}: what happened in line {chunk.lines[places[early]]} is read as "
                f"{from_microseconds(rows[early].occurred_at_us).isoformat()}. Numbers are seconds, milliseconds or "
                "microseconds since 1970: where they are a spreadsheet's days, years or dates, say so in a mapping, as "
                'in `time_format: "%Y%m%d%H%M"`, or save the column as ISO 8601.'
            )

    def _check(self, chunks: Sequence[Chunk], plans: Sequence[Plan]) -> None:
        """Refuse a file none of whose first rows could be a touchpoint."""
        if self._usable or not any(chunk.columns for chunk in chunks):
            return
        if all(plan.missing for plan in plans):
            raise InputError(str(plans[0].missing))
        self._usable = True


def _file_chunks(
    opened: Opened, section: Section, source: Source | None, size: int, say: Callable[[str], None]
) -> Iterator[list[Chunk]]:
    if source is None:
        return raw_chunks(opened, section, size)
    return source_chunks(opened, source, size=size, delimiter=section.delimiter, say=say)


def raw_chunks(opened: Opened, section: Section, size: int = CHUNK_ROWS) -> Iterator[list[Chunk]]:
    """The raw rows of an opened file."""
    if opened.format == "csv":
        return ([chunk] for chunk in csv_file.read(opened, delimiter=section.delimiter, chunk_rows=size))
    read = jsonl_file.read if opened.format == "jsonl" else parquet_file.read
    return read(opened, explode=section.explode, chunk_rows=size)


class _Tables:
    """The mapping's lookup tables, each read when first asked for."""

    def __init__(self, mapping: Mapping, folder: Path) -> None:
        self._mapping, self._folder = mapping, folder
        self._read: dict[str, AnyMapping[str, AnyMapping[str, Any]]] = {}

    def __call__(self, name: str) -> AnyMapping[str, AnyMapping[str, Any]]:
        if name not in self._read:
            self._read[name] = self._table(name)
        return self._read[name]

    def _table(self, name: str) -> AnyMapping[str, AnyMapping[str, Any]]:
        lookup = self._mapping.lookups.get(name)
        if lookup is None:
            raise InputError(
                f"The mapping {self._mapping.name} has no lookup {name!r}; there are: "
                f"{', '.join(self._mapping.lookups) or 'none'}."
            )
        table: dict[str, AnyMapping[str, Any]] = {}
        for path in expand([self._folder / lookup.file]):
            opened = open_file(path, encoding=lookup.encoding or self._mapping.encoding)
            try:
                for chunk in (part for parts in raw_chunks(opened, Section()) for part in parts):
                    if lookup.key not in chunk.columns:
                        raise InputError(f"{path} has no column {lookup.key!r}, by which the lookup {name!r} is made.")
                    keys = chunk.values[chunk.columns.index(lookup.key)]
                    for row, key in enumerate(texts(keys, normalise=lookup.normalise == "integer")):
                        if key is not None:
                            table.setdefault(key, chunk.fields(row))
            finally:
                opened.close()
        return table
