"""Files -> graph through Neo4j's own import tool, for the first big load into the managed database.

The same rows, rules and pure functions as the load through the driver, and the same graph at the end:

    read -> divide by customer on disk -> whose are the anonymous rows -> thread each part, write CSV -> import

Bounded memory: a part of about a hundred thousand rows a process.  The database is replaced only at the very end, under
a mark, so the command can be killed at any moment and given again.
"""

from __future__ import annotations

import gc
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as AnyMapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeygraph import migrations, set_aside
from journeygraph.errors import InputError, UsageError
from journeygraph.graph import Graph
from journeygraph.journeys.configuration import read_rules
from journeygraph.privacy.suppression import Suppressions
from journeygraph.quality import contracts
from journeygraph.schema import JourneyRules
from journeygraph.server import ManagedServer, connection
from journeygraph.settings import Settings
from journeygraph_loaders import pipeline
from journeygraph_loaders.bulk import shared_files
from journeygraph_loaders.bulk.conflicts import bad_rows as conflict_rows
from journeygraph_loaders.bulk.csv_files import CsvFolder
from journeygraph_loaders.bulk.dividing import ROWS_A_FILE, Divided, Places, Share, bad_rows, combine, divide_file
from journeygraph_loaders.bulk.partition import Job, write_part
from journeygraph_loaders.bulk.spill import part_paths
from journeygraph_loaders.bulk.target import Target, work_folder
from journeygraph_loaders.bulk.visitors import resolve_part
from journeygraph_loaders.choosing import chosen_files
from journeygraph_loaders.cleaning.declared import declare_set_aside, sets_aside
from journeygraph_loaders.describing import describe, whole
from journeygraph_loaders.file_log import FileCounts
from journeygraph_loaders.mapping import Mapping
from journeygraph_loaders.patience import at_once
from journeygraph_loaders.quarantine import Quarantine
from journeygraph_loaders.reading import BadRows, Options
from journeygraph_loaders.writing import BatchWriter

_PART_BYTES = 8_000_000  # of the input, unpacked or not: some fifty thousand rows, a hundred megabytes in memory
_MOST_PARTS = 512  # that many files are open at once in the first pass
_SMALL_BYTES = 4_000_000  # below it starting processes takes longer than they save
Say = Callable[[str], None]
Map = Callable[..., Iterator[Any]]


def load(
    settings: Settings,
    paths: Sequence[str | Path],
    *,
    mapping: Mapping | str | Path | None = None,
    source: str | None = None,
    channel: str | None = None,
    timezone: str | None = None,
    goals: Sequence[str] = (),
    format: str = "auto",
    say: Say = lambda _: None,
) -> pipeline.LoadResult:
    """Load files into the empty managed database; the answer is that of `pipeline.load`.

    Raises `UsageError` where the database is not empty or not the managed one, `InputError` for files that cannot be
    read as touchpoints; nothing is stored then.
    """
    started, batch_id = time.monotonic(), pipeline.new_batch_id()
    suppressed = Suppressions(settings.home)
    options = Options(pipeline.as_mapping(mapping), source, channel, timezone, format, suppressed=suppressed)
    _require_no_contract(options.mapping, settings.home)
    server = ManagedServer(settings, tell=say)
    target = Target(settings, server)
    rules = target.require_replaceable() or _declare(settings, options.mapping, goals)
    files = [path for path, _ in chosen_files(paths, options.mapping, say)]
    started_at = datetime.now(UTC)
    target.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = work_folder(target.folder)
    told = {"mapping": pipeline.mapping_name(mapping), "source": source, "channel": channel, "timezone": timezone}
    try:
        with Quarantine(settings.home, batch_id, told) as quarantine:
            converted = convert(files, options, quarantine, work, rules, batch_id, say)
            quarantined = quarantine.added
        say(f"{converted.touchpoints:,} touchpoints are converted; Neo4j stops while they are imported.")
        _replace(settings, server, target, batch_id, rules, converted, options.mapping)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    with Graph(connection(settings)) as graph:
        sums, forms = pipeline.digests(files), pipeline.read_as(files, options)
        given = {**pipeline.named(files, told, suppressed), "sha256": sums}
        pipeline.record(graph, batch_id, started_at=started_at, **given)
        log = pipeline.file_log(files, options, told, forms, sums, settings.home)
        log.take(converted.files)
        writer = BatchWriter(graph, batch_id, log)
        writer.stored, writer.duplicate = converted.touchpoints, converted.duplicate
        with Quarantine(settings.home, batch_id, told) as quarantine:
            describe(graph, paths, options, writer, quarantine, at_once, say)
            quarantine.read_whole(str(path) for path in whole(paths, options.mapping))
            quarantined += quarantine.added
            log.finish(graph, batch_id, quarantine.by_file)
        loaded = pipeline.result(graph, writer, quarantined, started, batch_id)
        return loaded.model_copy(update={"formats": forms})


def _require_no_contract(mapping: Mapping, home: Path) -> None:
    """Files are read side by side here, so what one of them changes cannot hold for the next."""
    strict = [part.contract for part in (mapping, *mapping.files.values()) if part.contract not in (None, "evolve")]
    if strict:
        raise UsageError(
            f"--bulk does not keep contracts, and the mapping says `contract: {strict[0]}`: leave --bulk out."
        )
    held = [contract for contract in contracts.every(home) if contract.mode not in (None, "evolve")]
    if held:
        raise UsageError(
            f"--bulk does not keep contracts, and that of {held[0].source} is set to {held[0].mode}: leave --bulk out."
        )


