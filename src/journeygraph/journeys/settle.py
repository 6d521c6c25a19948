"""After customers or touchpoints changed: owners, journeys and the step graph brought up to date."""

from __future__ import annotations

from collections.abc import Callable

from journeygraph import identity, set_aside
from journeygraph.graph import Graph
from journeygraph.journeys.rebuild import LOCK, thread


def settle(graph: Graph, waiting: Callable[[], None] = lambda: None) -> None:
    """Decide owners and rebuild journeys for all that is marked; one process at a time.

    `waiting` is called where another process does so at the moment.
    """
    with graph.alone(LOCK, waiting):
        identity.resolve(graph)
        set_aside.apply(graph)
        thread(graph)
