"""Transitions: what comes directly after what, with sentinels, so that inflow = outflow for every step."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from journeygraph.journeys.table import JourneyTable
from journeygraph.paths.answers import PathNode, Transition, Transitions
from journeygraph.paths.evidence import evidence
from journeygraph.paths.figures import distinct_per_group, number_or_none, quantiles_per_group
from journeygraph.schema import END, START


@dataclass(frozen=True)
class _Moves:
    """Every transition of every path (M = touchpoints + paths); sentinels have the codes S and S + 1."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    path: NDArray[np.int64]
    seconds: NDArray[np.float64]  # NaN where a sentinel is involved
    exit: NDArray[np.bool_]  # the path ended right after


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
    proof = evidence("paths/transitions", table)
    return Transitions(
        denominator=table.n_paths,
        per=table.per,
        nodes=_nodes(table),
        links=_links(table, _moves(table)),
        nodes_cypher=evidence("paths/nodes", table)["cypher"],
        **proof,
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
    for link in _links(table, _moves(table)):
        graph.add_edge(link.source, link.target, **link.model_dump(exclude={"source", "target", "level"}))
    return graph


def _moves(table: JourneyTable) -> _Moves:
    """One row a transition: the touchpoints of each path shifted against themselves, closed by sentinels."""
    paths, n_steps = table.n_paths, len(table.steps)
    first = table.offsets[:-1] + np.arange(paths)  # where each path's first transition lies
    last = table.offsets[1:] + np.arange(paths)
    inner = np.ones(table.n_touchpoints + paths, dtype=bool)
    source = np.empty(len(inner), dtype=np.int64)
    target = np.empty(len(inner), dtype=np.int64)
    before, after = inner.copy(), inner.copy()
    before[first], after[last] = False, False
    source[before], source[first] = table.step_codes, n_steps
    target[after], target[last] = table.step_codes, n_steps + 1
    seconds = np.full(len(inner), np.nan)
    times = np.diff(table.occurred_at_us, prepend=0)
    within = np.ones(table.n_touchpoints, dtype=bool)
    within[table.offsets[:-1][table.lengths > 0]] = False
    seconds[before & after] = times[within] / 1e6
    exit = np.zeros(len(inner), dtype=bool)
    exit[(last - 1)[table.lengths > 0]] = True
    return _Moves(source, target, np.repeat(np.arange(paths), table.lengths + 1), seconds, exit)


def _links(table: JourneyTable, moves: _Moves) -> list[Transition]:
    """Figures by pair of steps, sorted by the steps' names."""
    names = [*table.steps, START, END]
    keys, edge = np.unique(moves.source * len(names) + moves.target, return_inverse=True)
    count = np.bincount(edge, minlength=len(keys))
    journeys = distinct_per_group(edge, moves.path, len(keys))
    customers = distinct_per_group(edge, table.customers[moves.path], len(keys))
    exits = np.bincount(edge, weights=moves.exit, minlength=len(keys))
    timed = ~np.isnan(moves.seconds)
    median = quantiles_per_group(edge[timed], moves.seconds[timed], len(keys), 0.5)
    p90 = quantiles_per_group(edge[timed], moves.seconds[timed], len(keys), 0.9)
    links = [
        Transition(
            source=names[key // len(names)],
            target=names[key % len(names)],
            level=0,
            journeys=int(journeys[row]),
            customers=int(customers[row]),
            count=int(count[row]),
            median_seconds=number_or_none(median[row]),
            p90_seconds=number_or_none(p90[row]),
            exits=int(exits[row]),
        )
        for row, key in enumerate(keys.tolist())
    ]
    return sorted(links, key=lambda link: (link.source, link.target))


def _nodes(table: JourneyTable) -> list[PathNode]:
    """Figures by step, sorted by name, and the sentinels that every path passes."""
    codes, paths = table.step_codes.astype(np.int64), table.path_of
    n_steps = len(table.steps)
    count = np.bincount(codes, minlength=n_steps)
    journeys = distinct_per_group(codes, paths, n_steps)
    customers = distinct_per_group(codes, table.customers[paths], n_steps)
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
