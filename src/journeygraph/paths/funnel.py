"""Funnels: how many paths take the given steps, in order, without anything between, or in any order.

Counted as in ClickHouse's `windowFunnel`: the window is inclusive and runs from the first step; a later first step
may start a newer chain; the chain that comes furthest counts.  See `docs/paths.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths import chains
from journeygraph.paths.answers import Funnel, FunnelStep
from journeygraph.paths.evidence import evidence
from journeygraph.paths.figures import quantile
from journeygraph.paths.steps import alternatives, check

Mode = Literal["ordered", "strict", "unordered"]
DEFAULT_WINDOW_SECONDS = 14 * 86_400.0


def funnel(
    table: JourneyTable,
    steps: Sequence[str],
    *,
    mode: Mode = "ordered",
    window_seconds: float | None = DEFAULT_WINDOW_SECONDS,
    exclude: Sequence[str] = (),
) -> Funnel:
    """How many paths, at the table's grain, come how far along `steps`.

    A step may be alternatives (`"phone|chat"`) and steps may repeat; one touchpoint serves one step of a chain.

    - *ordered*: anything may happen between the steps;
    - *strict*: each step is the very next touchpoint;
    - *unordered*: `steps[k]` counts the paths with k + 1 of the steps inside one window, in any order.

    `window_seconds` (None: no window) is inclusive and runs from the chain's first touchpoint.  A step in `exclude`
    ends the attempt under way: what it had reached still counts, and a newer attempt may come further.

    Seconds between steps are those of each path's best chain: the one that comes furthest, of these the one that
    gets there first, of these the one that started last (with each step as late as that chain allows).

    Raises `UsageError` for an unknown step, mode or a window below zero.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "help", "cart"], "channels": ["web"] * 3, "occurred_at_us": [0, 1, 5_000_000]}])
    >>> [(step.step, step.count, step.median_seconds) for step in funnel(table, ["view", "cart"]).steps]
    [('view', 1, None), ('cart', 1, 5.0)]
    >>> [step.count for step in funnel(table, ["view", "cart"], exclude=["help"]).steps]
    [1, 0]
    """
    choices = _checked(table, steps, mode, window_seconds, exclude)
    window_us = None if window_seconds is None else round(window_seconds * 1e6)
    find = chains.unordered if mode == "unordered" else chains.ordered
    times = find(table, choices, window_us=window_us, exclude=list(exclude), strict=mode == "strict")
    parameters = {} if mode == "unordered" else {"strict": mode == "strict"}
    query = "paths/funnel_unordered" if mode == "unordered" else "paths/funnel"
    found = _steps(["|".join(names) for names in choices], times, mode)
    return Funnel(
        denominator=found[0].count,
        per=table.per,
        population=table.n_paths,
        mode=mode,
        window_seconds=window_seconds,
        exclude=list(exclude),
        steps=found,
        **evidence(query, table, steps=choices, window_us=window_us, exclude=list(exclude), **parameters),
    )


def _checked(
    table: JourneyTable, steps: Sequence[str], mode: Mode, window_seconds: float | None, exclude: Sequence[str]
) -> list[list[str]]:
    """The alternatives of each step, or an error that says what is wrong."""
    if not steps:
        raise UsageError("A funnel needs at least one step.")
    if mode not in get_args(Mode):
        raise UsageError(f"There is no funnel mode {mode!r}; there are ordered, strict and unordered.")
    if window_seconds is not None and not window_seconds >= 0:
        raise UsageError(f"A funnel's window of {window_seconds} seconds is below zero.")
    choices = [alternatives(table, step) for step in steps]
    check(table, exclude)
    for step in exclude:
        if any(step in names for names in choices):
            raise UsageError(f"The step {step!r} cannot be both a step of the funnel and excluded from it.")
    if mode == "unordered":
        _check_disjoint(choices)
    return choices


def _check_disjoint(choices: list[list[str]]) -> None:
    """In any order, a touchpoint must tell which step it is: two steps are the same, or share no name."""
    for first in choices:
        for second in choices:
            if set(first) != set(second) and set(first) & set(second):
                raise UsageError(
                    f"In an unordered funnel {'|'.join(first)!r} and {'|'.join(second)!r} overlap: "
                    "steps must be the same or have no name in common."
                )


def _steps(names: list[str], times: NDArray[np.float64], mode: Mode) -> list[FunnelStep]:
    """Counts and waits of `times` (paths x steps, microseconds, NaN where a path didn't come that far)."""
    reached = ~np.isnan(times)
    counts = [int(reached[:, k].sum()) for k in range(len(names))]
    waits = [np.diff(times[reached[:, k], k - 1 : k + 1])[:, 0] / 1e6 for k in range(1, len(names))]
    total = len(names)
    return [
        FunnelStep(
            step=name,
            label=f"any {k + 1} of {total} steps" if mode == "unordered" else name,
            count=counts[k],
            conversion=_ratio(counts[k], counts[0]),
            from_previous=None if k == 0 else _ratio(counts[k], counts[k - 1]),
            median_seconds=None if k == 0 else quantile(waits[k - 1], 0.5),
            p90_seconds=None if k == 0 else quantile(waits[k - 1], 0.9),
        )
        for k, name in enumerate(names)
    ]


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
