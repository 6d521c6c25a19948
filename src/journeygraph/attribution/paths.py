"""What leads to conversions and to losses, as columns: the one input of every attribution model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from journeygraph.durations import DAY_US
from journeygraph.journeys.filters import EVERYTHING, Selection
from journeygraph.journeys.grain import Belonging
from journeygraph.journeys.table import CONVERTED, OPEN, JourneyTable
from journeygraph.journeys.withheld import WithheldCustomers
from journeygraph.schema import Grain

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Matrix = sparse.csr_array[Any, Any]

#: Credited where nothing that could be credited comes before the outcome, so that no conversion is dropped.
NOTHING: Final = "(none)"


@dataclass(frozen=True)
class Paths:
    """Paths of named items (channels, steps, stores, ...) and what became of them.

    With P paths, N touchpoints and C names: path p is `codes[offsets[p]:offsets[p + 1]]`, codes index `names`.
    A journey is one path with one conversion or one loss; a row of a table may stand for many.  No path is empty: one
    without any item holds `(none)`.
    """

    by: str
    names: tuple[str, ...]  # C, sorted
    offsets: Integers  # P + 1
    codes: Integers  # N
    days: Floats | None  # N: days from the touchpoint to the end of its journey; None where no times are known
    conversions: Floats  # P: whole numbers
    values: Floats  # P: value of the conversions
    losses: Floats  # P: whole numbers
    left_out: int = 0  # open journeys: nobody knows yet what becomes of them
    as_of: datetime | None = None
    grain: Grain = "customer"  # whose journeys they are
    selection: Selection = EVERYTHING  # which of them
    belonging: Belonging | None = None  # what journeys of another grain cover
    withheld: WithheldCustomers | None = None  # customers who are left out

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return len(self.conversions)

    @property
    def lengths(self) -> Integers:
        """Touchpoints of each path (P)."""
        return np.diff(self.offsets)

    @property
    def path_of(self) -> Integers:
        """Index of the path of each touchpoint (N)."""
        return np.repeat(np.arange(self.n_paths), self.lengths)

    @property
    def first(self) -> Integers:
        """Index of each path's first touchpoint (P)."""
        return self.offsets[:-1]

    @property
    def last(self) -> Integers:
        """Index of each path's last touchpoint (P)."""
        return self.offsets[1:] - 1

    @property
    def ranks(self) -> Integers:
        """Place of each touchpoint in its path, from 0 (N)."""
        return np.arange(len(self.codes)) - np.repeat(self.first, self.lengths)

    def shares(self, weights: Floats, touchpoints: Integers | None = None) -> Matrix:
        """Names x paths: the weights (N, or those of the given touchpoints) summed by name and path."""
        codes, path = self.codes, self.path_of
        if touchpoints is not None:
            codes, path = codes[touchpoints], path[touchpoints]
        return sparse.coo_array((weights, (codes, path)), shape=(len(self.names), self.n_paths)).tocsr()

    def holds(self, name: str) -> NDArray[np.bool_]:
        """Which paths hold the name (P)."""
        found = np.zeros(self.n_paths, dtype=bool)
        if name in self.names:
            found[self.path_of[self.codes == self.names.index(name)]] = True
        return found


def from_table(table: JourneyTable, by: str = "channel") -> Paths:
    """The decided journeys of a table, each as the channels (or, by "step", the steps) before its outcome.

    Open journeys are left out and counted.  The goal's own touchpoint is the conversion, not what led to it, and takes
    no part; nor does a touchpoint without a name.

    >>> rows = [{"id": "j", "customer_id": "c", "outcome": "converted", "value": 5.0, "steps": ["view", "purchase"],
    ...     "channels": ["ad", "web"], "occurred_at_us": [0, 9]}]
    >>> paths = from_table(JourneyTable.from_rows(rows))
    >>> paths.names, paths.conversions.tolist(), paths.values.tolist()
    (('ad',), [1.0], [5.0])
    """
    decided = table.outcomes != OPEN
    converted = table.outcomes == CONVERTED
    names, codes = (table.steps, table.step_codes) if by == "step" else (table.channels, table.channel_codes)
    kept = decided[table.path_of] & ~np.isin(codes, [code for code, name in enumerate(names) if not name])
    kept[table.offsets[1:][converted] - 1] = False
    ended = table.occurred_at_us[np.maximum(table.offsets[1:] - 1, 0)] if table.n_touchpoints else np.zeros(0)
    waits = (np.repeat(ended, table.lengths) - table.occurred_at_us) / DAY_US
    found = build(
        by,
        names,
        codes[kept].astype(np.int64),
        (np.cumsum(decided) - 1)[table.path_of[kept]],
        days=waits[kept],
        conversions=converted[decided].astype(np.float64),
        values=np.where(converted, table.values, 0.0)[decided],
        losses=(~converted)[decided].astype(np.float64),
        left_out=int(np.count_nonzero(~decided)),
    )
    return replace(
        found,
        as_of=table.as_of,
        grain=table.grain,
        selection=table.selection,
        belonging=table.belonging,
        withheld=table.withheld,
    )


def build(
    by: str,
    names: Sequence[str],
    codes: Integers,
    path_of: Integers,
    *,
    days: Floats | None,
    conversions: Floats,
    values: Floats,
    losses: Floats,
    left_out: int = 0,
) -> Paths:
    """Paths of touchpoints in order of their path; empty ones get `(none)`, and names that don't occur are dropped."""
    n_paths = len(conversions)
    empty = np.flatnonzero(np.bincount(path_of, minlength=n_paths) == 0)
    every = list(names) if NOTHING in names else [*names, NOTHING]
    codes = np.concatenate([codes, np.full(len(empty), every.index(NOTHING))])
    path_of = np.concatenate([path_of, empty])
    order = np.argsort(path_of, kind="stable")
    used = sorted(np.unique(codes).tolist(), key=every.__getitem__)
    rank = np.zeros(len(every), dtype=np.int64)
    rank[used] = np.arange(len(used))
    return Paths(
        by=by,
        names=tuple(every[code] for code in used),
        offsets=np.concatenate([[0], np.cumsum(np.bincount(path_of, minlength=n_paths))]).astype(np.int64),
        codes=rank[codes[order]],
        days=None if days is None else np.concatenate([days, np.zeros(len(empty))])[order],
        conversions=conversions,
        values=values,
        losses=losses,
        left_out=left_out,
    )
