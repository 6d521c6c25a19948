"""Does a report tell the truth: run every statement that it carries and compare with the figure it belongs to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, LiteralString, cast

from journeygraph.graph import Graph
from journeygraph.report.model import Report, pick


def differences(graph: Graph, report: Report) -> Iterator[str]:
    """A sentence for every figure and table row that its statement doesn't give; none where all is well."""
    results: dict[str, list[dict[str, Any]]] = {}

    def run(cypher: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        key = f"{cypher}\n{sorted(parameters.items())!r}"
        if key not in results:
            # The report was made by this package: its statements are the files of `cypher/`.
            results[key] = graph.run(cast(LiteralString, cypher), parameters)  # type: ignore[redundant-cast,unused-ignore]
        return results[key]

    for figure in report.figures:
        found = list(pick(run(figure.cypher, figure.parameters), figure))
        if len(found) != 1 or not same(found[0], figure.value):
            yield f"{figure.name}: the report says {figure.value!r}, its Cypher gives {found!r}."
    for table in report.tables:
        rows = [tuple(row.get(column) for column in table.columns) for row in run(table.cypher, table.parameters)]
        if len(rows) != len(table.rows) or not all(
            same(a, b)
            for found_row, row in zip(rows, table.rows, strict=True)
            for a, b in zip(found_row, row, strict=True)
        ):
            yield f"{table.name}: the report's rows are not those that its Cypher gives."


def same(found: Any, shown: Any) -> bool:
    """Whether two values agree, floats to a part in a thousand million.

    >>> same(1, 1.0), same(None, 0), same("a", "a")
    (True, False, True)
    """
    if isinstance(found, int | float) and isinstance(shown, int | float):
        return math.isclose(found, shown, rel_tol=1e-9, abs_tol=1e-9)
    return bool(found == shown)
