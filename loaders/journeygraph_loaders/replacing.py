"""Loads that bring parts of a source whole, such as days that were exported again: what they lack is set aside.

The load notes on each of its touchpoints, new or not, that it had them.  At its end, those of the same source and of
the same parts (values of a property) that it did not have are marked, and with the journeys set aside: they are kept
with all that is known of them, and count nowhere.  A later load that has them again lets them count again.  So what
counts is what the last whole load of a part had, whatever came before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from journeygraph.errors import InputError
from journeygraph.graph import Graph
from journeygraph_loaders.quarantine import rows_text
from journeygraph_loaders.rows import Row, Scalar

_LIMIT: Final = 10_000


class Replacement:
    """One load's `parts`: the values of a property (`event_date`) that its rows have, by source.

    `without` counts the rows that have no value there: they replace nothing, and nothing replaces them.
    """

    def __init__(self, name: str, batch_id: str) -> None:
        self._property = name if name.startswith("p_") else f"p_{name}"
        self.batch_id = batch_id
        self.parts: dict[str, set[Scalar]] = {}
        self.without = 0

    def note(self, rows: Sequence[Row]) -> None:
        """Take the parts of rows that are about to be stored."""
        for row in rows:
            value = (row.properties or {}).get(self._property)
            if value is None:
                self.without += 1
            else:
                self.parts.setdefault(row.source, set()).add(value)

    def statement(self, rows: Sequence[Row]) -> tuple[str, Mapping[str, Any]]:
        """What notes that the load has these rows; to be run after they are stored, in the same transaction."""
        return "load/confirm", {"rows": [row.touchpoint_id for row in rows], "batch_id": self.batch_id}

    def told(self, replaced: int, returned: int) -> str:
        """The counts as a sentence."""
        told = (
            f"{replaced:,} touchpoints of earlier loads are replaced and set aside; {returned:,} of these count again."
        )
        if self.without:
            told += (
                f" Of {rows_text(self.without)} without {self._property} nothing is replaced, by these or later ones."
            )
        return told

    def apply(self, graph: Graph) -> tuple[int, int]:
        """Mark what was replaced, and what came again; how many of each.

        Raises `InputError` where no row had the property.
        """
        if not self.parts:
            raise InputError(
                f"No row has the property {self._property!r}, so nothing is replaced: --replaces names one whose "
                "values are loaded whole, such as event_date of ga4, which the name of a file says too "
                "(events_20260301, events_intraday_20260301)."
            )
        rule = _rule(self.batch_id)
        returned = _repeated(graph, "load/returned", batch_id=self.batch_id)
        replaced = sum(
            _repeated(
                graph, "load/replaced", source=source, property=self._property, values=sorted(values, key=str),
                batch_id=self.batch_id, rule=rule,
            )
            for source, values in sorted(self.parts.items())
        )  # fmt: skip
        return replaced, returned


def returned_rows(graph: Graph, rows: Sequence[tuple[str, str]]) -> int:
    """Let touchpoints count again that a load replaced because it put them in quarantine; how many.

    `rows` are touchpoint ids out of quarantine, each with the load that met it last.  What another load replaced stays
    replaced: it brought the part without them.
    """
    asked = [[touchpoint_id, _rule(batch_id)] for touchpoint_id, batch_id in rows]
    return int(graph.write("load/returned_rows", rows=asked).rows[0]["touchpoints"])


def _rule(batch_id: str) -> str:
    return f"replaced by load {batch_id}"


def _repeated(graph: Graph, query: str, **parameters: Any) -> int:
    total = 0
    while found := int(graph.write(query, limit=_LIMIT, **parameters).rows[0]["touchpoints"]):
        total += found
    return total
