"""What scikit-learn and XGBoost learned, read into `Trees`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from journeygraph.intent.learners.trees import TreeKind, Trees


@dataclass(frozen=True)
class _Tree:
    """The columns of one tree; children are numbered within it."""

    feature: Sequence[int]
    threshold: Sequence[float]
    left: Sequence[int]
    right: Sequence[int]
    value: Sequence[float]
    cover: Sequence[float]


def of_forest(model: RandomForestClassifier) -> Trees:
    """A forest: each leaf adds its share of conversions, and the sum is divided by the number of trees."""
    trees = [tree.tree_ for tree in model.estimators_]
    columns = [
        _Tree(
            feature=np.where(tree.children_left < 0, -1, tree.feature).tolist(),
            threshold=tree.threshold.tolist(),
            left=tree.children_left.tolist(),
            right=tree.children_right.tolist(),
            value=tree.value[:, 0, 1].tolist(),
            cover=tree.weighted_n_node_samples.tolist(),
        )
        for tree in trees
    ]
    return _joined("random_forest", columns, divisor=float(len(trees)), single=True)


def of_boosting(model: HistGradientBoostingClassifier) -> Trees:
    """Histogram gradient boosting: log-odds."""
    columns = []
    for (predictor,) in model._predictors:  # scikit-learn has no public view of them; a test holds the scores equal
        nodes = predictor.nodes
        leaf = nodes["is_leaf"].astype(bool)
        columns.append(
            _Tree(
                feature=np.where(leaf, -1, nodes["feature_idx"].astype(np.int64)).tolist(),
                threshold=np.where(leaf, 0.0, nodes["num_threshold"]).tolist(),
                left=nodes["left"].astype(np.int64).tolist(),
                right=nodes["right"].astype(np.int64).tolist(),
                value=nodes["value"].tolist(),
                cover=nodes["count"].astype(np.float64).tolist(),
            )
        )
    return _joined("gradient_boosting", columns, base=float(np.ravel(model._baseline_prediction)[0]))


def of_xgboost(model: Any) -> Trees:
    """XGBoost's trees, from the JSON that it documents; a case goes left *below* a threshold there."""
    learner = json.loads(bytes(model.get_booster().save_raw("json")))["learner"]
    columns = []
    for tree in learner["gradient_booster"]["model"]["trees"]:
        left = np.array(tree["left_children"], dtype=np.int64)
        split = np.array(tree["split_conditions"], dtype=np.float32)
        columns.append(
            _Tree(
                feature=np.where(left < 0, -1, np.array(tree["split_indices"], dtype=np.int64)).tolist(),
                threshold=np.nextafter(split, np.float32(-np.inf)).astype(np.float64).tolist(),
                left=left.tolist(),
                right=tree["right_children"],
                value=split.astype(np.float64).tolist(),
                cover=[float(weight) for weight in tree["sum_hessian"]],
            )
        )
    share = float(str(learner["learner_model_param"]["base_score"]).strip("[]"))
    return _joined("xgboost", columns, base=float(np.log(share / (1 - share))), single=True)


def _joined(
    kind: TreeKind, trees: Sequence[_Tree], *, base: float = 0.0, divisor: float = 1.0, single: bool = False
) -> Trees:
    sizes = [len(tree.feature) for tree in trees]
    roots = [sum(sizes[:number]) for number in range(len(sizes))]

    def children(side: str) -> tuple[int, ...]:
        return tuple(
            child + root if name >= 0 else -1
            for tree, root in zip(trees, roots, strict=True)
            for child, name in zip(getattr(tree, side), tree.feature, strict=True)
        )

    return Trees(
        kind=kind,
        roots=tuple(roots),
        feature=tuple(name for tree in trees for name in tree.feature),
        threshold=tuple(bound for tree in trees for bound in tree.threshold),
        left=children("left"),
        right=children("right"),
        value=tuple(leaf for tree in trees for leaf in tree.value),
        cover=tuple(cases for tree in trees for cases in tree.cover),
        base=base,
        divisor=divisor,
        single=single,
    )
