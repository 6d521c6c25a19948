"""Transitions: what comes directly after what, with sentinels, so that inflow = outflow for every step."""

from __future__ import annotations

import networkx as nx
import numpy as np

from journeygraph.journeys import step_graph as stored
from journeygraph.journeys.step_graph import distinct
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths.about import about
from journeygraph.paths.answers import PathNode, Transition, Transitions
from journeygraph.paths.evidence import evidence
from journeygraph.schema import END, START


def transitions(table: JourneyTable) -> Transitions:
    """All transitions of all paths at the table's grain: the step graph.

    A transition a → b counts where b is the next touchpoint after a in the same path; every path begins with
    `(start)` and finishes with `(end)`.  `count` counts occurrences, `journeys` distinct paths, `customers` distinct
    customers, `exits` the paths that ended right after.  Times are seconds; quantiles as `percentileCont`.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5_000_000]}])
    >>> [(link.source, link.target, link.count, link.median_seconds) for link in transitions(table).links]
    [('(start)', 'view', 1, None), ('cart', '(end)', 1, None), ('view', 'cart', 1, 5.0)]
    """
    return Transitions(
        denominator=table.n_paths,
        **about(table),
        nodes=_nodes(table),
        links=_links(table),
        nodes_cypher=evidence("paths/nodes", table)["cypher"],
        **evidence("paths/transitions", table),
    )


def step_graph(table: JourneyTable) -> nx.DiGraph[str]:
    """The transitions as a graph: nodes are step names and sentinels, edges have the attributes of `LEADS_TO`.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5_000_000]}])
    >>> step_graph(table)["view"]["cart"]["journeys"]
    1
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from((step, {"stage": table.stages.get(step)}) for step in table.steps)
    for link in _links(table):
        graph.add_edge(link.source, link.target, **link.model_dump(exclude={"source", "target", "level"}))
    return graph


def _links(table: JourneyTable) -> list[Transition]:
    """The rows that the graph's LEADS_TO is written from, as links; sorted by the steps' names."""
    return [
        Transition(
            source=source,
            target=target,
            level=0,
            journeys=journeys,
            customers=customers,
            count=count,
            median_seconds=median,
            p90_seconds=p90,
            exits=exits,
        )
        for source, target, count, journeys, customers, median, p90, exits in stored.transitions(stored.tally(table))
    ]


def _nodes(table: JourneyTable) -> list[PathNode]:
    """Figures by step, sorted by name, and the sentinels that every path passes."""
    codes, paths = table.step_codes.astype(np.int64), table.path_of
    n_steps = len(table.steps)
    count = np.bincount(codes, minlength=n_steps)
    journeys = distinct(codes, paths, n_steps)
    customers = distinct(codes, table.customers[paths], n_steps)
    rows = [
        (step, int(count[c]), int(journeys[c]), int(customers[c])) for c, step in enumerate(table.steps) if count[c]
    ]
    if table.n_paths:
        everybody = len(np.unique(table.customers))
        rows += [(name, table.n_paths, table.n_paths, everybody) for name in (START, END)]
    return [
        PathNode(
            id=name, name=name, level=0, stage=table.stages.get(name), count=count, journeys=journeys, customers=owners
        )
        for name, count, journeys, owners in sorted(rows)
    ]
