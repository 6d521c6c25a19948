"""Schema contracts: which columns a source has, of which kinds, and what is done when that changes.

The first load of a source writes its contract down, in `JOURNEYGRAPH_HOME/contracts`.  Later ones are held against it,
by `contract:` in the mapping:

- `evolve` (sources that are recognised, unless the mapping says otherwise): a new column or kind is taken, and the
  contract gets a new version;
- `freeze`: the load is refused;
- `discard_row`: rows that have it go to quarantine;
- `discard_value`: the value is left out.

What changed is told in any case.  Kinds are text, number, truth value, time and list; nothing is of any kind.

A table (CSV, Parquet) has a header, so it can also lack columns: those of the header that it is most like.  `evolve`
takes that, `freeze` refuses the file, and the others only tell, for no row has anything to discard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import compress
from pathlib import Path
from typing import Final

from filelock import FileLock

from journeygraph.errors import InputError
from journeygraph.privacy.suppression import Suppressions
from journeygraph.quality.contracts import Contract, Departure, Version, path_of, read, write
from journeygraph_loaders.chunks import BadRow, Chunk
from journeygraph_loaders.mapping import ContractMode
from journeygraph_loaders.values import as_text

#: A source that departs from its contract day by day doesn't let the file grow without end.
_MOST_DEPARTURES: Final = 200
_MOST_HEADERS: Final = 100
#: Headers that have so much of their columns in common are of one table.
_SAME_TABLE: Final = 0.5
_KINDS: Final[dict[type, str]] = {
    str: "text", bool: "truth value", int: "number", float: "number", list: "list", dict: "object",
    datetime: "time", date: "time",
}  # fmt: skip


class Contracts:
    """The contracts of a home folder during one load."""

    def __init__(self, home: Path, say: Callable[[str], None] = lambda _: None) -> None:
        self._home, self._say = home, say
        self._open: dict[str, Held] = {}

    def declared(self, source: str) -> ContractMode | None:
        """The mode that `journeygraph contracts set` gave a source; None where it gave none."""
        return read(self._path(source), source).mode

    def of(self, source: str, mode: ContractMode) -> Held:
        """The contract of a source; the same object for all its files."""
        if source not in self._open:
            self._open[source] = Held(read(self._path(source), source), mode)
        return self._open[source]

    def save(self, batch_id: str | None = None) -> list[str]:
        """Write down what was learnt, and what departed from a contract; what changed, in sentences."""
        told: list[str] = []
        for source, held in self._open.items():
            if held.learnt or held.changes or held.headers:
                held.file = Suppressions(self._home).without(held.file)
                path = self._path(source)
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with FileLock(f"{path}.lock"):
                    write(path, _merged(read(path, source), held, batch_id))
            told += [f"The source {source} changed: {change}." for change in held.changes]
        for sentence in told:
            self._say(sentence)
        return told

    def versions(self) -> dict[str, int]:
        """The version of each contract that this load was held against, as it is now."""
        return {source: read(self._path(source), source).version for source in self._open}

    def _path(self, source: str) -> Path:
        return path_of(self._home, source)


class Held:
    """One source's contract while its files are read."""

    def __init__(self, contract: Contract, mode: ContractMode) -> None:
        self._source, self._version, self.mode = contract.source, contract.version, mode
        self._first = contract.version == 0
        self._known = {column: set(kinds) for column, kinds in contract.columns.items()}
        self._headers = {frozenset(header) for header in contract.headers}
        self._seen: set[tuple[str, ...]] = set()
        self.learnt: dict[str, set[str]] = {}
        self.changes: list[str] = []
        #: Headers that are new, each with the one whose place it takes.
        self.headers: list[tuple[frozenset[str], frozenset[str] | None]] = []
        self.file = ""

    def applied(self, chunk: Chunk) -> Chunk:
        """The chunk as the contract lets it pass; raises `InputError` where a frozen one does not."""
        if chunk.order is None and chunk.columns not in self._seen:
            self._seen.add(chunk.columns)
            self._compare(chunk)
        for place, column in enumerate(chunk.columns):
            found = {kind(one) for one in set(map(type, chunk.values[place])) if one is not type(None)}
            new = found - self._known.get(column, set())
            if new:
                chunk = self._changed(chunk, column, new)
        return chunk

    def _compare(self, chunk: Chunk) -> None:
        """Hold the header of a table against the one that it is most like, and tell which columns it lacks."""
        header = frozenset(chunk.columns)
        if header in self._headers:
            return
        nearest = max(self._headers, key=lambda known: (_likeness(known, header), sorted(known)), default=header)
        # One source may be several tables: one that is hardly like any, and has columns of its own, lacks nothing.
        follows = not self._first and (header < nearest or _likeness(nearest, header) >= _SAME_TABLE)
        if follows and (lost := sorted(nearest - header)):
            self._lost(chunk, lost)
        if self._first or self.mode == "evolve" or not self._headers:
            replaced = nearest if follows and self._headers else None
            self._headers = (self._headers - {replaced}) | {header}
            self.headers.append((header, replaced))

    def _lost(self, chunk: Chunk, lost: Sequence[str]) -> None:
        named = ", ".join(map(repr, lost))
        told = f"the column {named} is missing" if len(lost) == 1 else f"the columns {named} are missing"
        self.file = self.file or chunk.path.name
        if told not in self.changes:
            self.changes.append(told)
        if self.mode == "freeze":
            raise self._refusal(chunk, told)

    def _refusal(self, chunk: Chunk, told: str) -> InputError:
        return InputError(
            f"The file {chunk.path} is refused: {told}, and the contract of {self._source} (version {self._version}) "
            "is frozen. `contract: evolve` in the mapping takes it."
        )

    def _changed(self, chunk: Chunk, column: str, new: set[str]) -> Chunk:
        told = self._told(column, new)
        self.file = self.file or chunk.path.name
        if self._first or self.mode == "evolve":
            self._known.setdefault(column, set()).update(new)
            self.learnt.setdefault(column, set()).update(new)
            if not self._first:
                self.changes.append(told)
            return chunk
        if told not in self.changes:
            self.changes.append(told)
        if self.mode == "freeze":
            raise self._refusal(chunk, told)
        touched = [kind(type(value)) in new for value in chunk.values[chunk.columns.index(column)]]
        return (
            self._without_rows(chunk, column, touched, told)
            if self.mode == "discard_row"
            else _without_values(chunk, column, touched)
        )

    def _told(self, column: str, new: set[str]) -> str:
        kinds = " and ".join(sorted(new))
        if column not in self._known:
            return f"the column {column!r} ({kinds}) is new"
        return f"the column {column!r} is now {kinds} too, and was {' or '.join(sorted(self._known[column]))}"

    def _without_rows(self, chunk: Chunk, column: str, touched: Sequence[bool], told: str) -> Chunk:
        values = chunk.values[chunk.columns.index(column)]
        reason = (
            f"{told[0].upper()}{told[1:]}: the contract of {self._source} (version {self._version}) discards such rows."
        )
        bad = [
            BadRow(
                str(chunk.path), chunk.lines[row], column, (as_text(values[row]) or "")[:200], reason, chunk.fields(row)
            )
            for row, hit in enumerate(touched)
            if hit
        ]
        keep = [not hit for hit in touched]
        return Chunk(
            chunk.path,
            chunk.columns,
            [list(compress(column_values, keep)) for column_values in chunk.values],
            list(compress(chunk.lines, keep)),
            None if chunk.order is None else list(compress(chunk.order, keep)),
            [*chunk.bad, *bad],
            chunk.format,
        )


