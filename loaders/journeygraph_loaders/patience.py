"""A database that is away for a while does not end a load: it waits, says so, and goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from journeygraph.errors import GraphUnavailable, LoginRefused
from journeygraph.graph import Graph

#: How long a load waits for a database that went away: long enough for a restart, or a failover.
SECONDS: Final = 600.0
Answer = TypeVar("Answer")


class Attempt(Protocol):
    """What runs work on the database."""

    def __call__(self, work: Callable[[], Answer], /) -> Answer:
        """What the work gives."""


def at_once(work: Callable[[], Answer]) -> Answer:
    """Once, whatever comes of it: where somebody waits for the answer."""
    return work()


class Patience:
    """Begins work again once the database is back; such work must be repeatable.

    `say` is told when it went away and when it is back.
    """

    def __init__(self, graph: Graph, say: Callable[[str], None], *, seconds: float = SECONDS) -> None:
        self._graph, self._say, self._seconds = graph, say, seconds

    def __call__(self, work: Callable[[], Answer], /) -> Answer:
        """What `work` gives; raises `GraphUnavailable` where the database stays away for too long."""
        while True:
            try:
                return work()
            except LoginRefused:
                raise
            except GraphUnavailable as error:
                self._say(f"{error} Waiting up to {self._seconds / 60:.0f} minutes for it; the load goes on by itself.")
                self._graph.wait_until_ready(self._seconds)
                self._say("Neo4j answers again: the load goes on.")
