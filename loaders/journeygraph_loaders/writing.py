"""A batch of rows as the statements of one transaction: all of it happens, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from journeygraph.graph import Graph
from journeygraph_loaders.batch import Conflict
from journeygraph_loaders.rows import Row

Statement = tuple[str, Mapping[str, Any]]
_MICROSECOND = timedelta(microseconds=1)


class BatchWriter:
    """Writes batches under one batch id; `stored` and `duplicate` count what became of their rows.

    A touchpoint that was there already, from this load or an earlier one, is a duplicate, and so are rows of a batch
    whose id an earlier row of it has: the first wins.  Unless they are about something else: those are conflicts, which
    count as neither.  What was created is told by the server, inside the transaction
    that is committed, so a transaction that the driver repeats isn't counted twice.
    """

    def __init__(self, graph: Graph, batch_id: str) -> None:
        self._graph, self._batch_id = graph, batch_id
        self._last = datetime.now(UTC) - timedelta(days=1)
        self.stored = 0
        self.duplicate = 0

    @property
    def received(self) -> int:
        """Rows that were written or found to be there."""
        return self.stored + self.duplicate

    def write(self, rows: Sequence[Row]) -> list[Conflict]:
        """Write one batch in one transaction; the rows whose id belongs to another touchpoint."""
        distinct: dict[str, Row] = {}
        for row in rows:
            distinct.setdefault(row.touchpoint_id, row)
        written = self._graph.write_all(statements(list(distinct.values()), self._batch_id, self._instant()))
        created = int(written.rows[0]["created"])
        self.stored += created
        conflicts = self._conflicts(rows) if created < len(rows) else []
        self.duplicate += len(rows) - created - len(conflicts)
        return conflicts

    def _conflicts(self, rows: Sequence[Row]) -> list[Conflict]:
        asked = [
            [place, row.touchpoint_id, row.occurred_at_us, row.known_customer_id, row.anonymous_id]
            for place, row in enumerate(rows)
        ]
        return [Conflict(**found) for found in self._graph.read("load/conflicts", rows=asked)]

    def _instant(self) -> datetime:
        """Now, but later than the last batch: with the batch id it tells which batch created a touchpoint."""
        self._last = max(datetime.now(UTC), self._last + _MICROSECOND)
        return self._last


def statements(rows: Sequence[Row], batch_id: str, ingested_at: datetime) -> list[Statement]:
    """What has to be run for these rows; statements that have nothing to do are left out."""
    common = {"batch_id": batch_id, "ingested_at": ingested_at}
    identifiers = [
        [row.touchpoint_id, kind, value]
        for row in rows
        if row.known_customer_id is not None
        for kind, value in (("anonymous_id", row.anonymous_id), ("email", row.email), ("phone", row.phone))
        if value is not None
    ]
    parts: list[tuple[str, list[Any]]] = [
        ("load/touchpoints", [row[:19] for row in rows]),
        (
            "load/products",
            [
                [row.touchpoint_id, row.product_id, row.product_category, row.product_name]
                for row in rows
                if row.product_id is not None
            ],
        ),
        ("load/campaigns", [[row.touchpoint_id, row.campaign] for row in rows if row.campaign is not None]),
        (
            "load/belongs_to",
            [[row.touchpoint_id, *belonging] for row in rows if row.belongs_to for belonging in row.belongs_to],
        ),
        ("load/identifiers", identifiers),
        ("load/unresolved", [row.touchpoint_id for row in rows if row.known_customer_id is None]),
    ]
    return [(name, {"rows": part, **common}) for name, part in parts if part]
