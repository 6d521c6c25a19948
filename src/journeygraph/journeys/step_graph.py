"""The step graph: which step leads to which, how often, for how many journeys and customers, and how fast."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeygraph.graph import Graph, Row, batches
from journeygraph.journeys.table import JourneyTable, read_table
from journeygraph.schema import END, START, JourneyRules, Stage

Transition = tuple[str, str, int, int, int, float | None, float | None, int]


@dataclass
class Tally:
    """One transition so far; tallies of different customers can be added up."""

    count: int = 0
    journeys: int = 0
    customers: int = 0
    exits: int = 0
    seconds: list[NDArray[np.float64]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add what was counted for other customers."""
        self.count += other.count
        self.journeys += other.journeys
        self.customers += other.customers
        self.exits += other.exits
        self.seconds += other.seconds


Tallies = dict[tuple[str, str], Tally]


def refresh(graph: Graph, rules: JourneyRules, data_end_us: int) -> None:
    """Store steps and transitions of all journeys as they are now, in one transaction, with the end of the data."""
    graph.write_all(
        [
            *statements(graph, rules),
            ("load/thread_end", {"data_end_us": data_end_us}),
            ("load/step_graph_shown", {"revision": None}),
        ]
    )


def statements(graph: Graph, rules: JourneyRules) -> list[tuple[str, dict[str, Any]]]:
    """What replaces the stored steps and transitions by those of all journeys as they are now."""
    steps = describe_steps(graph.read("load/step_graph_steps"), rules.goals)
    pages = batches(transitions(tally(read_table(graph))), 20_000)
    return [
        ("load/step_graph_replace_steps", {"steps": steps}),
        *(("load/step_graph_write", {"transitions": page}) for page in pages),
    ]


def describe_steps(counts: Iterable[Row], goals: Sequence[str]) -> list[dict[str, Any]]:
    """Each step with its commonest stage and channel (of equally common ones the first by name), and the sentinels.

    `counts` are rows of `load/step_graph_steps`.  A step whose touchpoints name no stage counts as purchase where it is
    a goal, else as consideration.

    >>> describe_steps([{"step": "cart", "channel": "web", "stage": None, "touchpoints": 2}], [])[0]
    {'name': 'cart', 'stage': 'consideration', 'channel': 'web', 'goal': False}
    """
    stages: defaultdict[str, Counter[str]] = defaultdict(Counter)
    channels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in counts:
        channels[row["step"]][row["channel"]] += row["touchpoints"]
        if row["stage"] is not None:
            stages[row["step"]][row["stage"]] += row["touchpoints"]
    described: list[dict[str, Any]] = []
    for step in sorted(channels):
        fallback = Stage.PURCHASE if step in goals else Stage.CONSIDERATION
        stage = _commonest(stages[step]) if stages[step] else fallback.value
        described.append({"name": step, "stage": stage, "channel": _commonest(channels[step]), "goal": step in goals})
    described += [{"name": name, "stage": None, "channel": None, "goal": False} for name in (START, END)]
    return described


def _commonest(counter: Counter[str]) -> str:
    return min(counter, key=lambda name: (-counter[name], name))


def transitions(tallies: Tallies) -> list[Transition]:
    """Rows of `load/step_graph_write`: what was counted, with median and 90th percentile of the wait in seconds.

    Percentiles are interpolated linearly, as Cypher's percentileCont does, and None where there is no wait.
    """
    rows: list[Transition] = []
    for (source, target), tally in sorted(tallies.items()):
        median, p90 = None, None
        if tally.seconds:
            median, p90 = (float(figure) for figure in np.percentile(np.concatenate(tally.seconds), (50, 90)))
        rows.append((source, target, tally.count, tally.journeys, tally.customers, median, p90, tally.exits))
    return rows


