"""Funnels: how many paths take the given steps, in order, without anything between, or in any order.

Counted as in ClickHouse's `windowFunnel`: the window is inclusive and runs from the first step; a later first step
may start a newer chain; the chain that comes furthest counts.  See `docs/funnels.md`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from journeygraph.funnels.answers import Breakdown, Funnel, FunnelGroup, FunnelStep
from journeygraph.funnels.question import DEFAULT_WINDOW_SECONDS, Mode, Question, checked
from journeygraph.journeys.table import JourneyTable
from journeygraph.paths.about import about
from journeygraph.paths.figures import quantile, ratio
from journeygraph.statistics import q_values, share

_Chains = NDArray[np.int64]
_QUERY = {"ordered": "funnels/ordered", "strict": "funnels/ordered", "unordered": "funnels/unordered"}


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

    A table that was read with groups is broken down by them.

    Raises `UsageError` for an unknown step, mode or a window below zero.

    >>> table = JourneyTable.from_rows([{"id": "j", "customer_id": "c", "outcome": "lost", "value": None,
    ...     "steps": ["view", "help", "cart"], "channels": ["web"] * 3, "occurred_at_us": [0, 1, 5_000_000]}])
    >>> [(step.step, step.count, step.median_seconds) for step in funnel(table, ["view", "cart"]).steps]
    [('view', 1, None), ('cart', 1, 5.0)]
    >>> [step.count for step in funnel(table, ["view", "cart"], exclude=["help"]).steps]
    [1, 0]
    """
    question = checked(table, steps, mode, window_seconds, exclude)
    chains = question.chains(table)
    found = _steps(question, table, chains)
    return Funnel(
        denominator=found[0].count,
        **about(table),
        population=table.n_paths,
        steps=found,
        breakdown=_breakdown(question, table, chains),
        **question.fields,
        **question.evidence(_QUERY[mode], table, grouped=False),
    )


def _steps(question: Question, table: JourneyTable, chains: _Chains) -> list[FunnelStep]:
    """Counts and waits of the chains (paths x steps, -1 where a path didn't come that far)."""
    reached, names = chains >= 0, question.names
    counts = reached.sum(axis=0).tolist()
    times = table.occurred_at_us[chains] if table.n_touchpoints else chains
    waits = [(times[:, k] - times[:, k - 1])[reached[:, k]] / 1e6 for k in range(1, len(names))]
    return [
        FunnelStep(
            step=name,
            label=f"any {k + 1} of {len(names)} steps" if question.mode == "unordered" else name,
            count=counts[k],
            conversion=ratio(counts[k], counts[0]),
            from_previous=None if k == 0 else ratio(counts[k], counts[k - 1]),
            median_seconds=None if k == 0 else quantile(waits[k - 1], 0.5),
            p90_seconds=None if k == 0 else quantile(waits[k - 1], 0.9),
        )
        for k, name in enumerate(names)
    ]


def _breakdown(question: Question, table: JourneyTable, chains: _Chains) -> Breakdown | None:
    """The same funnel for every group, sorted by name, paths without a value at the end."""
    codes, by = table.group_codes, table.selection.by
    if codes is None or by is None:
        return None
    present = [*range(len(table.groups)), -1]
    members = [(code, codes == code) for code in present]
    parts = [(code, int(own.sum()), _steps(question, table, chains[own])) for code, own in members if own.any()]
    p_values = _against_the_others([(steps[0].count, steps[-1].count) for _, _, steps in parts])
    corrected = iter(q_values(np.array([p for p in p_values if p is not None])))
    return Breakdown(
        by=by.removeprefix("p_"),
        groups=[
            FunnelGroup(
                group=None if code < 0 else table.groups[code],
                denominator=steps[0].count,
                population=population,
                interval=_interval(steps[-1].count, steps[0].count),
                p_value=p,
                q_value=None if p is None else float(next(corrected)),
                steps=steps,
            )
            for (code, population, steps), p in zip(parts, p_values, strict=True)
        ],
        **question.evidence(_QUERY[question.mode], table, grouped=True),
    )


def _against_the_others(groups: Sequence[tuple[int, int]]) -> list[float | None]:
    """Fisher's p-value of each group's share (entered, arrived) against that of all others together."""
    entered, arrived = (sum(column) for column in zip(*groups, strict=True)) if groups else (0, 0)
    tables = [
        np.array([[good, own - good], [arrived - good, entered - own - arrived + good]]) if 0 < own < entered else None
        for own, good in groups
    ]
    return [None if counts is None else float(fisher_exact(counts)[1]) for counts in tables]


def _interval(part: int, whole: int) -> tuple[float, float] | None:
    if not whole:
        return None
    found = share(part, whole)
    return found.low, found.high
