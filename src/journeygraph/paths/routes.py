"""Ways to a goal: the one of the fewest steps, the fastest, the most likely and the most valuable."""

from __future__ import annotations

from typing import Literal

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import NotFound, UsageError
from journeygraph.journeys.step_graph import distinct, edges
from journeygraph.journeys.table import CONVERTED, JourneyTable
from journeygraph.paths.about import AboutPaths, about
from journeygraph.paths.evidence import evidence
from journeygraph.paths.figures import quantile
from journeygraph.paths.steps import check
from journeygraph.paths.view import next_with
from journeygraph.schema import END, START

Best = Literal["fewest_steps", "fastest", "most_likely", "most_valuable"]


class Leg(Answer):
    """One transition of a route, before the goal is reached: the figures that the routes are found by.

    `probability` is the share of everything that leaves `source`, `value_share` the same of the value that goes on to
    the goal.
    """

    source: str
    target: str
    count: int
    journeys: int
    median_seconds: float | None
    value: float | None
    probability: float
    value_share: float | None


class Route(Reproducible):
    """A way from the first touchpoint to the goal.

    `probability` is the product of the legs' probabilities, `value_share` of their shares of the value, `seconds` the
    sum of their median waits.  `journeys` paths really went exactly this way, `converted` of them converted, with
    `value` (this row's statement gives the four).
    """

    best: Best
    steps: list[str]
    legs: list[Leg]
    probability: float
    value_share: float | None
    seconds: float
    journeys: int
    customers: int
    converted: int
    value: float | None


class Routes(AboutPaths, Reproducible):
    """The best ways to a goal, which `reached` of `denominator` paths reach; the statement gives every leg.

    Values are left out where conversions came in several `currencies`.
    """

    denominator: int
    goal: str
    currencies: list[str]
    reached: int
    minimum: int
    routes: list[Route]


def routes_to(table: JourneyTable, goal: str, *, minimum: int = 1) -> Routes:
    """Four best ways from `(start)` to the first `goal`, over transitions that at least `minimum` paths took.

    - *fewest_steps*: as few touchpoints as possible, of these ways the most likely one;
    - *fastest*: the least sum of the transitions' median waits (Dijkstra);
    - *most_likely*: the greatest product of P(next | step) before the goal (Dijkstra on -log P);
    - *most_valuable*: the same where every path counts with the value that it brings to the goal; left out where no
      path brings any, and where values are in several currencies.

    Raises `UsageError` for an unknown step, `NotFound` where no such way leads to it.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "converted", "value": 5.0,
    ...     "steps": ["view", "cart"], "channels": ["web", "web"], "occurred_at_us": [0, 5_000_000]}])
    >>> [(route.best, route.steps) for route in routes_to(table, "cart").routes][0]
    ('fewest_steps', ['view', 'cart'])
    """
    check(table, [goal])
    if minimum < 1:
        raise UsageError(f"A way is taken by at least one path, not by {minimum}.")
    transitions = legs(table, goal)
    graph = _graph([leg for leg in transitions if leg.journeys >= minimum])
    if goal not in graph or not nx.has_path(graph, START, goal):
        raise NotFound(f"No way of which each part was taken by {minimum} or more {table.per}s leads to {goal!r}.")
    return Routes(
        denominator=table.n_paths,
        **about(table),
        goal=goal,
        currencies=list(table.currencies),
        reached=sum(leg.journeys for leg in transitions if leg.target == goal),
        minimum=minimum,
        routes=[_route(table, graph, best, way) for best, way in _ways(graph, goal)],
        **evidence("paths/to_goal", table, goal=goal, with_value=table.one_currency),
    )


