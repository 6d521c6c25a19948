"""Variants: the distinct step sequences of paths, with how common, how long and how successful they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import UsageError
from journeygraph.journeys.table import CONVERTED, LOST, OPEN, JourneyTable
from journeygraph.paths.about import AboutPaths, about
from journeygraph.paths.evidence import evidence
from journeygraph.paths.figures import quantile, ratio
from journeygraph.schema import OTHER


class Variant(Answer):
    """A step sequence, or all rarer ones together (`["(other)"]`); `variants` says how many distinct ones.

    `conversion` is the share of the paths whose outcome is known: open ones are censored.  The seconds are from the
    first touchpoint to the last.
    """

    steps: list[str]
    variants: int
    journeys: int
    customers: int
    share: float
    converted: int
    lost: int
    open: int
    conversion: float | None
    value: float | None
    median_seconds: float
    p90_seconds: float


class Variants(AboutPaths, Reproducible):
    """The commonest variants first; the last row may be `(other)`, so that the paths add up to the denominator.

    Values are left out where conversions came in several `currencies`.
    """

    denominator: int
    distinct: int
    currencies: list[str]
    variants: list[Variant]


def variants(table: JourneyTable, *, top: int = 10) -> Variants:
    """The `top` step sequences by number of paths (ties by the steps' names), and the rest as `(other)`.

    Repeats count: read the table with `Shape(collapse=True)` to collapse them.  Raises `UsageError` for a top below 1.

    >>> rows = [{"id": f"j{k}", "customer_id": "c", "outcome": "lost", "value": None, "steps": steps,
    ...     "channels": ["web"] * len(steps), "occurred_at_us": [0] * len(steps)}
    ...     for k, steps in enumerate([["view"], ["view"], ["cart"], ["help"]])]
    >>> [(row.steps, row.journeys) for row in variants(JourneyTable.from_rows(rows), top=1).variants]
    [(['view'], 2), (['(other)'], 2)]
    """
    if top < 1:
        raise UsageError(f"At least one variant is shown, not {top}.")
    variant_of, examples = _distinct(table)
    counts = np.bincount(variant_of, minlength=len(examples))
    order = _commonest(table, counts, examples, top)
    rank = np.full(len(examples), len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    row_of = rank[variant_of]
    rows = [
        _row(table, np.flatnonzero(row_of == k), table.sequence(examples[code]), variants=1)
        for k, code in enumerate(order)
    ]
    if len(examples) > top:
        rows.append(_row(table, np.flatnonzero(row_of == top), [OTHER], variants=len(examples) - top))
    return Variants(
        denominator=table.n_paths,
        **about(table),
        distinct=len(examples),
        currencies=list(table.currencies),
        variants=rows,
        **evidence("paths/variants", table, top=top, with_value=table.one_currency),
    )


def _distinct(table: JourneyTable) -> tuple[NDArray[np.int64], list[int]]:
    """For each path the number of its variant, and for each variant a path that follows it."""
    codes, ends = table.step_codes.tobytes(), (table.offsets * table.step_codes.itemsize).tolist()
    number: dict[bytes, int] = {}
    found = np.empty(table.n_paths, dtype=np.int64)
    examples: list[int] = []
    for path in range(table.n_paths):  # one slice a path, not one step a touchpoint
        key = codes[ends[path] : ends[path + 1]]
        known = number.setdefault(key, len(number))
        if known == len(examples):
            examples.append(path)
        found[path] = known
    return found, examples


def _commonest(table: JourneyTable, counts: NDArray[np.int64], examples: list[int], top: int) -> list[int]:
    """The `top` variants by count, ties by the steps' names; only those that can be among them are sorted."""
    least = np.partition(counts, -top)[-top] if len(counts) > top else 0
    candidates = np.flatnonzero(counts >= least).tolist()
    return sorted(candidates, key=lambda code: (-counts[code], _codes(table, examples[code])))[:top]


def _codes(table: JourneyTable, path: int) -> tuple[int, ...]:
    """A path's codes, which sort as its steps' names do."""
    return tuple(table.step_codes[table.offsets[path] : table.offsets[path + 1]].tolist())


def _row(table: JourneyTable, paths: NDArray[np.int64], steps: list[str], *, variants: int) -> Variant:
    outcomes = np.bincount(table.outcomes[paths], minlength=3)
    first, last = table.offsets[paths], table.offsets[paths + 1] - 1
    seconds = (table.occurred_at_us[last] - table.occurred_at_us[first]) / 1e6
    return Variant(
        steps=steps,
        variants=variants,
        journeys=len(paths),
        customers=len(np.unique(table.customers[paths])),
        share=len(paths) / table.n_paths,
        converted=int(outcomes[CONVERTED]),
        lost=int(outcomes[LOST]),
        open=int(outcomes[OPEN]),
        conversion=ratio(int(outcomes[CONVERTED]), int(outcomes[CONVERTED] + outcomes[LOST])),
        value=float(table.values[paths].sum()) if table.one_currency else None,
        median_seconds=quantile(seconds, 0.5) or 0.0,
        p90_seconds=quantile(seconds, 0.9) or 0.0,
    )
