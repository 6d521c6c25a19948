"""The rules that make journeys, as the graph itself holds them, so that every reader of it agrees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.schema import JourneyRules

_PAGE = 50_000


def read_rules(graph: Graph) -> JourneyRules:
    """The rules of this graph; a graph that has none yet is given the defaults."""
    stored = graph.read("journeys/rules")
    if not stored or stored[0]["goals"] is None:
        _store(graph, JourneyRules())
        stored = graph.read("journeys/rules")
    return JourneyRules(
        goals=tuple(stored[0]["goals"]),
        session_idle_seconds=stored[0]["session_idle_us"] / 1_000_000,
        journey_window_seconds=stored[0]["journey_window_us"] / 1_000_000,
    )


def data_end_us(graph: Graph) -> int | None:
    """Instant of the last touchpoint, in microseconds since 1970; None for a graph that was never threaded."""
    stored = graph.read("journeys/rules")
    return stored[0]["data_end_us"] if stored else None


def currencies(graph: Graph, as_of: datetime | None = None) -> list[str]:
    """The currencies that conversions came in; values of several are never added up."""
    known_until = as_of.isoformat() if as_of else None
    return [row["currency"] for row in graph.read("journeys/currencies", known_until=known_until)]


def declare(
    graph: Graph,
    *,
    goals: Sequence[str] | None = None,
    session_idle_seconds: float | None = None,
    journey_window_seconds: float | None = None,
) -> JourneyRules:
    """Change some of the rules, and mark every customer so that the next `journeys.thread` rebuilds their journeys.

    Nothing happens where the rules are so already.  Raises `UsageError` for an empty list of goals and for times that
    aren't above zero.
    """
    before = read_rules(graph)
    given = {
        "goals": None if goals is None else tuple(dict.fromkeys(goals)),
        "session_idle_seconds": session_idle_seconds,
        "journey_window_seconds": journey_window_seconds,
    }
    after = before.model_copy(update={name: value for name, value in given.items() if value is not None})
    if not after.goals or after.session_idle_us <= 0 or after.journey_window_us <= 0:
        raise UsageError(f"Journeys need at least one goal and times above zero seconds, not {given}.")
    if after == before:
        return before
    # First the marks: a crash between the two costs a needless rebuild, never a stale journey.
    while graph.write("journeys/mark_all", page=_PAGE).rows[0]["marked"]:
        pass
    _store(graph, after)
    return after


def _store(graph: Graph, rules: JourneyRules) -> None:
    graph.write(
        "journeys/declare_rules",
        goals=list(rules.goals),
        session_idle_us=rules.session_idle_us,
        journey_window_us=rules.journey_window_us,
    )