@dataclass(frozen=True)
class Converted:
    """Files ready for the import tool, and what is in them."""

    arguments: Sequence[str]
    received: int
    duplicate: int
    customers: int
    touchpoints: int
    files: Sequence[FileCounts] = ()


def convert(
    files: Sequence[Path],
    options: Options,
    quarantine: BadRows,
    work: Path,
    rules: JourneyRules,
    batch_id: str,
    say: Say = lambda _: None,
) -> Converted:
    """Turn files of touchpoints into the import tool's files under `work/csv`.

    Raises `InputError` where there are no rows at all.
    """
    sizes = [path.stat().st_size for path in files]
    parts = min(max(sum(sizes) // _PART_BYTES, 2), _MOST_PARTS)
    places = Places(work, parts, max(2, parts // 8))
    with _mapper(sum(sizes)) as each, _without_collector():
        divided, counts = _divide(places, files, sizes, options, quarantine, each, say)
        csv_files = CsvFolder(work / "csv")
        csv_files.multiline = any(
            list(each(partial(resolve_part, divided, csv_files.folder), range(places.visitor_parts)))
        )
        job = Job(divided, csv_files.folder, rules, batch_id, datetime.now(UTC).isoformat())
        found = shared_files.merge(each(partial(write_part, job), range(parts), _first_ids(divided)))
    csv_files.multiline |= found.multiline
    shared_files.write(csv_files, found, divided, rules)
    arguments = shared_files.import_arguments(csv_files, divided)
    return Converted(arguments, divided.received, divided.duplicate, found.customers, found.touchpoints, counts)


def _divide(
    places: Places,
    files: Sequence[Path],
    sizes: Sequence[int],
    options: Options,
    quarantine: BadRows,
    each: Map,
    say: Say,
) -> tuple[Divided, list[FileCounts]]:
    """The first pass over all files, the largest first, so that no process is left with it at the end."""
    order = sorted(range(len(files)), key=lambda number: -sizes[number])
    shares = dict(
        zip(order, each(partial(divide_file, places, options), [files[n] for n in order], order), strict=True)
    )
    quarantined = [0] * len(files)
    for number in range(len(files)):
        for sentence in shares[number].said:
            say(sentence)
        for rows in bad_rows(places, number):
            quarantine.add(rows)
            quarantined[number] += len(rows)
    if not any(share.received for share in shares.values()):
        raise InputError("The files hold no row that could be stored: nothing was imported.")
    divided, conflicts = combine(places, list(shares.values()))
    for rows in conflict_rows(conflicts, files, ROWS_A_FILE, options):
        quarantine.add(rows)
    return divided, _counts(divided, conflicts, quarantined, shares)


def _counts(
    divided: Divided, conflicts: NDArray[np.int64], quarantined: Sequence[int], shares: AnyMapping[int, Share]
) -> list[FileCounts]:
    """What became of each file's rows."""
    repeated = np.bincount(np.load(divided.repeated) // ROWS_A_FILE, minlength=len(quarantined))
    refused = np.bincount(conflicts[:, 0] // ROWS_A_FILE, minlength=len(quarantined))
    return [
        FileCounts(
            stored=shares[number].received - int(repeated[number]),
            duplicate=int(repeated[number] - refused[number]),
            quarantined=bad + int(refused[number]),
            sources=shares[number].sources,
        )
        for number, bad in enumerate(quarantined)
    ]


@contextmanager
def _mapper(input_bytes: int) -> Iterator[Map]:
    """`map` over processes, one a core; over none for a small input."""
    workers = min(os.cpu_count() or 1, 8)
    if workers == 1 or input_bytes < _SMALL_BYTES:
        yield map
        return
    # Not fork: this process has threads of Arrow's, which a fork would lose while they hold locks.  The modules are
    # imported once, by the process that the others are forked from.
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(workers, mp_context=context, initializer=gc.disable) as pool:
        yield pool.map


@contextmanager
def _without_collector() -> Iterator[None]:
    """Millions of tuples without a cycle among them: looking for one takes a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _first_ids(divided: Divided) -> list[int]:
    """First node id of each part: as many as its files can hold rows, by their size, are left for it."""
    sizes = [
        sum(
            path.stat().st_size for name in ("customers", "resolved") for path in part_paths(divided.folder, name, part)
        )
        for part in range(divided.parts)
    ]
    # A record takes far more than eight bytes, so a part has fewer rows than an eighth of its bytes.
    return [0, *accumulate(size // 8 for size in sizes)][:-1]


def _declare(settings: Settings, mapping: Mapping, goals: Sequence[str]) -> JourneyRules:
    with Graph(connection(settings)) as graph:
        migrations.apply(graph)
        pipeline.declare_rules(graph, mapping, goals)
        return read_rules(graph)


def _replace(
    settings: Settings,
    server: ManagedServer,
    target: Target,
    batch_id: str,
    rules: JourneyRules,
    converted: Converted,
    mapping: Mapping,
) -> None:
    target.mark(batch_id, rules)
    server.stop()
    server.admin("database", "import", "full", "neo4j", "--overwrite-destination=true", *converted.arguments)
    server.start()
    with Graph(connection(settings)) as graph:
        migrations.apply(graph)
        if sets_aside(mapping):
            declare_set_aside(graph, mapping, mark=False)
            set_aside.apply(graph, everyone=True)
            pipeline.finish(graph)
    target.unmark()