def tally(table: JourneyTable) -> Tallies:
    """Every transition between touchpoints that follow each other in a path, with its count and waits.

    `(start)` and `(end)` close every path, so for each step inflow = outflow; there is no wait to or from them.  Exits
    are the paths whose last transition between touchpoints this is (for one touchpoint: the one from `(start)`); for a
    transition to `(end)` they are its count.

    >>> rows = [{"id": "j", "customer_id": "c", "outcome": "lost", "value": None, "steps": ["a", "b"],
    ...     "channels": ["web", "web"], "occurred_at_us": [0, 5_000_000]}]
    >>> transitions(tally(JourneyTable.from_rows(rows)))[1]
    ('a', 'b', 1, 1, 1, 5.0, 5.0, 1)
    """
    if table.n_paths == 0:
        return {}
    names = [*table.steps, START, END]
    source, target, path, seconds, exits = edges(table)
    pairs, pair = _numbered(source * len(names) + target, len(names) ** 2)
    size = len(pairs)
    counts = np.bincount(pair, minlength=size).tolist()
    # Edges come in two runs, each path after path: one stable sort brings a pair's edges together, in that order.
    order = np.argsort(pair, kind="stable")
    journeys = _runs(pair[order], path[order], size).tolist()
    customers = _runs(pair[order], table.customers[path][order], size).tolist()
    leaving = np.bincount(pair[exits], minlength=size).tolist()
    waits = np.split(seconds[order], np.cumsum(counts)[:-1])
    return {
        (names[int(code) // len(names)], names[int(code) % len(names)]): Tally(
            counts[n], journeys[n], customers[n], leaving[n], [] if np.isnan(waits[n][0]) else [waits[n]]
        )
        for n, code in enumerate(pairs)
    }


def _numbered(codes: NDArray[np.int64], limit: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The codes below `limit` that occur, and for each code its number among them: in 16 bits where these suffice,
    since NumPy sorts such numbers by counting."""
    if limit > 16 * len(codes) + 1_000_000:
        found, number = np.unique(codes, return_inverse=True)
        return found, number.reshape(-1)
    found = np.flatnonzero(np.bincount(codes, minlength=limit))
    numbers = np.zeros(limit, dtype=np.uint16 if len(found) < 1 << 16 else np.int64)
    numbers[found] = np.arange(len(found))
    return found, numbers[codes]


def _runs(group: NDArray[Any], thing: NDArray[Any], n_groups: int) -> NDArray[np.int64]:
    """How many different things each group has, where groups are together, and each thing is within its group."""
    new = np.concatenate([[True], (group[1:] != group[:-1]) | (thing[1:] != thing[:-1])])
    return np.bincount(group[new], minlength=n_groups)


def edges(table: JourneyTable) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
    """Source, target, path, seconds and whether the path ends there, of every transition with its sentinels."""
    start_code, end_code = len(table.steps), len(table.steps) + 1
    first = np.zeros(table.n_touchpoints, dtype=bool)
    first[table.offsets[:-1]] = True
    last = np.zeros(table.n_touchpoints, dtype=bool)
    last[table.offsets[1:] - 1] = True
    codes, path_of = table.step_codes.astype(np.int64), table.path_of
    # One transition into every touchpoint, then one from the last touchpoint of every path to the end.
    source = np.where(first, start_code, np.roll(codes, 1))
    seconds = np.where(first, np.nan, (table.occurred_at_us - np.roll(table.occurred_at_us, 1)) / 1e6)
    ends = np.arange(table.n_paths)
    return (
        np.concatenate([source, codes[last]]),
        np.concatenate([codes, np.full(len(ends), end_code)]),
        np.concatenate([path_of, ends]),
        np.concatenate([seconds, np.full(len(ends), np.nan)]),
        np.concatenate([last, np.ones(len(ends), dtype=bool)]),
    )


def distinct(group: NDArray[Any], thing: NDArray[Any], n_groups: int) -> NDArray[np.int64]:
    """How many different things (non-negative integers) each of the groups `0..n_groups - 1` has.

    Sorted by hand: `np.unique` hashes, which takes many times as long where nearly all pairs differ.

    >>> distinct(np.array([0, 0, 1]), np.array([7, 7, 7]), 3).tolist()
    [1, 1, 0]
    """
    if len(group) == 0:
        return np.zeros(n_groups, dtype=np.int64)
    span = int(thing.max()) + 1
    pairs = np.sort(group.astype(np.int64) * span + thing)
    new = np.concatenate([[True], pairs[1:] != pairs[:-1]])
    return np.bincount(pairs[new] // span, minlength=n_groups)
