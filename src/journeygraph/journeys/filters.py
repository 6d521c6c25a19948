"""Segments and periods of journeys: a small grammar, and the parameters by which Cypher selects.

A condition is `key=value`, `key=value|other` (one of these) or `key!=value` (none of these): a journey matches where at
least one (no) touchpoint of it has the value.  A key is one of `KEYS`, else a property of the source
(`platform=ios`); `properties.channel=x` names a property that is called like a key.  `\\|` is a bar inside a value.
`since=` and `until=` say when a journey starts (until is exclusive), as a date or an instant with offset.  Several
conditions hold together.

The database selects (`cypher/journeys/_selected.cypher`), so that an answer's Cypher and its figures cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Final

from dateutil.parser import isoparse

from journeygraph.errors import UsageError, did_you_mean
from journeygraph.graph import Graph
from journeygraph.schema import BELONGS_TO_FIELDS, to_microseconds

#: What is known of a touchpoint (or its journey) beside the source's own properties.
KEYS: Final = (
    "channel", "source", "step", "stage", "currency", "campaign", "product", "category", "outcome", "segment",
    *BELONGS_TO_FIELDS,
)  # fmt: skip
_CONDITION = re.compile(r"\s*([^=!|]+?)\s*(!?=)\s*(.+)", re.DOTALL)
_BAR = re.compile(r"(?<!\\)\|")
_PROPERTY = "properties."


@dataclass(frozen=True)
class Filter:
    """Journeys with a touchpoint that has one of the values; with `without`, journeys that have none.

    `key` is one of `KEYS` or a stored property's name (`p_platform`).
    """

    key: str
    values: tuple[str, ...]
    without: bool = False

    def __str__(self) -> str:
        values = "|".join(value.replace("|", "\\|") for value in self.values)
        return f"{self.key.removeprefix('p_')}{'!=' if self.without else '='}{values}"


@dataclass(frozen=True)
class Selection:
    """Which journeys are looked at: all filters hold, and the first touchpoint lies in [since, until).

    `by` names a key: each journey's first known value of it is the group that it belongs to (`JourneyTable.groups`).
    """

    filters: tuple[Filter, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    by: str | None = None

    def __bool__(self) -> bool:
        return bool(self.filters) or any(part is not None for part in (self.since, self.until, self.by))

    def __str__(self) -> str:
        period = [(name, getattr(self, name)) for name in ("since", "until") if getattr(self, name) is not None]
        parts = [str(condition) for condition in self.filters]
        return ", ".join(parts + [f"{name}={instant.isoformat()}" for name, instant in period])

    def parameters_at(self, as_of: datetime | None) -> dict[str, Any]:
        """Parameters of `cypher/journeys/_selected.cypher`; segments have the members of that instant, None for now."""
        return {
            "members_at": None if as_of is None else as_of.isoformat(),
            "filters": [{"key": f.key, "values": list(f.values), "without": f.without} for f in self.filters],
            "since_us": None if self.since is None else to_microseconds(self.since),
            "until_us": None if self.until is None else to_microseconds(self.until),
            "group_by": self.by,
        }


#: All journeys.
EVERYTHING: Final = Selection()


def parse(conditions: Iterable[str], *, by: str | None = None, segment: str | None = None) -> Selection:
    """The selection that conditions describe; `segment` is one of its own, `segment=NAME`.

    Raises `UsageError` for what is no condition or instant, and for a period given twice or that ends before it begins.

    >>> str(parse(["platform=ios|android", "channel!=store", "since=2026-01-01"]))
    'platform=ios|android, channel!=store, since=2026-01-01T00:00:00+00:00'
    """
    filters = [] if segment is None else [Filter("segment", (segment,))]
    period: dict[str, datetime] = {}
    for text in conditions:
        key, sign, value = _parts(text)
        if key in ("since", "until"):
            if sign != "=" or key in period:
                raise UsageError(f"{text!r}: a period has one {key}=, with a date or an instant.")
            period[key] = instant(value, text)
        else:
            values = tuple(part.replace("\\|", "|").strip() for part in _BAR.split(value))
            if not all(values):
                raise UsageError(f"The condition {text!r} has an empty value; it looks like 'platform=ios|android'.")
            filters.append(Filter(_stored(key), values, without=sign == "!="))
    if len(period) == 2 and period["since"] >= period["until"]:
        raise UsageError(f"The period ends at {period['until']}, which is not after its beginning {period['since']}.")
    return Selection(tuple(filters), period.get("since"), period.get("until"), None if by is None else _stored(by))


def instant(text: str, where: str) -> datetime:
    """A date (its beginning in UTC) or an ISO 8601 instant with offset; `UsageError` names `where` otherwise.

    >>> instant("2026-01-31", "since").isoformat()
    '2026-01-31T00:00:00+00:00'
    """
    try:
        found = isoparse(text)
    except ValueError as error:
        raise UsageError(f"{where!r}: {text!r} is neither a date nor an ISO 8601 instant with offset.") from error
    if found.tzinfo is None:
        if "T" in text or " " in text.strip():
            raise UsageError(f"{where!r}: {text!r} has no offset: add Z or +01:00.")
        found = found.replace(tzinfo=UTC)
    return found.astimezone(UTC)


def check(graph: Graph, selection: Selection) -> None:
    """Raise `UsageError`, with the nearest names, for a property that no touchpoint ever had, or an unknown segment.

    A graph without any properties knows none: there every name passes, and nothing is selected.
    """
    check_segments(graph, [name for own in selection.filters if own.key == "segment" for name in own.values])
    asked = [condition.key for condition in selection.filters] + ([selection.by] if selection.by else [])
    wanted = [key for key in asked if key not in KEYS]
    known = [row["property"] for row in graph.read("journeys/properties")] if wanted else []
    for key in wanted:
        if known and key not in known:
            raise UsageError(_unknown(key.removeprefix("p_"), [name.removeprefix("p_") for name in known]))


def check_segments(graph: Graph, names: Sequence[str]) -> None:
    """Raise `UsageError`, with those that there are, for the name of a segment that isn't one."""
    known = [row["name"] for row in graph.read("segments/names")] if names else []
    for name in names:
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "none is defined yet (`journeygraph segments define`)"
            raise UsageError(f"There is no segment {name!r}; {there}.{did_you_mean(name, known)}")


def _unknown(key: str, properties: Sequence[str]) -> str:
    names = [*KEYS, *properties]
    near = get_close_matches(key, names, n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(names)}."
    return f"No touchpoint has a property {key!r}. {hint}"


def _parts(text: str) -> tuple[str, str, str]:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise UsageError(
            f"{text!r} is no condition; it looks like 'platform=ios', 'channel!=store' or 'since=2026-01-01'."
        )
    return match[1], match[2], match[3].strip()


def _stored(key: str) -> str:
    return key if key in KEYS else f"p_{key.removeprefix(_PROPERTY)}"
