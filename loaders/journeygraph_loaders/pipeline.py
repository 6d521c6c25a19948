"""Files -> graph through the driver: one thread reads and validates while this one writes, a batch a transaction.

Loading the same files again changes nothing, and so a load that was killed is completed by the same command: every
batch is one transaction that leaves marks on the customers and identifiers it touched, and identity, journeys and step
graph are brought up to date from the marks at the end, whoever left them.
"""

from __future__ import annotations

import hashlib
import queue
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from collections.abc import Mapping as AnyMapping
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

from journeygraph import identity, journeys, set_aside
from journeygraph.answers import Answer
from journeygraph.errors import InputError
from journeygraph.graph import Graph, batches
from journeygraph.journeys import configuration
from journeygraph.privacy.suppression import Suppressions
from journeygraph.schema import Touchpoint, from_microseconds
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.batch import Batch, Conflict
from journeygraph_loaders.choosing import chosen_files
from journeygraph_loaders.cleaning.declared import declare_set_aside
from journeygraph_loaders.contracts import Contracts
from journeygraph_loaders.describing import describe, whole
from journeygraph_loaders.file_log import FileLog, mapping_version
from journeygraph_loaders.mapping import Mapping
from journeygraph_loaders.patience import Patience
from journeygraph_loaders.quarantine import Quarantine
from journeygraph_loaders.reading import DEFAULT_SOURCE, Options, touchpoints
from journeygraph_loaders.replacing import Replacement
from journeygraph_loaders.rows import Row, from_touchpoint
from journeygraph_loaders.sources import BY_NAME, FileFormat, formats, section_for
from journeygraph_loaders.suppressed import is_of_erased
from journeygraph_loaders.writing import BatchWriter

_WAITING_BATCHES: Final = 4
#: In a graph of so many the step graph is made in a fraction of a second.
AT_ONCE_TOUCHPOINTS: Final = 20_000
Say = Callable[[str], None]
Progress = Callable[[int, int, int], None]  # bytes read, bytes in all, rows written


class LoadResult(Answer):
    """What became of the rows of one load: received = stored + duplicate + quarantined.

    `customers` and `touchpoints` are what the graph holds after it; `seconds` is the whole load.  `formats` says what
    each file was read as, and why; `changes` how sources differ from their contracts.  `replaced` and `returned` count
    touchpoints of earlier loads that were set aside, or count again, where the load replaces parts of them.
    """

    received: int
    stored: int
    duplicate: int
    quarantined: int
    customers: int
    touchpoints: int
    seconds: float
    batch_id: str
    formats: tuple[FileFormat, ...] = ()
    changes: tuple[str, ...] = ()
    replaced: int = 0
    returned: int = 0


def load(
    graph: Graph,
    paths: Sequence[str | Path],
    *,
    home: Path,
    mapping: Mapping | str | Path | None = None,
    source: str | None = None,
    channel: str | None = None,
    timezone: str | None = None,
    goals: Sequence[str] = (),
    format: str = "auto",
    replaces: str | None = None,
    batch_rows: int = 5_000,
    say: Say = lambda _: None,
    progress: Progress = lambda _read, _total, _rows: None,
) -> LoadResult:
    """Load files into the graph; bad rows go to the quarantine in `home`.

    `mapping` is a mapping, a YAML file, or the name of one that is shipped.  `goals` replace the mapping's.  Bounded
    memory: some batches at a time.  Where the database goes away meanwhile, the load waits for it and goes on.
    `replaces` is a property whose values the files bring whole: what the graph has of them and the files don't is set
    aside.

    Raises `InputError` for files that cannot be read as touchpoints; what came before them is stored and threaded.
    """
    started, batch_id = time.monotonic(), new_batch_id()
    contracts = Contracts(home, say)
    options = Options(as_mapping(mapping), source, channel, timezone, format, batch_rows, contracts=contracts)
    options = replace(options, suppressed=Suppressions(home))
    files = [path for path, _ in chosen_files(paths, options.mapping, lambda _: None)]
    told = {"mapping": mapping_name(mapping), "source": source, "channel": channel, "timezone": timezone}
    with Quarantine(home, batch_id, told) as quarantine, ExitStack() as reading:
        position = (0, 0)

        def at(read: int, total: int) -> None:
            nonlocal position
            position = (read, total)

        fault: InputError | None = None
        replaced = returned = 0
        read = reading.enter_context(closing(ahead(touchpoints(paths, options, quarantine, say=say, progress=at))))
        # A file that cannot be read at all is refused here, before the rules change and the load is written down.
        try:
            first = next(read, None)
        except InputError:
            contracts.save(batch_id)  # a refusal by a frozen contract is written down too
            raise
        end_before_us = configuration.data_end_us(graph)
        declare_rules(graph, options.mapping, goals)
        sums = digests(files)
        given = {**named(files, told, options.suppressed), "sha256": sums}
        record(graph, batch_id, started_at=datetime.now(UTC), **given)
        forms = read_as(paths, options)
        log, patience = file_log(paths, options, told, forms, sums, home), Patience(graph, say)
        replacement = Replacement(replaces, batch_id) if replaces else None
        writer = BatchWriter(graph, batch_id, log, patience, replacement)
        writer.files.write(graph, batch_id)
        try:
            for rows in chain([] if first is None else [first], read):
                if conflicts := writer.write(rows):
                    quarantine.add([rows.bad_row(conflict) for conflict in conflicts])
                progress(*position, writer.received + quarantine.added)
            replaced, returned = _replaced(graph, replacement, patience, say)
            describe(graph, paths, options, writer, quarantine, patience, say)
            quarantine.read_whole(str(path) for path in whole(paths, options.mapping))
        except InputError as error:
            fault = error
        patience(lambda: finish(graph, say))
        patience(lambda: _tell(graph, end_before_us, say))
        loaded = patience(lambda: result(graph, writer, quarantine.added, started, batch_id))
        told_changes = tuple(contracts.save(batch_id))
        patience(lambda: writer.files.finish(graph, batch_id, quarantine.by_file, contracts.versions()))
        loaded = loaded.model_copy(
            update={"formats": forms, "changes": told_changes, "replaced": replaced, "returned": returned}
        )
    if fault is not None:
        raise InputError(f"{fault} What was read before it is stored ({loaded.stored} touchpoints).") from fault
    return loaded


