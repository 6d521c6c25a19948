"""Rows that could not be stored: which and why, once more, or given up."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from journeygraph.quality import waiting
from journeygraph.quality.waiting import BadRowEntry, Count, Dropped, Settled, Which
from journeygraph.quality.waiting.entries import State, kind_of
from journeygraph_api.dependencies import (
    CanRead,
    CanReadCustomers,
    CanWrite,
    Cursor,
    Limit,
    TheGraph,
    TheReplay,
    TheSettings,
)
from journeygraph_api.problems import Refused
from journeygraph_api.security import asking, sees_identifiers

router = APIRouter(prefix="/v1/quarantine", tags=["sources"])


def _conditions(
    file: Annotated[str | None, Query(description="a pattern on the file's name, e.g. till*")] = None,
    column: str | None = None,
    reason: Annotated[str | None, Query(description="a part of the sentence")] = None,
    state: State | None = None,
    load: Annotated[str | None, Query(description="the load that met the row last")] = None,
) -> Which:
    return Which((), file, column, reason, state, load)


Conditions = Annotated[Which, Depends(_conditions)]


def _after(cursor: Cursor = None) -> int:
    """The id that a page begins after: what a cursor of these lists holds."""
    if cursor is not None and not cursor.isdecimal():
        raise Refused(422, "cursor_invalid", f"{cursor!r} is not a cursor that this API gave.")
    return int(cursor or 0)


After = Annotated[int, Depends(_after)]


class Selected(BaseModel):
    """Which rows: those of these ids, or for which all that is given holds."""

    ids: list[int] = Field(default_factory=list, max_length=10_000)
    file: str | None = None
    column: str | None = None
    reason: str | None = None
    state: State | None = None
    load: str | None = None

    def which(self) -> Which:
        """The same as conditions."""
        return Which(tuple(self.ids), self.file, self.column, self.reason, self.state, self.load)


class WantedDrop(Selected):
    """Rows to give up, and why; `everything` for all that wait."""

    because: str = Field(min_length=1, max_length=500)
    everything: bool = False
    dry_run: bool = False


class CorrectedRow(BaseModel):
    """What stands in the place of a row in quarantine."""

    id: int
    raw: dict[str, Any]


class WantedReplay(Selected):
    """Rows to load again: as they are, or corrected (then no others).  `mapping` is the name of a shipped one."""

    mapping: str | None = Field(None, pattern=r"^[a-z0-9_]+$")
    timezone: str | None = None
    rows: list[CorrectedRow] = Field(default_factory=list, max_length=10_000)


class Waiting(BaseModel):
    """How many rows wait and why, and a page of them; what they say only with the scope `identifiers`."""

    count: int
    rows: list[BadRowEntry]
    next_cursor: str | None


class Counted(BaseModel):
    """How many rows wait, by file, column, kind of reason and state; and how many wait no longer."""

    count: int
    counts: list[Count]
    settled: dict[str, int]


class History(BaseModel):
    """A page of the rows that wait no longer."""

    settled: dict[str, int]
    rows: list[Settled]
    next_cursor: str | None


@router.get("", dependencies=[CanReadCustomers])
def rows(settings: TheSettings, request: Request, conditions: Conditions, after: After, limit: Limit = 100) -> Waiting:
    """The rows that wait, oldest first."""
    found = waiting.entries(settings.home, conditions, limit=limit + 1, after=after)
    shown = [entry if sees_identifiers(request) else _masked(entry) for entry in found[:limit]]
    return Waiting(
        count=waiting.total(settings.home, conditions),
        rows=shown,
        next_cursor=str(shown[-1].id) if len(found) > limit else None,
    )


@router.get("/counts", dependencies=[CanRead])
def counts(settings: TheSettings, conditions: Conditions) -> Counted:
    """How many rows wait, and why; nothing of what they say."""
    return Counted(
        count=waiting.total(settings.home, conditions),
        counts=waiting.counts(settings.home, conditions),
        settled=waiting.settled(settings.home),
    )


@router.get("/history", dependencies=[CanReadCustomers])
def history(settings: TheSettings, after: After, limit: Limit = 100) -> History:
    """The rows that wait no longer: replayed or dropped, when, by whom and why."""
    found = waiting.history(settings.home, limit=limit + 1, after=after)
    return History(
        settled=waiting.settled(settings.home),
        rows=found[:limit],
        next_cursor=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.get("/{entry}", dependencies=[CanReadCustomers])
def row(settings: TheSettings, request: Request, entry: int) -> BadRowEntry:
    """One row with all that it says."""
    found = waiting.one(settings.home, entry)
    return found if sees_identifiers(request) else _masked(found)


@router.post("/replay", dependencies=[CanWrite])
def replay(graph: TheGraph, request: Request, again: TheReplay, wanted: WantedReplay) -> dict[str, Any]:
    """Load rows again, by a mended mapping or corrected; what is good now is stored and leaves the quarantine."""
    corrected = {row.id: row.raw for row in wanted.rows}
    return dict(again(graph, wanted.which(), corrected, wanted.mapping, wanted.timezone, asking(request)))


@router.post("/drop", dependencies=[CanWrite])
def drop(settings: TheSettings, request: Request, wanted: WantedDrop) -> Dropped:
    """Give rows up for good: what they said is deleted; that they were there stays on record."""
    return waiting.drop(
        settings.home,
        wanted.which(),
        wanted.because,
        everything=wanted.everything,
        dry_run=wanted.dry_run,
        actor=asking(request),
    )


def _masked(entry: BadRowEntry) -> BadRowEntry:
    """The row without what it says."""
    return entry.model_copy(update={"raw": dict.fromkeys(entry.raw), "value": None, "reason": kind_of(entry.reason)})
