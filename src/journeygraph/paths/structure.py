"""The shape of the step graph: where paths begin and end, which steps are bridges, which belong together."""

from __future__ import annotations

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from journeygraph.answers import Answer, Reproducible
from journeygraph.journeys.table import CONVERTED, LOST, OPEN, JourneyTable
from journeygraph.paths.about import AboutPaths, about
from journeygraph.paths.evidence import evidence
from journeygraph.paths.figures import ratio
from journeygraph.paths.transitions import step_graph
from journeygraph.schema import END, START

_SEED = 1


class StepRole(Answer):
    """A step's place in the step graph.

    `entries` and `exits` count paths that begin and end with it (and how those ended), their shares are of all paths.
    `betweenness` is the share of the most likely ways between other steps that lead through it.  `articulation`:
    without it the steps fall apart.  `community` numbers the groups of steps among which customers mostly move, from
    the largest.
    """

    step: str
    stage: str | None
    entries: int
    entry_share: float | None
    exits: int
    exit_share: float | None
    converted: int
    lost: int
    open: int
    betweenness: float
    articulation: bool
    community: int


class StepStructure(AboutPaths, Reproducible):
    """All steps by number of entries and exits; the statement counts these.

    `transitions_cypher` (same parameters) gives the edges from which NetworkX computes the rest; `modularity` says how
    well the communities divide the steps (0: no better than chance).
    """

    denominator: int
    transitions_cypher: str
    modularity: float | None
    steps: list[StepRole]


def step_structure(table: JourneyTable) -> StepStructure:
    """Entry and exit steps, betweenness, articulation steps and communities of the step graph.

    - Betweenness (Brandes) on the directed graph with lengths -log P(next | step), normalised, without the sentinels.
    - Articulation points of the graph without directions and sentinels.
    - Communities by Louvain's method, weighted by how often customers go between two steps in either direction, with a
      fixed seed.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart", "pay"], "channels": ["web"] * 3, "occurred_at_us": [0, 5, 6]}])
    >>> [(row.step, row.entries, row.exits, row.betweenness, row.articulation) for row in step_structure(table).steps]
    [('pay', 0, 1, 0.0, False), ('view', 1, 0, 0.0, False), ('cart', 0, 0, 0.5, True)]
    """
    graph = step_graph(table)
    graph.remove_nodes_from([step for step in table.steps if graph.degree(step) == 0])
    steps = graph.subgraph([step for step in graph if step not in (START, END)]).copy()
    undirected = _undirected(steps)
    communities = _communities(undirected)
    central = nx.betweenness_centrality(_with_lengths(graph, steps), weight="length")
    cut = set(nx.articulation_points(undirected))
    begin, end = _ends(table)
    roles = [
        StepRole(
            step=step,
            stage=table.stages.get(step),
            entries=(first := int(begin[code])),
            entry_share=ratio(first, table.n_paths),
            exits=(last := int(end[code].sum())),
            exit_share=ratio(last, table.n_paths),
            converted=int(end[code, CONVERTED]),
            lost=int(end[code, LOST]),
            open=int(end[code, OPEN]),
            betweenness=float(central[step]),
            articulation=step in cut,
            community=next(n for n, members in enumerate(communities, 1) if step in members),
        )
        for code, step in enumerate(table.steps)
        if step in steps
    ]
    return StepStructure(
        denominator=table.n_paths,
        **about(table),
        transitions_cypher=evidence("paths/transitions", table)["cypher"],
        modularity=float(nx.community.modularity(undirected, communities)) if undirected.size() else None,
        steps=sorted(roles, key=lambda role: (-role.entries - role.exits, role.step)),
        **evidence("paths/ends", table),
    )


def _undirected(steps: nx.DiGraph[str]) -> nx.Graph[str]:
    """Steps with the transitions in both directions added up, without those from a step to itself."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(sorted(steps))
    for source, target in sorted(steps.edges):
        if source != target:
            before = graph.get_edge_data(source, target, {"weight": 0})["weight"]
            graph.add_edge(source, target, weight=before + steps.edges[source, target]["count"])
    return graph


def _communities(graph: nx.Graph[str]) -> list[set[str]]:
    """The largest first, of equal ones the first by name."""
    if not graph.size():
        return [{step} for step in graph]
    found = nx.community.louvain_communities(graph, weight="weight", seed=_SEED)
    return sorted(found, key=lambda members: (-len(members), min(members)))


def _with_lengths(graph: nx.DiGraph[str], steps: nx.DiGraph[str]) -> nx.DiGraph[str]:
    """The steps, each transition as long as it is unlikely: -log P(next | step), the end counted among the nexts."""
    leaving = dict(graph.out_degree(weight="count"))
    for source, _, data in steps.edges(data=True):
        data["length"] = -float(np.log(data["count"] / leaving[source]))
    return steps


def _ends(table: JourneyTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Paths that begin with each step, and that end with it by outcome (steps x 3)."""
    size = len(table.steps)
    held = table.lengths > 0
    begin = np.bincount(table.step_codes[table.offsets[:-1][held]], minlength=size)
    last = table.step_codes[table.offsets[1:][held] - 1].astype(np.int64)
    end = np.bincount(last * 3 + table.outcomes[held], minlength=3 * size).reshape(size, 3)
    return begin, end
