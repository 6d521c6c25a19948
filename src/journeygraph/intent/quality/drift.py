"""Whether the data still looks as it did when a model learned: each feature, and the score, by its shares in bins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.stats import chi2_contingency

from journeygraph.answers import Answer
from journeygraph.statistics import q_values

Matrix = NDArray[np.float64]
_BINS: Final = 10
_ALPHA: Final = 0.05
#: Population stability index from which a change is called large, as is usual in credit scoring.
LARGE_PSI: Final = 0.2
#: An empty bin counts as half a case.
_EMPTY: Final = 0.5


#: Name of the score among the columns.
SCORE: Final = "score"
_TOLD: Final = 15


class Shares(BaseModel):
    """How one column was spread over bins: between `edges` (each up to and including its upper one), `counts` cases."""

    model_config = ConfigDict(frozen=True)

    name: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]


class Drift(Answer):
    """One feature (or the `score`) then and now, one case a customer.

    `psi` is the population stability index: below 0.1 little, above 0.2 a large change.  `p_value` tests that both are
    spread alike (chi-squared over the bins), `q_value` is corrected over all features (Benjamini-Hochberg).
    """

    feature: str
    psi: float
    p_value: float
    q_value: float
    drifted: bool


def shares(names: Sequence[str], values: Matrix) -> tuple[Shares, ...]:
    """The spread of each column (K x F) over its own tenths; fewer bins where values repeat."""
    found = []
    for name, column in zip(names, values.T, strict=True):
        edges = np.unique(np.quantile(column, np.linspace(0, 1, _BINS + 1)[1:-1], method="inverted_cdf"))
        found.append(Shares(name=name, edges=tuple(edges.tolist()), counts=_counts(column, edges)))
    return tuple(found)


def compare(reference: Sequence[Shares], values: Matrix) -> tuple[Drift, ...]:
    """How far each column (K x F, in the order of `reference`) has moved, the farthest first."""
    psis, p_values = [], []
    for then, column in zip(reference, values.T, strict=True):
        table = np.array([then.counts, _counts(column, np.array(then.edges))], dtype=np.float64)
        psis.append(stability_index(table))
        p_values.append(_p_value(table))
    corrected = q_values(np.array(p_values)) if p_values else np.zeros(0)
    found = [
        Drift(feature=then.name, psi=psi, p_value=p, q_value=float(q), drifted=bool(q <= _ALPHA and psi >= LARGE_PSI))
        for then, psi, p, q in zip(reference, psis, p_values, corrected, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-one.psi, one.feature)))


def strongest(found: Sequence[Drift]) -> tuple[Drift, ...]:
    """The score, and the features that moved the farthest."""
    score = [one for one in found if one.feature == SCORE]
    return (*score, *[one for one in found if one.feature != SCORE][:_TOLD])


def one_each(customers: NDArray[np.int64], seed: int = 0) -> NDArray[np.int64]:
    """Indices of one case a customer, drawn by chance: cases of one customer are not independent."""
    order = np.random.default_rng(seed).permutation(len(customers))
    return np.sort(order[np.unique(customers[order], return_index=True)[1]])


def stability_index(table: Matrix) -> float:
    """Population stability index of two rows of counts.

    >>> round(stability_index(np.array([[50.0, 50.0], [80.0, 20.0]])), 3)
    0.416
    """
    kept = np.maximum(table[:, table.sum(axis=0) > 0], _EMPTY)
    then, now = kept / kept.sum(axis=1, keepdims=True)
    return float(((now - then) * np.log(now / then)).sum())


def _p_value(table: Matrix) -> float:
    kept = table[:, table.sum(axis=0) > 0]
    return float(chi2_contingency(kept).pvalue) if kept.shape[1] > 1 else 1.0


def _counts(column: Matrix, edges: Matrix) -> tuple[int, ...]:
    return tuple(np.bincount(np.searchsorted(edges, column, side="left"), minlength=len(edges) + 1).tolist())
