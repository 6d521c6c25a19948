"""Which pairs of customers count as one person, and how surely: by rules and probability, unless contradicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from journeygraph.identity.linkage.clusters import Apart, Labels
from journeygraph.identity.linkage.comparison import Comparison
from journeygraph.identity.linkage.contradiction import Pair, contradicted
from journeygraph.identity.linkage.model import Model
from journeygraph.identity.linkage.scoring import Scored

#: How sure a shared identifier is, where nothing contradicts it.
CONFIDENCE: Final[Mapping[str, float]] = {"alias": 0.999, "email": 0.99, "order": 0.98, "phone": 0.95}


@dataclass(frozen=True)
class Decided:
    """Pairs with their odds, the rules among them that hold, and why others must be kept apart."""

    pairs: Scored
    rules: Mapping[Pair, str]
    contradicted: Mapping[Pair, str]
    apart: Apart


def decide(
    rules: Mapping[Pair, str],
    scored: Scored,
    model: Model | None,
    compared_by: Sequence[Comparison],
    rows: int,
    threshold: float,
    known: Labels | None = None,
) -> Decided:
    """Put both together: each pair has its larger odds, a contradicted one those of what no household shares.

    `known[row]` is the first row of the person that a row is already.

    An alias, which is somebody's own id, holds whatever the names say.
    """
    told = zip(scored.left.tolist(), scored.right.tolist(), scored.odds.tolist(), strict=True)
    odds = {(min(one, other), max(one, other)): each for one, other, each in told}
    for pair, kind in rules.items():
        odds[pair] = max(odds.get(pair, 0.0), CONFIDENCE[kind] / (1 - CONFIDENCE[kind]))
    both = np.array(list(odds), np.int64).reshape(-1, 2)
    pairs = Scored(both[:, 0], both[:, 1], np.array(list(odds.values()), np.float64), scored.candidates)
    aliases = {pair for pair, kind in rules.items() if kind == "alias"}
    found = contradicted(pairs, model, compared_by, rows, threshold, known=known, free=aliases, strict=True)
    return Decided(
        found.pairs,
        {pair: kind for pair, kind in rules.items() if pair not in found.against},
        {(one.left, one.right): _why(rules.get((one.left, one.right)), one.aspect) for one in found.told},
        found.apart,
    )


def _why(rule: str | None, aspect: str) -> str:
    return f"the same {rule}, but another {aspect}" if rule else f"much alike, but another {aspect}"