def _replaced(graph: Graph, replacement: Replacement | None, patience: Patience, say: Say) -> tuple[int, int]:
    """How many touchpoints were replaced, and how many came again."""
    if replacement is None:
        return 0, 0
    replaced, returned = patience(lambda: replacement.apply(graph))
    say(replacement.told(replaced, returned))
    return replaced, returned


def read_as(paths: Sequence[str | Path], options: Options) -> tuple[FileFormat, ...]:
    """What files are read as, and why; those that cannot be read are left out."""
    return tuple(formats(chosen_files(paths, options.mapping, lambda _: None), options.format))


def file_log(
    paths: Sequence[str | Path],
    options: Options,
    told: AnyMapping[str, Any],
    forms: Sequence[FileFormat],
    sums: Sequence[str],
    home: Path,
) -> FileLog:
    """The files of a load, as they are known before it: format, source, mapping and its version."""
    log = FileLog("file", str if options.suppressed is None else options.suppressed.without)
    format_of = {form.file: form.format for form in forms}
    chosen = chosen_files(paths, options.mapping, lambda _: None)
    for (path, given), digest in zip(chosen, sums, strict=True):
        form = format_of.get(str(path), "")
        section = section_for(BY_NAME[form], given) if form in BY_NAME else given
        log.add(
            str(path),
            sha256=digest,
            format=form,
            source=options.source or section.source or DEFAULT_SOURCE,
            mapping=told["mapping"] or (form if form in BY_NAME else None),
            mapping_version=mapping_version(section, {**told, "mapping": None}, home),
        )
    return log


def store(
    graph: Graph, rows: Iterable[Touchpoint | Row], *, batch_rows: int = 5_000, home: Path | None = None
) -> LoadResult:
    """Store touchpoints that were validated elsewhere, and rebuild the journeys that they change.

    With a home its suppression list is asked: touchpoints of people who were erased count as quarantined, and are kept
    nowhere.
    Raises `InputError` where one has the id of another; what came before it is stored.
    """
    started, batch_id = time.monotonic(), new_batch_id()
    writer = BatchWriter(graph, batch_id)
    record(graph, batch_id, started_at=datetime.now(UTC), files=[], sha256=[])
    conflicts: list[Conflict] = []
    suppressed, refused = None if home is None else Suppressions(home), 0
    for batch in batches(rows, batch_rows):
        given = [row if isinstance(row, Row) else from_touchpoint(row) for row in batch]
        sent = [row for row in given if not (suppressed and is_of_erased(row, suppressed))]
        refused += len(given) - len(sent)
        if conflicts := writer.write(sent):
            break
    finish(graph)
    if conflicts:
        raise InputError(conflicts[0].sentence("touchpoint_id", sent[conflicts[0].place].touchpoint_id))
    return result(graph, writer, refused, started, batch_id)


def finish(graph: Graph, say: Say = lambda _: None, *, refreshed_later: bool = False) -> None:
    """Decide owners and rebuild journeys for all that is marked, then the step graph; one process at a time.

    `refreshed_later`: the caller sees to it that `journeys.refresh_step_graph` is called now and then, so that nobody
    waits for the step graph of a large graph.
    """
    waiting = "Another load is rebuilding journeys: waiting for it to end ..."
    with graph.alone(journeys.LOCK, lambda: say(waiting)):
        identity.resolve(graph)
        changes = set_aside.apply(graph)
        if changes != set_aside.Changes():
            say(
                f"Set aside, so that they count nowhere: {changes.set_aside:,} touchpoints; {changes.restored:,} count "
                "again. `journeygraph cleaning set-aside` says which."
            )
        later = refreshed_later and graph.read("load/totals")[0]["touchpoints"] > AT_ONCE_TOUCHPOINTS
        journeys.thread(graph, refresh=not later)


