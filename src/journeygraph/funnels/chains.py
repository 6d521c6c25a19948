"""The best chain of funnel steps in every path, for all paths at once.

The recurrence is that of ClickHouse's `windowFunnel`: a touchpoint that matches step k continues the chain that is at
step k - 1 and started last, because no other leaves more of the window.  That chain ends at the *latest* touchpoint
where step k - 1 was reached, so one running maximum a step finds it, and no path is walked in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from journeygraph.journeys.table import JourneyTable

_Index = NDArray[np.int64]


@dataclass(frozen=True)
class _Events:
    """The touchpoints that can matter (E of them), path after path in order.

    `attempt` is where the stretch begins in which an event's chain may have started: its path's first event, or the
    first after the last excluded touchpoint.  `at` is its position among the table's touchpoints.
    """

    at: _Index
    codes: NDArray[np.int32]
    times: _Index
    path: _Index
    attempt: _Index
    n_paths: int


def ordered(
    table: JourneyTable,
    choices: Sequence[Sequence[str]],
    *,
    window_us: int | None,
    exclude: Sequence[str],
    strict: bool = False,
) -> _Index:
    """Touchpoints of the best chain's steps: paths x steps, -1 from where the chain stops.

    With `strict`, a step continues a chain only from the touchpoint directly before it.
    """
    events = _events(table, _codes(table, [name for names in choices for name in names]), exclude, keep_all=strict)
    previous, reached = _recurrence(events, [_codes(table, names) for names in choices], window_us, strict)
    return _best_chains(events, previous, reached)


def _recurrence(
    events: _Events, choices: Sequence[_Index], window_us: int | None, strict: bool
) -> tuple[list[_Index], list[NDArray[np.bool_]]]:
    """For each step: the event that each event continues (-1: none), and whether the step is reached there."""
    size = len(events.codes)
    index = np.arange(size)
    reached = [np.isin(events.codes, choices[0])]
    previous = [np.full(size, -1)]
    start = index.copy()  # index of the first event of the chain that reaches the current step here
    for codes in choices[1:]:
        latest = index if strict else np.maximum.accumulate(np.where(reached[-1], index, -1))
        before = np.concatenate([[-1], latest[:-1]]).astype(np.int64)[:size]
        ok = np.isin(events.codes, codes) & (before >= events.attempt) & (before >= 0)
        ok[ok] = reached[-1][before[ok]]
        if window_us is not None:
            ok[ok] = events.times[ok] - events.times[start[before[ok]]] <= window_us
        start = np.where(ok, start[before], index)
        reached.append(ok)
        previous.append(np.where(ok, before, -1))
    return previous, reached


def _best_chains(events: _Events, previous: Sequence[_Index], reached: Sequence[NDArray[np.bool_]]) -> _Index:
    """Walk back from the first event at which each path is furthest."""
    chains = np.full((events.n_paths, len(reached)), -1)
    open_paths = np.ones(events.n_paths, dtype=bool)
    for level in range(len(reached) - 1, -1, -1):
        at = np.flatnonzero(reached[level])
        paths, first = np.unique(events.path[at], return_index=True)
        new = open_paths[paths]
        paths, at = paths[new], at[first[new]]
        open_paths[paths] = False
        for step in range(level, -1, -1):
            chains[paths, step] = events.at[at]
            at = previous[step][at]
    return chains


def unordered(
    table: JourneyTable,
    choices: Sequence[Sequence[str]],
    *,
    window_us: int | None,
    exclude: Sequence[str],
    strict: bool = False,  # noqa: ARG001 - one signature for all modes
) -> _Index:
    """Touchpoints at which each path's best window had one, two, ... of the steps: paths x steps, -1 beyond.

    The best window holds the most of the steps; of several, the one that begins first.  A step that is asked for
    twice needs two touchpoints.
    """
    events = _events(table, _codes(table, [name for names in choices for name in names]), exclude)
    wanted: dict[frozenset[str], int] = {}
    for names in choices:
        wanted[frozenset(names)] = wanted.get(frozenset(names), 0) + 1
    kinds = [(np.flatnonzero(np.isin(events.codes, _codes(table, sorted(k)))), n) for k, n in wanted.items()]
    best, end = _best_windows(events, kinds, window_us)
    found = np.full((events.n_paths, len(choices)), -1)
    found[events.path[best]] = _appearances(events, kinds, best, end)
    return found


def _best_windows(events: _Events, kinds: Sequence[tuple[_Index, int]], window_us: int | None) -> tuple[_Index, _Index]:
    """First and last event of the best window of each path that has any event."""
    start = np.arange(len(events.codes))
    end = _last_within(events, window_us)
    found = np.zeros(len(start), dtype=np.int64)
    for at, wanted in kinds:
        inside = np.searchsorted(at, end, side="right") - np.searchsorted(at, start)
        found += np.minimum(inside, wanted)
    order = np.lexsort((start, -found, events.path))
    _, first = np.unique(events.path[order], return_index=True)
    best = order[first]
    return best, end[best]


def _appearances(events: _Events, kinds: Sequence[tuple[_Index, int]], start: _Index, end: _Index) -> _Index:
    """The wanted touchpoints inside each window, in order (windows x steps, -1 where missing)."""
    beyond, columns = np.iinfo(np.int64).max, []
    for at, wanted in kinds:
        first = np.searchsorted(at, start)
        for nth in range(wanted):
            position = np.minimum(first + nth, max(len(at) - 1, 0))
            event = at[position] if len(at) else np.zeros(len(start), dtype=np.int64)
            inside = (first + nth < len(at)) & (event <= end)
            columns.append(np.where(inside, events.at[event], beyond))
    ordered = np.sort(np.stack(columns, axis=1), axis=1)
    return np.where(ordered == beyond, -1, ordered)


def _last_within(events: _Events, window_us: int | None) -> _Index:
    """The last event of the same attempt within the window of each event, by bisection for all at once."""
    size = len(events.codes)
    starts = np.unique(events.attempt, return_inverse=True)[1]
    low = np.arange(size)
    high = np.searchsorted(starts, starts, side="right") - 1
    if window_us is None:
        return high
    limit = events.times + window_us
    while np.any(low < high):
        middle = (low + high + 1) // 2
        inside = events.times[middle] <= limit
        low, high = np.where(inside, middle, low), np.where(inside, high, middle - 1)
    return low


def _events(table: JourneyTable, codes: _Index, exclude: Sequence[str], *, keep_all: bool = False) -> _Events:
    """The touchpoints with these steps (or all of them), each with the beginning of its attempt."""
    wanted = np.isin(table.step_codes, codes) | keep_all
    excluded = np.isin(table.step_codes, _codes(table, exclude))
    kept = np.flatnonzero(wanted & ~excluded) if not keep_all else np.arange(table.n_touchpoints)
    path = table.path_of
    barrier = np.maximum.accumulate(np.where(excluded, np.arange(table.n_touchpoints), -1))
    begin = np.maximum(table.offsets[:-1][path], barrier + 1)[kept]
    return _Events(
        at=kept,
        codes=table.step_codes[kept],
        times=table.occurred_at_us[kept],
        path=path[kept],
        attempt=np.searchsorted(kept, begin),
        n_paths=table.n_paths,
    )


def _codes(table: JourneyTable, names: Sequence[str]) -> _Index:
    return np.array(sorted({table.code(name) for name in names} - {-1}), dtype=np.int64)
