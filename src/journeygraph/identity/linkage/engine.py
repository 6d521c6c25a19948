"""The own engine: blocks, comparisons and the model that is learnt from them, for the pairs of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from journeygraph.identity.linkage.answers import Reason
from journeygraph.identity.linkage.blocking import Blocks
from journeygraph.identity.linkage.comparison import Comparison, comparisons
from journeygraph.identity.linkage.model import Model
from journeygraph.identity.linkage.records import Column, Flags
from journeygraph.identity.linkage.scoring import Scored, aspects, compare, score, train

Engine = Literal["own", "splink"]


class Own:
    """Pairs with their odds, and why.

    `new`: only pairs with a new row; `learnt`: the model of an earlier run, taken where the columns are the same.
    """

    def __init__(
        self, fields: Mapping[str, Column], rows: int, new: Flags | None = None, learnt: Mapping[str, Any] | None = None
    ) -> None:
        self.blocks = Blocks(fields, rows, None, new)
        self.compared_by = comparisons(fields)
        model = None if learnt is None else Model.read(learnt, aspects(self.compared_by))
        if model is None:
            model, _ = train(self.compared_by, self.blocks if new is None else Blocks(fields, rows), rows)
        self.model = model

    def score(self) -> Scored:
        """The pairs that are not all but impossible."""
        return score(self.model, self.compared_by, self.blocks)

    @property
    def match_share(self) -> float:
        """The share of all pairs that are one person, as it was learnt."""
        return self.model.match_share

    def reasons(self, pairs: Sequence[tuple[int, int]]) -> list[list[Reason]]:
        """Why pairs of rows are (or aren't) one person, the strongest evidence first."""
        return reasons(self.model, self.compared_by, pairs)


def reasons(
    model: Model, compared_by: Sequence[Comparison], pairs: Sequence[tuple[int, int]], *, shared: bool = False
) -> list[list[Reason]]:
    """Why pairs of rows are (or aren't) one person, the strongest evidence first.

    `shared`: only what speaks for them, of aspects that the people of one household share.
    """
    if not pairs:
        return []
    left, right = (np.array(rows, np.int64) for rows in zip(*pairs, strict=True))
    compared = compare(compared_by, left, right)
    weights = model.weights(compared)
    found = []
    for place in range(len(pairs)):
        said = [
            Reason(aspect=aspect.name, grade=aspect.grades[one.grades[place]], bits=round(float(bits[place]), 2))
            for aspect, one, bits in zip(model.aspects, compared, weights, strict=True)
            if one.grades[place] > 0 and (not shared or (aspect.shared and bits[place] > 0))
        ]
        found.append(sorted(said, key=lambda reason: -reason.bits))
    return found
