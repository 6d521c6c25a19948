"""The graph that requests read: connected when first needed, found again after it was away.

The journey table is what every figure over all customers is computed from.  It is read once per state of the graph (the
`revision` that each load raises) and kept, so that a request costs a computation and not a scan.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Any, TypeVar, cast

from journeygraph import journeys, migrations, server
from journeygraph.graph import Graph
from journeygraph.journeys.filters import EVERYTHING, Selection
from journeygraph.journeys.shape import AS_IS, Shape
from journeygraph.journeys.table import JourneyTable, PathKind
from journeygraph.schema import Grain
from journeygraph.settings import Settings

T = TypeVar("T")
_KEPT = 16


class Graphs:
    """One connection for all requests, and the answers that cost a scan, by state of the graph."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._graph: Graph | None = None
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._computing: dict[Hashable, threading.Lock] = {}

    def get(self) -> Graph:
        """The graph; raises `GraphUnavailable` where it cannot be reached."""
        with self._lock:
            if self._graph is None:
                graph = Graph(server.connection(self.settings), retry_seconds=1.0)
                try:
                    graph.verify()
                    migrations.apply(graph)
                except BaseException:
                    graph.close()
                    raise
                self._graph = graph
            return self._graph

    def forget(self) -> None:
        """Drop the connection, because Neo4j was away and may come back on another port."""
        with self._lock:
            graph, self._graph = self._graph, None
        if graph is not None:
            graph.close()

    def close(self) -> None:
        """Give everything back."""
        self.forget()
        self._kept.clear()

    def table(
        self,
        *,
        per: PathKind = "journey",
        grain: Grain = "customer",
        as_of: datetime | None = None,
        selection: Selection = EVERYTHING,
        shape: Shape = AS_IS,
        least_confidence: float | None = None,
    ) -> JourneyTable:
        """The journey table of the graph as it stands, or as of an instant; or of some journeys, with steps shaped."""
        return self.remember(
            ("table", per, grain, as_of, selection, shape, least_confidence),
            lambda graph: journeys.read_table(
                graph,
                per=per,
                grain=grain,
                as_of=as_of,
                selection=selection,
                shape=shape,
                least_confidence=least_confidence,
            ),
        )

    def remember(self, question: Hashable, compute: Callable[[Graph], T]) -> T:
        """The answer to a question about the graph's present state, computed once however many ask."""
        graph = self.get()
        rows = graph.read("journeys/revision")
        key = (question, rows[0]["revision"] if rows else None)
        with self._lock:
            lock = self._computing.setdefault(key, threading.Lock())
        with lock:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return cast(T, self._kept[key])
            answer = compute(graph)
            with self._lock:
                self._kept[key] = answer
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
                self._computing.pop(key, None)
        return answer
