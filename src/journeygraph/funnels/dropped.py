"""Who stopped at each step of a funnel, and what they did instead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.funnels.answers import Dropped, Instead, Stopped, StoppedPath
from journeygraph.funnels.question import DEFAULT_WINDOW_SECONDS, Mode, checked
from journeygraph.journeys.step_graph import distinct
from journeygraph.journeys.table import CONVERTED, LOST, OPEN, OUTCOMES, JourneyTable
from journeygraph.paths.about import about
from journeygraph.schema import END

_Index = NDArray[np.int64]


def dropped(
    table: JourneyTable,
    steps: Sequence[str],
    *,
    mode: Mode = "ordered",
    window_seconds: float | None = DEFAULT_WINDOW_SECONDS,
    exclude: Sequence[str] = (),
    reached: int | None = None,
    next_step: str | None = None,
    listed: bool = False,
) -> Dropped:
    """For each step but the last: the paths whose best chain ends there, how they ended, and what came next.

    `listed`: also the paths, one by one; with `reached` those that have so many of the steps, with `next_step` those
    that did this next.  Raises `UsageError` as `funnel` does, and for a number of steps that the funnel doesn't have.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "help"], "channels": ["web"] * 2, "occurred_at_us": [0, 1]},
    ...     {"id": "k", "customer_id": "d", "outcome": "lost", "value": None,
    ...     "steps": ["view", "cart"], "channels": ["web"] * 2, "occurred_at_us": [0, 1]}])
    >>> answer = dropped(table, ["view", "cart"], listed=True)
    >>> [(step.step, step.count, step.instead[0].step) for step in answer.steps], answer.paths[0].customer_id
    ([('view', 1, 'help')], 'c')
    """
    question = checked(table, steps, mode, window_seconds, exclude)
    if reached is not None and not 0 < reached < len(steps):
        raise UsageError(
            f"A path can stop after 1 to {len(steps) - 1} of these {len(steps)} steps, not after {reached}."
        )
    chains = question.chains(table)
    lengths = (chains >= 0).sum(axis=1)
    following = _following(table, chains, lengths)
    names = [*table.steps, END]
    asked = (lengths > 0) & (lengths < len(steps))
    if reached is not None:
        asked &= lengths == reached
    if next_step is not None:
        asked &= following == (names.index(next_step) if next_step in names else -1)
    query = "funnels/dropped_unordered" if mode == "unordered" else "funnels/dropped"
    return Dropped(
        denominator=int((lengths > 0).sum()),
        **about(table),
        population=table.n_paths,
        steps=[_stopped(table, name, k + 1, lengths, following) for k, name in enumerate(question.names[:-1])],
        paths=_listed(table, np.flatnonzero(asked), lengths, following) if listed else [],
        **question.fields,
        **question.evidence(query, table, reached=reached, next_step=next_step),
    )


def _following(table: JourneyTable, chains: _Index, lengths: _Index) -> _Index:
    """For each path the code of the step after its chain's last touchpoint; one beyond the steps: its end."""
    if not table.n_touchpoints:
        return np.zeros(table.n_paths, dtype=np.int64)
    last = chains[np.arange(table.n_paths), np.maximum(lengths - 1, 0)]
    beyond = last + 1 >= table.offsets[1:]
    codes = table.step_codes[np.minimum(last + 1, table.n_touchpoints - 1)].astype(np.int64)
    return np.where(beyond, len(table.steps), codes)


def _stopped(table: JourneyTable, name: str, reached: int, lengths: _Index, following: _Index) -> Stopped:
    paths = np.flatnonzero(lengths == reached)
    outcomes = np.bincount(table.outcomes[paths], minlength=3)
    customers = table.customers[paths].astype(np.int64)
    size = len(table.steps) + 1
    counts = np.bincount(following[paths], minlength=size)
    owners = distinct(following[paths], customers, size)
    instead = [
        Instead(step=step, count=int(counts[code]), customers=int(owners[code]), share=float(counts[code] / len(paths)))
        for code, step in enumerate([*table.steps, END])
        if counts[code]
    ]
    return Stopped(
        step=name,
        reached=reached,
        count=len(paths),
        customers=len(np.unique(customers)),
        lost=int(outcomes[LOST]),
        converted=int(outcomes[CONVERTED]),
        open=int(outcomes[OPEN]),
        instead=sorted(instead, key=lambda row: (-row.count, row.step)),
    )


def _listed(table: JourneyTable, paths: _Index, lengths: _Index, following: _Index) -> list[StoppedPath]:
    names = [*table.steps, END]
    found = [
        StoppedPath(
            path_id=table.ids[path],
            customer_id=table.customer_ids[table.customers[path]],
            outcome=OUTCOMES[table.outcomes[path]].value,
            reached=int(lengths[path]),
            next_step=names[following[path]],
        )
        for path in paths.tolist()
    ]
    return sorted(found, key=lambda row: (row.customer_id, row.path_id))
