"""Schema contracts as they are written down: one JSON file a source in `home/contracts`, with its whole history.

The loaders learn them and hold loads against them (`journeygraph_loaders.contracts`); here they are read, compared and
given a mode.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, get_args

from filelock import FileLock
from pydantic import BaseModel, Field

from journeygraph.answers import Answer
from journeygraph.errors import InputError, NotFound, UsageError, did_you_mean_or_list

Mode = Literal["evolve", "freeze", "discard_row", "discard_value"]
MODES: Final = get_args(Mode)


class Version(BaseModel):
    """What a contract became, when and by which file of which load; `learnt` are the kinds of values that were new."""

    version: int
    at: datetime
    file: str
    changes: list[str]
    batch_id: str | None = None
    learnt: dict[str, list[str]] = Field(default_factory=dict)


class Departure(BaseModel):
    """A load that differed from a contract which took no change: what it had, and what was done about it."""

    at: datetime
    file: str
    batch_id: str | None
    mode: Mode
    changes: list[str]


class Contract(BaseModel):
    """The columns of a source with the kinds of their values, how it came to them, and what loads departed from it.

    `mode` holds for loads whose mapping says nothing; None is `evolve`.  `headers` are those of tables (CSV, Parquet),
    by the alphabet: of them a column can be missing, of JSON's only be rare.
    """

    source: str
    version: int = 0
    mode: Mode | None = None
    columns: dict[str, list[str]] = Field(default_factory=dict)
    headers: list[list[str]] = Field(default_factory=list)
    history: list[Version] = Field(default_factory=list)
    departures: list[Departure] = Field(default_factory=list)

    def at(self, version: int) -> dict[str, list[str]]:
        """The columns as of a version.  Raises `NotFound` for one that there never was."""
        if not 0 <= version <= self.version:
            raise NotFound(f"The contract of {self.source} has no version {version}: there are 1 to {self.version}.")
        if version == self.version:
            return self.columns
        found: dict[str, set[str]] = {}
        for entry in self.history[:version]:
            for column, kinds in entry.learnt.items():
                found.setdefault(column, set()).update(kinds)
        return {column: sorted(kinds) for column, kinds in sorted(found.items())}


class ContractCard(Answer):
    """A contract in one line."""

    source: str
    version: int
    mode: Mode
    columns: int
    changed_at: datetime | None
    changed_by: str | None
    batch_id: str | None
    departures: int


class ContractList(Answer):
    """All contracts."""

    contracts: tuple[ContractCard, ...]


class ColumnChange(Answer):
    """A column whose kinds of values differ between two versions; nothing before is a new column."""

    column: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class Difference(Answer):
    """What changed between two versions of a contract: column by column, and the loads that brought it."""

    source: str
    since: int
    until: int
    columns: tuple[ColumnChange, ...]
    loads: tuple[Version, ...]
    departures: tuple[Departure, ...]


def path_of(home: Path, source: str) -> Path:
    """Where the contract of a source is kept.

    >>> path_of(Path("home"), "a/b").as_posix()
    'home/contracts/a_b.json'
    """
    return home / "contracts" / f"{re.sub(r'[^A-Za-z0-9_-]', '_', source)}.json"


def read(path: Path, source: str) -> Contract:
    """The contract of a source, an empty one where none was written yet.

    Raises `InputError` for a file that is no contract.
    """
    if not path.exists():
        return Contract(source=source)
    try:
        return Contract.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"The contract {path} cannot be read: {error}. Remove it to begin anew.") from error


def write(path: Path, contract: Contract) -> None:
    """Keep a contract; the file is replaced whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = json.dumps(contract.model_dump(mode="json"), indent=1, ensure_ascii=False)
    new = path.with_suffix(".new")
    new.write_text(text + "\n", encoding="utf-8")
    new.chmod(0o600)
    new.replace(path)


def every(home: Path) -> list[Contract]:
    """All contracts, by source."""
    found = [read(path, path.stem) for path in sorted((home / "contracts").glob("*.json"))]
    return sorted(found, key=lambda contract: contract.source)


def one(home: Path, source: str) -> Contract:
    """The contract of a source.  Raises `NotFound`, with the nearest names, where there is none."""
    contract = read(path_of(home, source), source)
    if contract.version == 0 and contract.mode is None:
        hint = did_you_mean_or_list(source, [known.source for known in every(home)])
        raise NotFound(f"There is no contract of a source {source!r}.{hint} The first load of a source makes one.")
    return contract


def overview(home: Path) -> ContractList:
    """All contracts, a line each."""
    return ContractList(contracts=tuple(_card(contract) for contract in every(home)))


def _card(contract: Contract) -> ContractCard:
    last = contract.history[-1] if contract.history else None
    return ContractCard(
        source=contract.source,
        version=contract.version,
        mode=contract.mode or "evolve",
        columns=len(contract.columns),
        changed_at=last.at if last else None,
        changed_by=last.file if last else None,
        batch_id=last.batch_id if last else None,
        departures=len(contract.departures),
    )


def difference(home: Path, source: str, since: int | None = None, until: int | None = None) -> Difference:
    """What changed from version `since` (None: the one before `until`) to `until` (None: the last one)."""
    contract = one(home, source)
    last = contract.version if until is None else until
    first = max(last - 1, 0) if since is None else since
    before, after = contract.at(first), contract.at(last)
    return Difference(
        source=source,
        since=first,
        until=last,
        columns=tuple(_changes(before, after)),
        loads=tuple(contract.history[first:last]),
        departures=tuple(contract.departures),
    )


def _changes(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> list[ColumnChange]:
    return [
        ColumnChange(column=column, before=tuple(before.get(column, ())), after=tuple(after.get(column, ())))
        for column in sorted({*before, *after})
        if before.get(column) != after.get(column)
    ]


def set_mode(home: Path, source: str, mode: str, *, new: bool = False) -> Contract:
    """Say what is done from now on when the source changes; a mapping's own `contract:` wins.

    Raises `UsageError` for a mode that there isn't, and `NotFound` for a source without a contract unless it is `new`:
    one whose first load is still to come.
    """
    wanted = next((known for known in MODES if known == mode), None)
    if wanted is None:
        raise UsageError(f"{mode!r} is no mode of a contract; there are: {', '.join(MODES)}.")
    if not new:
        one(home, source)
    path = path_of(home, source)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(f"{path}.lock"):
        contract = read(path, source).model_copy(update={"mode": wanted})
        write(path, contract)
    return contract
