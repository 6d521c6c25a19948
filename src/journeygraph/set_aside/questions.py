"""What is set aside, the lineages of one event, and a touchpoint kept whatever the rules say."""

from __future__ import annotations

from journeygraph import queries
from journeygraph.errors import NotFound
from journeygraph.graph import Graph
from journeygraph.set_aside.answers import Event, EventTouchpoint, SetAside, SetAsideCount
from journeygraph.set_aside.rules import read_rules


def overview(graph: Graph, *, examples: int = 5) -> SetAside:
    """How many touchpoints are set aside as what, by which rule, of which source."""
    query, parameters = queries.get("set_aside/counts"), {"examples": examples}
    counts = [SetAsideCount(**row) for row in graph.run(query.cypher, parameters, name=query.name)]
    total = sum(count.touchpoints for count in counts)
    return SetAside(rules=read_rules(graph), total=total, counts=counts, cypher=query.cypher, parameters=parameters)


def event(graph: Graph, touchpoint_id: str) -> Event:
    """One event with all its lineages, by any of its touchpoints.

    Raises `NotFound` for a touchpoint that the graph does not hold.
    """
    query, parameters = queries.get("set_aside/event"), {"touchpoint_id": touchpoint_id}
    rows = graph.run(query.cypher, parameters, name=query.name)
    if not rows:
        raise _unknown(touchpoint_id)
    found = [EventTouchpoint(**row) for row in rows]
    return Event(touchpoints=found, cypher=query.cypher, parameters=parameters)


def keep(graph: Graph, touchpoint_id: str, *, kept: bool = True) -> str:
    """Let a touchpoint count whatever the rules say, or leave it to them again; its customer, who is marked.

    Raises `NotFound` for a touchpoint that the graph does not hold.
    """
    rows = graph.write("set_aside/keep", touchpoint_id=touchpoint_id, kept=kept).rows
    if not rows:
        raise _unknown(touchpoint_id)
    return str(rows[0]["customer_id"])


def _unknown(touchpoint_id: str) -> NotFound:
    return NotFound(f"There is no touchpoint {touchpoint_id!r} in the graph, nor one that is set aside.")
