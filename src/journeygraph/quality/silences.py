"""Sources that are late: that have sent nothing for longer than they ever paused before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, Literal

from journeygraph import queries
from journeygraph.answers import Answer, Reproducible
from journeygraph.graph import Graph, Row
from journeygraph.schema import from_microseconds, to_microseconds

#: late: longer than ever, while other sources went on; nothing since: longer than ever until the instant asked about.
State = Literal["late", "nothing since", "on time", "too few pauses to tell"]
#: Of so many pauses and one more, all alike, the last one is the longest by a chance of 1 in 20.
LEAST_PAUSES: Final = 19
_HOUR_US: Final = 3_600_000_000


class Silence(Answer):
    """A source: the hour of its newest touchpoint, and for how long it was silent, in hours.

    A pause is the time from one hour with touchpoints to the next one; None where there was none.  `silent_hours` are
    until `Silences.until`, `behind_hours` until the newest touchpoint of all sources.
    """

    source: str
    state: State
    last_at: datetime
    pauses: int
    usual_pause_hours: int | None
    longest_pause_hours: int | None
    silent_hours: int
    behind_hours: int


class Silences(Reproducible):
    """All sources, late ones first."""

    until: datetime
    late: int
    sources: tuple[Silence, ...]


def silences(graph: Graph, *, until: datetime | None = None, as_of: datetime | None = None) -> Silences:
    """How long each source has been silent until an instant (None: now), of what was known `as_of`."""
    at = until or as_of or datetime.now(UTC)
    query = queries.get("quality/silences")
    parameters: dict[str, Any] = {
        "until_us": to_microseconds(at),
        "known_at": as_of.isoformat() if as_of else None,
    }
    return of_rows(graph.run(query.cypher, parameters, name=query.name), at, query.cypher, parameters)


def of_rows(rows: Iterable[Row], at: datetime, cypher: str, parameters: dict[str, Any]) -> Silences:
    """What the rows of `quality/silences` until an instant say."""
    found = [_silence(row) for row in rows]
    order = {"late": 0, "nothing since": 1, "on time": 2, "too few pauses to tell": 3}
    found.sort(key=lambda one: (order[one.state], -one.silent_hours, one.source))
    return Silences(
        until=at, late=sum(one.state == "late" for one in found), sources=tuple(found), cypher=cypher,
        parameters=parameters,
    )  # fmt: skip


def _silence(row: Row) -> Silence:
    told = {name: value for name, value in row.items() if name != "last_hour"}
    state = state_of(row["pauses"], row["longest_pause_hours"], row["silent_hours"], row["behind_hours"])
    return Silence(state=state, last_at=from_microseconds(row["last_hour"] * _HOUR_US), **told)


def state_of(pauses: int, longest: int | None, silent: int, behind: int) -> State:
    """What the silences of a source mean, against its pauses before.

    >>> state_of(100, 8, 40, 30), state_of(100, 8, 40, 0), state_of(100, 8, 8, 0), state_of(3, 8, 40, 40)
    ('late', 'nothing since', 'on time', 'too few pauses to tell')
    """
    if longest is None or pauses < LEAST_PAUSES:
        return "too few pauses to tell"
    if behind > longest:
        return "late"
    return "nothing since" if silent > longest else "on time"
