"""Whether a pattern becomes more or less frequent: its share of the journeys that began in equal slices of time.

Journeys that began less than a window before the end of the data may go on and come to hold more, so the slices end
where the first journey that is still open had its last touchpoint.  Tested by the linear-by-linear association of
holding the pattern with the slice (Agresti, *Categorical Data Analysis*, 3.4.1; the Cochran-Armitage test with n - 1),
corrected for all patterns.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from journeygraph.journeys.table import OPEN, JourneyTable
from journeygraph.statistics import q_values

Trend = Literal["rising", "falling", "steady"]
SLICES = 6
LEVEL = 0.05
_Ints = NDArray[np.int64]


class Slices(NamedTuple):
    """Equal slices of time: S + 1 bounds (microseconds since 1970), and in which each journey began (-1: none)."""

    bounds: _Ints
    of: _Ints

    @property
    def number(self) -> int:
        """How many there are: 0 where there is too little time to cut."""
        return max(0, len(self.bounds) - 1)

    def began(self, journeys: _Ints) -> _Ints:
        """How many of some journeys began in each slice (S)."""
        of = self.of[journeys]
        return np.bincount(of[of >= 0], minlength=self.number)

    @classmethod
    def cut(cls, table: JourneyTable, number: int = SLICES) -> Slices:
        """The slices of a table's time, from the first beginning until all later journeys may still go on.

        >>> rows = [{"id": f"j{i}", "customer_id": f"c{i}", "outcome": "lost", "value": None, "steps": ["a"],
        ...          "channels": ["web"], "occurred_at_us": [i]} for i in range(7)]
        >>> Slices.cut(JourneyTable.from_rows(rows), number=3)
        Slices(bounds=array([0, 2, 4, 6]), of=array([ 0,  0,  1,  1,  2,  2, -1]))
        """
        if not table.n_touchpoints:
            return cls(np.zeros(0, dtype=np.int64), np.full(table.n_paths, -1))
        began = table.occurred_at_us[table.offsets[:-1]]
        last = table.occurred_at_us[table.offsets[1:] - 1]
        still = table.outcomes == OPEN
        end = int(last[still].min()) if still.any() else int(last.max())
        if end - int(began.min()) < number:
            return cls(np.zeros(0, dtype=np.int64), np.full(table.n_paths, -1))
        bounds = np.linspace(int(began.min()), end, number + 1).astype(np.int64)
        of = np.searchsorted(bounds, began, side="right") - 1
        return cls(bounds, np.where(began < bounds[-1], of, -1))


class Trends(NamedTuple):
    """For each of P patterns its direction, and the p-value and q-value of that."""

    directions: list[Trend | None]
    p_values: NDArray[np.float64]
    q_values: NDArray[np.float64]


def trends(holding: _Ints, journeys: _Ints) -> Trends:
    """From P x S journeys that hold each pattern, of S journeys in all; None where there is nothing to compare.

    >>> found = trends(np.array([[10, 20, 30], [20, 20, 20]]), np.array([100, 100, 100]))
    >>> found.directions, found.p_values.round(5).tolist()
    (['rising', 'steady'], [0.00042, 1.0])
    """
    slices = np.arange(holding.shape[1])
    n = int(journeys.sum())
    if n < 2 or np.count_nonzero(journeys) < 2:
        return Trends([None] * len(holding), np.ones(len(holding)), np.ones(len(holding)))
    with_it = holding.sum(axis=1)
    centre = float((slices * journeys).sum()) / n
    slope = (holding * (slices - centre)).sum(axis=1)
    spread = float((journeys * (slices - centre) ** 2).sum()) * with_it * (n - with_it) / n
    statistic = np.divide((n - 1) * slope**2, spread, out=np.zeros(len(holding)), where=spread > 0)
    p_values = np.asarray(chi2.sf(statistic, 1))
    corrected = q_values(p_values)
    directions: list[Trend | None] = [
        "steady" if q > LEVEL else "rising" if up > 0 else "falling"
        for q, up in zip(corrected.tolist(), slope.tolist(), strict=True)
    ]
    return Trends(directions, p_values, corrected)
