"""Files against the graph, row by row: which of their rows are there, which are not, and why.

The files are read again by the reader that loads use, so a row's id is what it was; what the graph has of it is asked
by id.  Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from journeygraph.answers import Answer
from journeygraph.graph import Graph
from journeygraph_loaders.batch import Batch, Conflict
from journeygraph_loaders.choosing import chosen_files
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.pipeline import digests
from journeygraph_loaders.quarantine import Quarantine
from journeygraph_loaders.reading import Options, touchpoints
from journeygraph_loaders.rows import Row

#: stored: the graph has it from this line; duplicate: from another line or file; quarantined: it cannot be stored, and
#: a load puts it there; missing: it could be stored, and is not there.
State = Literal["stored", "duplicate", "quarantined", "missing"]
STATES: tuple[State, ...] = ("stored", "duplicate", "quarantined", "missing")


class Traced(Answer):
    """A row that isn't in the graph: by its id (None where it has none), file and line, with the reason."""

    state: State
    file: str
    line: int
    touchpoint_id: str | None
    reason: str


class FileTrace(Answer):
    """What became of a file's rows: received = stored + duplicate + quarantined + missing; `rows` lists the last two.

    `bad_places` are the places, in order of lines, of rows that cannot be read as touchpoints.
    `value` is the sum of the values of each state's rows, `customers` how many distinct customers and visitors they
    name (`stored` first: a state counts those that no state before it has).
    """

    file: str
    sha256: str
    received: int
    counts: dict[State, int]
    value: dict[State, float]
    customers: dict[State, int]
    rows: tuple[Traced, ...]
    bad_places: tuple[int, ...] = Field((), exclude=True, repr=False)


@dataclass
class _Tally:
    """One file under way."""

    counts: dict[State, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    value: dict[State, float] = field(default_factory=lambda: dict.fromkeys(STATES, 0.0))
    customers: dict[State, set[str]] = field(default_factory=lambda: {state: set() for state in STATES})
    rows: list[Traced] = field(default_factory=list)

    def add(self, state: State, customer: str | None, value: float | None) -> None:
        """Count a row."""
        self.counts[state] += 1
        self.value[state] += value or 0.0
        if customer is not None:
            self.customers[state].add(customer)


class _Bad:
    """Bad rows of the reading, kept for the list."""

    def __init__(self) -> None:
        self.rows: list[BadRow] = []

    def add(self, rows: Sequence[BadRow]) -> None:
        """Take these."""
        self.rows.extend(rows)


def trace(
    graph: Graph, paths: Sequence[str | Path], options: Options, watching: Sequence[Callable[[Batch], None]] = ()
) -> list[FileTrace]:
    """What became of the rows of each file.  Raises `InputError` for files that cannot be read as touchpoints.

    `watching` are told of the good rows of a file, one each.
    """
    files = [path for path, _ in chosen_files(paths, options.mapping, lambda _: None)]
    told = watching or [lambda _: None] * len(files)
    return [
        _file(graph, path, digest, options, watch)
        for path, digest, watch in zip(files, digests(files), told, strict=True)
    ]


def waiting(home: Path) -> list[Traced]:
    """The rows in quarantine, whichever load brought them."""
    with Quarantine(home, "list") as quarantine:
        return [
            Traced(
                state="quarantined",
                file=Path(entry.file).name,
                line=entry.line,
                touchpoint_id=_given_id(entry.raw),
                reason=entry.reason,
            )
            for entry in quarantine.entries()
        ]


def _file(graph: Graph, path: Path, digest: str, options: Options, watch: Callable[[Batch], None]) -> FileTrace:
    tally, bad, seen = _Tally(), _Bad(), set[str]()
    # As a load told it: a file may be named after a person who was erased.
    name = path.name if options.suppressed is None else options.suppressed.without(path.name)
    lines: list[int] = []
    for batch in touchpoints([path], options, bad):
        _batch(graph, batch, digest, name, tally, seen)
        watch(batch)
        lines += batch.lines
    order = sorted([(line, False) for line in lines] + [(row.line, True) for row in bad.rows])
    for row in bad.rows:
        tally.add("quarantined", None, None)
        given = _given_id(row.fields)
        tally.rows.append(
            Traced(state="quarantined", file=path.name, line=row.line, touchpoint_id=given, reason=row.reason)
        )
    known: set[str] = set()
    customers: dict[State, int] = {}
    for state in STATES:
        customers[state] = len(tally.customers[state] - known)
        known |= tally.customers[state]
    return FileTrace(
        file=path.name, sha256=digest, received=sum(tally.counts.values()), counts=tally.counts, value=tally.value,
        customers=customers, rows=tuple(sorted(tally.rows, key=lambda row: row.line)),
        bad_places=tuple(place for place, (_, is_bad) in enumerate(order) if is_bad),
    )  # fmt: skip


def _batch(graph: Graph, batch: Batch, digest: str, name: str, tally: _Tally, seen: set[str]) -> None:
    found = {row["touchpoint_id"]: row for row in graph.read("quality/stored", touchpoint_ids=[r[0] for r in batch])}
    lines = batch.lines
    own = [_is_own(found.get(row[0]), line, digest, name) for row, line in zip(batch, lines, strict=True)]
    conflicts = _conflicts(graph, batch, own)
    for place, (row, line) in enumerate(zip(batch, lines, strict=True)):
        state: State = "duplicate"
        if place in conflicts:
            state = "quarantined"
            told = batch.bad_row(conflicts[place])
            tally.rows.append(_traced(state, batch, line, row, told.reason))
        elif own[place] and row[0] not in seen:
            state = "stored"
        elif row[0] not in found:
            state = "missing"
            tally.rows.append(_traced(state, batch, line, row, "The graph does not hold it: load the file again."))
        seen.add(row[0])
        tally.add(state, row[1] if row[7] is None else row[7], row[10])


def _is_own(held: dict[str, Any] | None, line: int, digest: str, name: str) -> bool:
    """Whether the graph has a touchpoint from this very line; one that came back out of quarantine knows no digest."""
    if held is None or held["line"] != line:
        return False
    return held["sha256"] == digest or (held["sha256"] is None and held["file"] == name)


def _conflicts(graph: Graph, batch: Batch, own: Sequence[bool]) -> dict[int, Conflict]:
    asked = [[place, row[0], row[5], row[7], row[8]] for place, row in enumerate(batch) if not own[place]]
    rows = graph.read("load/conflicts", rows=asked) if asked else []
    return {row["place"]: Conflict(**row) for row in rows}


def _traced(state: State, batch: Batch, line: int, row: Row, reason: str) -> Traced:
    return Traced(state=state, file=Path(batch.file).name, line=line, touchpoint_id=row[0], reason=reason)


def _given_id(fields: Mapping[str, Any]) -> str | None:
    """The id that a bad row gives, where its column has the usual name."""
    value = fields.get("touchpoint_id")
    return None if value is None or value == "" else str(value)
