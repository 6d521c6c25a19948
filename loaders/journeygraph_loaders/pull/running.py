"""Pages -> graph, through the reader, quarantine and writer that files go through; how far it came is kept by page.

A page's state is written down once its rows are in the graph (or in quarantine).  So a pull that was killed is
completed by the same command, and a page that was stored and not written down brings duplicates only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from journeygraph.errors import InputError
from journeygraph.graph import Graph
from journeygraph.privacy.suppression import Suppressions
from journeygraph.quality import waiting
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.batch import Batch
from journeygraph_loaders.chunks import BadRow, Chunk
from journeygraph_loaders.contracts import Contracts
from journeygraph_loaders.file_log import FileLog, mapping_version
from journeygraph_loaders.jsonl_file import flattened, grouped
from journeygraph_loaders.mapping import Section
from journeygraph_loaders.patience import Patience
from journeygraph_loaders.pipeline import LoadResult, declare_rules, finish, new_batch_id, record, result
from journeygraph_loaders.pull import http, sql
from journeygraph_loaders.pull.client import Client, ServiceUnavailable
from journeygraph_loaders.pull.declared import Pull
from journeygraph_loaders.pull.pages import Page
from journeygraph_loaders.pull.rounds import Round, refuse_other_round, without_round
from journeygraph_loaders.pull.sql import DatabaseUnavailable
from journeygraph_loaders.pull.state import State, held
from journeygraph_loaders.quarantine import Quarantine
from journeygraph_loaders.reading import ChunkReader, Options, contract_of, converter_for
from journeygraph_loaders.sources import BY_NAME, section_for
from journeygraph_loaders.sources.base import Record, Source
from journeygraph_loaders.sources.reading import grouped as source_chunks
from journeygraph_loaders.sources.reading import rows_of
from journeygraph_loaders.writing import BatchWriter

PREFIX: Final = "pull:"
#: What a state has where the next page of an API is known: it was not read yet.
_NEXT: Final = "next"
Say = Callable[[str], None]


class PullResult(LoadResult):
    """What became of the rows of one pull: received = stored + duplicate + quarantined.

    `place` is what was read, without credentials; `pages` how many pages came.
    """

    name: str
    place: str
    pages: int


def pull(
    graph: Graph,
    declared: Pull,
    *,
    home: Path,
    again: bool = False,
    goals: Sequence[str] = (),
    batch_rows: int = 5_000,
    say: Say = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> PullResult:
    """Fetch what is new since the last pull of that name (`again`: everything) and load it.

    Where the pull is declared to replace, it brings parts of its source whole: what they lack is set aside at its end.
    Bounded memory: a page at a time.  Raises `InputError`, `DatabaseUnavailable` or `ServiceUnavailable` where what is
    pulled from cannot be read (any further); what came before is stored, threaded, and not fetched again.
    """
    started, batch_id = time.monotonic(), new_batch_id()
    contracts = Contracts(home, say)
    options = _options(declared, contracts, Suppressions(home))
    told = {"mapping": declared.mapping, "source": options.source, "channel": declared.channel,
            "timezone": declared.timezone}  # fmt: skip
    place = sql.place(declared.sql) if declared.sql else http.place(_http(declared))
    identity = sql.identity(declared.sql) if declared.sql else http.identity(_http(declared))
    with (
        held(home, declared.name, identity, place=place, again=again) as state,
        Quarantine(home, batch_id, told) as quarantine,
        closing(_Source(declared, say, sleep)) as source,
    ):
        if again:
            state.keep({})
        _refuse_another_graph(graph, state, declared.name)
        source.tell_unreachable()
        reader = _Reader(declared, options, quarantine, say)
        refuse_other_round(declared, state.kept)
        parts = Round(declared, reader.section, state.kept, batch_id) if declared.replaces else None
        declare_rules(graph, options.mapping, goals)
        log = FileLog("pull")
        log.add(
            str(reader.path), format=declared.format or source.kind, source=options.source, mapping=declared.mapping,
            mapping_version=mapping_version(reader.section, {**told, "mapping": None}, home),
        )  # fmt: skip
        _close_interrupted(graph, home, f"{reader.path}", state)
        started_at = datetime.now(UTC)
        record(graph, batch_id, started_at=started_at, files=[f"{reader.path}"], sha256=[], mapping=declared.mapping)
        log.write(graph, batch_id)
        patience = Patience(graph, say)
        writer = BatchWriter(graph, batch_id, log, patience, parts.replacement if parts else None)
        begins = parts.begins if parts else state.kept
        state.keep(state.kept)  # under way from now on
        fault, pages = _read(source.pages(begins, batch_rows), reader, writer, quarantine, state, parts)
        reader.tell_left_out()
        replaced = returned = 0
        if parts and fault is None:
            replaced, returned, fault = _replaced(graph, parts, state, patience, say)
        patience(lambda: finish(graph, say))
        loaded = patience(lambda: result(graph, writer, quarantine.added, started, batch_id))
        changes = tuple(contracts.save(batch_id))
        patience(lambda: writer.files.finish(graph, batch_id, quarantine.by_file, contracts.versions()))
        state.duplicates = {}
        state.keep(state.kept, complete=fault is None and _NEXT not in state.kept)
    if fault is not None:
        raise type(fault)(f"{fault} What was read before it is stored ({loaded.stored:,} touchpoints).") from fault
    more = {"changes": changes, "replaced": replaced, "returned": returned}
    return PullResult(**{**loaded.model_dump(), **more}, name=declared.name, place=place, pages=pages)


def _replaced(
    graph: Graph, parts: Round, state: State, patience: Patience, say: Say
) -> tuple[int, int, InputError | None]:
    """End a round: how many touchpoints were replaced, how many came again, and what was wrong."""
    if _NEXT in state.kept:
        say(f"There is more to read: what {parts.property} lacks is set aside once the same command has read it all.")
        return 0, 0, None
    read_any = parts.replacement.without or parts.replacement.parts
    try:
        counts = patience(lambda: parts.end(graph)) if read_any else (0, 0)
    except InputError as error:
        state.keep(without_round(state.kept))
        return 0, 0, error
    state.keep(without_round(state.kept))
    say(parts.replacement.told(*counts))
    return *counts, None


def _refuse_another_graph(graph: Graph, state: State, name: str) -> None:
    """Going on in a graph that has nothing of what came before would leave that out, without a word."""
    if state.kept and not graph.read("load/read_before", name=f"{PREFIX}{name}"):
        raise InputError(
            f"The pull {name} came a part of the way already, and this graph has no load of it: it is another graph, "
            "or was emptied. --again begins from the start."
        )


def _close_interrupted(graph: Graph, home: Path, file: str, state: State) -> None:
    """Write down what pulls of that name brought that were killed: this one goes on, and reads none of it again.

    A page that was stored but not written down as read is read again, and counts as duplicates then.
    """
    accounts, _ = waiting.account(home)
    for row in graph.read("load/interrupted_pulls", file=file):
        batch_id = row["batch_id"]
        counts = {
            "stored": row["stored"],
            "duplicate": state.duplicates.pop(batch_id, 0),
            "quarantined": accounts[batch_id].rows if batch_id in accounts else 0,
        }
        counts["received"] = sum(counts.values())
        record(graph, batch_id, **counts)
        graph.write("load/files", batch_id=batch_id, rows=[{"number": 0, "properties": counts}])


_Fault = InputError | DatabaseUnavailable | ServiceUnavailable


def _read(
    pages: Iterator[Page],
    reader: _Reader,
    writer: BatchWriter,
    quarantine: Quarantine,
    state: State,
    parts: Round | None,
) -> tuple[_Fault | None, int]:
    """Load page by page; what ended it before its time, and how many pages came."""
    count = 0
    try:
        for page in pages:
            batch = reader.batch(page)
            if batch and (conflicts := writer.write(batch)):
                quarantine.add([batch.bad_row(conflict) for conflict in conflicts])
            state.duplicates[writer.batch_id] = writer.duplicate
            state.keep({**page.state, **(parts.kept() if parts else {})})
            count += 1
    except (InputError, DatabaseUnavailable, ServiceUnavailable) as error:
        return error, count
    return None, count


def _http(declared: Pull) -> Any:
    return declared.http


def _options(declared: Pull, contracts: Contracts, suppressed: Suppressions) -> Options:
    mapping = mappings.load(declared.mapping) if declared.mapping else mappings.Mapping(name="none")
    shipped = mappings.load(declared.format).source if declared.format else None
    source = declared.source or mapping.source or shipped or declared.name
    return Options(
        mapping, source, declared.channel, declared.timezone, contracts=contracts, suppressed=suppressed
    )  # fmt: skip


class _Source:
    """Where the pages come from."""

    def __init__(self, declared: Pull, say: Say, sleep: Callable[[float], None]) -> None:
        self._declared, self._say = declared, say
        self._client = Client(declared.http, say, sleep) if declared.http else None
        self.kind = "http" if declared.http else "sql"

    def pages(self, kept: Mapping[str, Any], size: int) -> Iterator[Page]:
        """What is new."""
        if self._declared.sql is not None:
            return sql.pages(self._declared.sql, kept, size)
        assert self._client is not None  # noqa: S101
        return http.pages(_http(self._declared), kept, self._client)

    def tell_unreachable(self) -> None:
        """Say so where rows can never be read, or all are read each time."""
        declared = self._declared.sql
        if declared is None:
            return
        if declared.cursor is None:
            self._say(f"{sql.place(declared)} has no cursor, so all rows are read each time.")
        elif count := sql.without_cursor(declared):
            self._say(f"{sql.place(declared)}: {count:,} rows have no {declared.cursor} and are not read.")

    def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            self._client.close()


class _Reader:
    """Pages as validated rows, by the mapping, or by a source's documented fields."""

    def __init__(self, declared: Pull, options: Options, quarantine: Quarantine, say: Say) -> None:
        self.path = Path(f"{PREFIX}{declared.name}")
        self._source: Source | None = BY_NAME[declared.format] if declared.format else None
        self.section = _section(declared, options, self.path, self._source)
        beside = Path(declared.mapping) if declared.mapping else self.path
        converter = converter_for(self.section, options, beside)
        self._chunks = ChunkReader(
            str(self.path), self.section, converter, quarantine, say, fixed=declared.sql is not None
        )
        self._chunks.contract = contract_of(self.section, options, self._source)
        self._say, self._left_out = say, 0

    def batch(self, page: Page) -> Batch:
        """The good rows of a page."""
        return self._chunks.batch(self._of_source(page) if self._source else self._of_table(page))

    def tell_left_out(self) -> None:
        """Say how many records were no touchpoints."""
        if self._left_out and self._source:
            self._say(
                f"{self.path}: {self._left_out:,} records of {self._source.title} are no touchpoints and were left out."
            )

    def _of_table(self, page: Page) -> list[Chunk]:
        rows: list[tuple[int, dict[str, Any]]] = []
        bad: list[BadRow] = []
        for number, found in enumerate(page.records, page.first):
            try:
                rows += [(number, row) for row in flattened(found, self.section.explode)]
            except ValueError as error:
                reason = f"The record cannot be read: {error}."
                bad.append(BadRow(str(self.path), number, None, None, reason, {"(record)": found}, whole=False))
        return grouped(self.path, rows, bad)

    def _of_source(self, page: Page) -> list[Chunk]:
        assert self._source is not None  # noqa: S101
        rows: list[tuple[int, dict[str, Any]]] = []
        bad: list[BadRow] = []
        for number, found in enumerate(page.records, page.first):
            made, wrong = rows_of(self._source, Record(number, found, page.around), str(self.path))
            self._left_out += not made and wrong is None
            rows += [(number, row) for row in made]
            bad += [wrong] if wrong else []
        return source_chunks(self.path, self._source, rows, bad)


def _section(declared: Pull, options: Options, path: Path, source: Source | None) -> Section:
    given = options.mapping.for_file(path)
    if given is None or given.ignore is not None:
        raise InputError(
            f"The mapping {options.mapping.name} is for files named {', '.join(options.mapping.files)}; none of "
            f"them is {path}, as the pull {declared.name} is named there."
        )
    return section_for(source, given) if source else given
