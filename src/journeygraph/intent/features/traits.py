"""What touchpoints were about and where they came from: product, category and campaign, as columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from journeygraph.graph import Graph
from journeygraph.journeys.table import JourneyTable

TraitName = Literal["product", "category", "campaign"]
TRAITS: Final[tuple[TraitName, ...]] = get_args(TraitName)


@dataclass(frozen=True)
class Trait:
    """One column of N touchpoints: codes that index the sorted `names`, -1 for none."""

    codes: NDArray[np.int32]
    names: Sequence[str]

    @classmethod
    def of(cls, values: Sequence[str | None]) -> Trait:
        """The column of these names.

        >>> Trait.of(["b", None, "a", "b"])
        Trait(codes=array([ 1, -1,  0,  1], dtype=int32), names=['a', 'b'])
        """
        names = sorted({value for value in values if value is not None})
        position: dict[str | None, int] = {name: code for code, name in enumerate(names)}
        return cls(np.array([position.get(value, -1) for value in values], dtype=np.int32), names)


Traits = Mapping[TraitName, Trait]


def read(graph: Graph, table: JourneyTable, as_of: datetime | None = None) -> Traits:
    """Product, category and campaign of each touchpoint of a table of journeys, as known at an instant."""
    return from_rows(graph.stream("intent/traits", as_of=as_of), table)


def from_rows(rows: Iterable[Mapping[str, Any]], table: JourneyTable) -> Traits:
    """The columns from rows with a journey's `id`, the `position` in it, `product`, `category` and `campaign`."""
    begins = dict(zip(table.ids, table.offsets[:-1].tolist(), strict=True))
    codes = {name: np.full(table.n_touchpoints, -1, dtype=np.int32) for name in TRAITS}
    index: dict[TraitName, dict[str, int]] = {name: {} for name in TRAITS}
    for row in rows:
        place = begins[row["id"]] + row["position"]
        for name in TRAITS:
            if (value := row[name]) is not None:
                codes[name][place] = index[name].setdefault(value, len(index[name]))
    return {name: _sorted(codes[name], index[name]) for name in TRAITS if index[name]}


def _sorted(codes: NDArray[np.int32], index: Mapping[str, int]) -> Trait:
    names = sorted(index)
    rank = np.full(len(names) + 1, -1, dtype=np.int32)  # the last one is for -1
    for place, name in enumerate(names):
        rank[index[name]] = place
    return Trait(rank[codes], names)
