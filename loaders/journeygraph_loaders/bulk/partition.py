"""Third pass: the customers of one part as the import tool's files, divided by the pure functions of `journeys`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.journeys.splitting import Columns, Paths, journey_of, split_journeys, split_sessions
from journeygraph.journeys.step_graph import Tallies, tally
from journeygraph.journeys.table import JourneyTable
from journeygraph.journeys.threading import total_value
from journeygraph.schema import JourneyRules, Outcome
from journeygraph_loaders.bulk import touchpoint_files
from journeygraph_loaders.bulk.csv_files import CsvFolder, instants, numbers, texts
from journeygraph_loaders.bulk.dividing import NUMBER, Divided
from journeygraph_loaders.bulk.spill import Record, part_paths
from journeygraph_loaders.bulk.visitors import kept

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Job:
    """What is the same for all parts; `ingested_at` is ISO 8601."""

    divided: Divided
    csv_folder: Path
    rules: JourneyRules
    batch_id: str
    ingested_at: str


@dataclass
class Found:
    """What a part adds to the nodes that parts share; additive."""

    customers: int = 0
    touchpoints: int = 0
    multiline: bool = False
    steps: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    products: dict[str, tuple[str | None, set[str]]] = field(default_factory=dict)
    campaigns: set[str] = field(default_factory=set)
    tallies: Tallies = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One part's rows in order of customer, time and id, as columns, with the first of its node ids."""

    columns: list[Sequence[Any]]
    first_id: int
    customers: Ints  # number of each row's customer
    steps: list[str]  # distinct
    step_codes: Ints
    occurred_at_us: Ints
    at: pa.Array

    @property
    def ids(self) -> Ints:
        """Node id of each row's touchpoint."""
        return np.arange(self.first_id, self.first_id + len(self.occurred_at_us))


def write_part(job: Job, number: int, first_id: int) -> Found:
    """Write the files of one part; `first_id` is the first of as many node ids as the part has rows."""
    part = _read(job.divided, number, first_id)
    if part is None:
        return Found()
    files = CsvFolder(job.csv_folder)
    split = Columns(
        customers=part.customers,
        occurred_at_us=part.occurred_at_us,
        is_goal=np.isin(part.step_codes, [code for code, step in enumerate(part.steps) if step in job.rules.goals]),
        session_keys=_session_keys(part.columns[6], part.columns[9]),
    )
    journeys = split_journeys(split, job.rules, job.divided.data_end_us)
    sessions = split_sessions(split, job.rules, journeys)
    customers = _write_customers(files, part)
    touchpoint_files.write(files, part.columns, part.ids, part.at, job)
    _write_order(files, part)
    _write_journeys(files, part, journeys, job)
    _write_sessions(files, part, sessions, journeys, split, job)
    found = touchpoint_files.write_relations(files, part.columns, part.ids, part.customers + first_id, job)
    found.steps = Counter(zip(*(part.columns[place] for place in (2, 3, 4)), strict=True))
    found.tallies = tally(_table(part, journeys))
    found.customers, found.touchpoints, found.multiline = customers, len(part.ids), files.multiline
    return found


def _read(divided: Divided, number: int, first_id: int) -> Part | None:
    records: list[Record] = []
    for name in ("customers", "resolved"):
        for chunk in kept(divided, part_paths(divided.folder, name, number), NUMBER):
            records += chunk
    if not records:
        return None
    records.sort(key=itemgetter(1, 5, 0))
    columns: list[Sequence[Any]] = list(zip(*records, strict=True))
    encoded = texts(columns[2]).dictionary_encode()
    times = np.array(columns[5], dtype=np.int64)
    return Part(
        columns,
        first_id,
        # Rows are sorted by customer, so the codes, given in order of appearance, number the customers.
        texts(columns[1]).dictionary_encode().indices.to_numpy().astype(np.int64),
        encoded.dictionary.to_pylist(),
        encoded.indices.to_numpy().astype(np.int64),
        times,
        instants(times),
    )


def _session_keys(sources: Sequence[str], sessions: Sequence[str | None]) -> Ints:
    """A number for each pair of source and its own session id, -1 where the source gave none."""
    source = texts(sources).dictionary_encode()
    session = texts(sessions).dictionary_encode()
    codes = session.indices.fill_null(-1).to_numpy().astype(np.int64)
    keys: Ints = np.where(
        codes < 0, -1, source.indices.to_numpy().astype(np.int64) * max(len(session.dictionary), 1) + codes
    )
    return keys