def _tell(graph: Graph, end_before_us: int | None, say: Say) -> None:
    _tell_new_end(graph, end_before_us, say)
    _tell_missing_goals(graph, say)


def _tell_missing_goals(graph: Graph, say: Say) -> None:
    known = {row["step"] for row in graph.read("paths/steps")}
    for goal in configuration.read_rules(graph).goals:
        if known and goal not in known:
            say(f"No touchpoint has the goal {goal!r}; `journeygraph rules --goal STEP` says which steps are goals.")


def _tell_new_end(graph: Graph, before_us: int | None, say: Say) -> None:
    """Say so where the data's end moved so far that journeys which were open count as lost: perhaps by a wrong date."""
    after_us = configuration.data_end_us(graph)
    window_us = configuration.read_rules(graph).journey_window_us
    if before_us is not None and after_us is not None and after_us - before_us > window_us:
        say(
            f"The data now ends {(after_us - before_us) / 86_400e6:.0f} days later, at "
            f"{from_microseconds(after_us):%Y-%m-%d %H:%M} UTC, so journeys that were open before count as lost now. "
            "If that is no right date, correct the row and load it into an empty graph."
        )


def declare_rules(graph: Graph, mapping: Mapping, goals: Sequence[str] = ()) -> None:
    """Put into the graph what the mapping or the command says about goals and times; nothing where they are silent.

    Goals are added to those that the graph has, unless those are only the default.
    """
    declare_set_aside(graph, mapping)
    wanted = tuple(goals) or mapping.goals
    if wanted is None and mapping.session_idle is None and mapping.journey_window is None:
        return
    before = configuration.read_rules(graph).goals
    if wanted is not None and graph.read("load/totals")[0]["touchpoints"]:
        wanted = (*before, *wanted)
    configuration.declare(
        graph, goals=wanted, session_idle_seconds=mapping.session_idle, journey_window_seconds=mapping.journey_window
    )


def new_batch_id() -> str:
    """An id that sorts by time."""
    return f"{time.time_ns() // 1_000_000:012x}-{uuid.uuid4().hex[:8]}"


def ahead(batches: Iterator[Batch], size: int = _WAITING_BATCHES) -> Generator[Batch]:
    """The same batches, made by a thread that runs at most `size` ahead; its error is raised here."""
    waiting: queue.Queue[Batch | BaseException | None] = queue.Queue(size)
    stop = threading.Event()

    def put(item: Batch | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def produce() -> None:
        try:
            for batch in batches:
                if not put(batch):
                    return
            put(None)
        except BaseException as error:
            put(error)

    thread = threading.Thread(target=produce, name="reader", daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        thread.join()


def as_mapping(given: Mapping | str | Path | None) -> Mapping:
    """The mapping that was given, loaded where it is a name or a file, an empty one for None."""
    if given is None:
        return Mapping(name="none")
    return given if isinstance(given, Mapping) else mappings.load(given)


def mapping_name(mapping: Mapping | str | Path | None) -> str | None:
    """How to find the mapping again: its name, or the file's whole path."""
    if mapping is None or isinstance(mapping, Mapping):
        return None if mapping is None else mapping.name
    return str(Path(mapping).absolute()) if Path(mapping).is_file() else str(mapping)


def named(files: Sequence[Path], told: AnyMapping[str, Any], suppressed: Suppressions | None) -> dict[str, Any]:
    """Names of files and mapping as a load tells them: nobody's who was erased."""
    rename = str if suppressed is None else suppressed.without
    mapping = told["mapping"]
    return {"files": [rename(path.name) for path in files], "mapping": None if mapping is None else rename(mapping)}


def record(graph: Graph, batch_id: str, **properties: Any) -> None:
    """Write down what a load was given and what became of it."""
    graph.write("load/record", batch_id=batch_id, properties=properties)


def digests(files: Iterable[Path]) -> list[str]:
    """SHA-256 of each file."""
    found = []
    for path in files:
        with path.open("rb") as file:
            found.append(hashlib.file_digest(file, "sha256").hexdigest())
    return found


def result(graph: Graph, writer: BatchWriter, quarantined: int, started: float, batch_id: str) -> LoadResult:
    """Write down the counts of a load that ends now, and give them."""
    counts = {
        "received": writer.received + quarantined,
        "stored": writer.stored,
        "duplicate": writer.duplicate,
        "quarantined": quarantined,
    }
    record(graph, batch_id, finished_at=datetime.now(UTC), **counts)
    totals = graph.read("load/totals")[0]
    return LoadResult(**counts, **totals, seconds=round(time.monotonic() - started, 3), batch_id=batch_id)