def legs(table: JourneyTable, goal: str) -> list[Leg]:
    """Every transition of every path up to its first goal, by source and target."""
    if not table.n_paths:
        return []
    names = [*table.steps, START, END]
    size = len(names)
    at = next_with(table, goal, table.offsets[:-1])
    arrives = at < table.offsets[1:]
    source, target, path, seconds, _ = edges(table)
    # One transition into every touchpoint, in their order; then one from every path to its end.
    place = np.concatenate([np.arange(table.n_touchpoints), np.where(arrives, table.n_touchpoints, -1)])
    before = np.where(arrives, at, table.n_touchpoints)[path]
    kept = place <= before
    kept[table.n_touchpoints :] = ~arrives
    source, target, path, seconds = source[kept], target[kept], path[kept], seconds[kept]
    pairs, pair = np.unique(source * size + target, return_inverse=True)
    pair = pair.reshape(-1)
    counts = np.bincount(pair, minlength=len(pairs))
    journeys = distinct(pair, path, len(pairs))
    worth = np.where(arrives & table.one_currency, table.values, 0.0)
    value = np.bincount(pair, weights=worth[path], minlength=len(pairs))
    out = np.bincount(pairs // size, weights=counts, minlength=size)
    value_out = np.bincount(pairs // size, weights=value, minlength=size)
    waits = np.split(seconds[np.argsort(pair, kind="stable")], np.cumsum(counts)[:-1])
    return [
        Leg(
            source=names[code // size],
            target=names[code % size],
            count=int(counts[n]),
            journeys=int(journeys[n]),
            median_seconds=None if np.isnan(waits[n][0]) else quantile(waits[n], 0.5),
            value=float(value[n]) if table.one_currency else None,
            probability=float(counts[n] / out[code // size]),
            value_share=float(value[n] / value_out[code // size]) if value_out[code // size] else None,
        )
        for n, code in enumerate(pairs.tolist())
    ]


def _graph(legs: list[Leg]) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    for leg in legs:
        likely = -float(np.log(leg.probability))
        worth = -float(np.log(leg.value_share)) if leg.value_share else None
        graph.add_edge(
            leg.source,
            leg.target,
            leg=leg,
            likely=likely,
            worth=worth,
            seconds=leg.median_seconds or 0.0,
            # One step outweighs every difference of likelihood, which is finite on any way of n steps.
            steps=1e6 + likely,
        )
    return graph


def _ways(graph: nx.DiGraph[str], goal: str) -> list[tuple[Best, list[str]]]:
    weights: dict[Best, str] = {"fewest_steps": "steps", "fastest": "seconds", "most_likely": "likely"}
    found: list[tuple[Best, list[str]]] = [
        (best, nx.dijkstra_path(graph, START, goal, weight=weight)) for best, weight in weights.items()
    ]
    worth = graph.edge_subgraph([(a, b) for a, b, data in graph.edges(data=True) if data["worth"] is not None])
    if goal in worth and START in worth and nx.has_path(worth, START, goal):
        found.append(("most_valuable", nx.dijkstra_path(worth, START, goal, weight="worth")))
    return found


def _route(table: JourneyTable, graph: nx.DiGraph[str], best: Best, way: list[str]) -> Route:
    legs: list[Leg] = [graph.edges[edge]["leg"] for edge in nx.utils.pairwise(way)]
    steps = way[1:]
    paths = _followers(table, steps)
    shares = [leg.value_share for leg in legs]
    return Route(
        best=best,
        steps=steps,
        legs=legs,
        probability=float(np.prod([leg.probability for leg in legs])),
        value_share=None if None in shares else float(np.prod(np.array(shares, dtype=float))),
        seconds=float(sum(leg.median_seconds or 0.0 for leg in legs)),
        journeys=len(paths),
        customers=len(np.unique(table.customers[paths])),
        converted=int((table.outcomes[paths] == CONVERTED).sum()),
        value=float(table.values[paths].sum()) if table.one_currency else None,
        **evidence("paths/route", table, route=steps, with_value=table.one_currency),
    )


def _followers(table: JourneyTable, steps: list[str]) -> NDArray[np.int64]:
    """The paths that begin with exactly these steps."""
    paths = np.flatnonzero(table.lengths >= len(steps))
    for k, step in enumerate(steps):
        paths = paths[table.step_codes[table.offsets[paths] + k] == table.code(step)]
    return paths
