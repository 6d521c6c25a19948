"""Forests and boosted trees as plain arrays: applied with numpy, explained by exact Shapley values.

What scikit-learn or XGBoost learned is kept as five numbers a node (JSON), so that a model file holds data and no code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Matrix = NDArray[np.float64]
Indices = NDArray[np.int64]
#: The features on the path to a leaf: the interval (above, up to) that leads on, and the share of cases that did.
_Path = dict[int, tuple[float, float, float]]
TreeKind = Literal["random_forest", "gradient_boosting", "xgboost"]
#: Cells (case x tree, or case x leaf x feature of its path) that are looked at in one go.
_CELLS: Final = 2_000_000


class Trees(BaseModel):
    """T trees of N nodes in all; a decision is `base` plus the sum of the leaves reached, over `divisor`.

    Node n sends a case to `left[n]` where its feature is at most `threshold[n]`, else to `right[n]`; at a leaf
    `feature[n]` is -1.  `value` is what a leaf adds, `cover` how many training cases passed a node.  With
    `single`, features are compared as 32-bit numbers.  `roots` are the trees' first nodes.
    """

    model_config = ConfigDict(frozen=True)

    kind: TreeKind
    roots: tuple[int, ...]
    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]
    cover: tuple[float, ...]
    base: float = 0.0
    divisor: float = 1.0
    single: bool = False

    def decide(self, values: Matrix) -> Matrix:
        """Decision values of cases (K x F): log-odds of boosted trees, the mean share of a forest."""
        size = max(_CELLS // len(self.roots), 1)
        parts = [self._decided(values[start : start + size]) for start in range(0, len(values), size)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _decided(self, values: Matrix) -> Matrix:
        nodes, compared = self._nodes, self._compared(values)
        rows = np.arange(len(values))
        at = np.repeat(nodes.roots[:, None], len(values), axis=1)  # T x K
        for _ in range(nodes.depth):
            goes_left = compared[rows, nodes.feature[at]] <= nodes.threshold[at]
            at = np.where(goes_left, nodes.left[at], nodes.right[at])
        # One tree after the other, as the libraries add them, so that the sum is theirs to the last bit.
        added: Matrix = np.cumsum(np.vstack([np.full((1, len(values)), self.base), nodes.value[at]]), axis=0)[-1]
        return added / self.divisor

    def contributions(self, values: Matrix) -> Matrix:
        """What each feature adds to the decision, against `expected` (K x F): exact Shapley values.

        The value of a set of features is the mean of the leaves, where a node whose feature is not in the set sends a
        case both ways by `cover` (path-dependent TreeSHAP; Lundberg et al., Nature Machine Intelligence 2020).  A
        leaf's part is a polynomial integral, which Gauss-Legendre quadrature gives exactly.
        """
        compared, added = self._compared(values), np.zeros(values.shape, dtype=np.float64)
        for leaves in self._leaves:
            size = max(_CELLS // max(leaves.share.size * len(leaves.nodes), 1), 1)
            for start in range(0, len(values), size):
                parts = leaves.contributions(compared[start : start + size]) / self.divisor
                for row, part in enumerate(parts, start):
                    added[row] += np.bincount(leaves.feature.ravel(), part.ravel(), values.shape[1])
        return added

    @property
    def expected(self) -> float:
        """The mean decision of the training cases."""
        mean = sum(float((leaves.value * leaves.share.prod(axis=0)).sum()) for leaves in self._leaves)
        return (self.base + mean) / self.divisor

    def _compared(self, values: Matrix) -> Matrix:
        return values.astype(np.float32).astype(np.float64) if self.single else values

    @cached_property
    def _nodes(self) -> _Nodes:
        feature, own = np.array(self.feature, dtype=np.int64), np.arange(len(self.feature))
        leaf = feature < 0
        left, right = (np.where(leaf, own, np.array(side, dtype=np.int64)) for side in (self.left, self.right))
        roots = np.array(self.roots, dtype=np.int64)
        reached, depth = roots, 0
        while not leaf[reached].all():
            reached, depth = np.unique(np.concatenate([left[reached], right[reached]])), depth + 1
        threshold, value = np.array(self.threshold, dtype=np.float64), np.array(self.value, dtype=np.float64)
        return _Nodes(roots, np.maximum(feature, 0), threshold, left, right, np.where(leaf, value, 0.0), depth)

    @cached_property
    def _leaves(self) -> tuple[_Leaves, ...]:
        """All leaves, those with about as many features on their paths together: short paths need fewer points."""
        by_width: dict[int, list[tuple[int, _Path]]] = {}
        for leaf, path in self._paths():
            by_width.setdefault(-(-max(len(path), 1) // 2) * 2, []).append((leaf, path))
        return tuple(self._laid_out(width, by_width[width]) for width in sorted(by_width))

    def _laid_out(self, width: int, paths: list[tuple[int, _Path]]) -> _Leaves:
        shape = (width, len(paths))
        feature, share = np.zeros(shape, dtype=np.int64), np.ones(shape)
        low, high = np.full(shape, -np.inf), np.full(shape, np.inf)
        for leaf, (_, path) in enumerate(paths):
            for place, (name, (above, up_to, part)) in enumerate(path.items()):
                feature[place, leaf], low[place, leaf], high[place, leaf], share[place, leaf] = name, above, up_to, part
        value = np.array([self.value[leaf] for leaf, _ in paths], dtype=np.float64)
        nodes, weights = np.polynomial.legendre.leggauss(width // 2)
        return _Leaves(feature, low, high, share, value, (nodes + 1) / 2, weights / 2)

    def _paths(self) -> Iterator[tuple[int, _Path]]:
        """Each leaf, and of each feature on its path the interval (above, up to) and the share of cases that stayed."""
        open_nodes: list[tuple[int, _Path]] = [(root, {}) for root in self.roots]
        while open_nodes:
            node, path = open_nodes.pop()
            feature = self.feature[node]
            if feature < 0:
                yield node, path
                continue
            above, up_to, share = path.get(feature, (-np.inf, np.inf, 1.0))
            bound = self.threshold[node]
            for child, interval in (
                (self.left[node], (above, min(up_to, bound))),
                (self.right[node], (max(above, bound), up_to)),
            ):
                stayed = share * self.cover[child] / self.cover[node]
                open_nodes.append((child, {**path, feature: (*interval, stayed)}))


@dataclass(frozen=True, eq=False)
class _Nodes:
    """The nodes as arrays; a leaf leads to itself."""

    roots: Indices
    feature: Indices
    threshold: Matrix
    left: Indices
    right: Indices
    value: Matrix
    depth: int


@dataclass(frozen=True, eq=False)
class _Leaves:
    """L leaves, each with up to M features on its path; unused places hold an interval that every case is in."""

    feature: Indices  # M x L
    low: Matrix  # M x L
    high: Matrix  # M x L
    share: Matrix  # M x L
    value: Matrix  # L
    nodes: Matrix  # Q, of a quadrature over 0 to 1
    weights: Matrix  # Q

    def contributions(self, cases: Matrix) -> Matrix:
        """What each place of each path adds (K x M x L)."""
        given = cases[:, self.feature]
        inside = ((given > self.low) & (given <= self.high)).astype(np.float64)
        surplus = inside - self.share
        total = np.zeros(inside.shape)
        for at, weight in zip(self.nodes.tolist(), self.weights.tolist(), strict=True):
            factor = self.share + surplus * at
            total += weight * factor.prod(axis=1, keepdims=True) / factor
        return np.asarray(total * surplus * self.value, dtype=np.float64)
