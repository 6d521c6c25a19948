"""Rows on their way into the graph that know where they were read, for those that cannot be stored after all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from journeygraph.schema import EPOCH
from journeygraph_loaders.chunks import BadRow, Chunk
from journeygraph_loaders.columns import Plan
from journeygraph_loaders.rows import Row

_ADVICE = (
    'give the ids a prefix in the mapping, as in `touchpoint_id: {column: id, prefix: "till-"}`, or leave the column '
    "out (`touchpoint_id: null`) so that the row's content is its identity"
)


class Conflict(NamedTuple):
    """A row whose id belongs to another touchpoint: its place among the rows, and what is known of the other."""

    place: int
    source: str
    occurred_at_us: int
    customer_id: str | None
    anonymous_id: str | None

    def sentence(self, column: str, touchpoint_id: str) -> str:
        """Why the row is not stored.

        >>> Conflict(0, "web", 1_767_225_600_000_000, "anna", None).sentence("id", "1")[:99]
        "The id '1' belongs already to another touchpoint: source 'web', 2026-01-01T00:00:00Z, customer 'ann"
        """
        at = (EPOCH + timedelta(microseconds=self.occurred_at_us)).isoformat().replace("+00:00", "Z")
        who = f"visitor {self.anonymous_id!r}" if self.customer_id is None else f"customer {self.customer_id!r}"
        return (
            f"The {column} {touchpoint_id!r} belongs already to another touchpoint: source {self.source!r}, {at}, "
            f"{who}; {_ADVICE}."
        )


class Batch(list[Row]):
    """Validated rows that were made of chunks: `parts` are a chunk, its plan, and the places of its good rows.

    The rows stand part by part; `order`, where it is given, says which of those each one is.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        parts: Sequence[tuple[Chunk, Plan, Sequence[int]]],
        order: Sequence[int] | None = None,
        lines: Sequence[int] | None = None,
    ) -> None:
        super().__init__(rows)
        self._parts, self._order, self._lines = parts, order, lines

    @property
    def file(self) -> str:
        """The file that all rows are of."""
        return str(self._parts[0][0].path)

    @property
    def lines(self) -> Sequence[int]:
        """The line of each row; `lines` of the constructor where the chunks' own are something else."""
        if self._lines is not None:
            return self._lines
        found = [chunk.lines[place] for chunk, _, places in self._parts for place in places]
        return found if self._order is None else [found[number] for number in self._order]

    @property
    def parts(self) -> Iterator[tuple[Chunk, Plan, Sequence[int], list[Row]]]:
        """The chunks with their plans, the places of their good rows, and these rows."""
        by_part: list[Row] = list(self)
        for number, row in zip(self._order or (), self, strict=False):
            by_part[number] = row
        start = 0
        for chunk, plan, places in self._parts:
            yield chunk, plan, places, by_part[start : start + len(places)]
            start += len(places)

    def bad_row(self, conflict: Conflict) -> BadRow:
        """The row of a conflict as the quarantine takes it."""
        chunk, plan, place = self._origin(conflict.place)
        column, touchpoint_id = plan.column_of("touchpoint_id"), self[conflict.place].touchpoint_id
        sentence = conflict.sentence(column, touchpoint_id)
        return BadRow(str(chunk.path), chunk.lines[place], column, touchpoint_id, sentence, chunk.fields(place))

    def _origin(self, number: int) -> tuple[Chunk, Plan, int]:
        left = number if self._order is None else self._order[number]
        for chunk, plan, places in self._parts:
            if left < len(places):
                return chunk, plan, places[left]
            left -= len(places)
        raise IndexError(number)
