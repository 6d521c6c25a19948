"""What each source sent, hour by hour, and which of its fields were filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.graph import Graph

Integers = NDArray[np.int64]
HOUR_US: Final = 3_600_000_000
#: Fields that every touchpoint may have, beside its source's own.
FIELDS: Final = ("known_customer_id", "anonymous_id", "source_session_id", "value", "campaign", "product_id")
#: The sources' own fields looked at: as many as there are bits; of more, those that most touchpoints have.
_MOST_FIELDS: Final = 50


@dataclass(frozen=True)
class SourceHours:
    """Touchpoints of S sources in H hours: all of them, and those with a field filled.

    `first_hour` counts from 1970 (UTC).  `filled[f]` belongs to field f of `fields`.
    """

    names: tuple[str, ...]
    fields: tuple[str, ...]
    first_hour: int
    counts: Integers  # S x H
    filled: Integers  # F x S x H

    @property
    def n_hours(self) -> int:
        """Hours from the first touchpoint of any source to the last."""
        return int(self.counts.shape[1])

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]], fields: tuple[str, ...]) -> SourceHours:
        """Of rows with `source`, `hour`, `filled` (a bit a field, the first field's the highest) and `count`.

        >>> hours = SourceHours.from_rows([{"source": "s", "hour": 7, "filled": 2, "count": 3},
        ...     {"source": "s", "hour": 9, "filled": 1, "count": 1}], ("a", "b"))
        >>> hours.first_hour, hours.counts.tolist(), hours.filled.tolist()
        (7, [[3, 0, 1]], [[[3, 0, 0]], [[0, 0, 1]]])
        """
        listed = [(row["source"] or "", row["hour"], row["filled"], row["count"]) for row in rows]
        names = tuple(sorted({name for name, *_ in listed}))
        place = {name: index for index, name in enumerate(names)}
        source = np.array([place[name] for name, *_ in listed], dtype=np.int64)
        hour, bits, count = (np.array([row[part] for row in listed], dtype=np.int64) for part in (1, 2, 3))
        first = int(hour.min(initial=0)) if not len(hour) else int(hour.min())
        size = int(hour.max()) - first + 1 if len(hour) else 0
        cell, cells = source * size + hour - first, len(names) * size

        def summed(weights: Integers) -> Integers:
            return np.bincount(cell, weights, minlength=cells).astype(np.int64).reshape(len(names), size)

        shifts = range(len(fields) - 1, -1, -1)
        filled = [summed(count * (bits >> shift & 1)) for shift in shifts]
        return cls(names, fields, first, summed(count), np.array(filled).reshape(len(fields), len(names), size))


def read_sources(graph: Graph, *, as_of: datetime | None = None) -> SourceHours:
    """What the sources of a graph sent, as of an instant where one is given."""
    fields = (*FIELDS, *_own_fields(graph))
    known_until = as_of.isoformat() if as_of else None
    return SourceHours.from_rows(
        graph.stream("gaps/source_hours", fields=list(fields), known_until=known_until), fields
    )


def _own_fields(graph: Graph) -> list[str]:
    """The sources' own fields; they are only counted where there are too many names (old ones among them)."""
    known = [row["property"] for row in graph.read("journeys/properties")]
    if len(known) <= _MOST_FIELDS:
        return known
    return sorted(row["property"] for row in graph.read("journeys/commonest_properties", limit=_MOST_FIELDS))
