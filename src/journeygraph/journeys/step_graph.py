"""The step graph: which step leads to which, how often, for how many journeys and customers, and how fast."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from journeygraph.graph import Graph, Row, batches
from journeygraph.journeys.table import JourneyTable, read_table
from journeygraph.schema import END, START, JourneyRules, Stage

Transition = tuple[str, str, int, int, int, float | None, float | None, int]


def refresh(graph: Graph, rules: JourneyRules, data_end_us: int) -> None:
    """Store steps and transitions of all journeys as they are now, in one transaction, with the end of the data."""
    steps = describe_steps(graph.read("load/step_graph_steps"), rules.goals)
    pages = batches(transitions(read_table(graph)), 20_000)
    graph.write_all(
        [
            ("load/step_graph_replace_steps", {"steps": steps}),
            *(("load/step_graph_write", {"transitions": page}) for page in pages),
            ("load/thread_end", {"data_end_us": data_end_us}),
        ]
    )


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


def transitions(table: JourneyTable) -> list[Transition]:
    """Every transition with count, journeys, customers, median and 90th percentile of the wait, and exits.

    `(start)` and `(end)` close every path, so for each step inflow = outflow; a wait to or from them is None.  Exits
    are the paths whose last transition between touchpoints this is (for one touchpoint: the one from `(start)`); for a
    transition to `(end)` they are its count.  Percentiles are interpolated linearly, as Cypher's percentileCont does.

    >>> rows = [{"id": "j", "customer_id": "c", "outcome": "lost", "value": None, "steps": ["a", "b"],
    ...     "channels": ["web", "web"], "occurred_at_us": [0, 5_000_000]}]
    >>> transitions(JourneyTable.from_rows(rows))[1]
    ('a', 'b', 1, 1, 1, 5.0, 5.0, 1)
    """
    if table.n_paths == 0:
        return []
    names = [*table.steps, START, END]
    size = len(names)
    source, target, path, seconds, exits = _edges(table)
    pairs, pair = np.unique(source * size + target, return_inverse=True)
    pair = pair.reshape(-1)
    count = np.bincount(pair, minlength=len(pairs))
    median, p90 = _percentiles(pair, seconds, len(pairs))
    columns = [
        count,
        _distinct(pair, path, len(pairs)),
        _distinct(pair, table.customers.astype(np.int64)[path], len(pairs)),
        np.bincount(pair[exits], minlength=len(pairs)),
    ]
    found = [
        (names[int(code) // size], names[int(code) % size], n, j, c, _known(m), _known(p), x)
        for code, n, j, c, x, m, p in zip(pairs, *(column.tolist() for column in columns), median, p90, strict=True)
    ]
    return sorted(found, key=lambda row: row[:2])


def _edges(table: JourneyTable) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
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


def _distinct(pair: NDArray[Any], thing: NDArray[Any], n_pairs: int) -> NDArray[Any]:
    """How many different things each pair has."""
    span = int(thing.max()) + 1
    return np.bincount(np.unique(pair * span + thing) // span, minlength=n_pairs)


def _percentiles(pair: NDArray[Any], seconds: NDArray[Any], n_pairs: int) -> tuple[list[float], list[float]]:
    """Median and 90th percentile of each pair's seconds, NaN for a pair that has none."""
    timed = ~np.isnan(seconds)
    pair, seconds = pair[timed], seconds[timed]
    ordered = seconds[np.lexsort((seconds, pair))]
    counts = np.bincount(pair, minlength=n_pairs)
    starts = np.cumsum(counts) - counts
    return _at(ordered, starts, counts, 0.5), _at(ordered, starts, counts, 0.9)


def _at(ordered: NDArray[Any], starts: NDArray[Any], counts: NDArray[Any], share: float) -> list[float]:
    found = np.full(len(counts), np.nan)
    some = counts > 0
    place = share * (counts[some] - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, counts[some] - 1)
    weight = place - low
    below, above = ordered[starts[some] + low], ordered[starts[some] + high]
    found[some] = below * (1 - weight) + above * weight
    values: list[float] = found.tolist()
    return values


def _known(value: float) -> float | None:
    return None if value != value else value