def _without_values(chunk: Chunk, column: str, touched: Sequence[bool]) -> Chunk:
    place = chunk.columns.index(column)
    values = list(chunk.values)
    values[place] = [None if hit else value for value, hit in zip(values[place], touched, strict=True)]
    return Chunk(chunk.path, chunk.columns, values, chunk.lines, chunk.order, chunk.bad, chunk.format)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of their columns two headers share.

    >>> _likeness(frozenset("ab"), frozenset("abcd"))
    0.5
    """
    return len(one & other) / max(len(one | other), 1)


def kind(of: type) -> str:
    """What a type is called in a contract.

    >>> kind(int), kind(float), kind(str), kind(bool)
    ('number', 'number', 'text', 'truth value')
    """
    return _KINDS.get(of, "text")


def _merged(contract: Contract, held: Held, batch_id: str | None) -> Contract:
    """The contract with what was learnt, and a version more; what was not taken is a departure from it."""
    now = datetime.now(UTC)
    contract = contract.model_copy(update={"headers": _headers(contract, held)})
    if not held.learnt and not (held.changes and held.mode == "evolve"):
        if not held.changes:
            return contract
        gone = Departure(at=now, file=held.file, batch_id=batch_id, mode=held.mode, changes=held.changes)
        return contract.model_copy(update={"departures": [*contract.departures, gone][-_MOST_DEPARTURES:]})
    columns = {column: set(kinds) for column, kinds in contract.columns.items()}
    for column, kinds in held.learnt.items():
        columns.setdefault(column, set()).update(kinds)
    entry = Version(
        version=contract.version + 1,
        at=now,
        file=held.file,
        changes=held.changes or ["first load"],
        batch_id=batch_id,
        learnt={column: sorted(kinds) for column, kinds in sorted(held.learnt.items())},
    )
    return contract.model_copy(
        update={
            "version": entry.version,
            "columns": {column: sorted(kinds) for column, kinds in sorted(columns.items())},
            "history": [*contract.history, entry],
        }
    )


def _headers(contract: Contract, held: Held) -> list[list[str]]:
    """The headers of the contract as it is now; another load may have written it meanwhile."""
    found = list(contract.headers)
    for header, replaced in held.headers:
        if replaced is not None and sorted(replaced) in found:
            found.remove(sorted(replaced))
        if sorted(header) not in found:
            found.append(sorted(header))
    return found[-_MOST_HEADERS:]
