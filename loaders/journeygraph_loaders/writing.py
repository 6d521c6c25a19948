"""A batch of rows as the statements of one transaction: all of it happens, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from journeygraph.graph import Graph
from journeygraph_loaders.batch import Batch, Conflict
from journeygraph_loaders.file_log import FileLog
from journeygraph_loaders.patience import Attempt, at_once
from journeygraph_loaders.replacing import Replacement
from journeygraph_loaders.rows import Row

Statement = tuple[str, Mapping[str, Any]]
#: The number of a row's file among those of its load, and its line.
Origin = tuple[int | None, int | None]
_MICROSECOND = timedelta(microseconds=1)


class BatchWriter:
    """Writes batches under one batch id; `stored` and `duplicate` count what became of their rows.

    A touchpoint that was there already, from this load or an earlier one, is a duplicate, and so are rows of a batch
    whose id an earlier row of it has: the first wins.  Unless they are about something else: those are conflicts, which
    count as neither.  What was created is told by the server, inside the transaction
    that is committed, so a transaction that the driver repeats isn't counted twice.  `attempt` decides what
    happens where the database goes away meanwhile.
    """

    def __init__(
        self,
        graph: Graph,
        batch_id: str,
        files: FileLog | None = None,
        attempt: Attempt = at_once,
        replacement: Replacement | None = None,
    ) -> None:
        self._graph, self.batch_id, self._attempt = graph, batch_id, attempt
        self._replacement = replacement
        self.files = FileLog("api") if files is None else files
        self._last = datetime.now(UTC) - timedelta(days=1)
        self.stored = 0
        self.duplicate = 0

    @property
    def received(self) -> int:
        """Rows that were written or found to be there."""
        return self.stored + self.duplicate

    def write(self, rows: Sequence[Row]) -> list[Conflict]:
        """Write one batch in one transaction; the rows whose id belongs to another touchpoint."""
        file = self.files.number(rows.file) if isinstance(rows, Batch) else None
        lines = rows.lines if isinstance(rows, Batch) else [None] * len(rows)
        distinct: dict[str, Row] = {}
        origins: dict[str, Origin] = {}
        for row, line in zip(rows, lines, strict=True):
            if row.touchpoint_id not in distinct:
                distinct[row.touchpoint_id], origins[row.touchpoint_id] = row, (file, line)
        created = self._created(list(distinct.values()), list(origins.values()))
        self.stored += created
        conflicts = self._attempt(lambda: self._conflicts(rows)) if created < len(rows) else []
        duplicate = len(rows) - created - len(conflicts)
        self.duplicate += duplicate
        if file is not None:
            self.files.note(file, created, duplicate, {row.source for row in rows})
        return conflicts

    def _created(self, rows: Sequence[Row], origins: Sequence[Origin]) -> int:
        """Write rows; how many were new.  An attempt whose answer was lost may be stored: the next one looks first."""
        tried: list[datetime] = []
        if self._replacement is not None:
            self._replacement.note(rows)

        def work() -> int:
            for instant in tried:
                if found := self._committed(rows, instant):
                    return found
            tried.append(self._instant())
            sent = statements(rows, self.batch_id, tried[-1], origins)
            if self._replacement is not None:
                sent.append(self._replacement.statement(rows))
            return int(self._graph.write_all(sent).rows[0]["created"])

        return self._attempt(work)

    def _committed(self, rows: Sequence[Row], instant: datetime) -> int:
        ids = [row.touchpoint_id for row in rows]
        told = self._graph.read("load/committed", touchpoint_ids=ids, batch_id=self.batch_id, ingested_at=instant)
        return int(told[0]["created"])

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


def statements(
    rows: Sequence[Row], batch_id: str, ingested_at: datetime, origins: Sequence[Origin] | None = None
) -> list[Statement]:
    """What has to be run for these rows; statements that have nothing to do are left out.

    `origins` are the number of each row's file and the line in it.
    """
    places = [(None, None)] * len(rows) if origins is None else origins
    common = {"batch_id": batch_id, "ingested_at": ingested_at}
    identifiers = [
        [row.touchpoint_id, kind, value]
        for row in rows
        if row.known_customer_id is not None
        for kind, value in (("anonymous_id", row.anonymous_id), ("email", row.email), ("phone", row.phone))
        if value is not None
    ]
    parts: list[tuple[str, list[Any]]] = [
        ("load/touchpoints", [[*row[:19], *place] for row, place in zip(rows, places, strict=True)]),
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
