"""The groups of a table's touchpoints, read beside it as small codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.gaps.groups import SEGMENT, Dimension, Groups
from journeygraph.graph import Graph
from journeygraph.journeys.table import JourneyTable

#: A property with more values than this is no group.
MOST_VALUES: Final = 50
#: Dimensions that are searched at most; their codes together fit a 64-bit number.
MOST_DIMENSIONS: Final = 10
#: Segments that are searched at most.
MOST_SEGMENTS: Final = 20
#: Touchpoints of a product are its own matter; these decide nothing about who a customer is either.
_NO_GROUP: Final = frozenset({"p_product_category"})
_CARRIED: Final = "campaign"
#: From so many touchpoints on a sample of the instants shows which values there are; the divisor is prime to all units.
_SAMPLED_FROM, _EVERY = 200_000, 101


def read_groups(graph: Graph, table: JourneyTable, *, as_of: datetime | None = None) -> Groups:
    """The dimensions of a graph with at most `MOST_VALUES` values, and its segments, for each touchpoint of the table.

    One byte a touchpoint and dimension.  In large graphs a value that fewer than about one touchpoint in a thousand
    has may be missed.
    """
    known = [row["property"] for row in graph.read("journeys/properties")]
    rows = graph.read(
        "gaps/group_values",
        keys=["source", _CARRIED, *(key for key in known if key not in _NO_GROUP)],
        most=MOST_VALUES,
        every=_EVERY if table.n_touchpoints >= _SAMPLED_FROM else 1,
        known_until=as_of.isoformat() if as_of else None,
    )
    found = {row["key"]: tuple(row["values"]) for row in rows[:MOST_DIMENSIONS]}
    segments = read_segments(graph, table, as_of=as_of)
    if not found:
        return Groups(segments)
    asked = [
        {"key": key, "size": len(values) + 1, "codes": {value: code for code, value in enumerate(values, start=1)}}
        for key, values in found.items()
    ]
    packed = graph.stream("gaps/groups", as_of=as_of, grain=table.grain, dimensions=asked)
    return Groups((*groups_of(table, found, packed), *segments))


def read_segments(graph: Graph, table: JourneyTable, *, as_of: datetime | None = None) -> tuple[Dimension, ...]:
    """A dimension for each segment, at most `MOST_SEGMENTS` by name: the touchpoints of those who were in it then.

    Segments are made of customers, so journeys of another grain have none.
    """
    if table.grain != "customer":
        return ()
    members_at = None if as_of is None else as_of.isoformat()
    place = {customer_id: code for code, customer_id in enumerate(table.customer_ids)}
    found: list[Dimension] = []
    for row in graph.read("segments/names")[:MOST_SEGMENTS]:
        members = graph.read("segments/show", name=row["name"], members_at=members_at)
        inside = np.full(len(place), -1, dtype=np.int8)
        inside[[place[one["customer_id"]] for one in members if one["customer_id"] in place]] = 0
        codes = np.repeat(inside[table.customers], table.lengths)
        found.append(Dimension(SEGMENT, (row["name"],), codes, members_at=members_at))
    return tuple(found)


def groups_of(table: JourneyTable, values: Mapping[str, Sequence[str]], rows: Iterable[Mapping[str, Any]]) -> Groups:
    """Groups of the touchpoints, from the packed `codes` of each journey `id`.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["a", "b"], "channels": ["web", "web"], "occurred_at_us": [0, 5]}])
    >>> values = {"p_platform": ["android", "ios"], "campaign": ["sale"]}
    >>> groups = groups_of(table, values, [{"id": "j", "codes": [5, 0]}])
    >>> {dimension.key: dimension.codes.tolist() for dimension in groups}
    {'p_platform': [1, -1], 'campaign': [0, 0]}
    """
    place = {journey_id: path for path, journey_id in enumerate(table.ids)}
    packed = np.zeros(table.n_touchpoints, dtype=np.int64)
    bounds = table.offsets.tolist()
    for row in rows:
        path = place.get(row["id"])
        if path is not None and len(row["codes"]) == bounds[path + 1] - bounds[path]:
            packed[bounds[path] : bounds[path + 1]] = row["codes"]
    dimensions: list[Dimension] = []
    for key, names in reversed(list(values.items())):
        packed, digit = np.divmod(packed, len(names) + 1)
        codes = (digit - 1).astype(np.int8)
        carried = key == _CARRIED
        dimensions.append(Dimension(key, tuple(names), carry(table, codes) if carried else codes, carried))
    return Groups(tuple(reversed(dimensions)))


def carry(table: JourneyTable, codes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Codes that hold on until the next one in the journey; -1 before the first."""
    here = np.where(codes >= 0, np.arange(len(codes)), -1)
    last = np.maximum.accumulate(here) if len(here) else here
    inside = last >= np.repeat(table.offsets[:-1], table.lengths)
    return np.where(inside, codes[last], -1).astype(np.int8)