def _write_customers(files: CsvFolder, part: Part) -> int:
    first = np.flatnonzero(np.concatenate([[True], part.customers[1:] != part.customers[:-1]]))
    known = np.zeros(len(first), dtype=bool)
    known[part.customers[[place for place, name in enumerate(part.columns[7]) if name is not None]]] = True
    names = texts([part.columns[1][place] for place in first.tolist()])
    files.append("Customer", [np.arange(len(first)) + part.first_id, names, ~known])
    files.append("made", [part.customers + part.first_id, part.ids])
    return len(first)


def _write_order(files: CsvFolder, part: Part) -> None:
    follows = np.flatnonzero(part.customers[1:] == part.customers[:-1])
    seconds = (part.occurred_at_us[follows + 1] - part.occurred_at_us[follows]) / 1e6
    files.append("next", [part.ids[follows], part.ids[follows + 1], seconds])


def _write_journeys(files: CsvFolder, part: Part, journeys: Paths, job: Job) -> None:
    first, last = journeys.bounds[:-1], journeys.bounds[1:] - 1
    converted = np.array([outcome == Outcome.CONVERTED for outcome in journeys.outcomes], dtype=bool)
    ids = np.arange(len(first)) + part.first_id
    values = [part.columns[10][k] if c else None for k, c in zip(last.tolist(), converted.tolist(), strict=True)]
    currencies = [part.columns[11][k] if c else None for k, c in zip(last.tolist(), converted.tolist(), strict=True)]
    customers, started, ended = _ends(part, journeys)
    files.append(
        "Journey",
        [ids, _names("j:", part, first), customers, texts(journeys.outcomes), started, ended, numbers(values),
         texts(currencies), *_lists(part, journeys, job.divided.separator)],
    )  # fmt: skip
    files.append("had", [part.customers[first] + part.first_id, ids])
    files.append("journey_includes", _includes(part, journeys, ids))


def _write_sessions(files: CsvFolder, part: Part, sessions: Paths, journeys: Paths, split: Columns, job: Job) -> None:
    first = sessions.order[sessions.bounds[:-1]]
    ids = np.arange(len(first)) + part.first_id
    ending = journeys.bounds[journey_of(journeys, sessions.order[sessions.bounds[1:] - 1])]
    values: list[float | None] = [None] * len(first)
    for path, outcome in enumerate(sessions.outcomes):
        if outcome == Outcome.CONVERTED:
            values[path] = total_value(part.columns[10][k] for k in sessions.members(path) if split.is_goal[k])
    customers, started, ended = _ends(part, sessions)
    files.append(
        "Session",
        [ids, _names("s:", part, first), customers, _names("j:", part, ending), texts(sessions.outcomes), started,
         ended, numbers(values), *_lists(part, sessions, job.divided.separator)],
    )  # fmt: skip
    files.append("session_includes", _includes(part, sessions, ids))


def _names(prefix: str, part: Part, places: Ints) -> pa.Array:
    touchpoint_ids = part.columns[0]
    return texts([prefix + touchpoint_ids[place] for place in places.tolist()])


def _ends(part: Part, paths: Paths) -> list[pa.Array]:
    """Customer, start and end of each path."""
    first, last = paths.order[paths.bounds[:-1]], paths.order[paths.bounds[1:] - 1]
    customers = part.columns[1]
    return [texts([customers[k] for k in first.tolist()]), part.at.take(pa.array(first)), part.at.take(pa.array(last))]


def _lists(part: Part, paths: Paths, separator: str) -> list[pa.Array]:
    """Steps, channels and instants of each path, joined."""
    order, bounds = pa.array(paths.order), pa.array(paths.bounds, pa.int32())
    columns = (texts(part.columns[2]), texts(part.columns[3]), pa.array(part.occurred_at_us).cast(pa.string()))
    return [pc.binary_join(pa.ListArray.from_arrays(bounds, column.take(order)), separator) for column in columns]


def _includes(part: Part, paths: Paths, ids: Ints) -> list[Ints]:
    """Path, touchpoint and position of each membership."""
    lengths = np.diff(paths.bounds)
    position = np.arange(len(paths.order)) - np.repeat(paths.bounds[:-1], lengths)
    return [np.repeat(ids, lengths), part.ids[paths.order], position]


def _table(part: Part, journeys: Paths) -> JourneyTable:
    """The part's journeys as far as the step graph needs them."""
    n_journeys = len(journeys.outcomes)
    return JourneyTable(
        ids=[],
        customer_ids=[],
        customers=part.customers[journeys.bounds[:-1]].astype(np.int32),
        outcomes=np.zeros(n_journeys, dtype=np.int8),
        values=np.zeros(n_journeys),
        offsets=journeys.bounds,
        step_codes=part.step_codes.astype(np.int32),
        channel_codes=np.zeros(len(part.step_codes), dtype=np.int32),
        occurred_at_us=part.occurred_at_us,
        steps=part.steps,
        channels=[],
    )
