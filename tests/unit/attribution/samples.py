"""Random paths with repeats and several outcomes, and what plain Python makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from journeygraph.attribution.paths import Paths, build

NAMES = ("ad", "direct", "mail", "web")


@dataclass(frozen=True)
class Row:
    """One path as a person would write it."""

    path: tuple[str, ...]
    conversions: int
    value: float
    losses: int
    days: tuple[float, ...] = ()


@st.composite
def rows(draw: st.DrawFn, names: Sequence[str] = NAMES, max_rows: int = 6, max_length: int = 5) -> list[Row]:
    """Rows of a table of paths; at least one journey converted."""
    found = []
    for number in range(draw(st.integers(1, max_rows))):
        path = tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=max_length)))
        conversions = draw(st.integers(1 if number == 0 else 0, 4))
        value = draw(st.integers(0, 9)) * 1.5 if conversions else 0.0
        waits = draw(st.lists(st.integers(0, 20), min_size=len(path), max_size=len(path)))
        days = tuple(float(day) for day in np.cumsum(waits)[::-1])
        found.append(Row(path, conversions, value, draw(st.integers(0, 4)), days))
    return found


def paths_of(table: Sequence[Row]) -> Paths:
    """The same as columns."""
    names = sorted({name for row in table for name in row.path})
    codes = [names.index(name) for row in table for name in row.path]
    return build(
        "channel",
        names,
        np.array(codes, dtype=np.int64),
        np.repeat(np.arange(len(table)), [len(row.path) for row in table]),
        days=np.array([day for row in table for day in row.days], dtype=np.float64),
        conversions=np.array([row.conversions for row in table], dtype=np.float64),
        values=np.array([row.value for row in table], dtype=np.float64),
        losses=np.array([row.losses for row in table], dtype=np.float64),
    )
