"""The models that an intent score may come from, simplest first: scikit-learn or XGBoost learns, numpy applies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold
from sklearn.utils.class_weight import compute_sample_weight

from journeygraph.errors import UsageError
from journeygraph.intent.learners import tree_arrays
from journeygraph.intent.learners.linear import CLIP, Linear
from journeygraph.intent.learners.trees import Trees

Matrix = NDArray[np.float64]
Predictor = Linear | Trees
ModelName = Literal["logistic", "random_forest", "gradient_boosting", "xgboost"]
#: From the simplest to the least simple: a later one has to be better to be chosen.
MODELS: Final[tuple[ModelName, ...]] = get_args(ModelName)
PENALTIES: Final = (0.001, 0.01, 0.1, 1.0)
_LEAVES, _ROUNDS, _LEARNING_RATE, _LEAF_CASES = 12, 150, 0.05, 40


def available() -> tuple[ModelName, ...]:
    """The models that can be trained here: XGBoost where it is installed (`journeygraph-service[xgboost]`)."""
    return tuple(name for name in MODELS if name != "xgboost" or find_spec("xgboost"))


def named(names: Sequence[str]) -> tuple[ModelName, ...]:
    """Those models, simplest first; all that are available where none is named.  Raises `UsageError`.

    >>> named(["random_forest", "logistic"])
    ('logistic', 'random_forest')
    """
    known = available()
    for name in names:
        if name not in known:
            hint = " XGBoost is not installed: journeygraph-service[xgboost]." if name == "xgboost" else ""
            raise UsageError(f"There is no model {name!r}; allowed are: {', '.join(known)}.{hint}")
    return tuple(name for name in known if not names or name in names)


def fit(
    name: ModelName, values: Matrix, converts: NDArray[np.bool_], customers: NDArray[np.int64], seed: int = 0
) -> Predictor:
    """Learn one model from features (K x F), outcomes and whose they are (both K)."""
    learn: dict[ModelName, Callable[[], Predictor]] = {
        "logistic": lambda: fit_logistic(values, converts, customers),
        "random_forest": lambda: tree_arrays.of_forest(_forest(seed).fit(values, converts)),
        "gradient_boosting": lambda: tree_arrays.of_boosting(_boosting(seed).fit(values, converts)),
        "xgboost": lambda: _fit_xgboost(values, converts, seed),
    }
    return learn[name]()


def fit_logistic(values: Matrix, converts: NDArray[np.bool_], customers: NDArray[np.int64]) -> Linear:
    """Balanced regression on standardised features; its penalty is chosen by cross-validation over customers."""
    mean, scale = values.mean(axis=0), values.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    ready = np.clip((values - mean) / scale, -CLIP, CLIP)
    penalty = _choose_penalty(ready, converts, customers)
    regression = _regression(penalty).fit(ready, converts)
    return Linear(
        mean=tuple(mean.tolist()),
        scale=tuple(scale.tolist()),
        weights=tuple(regression.coef_[0].tolist()),
        intercept=float(regression.intercept_[0]),
        penalty=penalty,
    )


def _forest(seed: int) -> RandomForestClassifier:
    return RandomForestClassifier(
        100, max_leaf_nodes=32, min_samples_leaf=_LEAF_CASES // 2, max_samples=0.5, random_state=seed
    )


def _boosting(seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        learning_rate=_LEARNING_RATE,
        max_iter=_ROUNDS,
        max_leaf_nodes=_LEAVES,
        min_samples_leaf=_LEAF_CASES,
        l2_regularization=5.0,
        max_features=0.5,
        early_stopping=False,
        random_state=seed,
    )


def _fit_xgboost(values: Matrix, converts: NDArray[np.bool_], seed: int) -> Trees:
    from xgboost import XGBClassifier

    model = XGBClassifier(
        n_estimators=_ROUNDS,
        learning_rate=_LEARNING_RATE,
        grow_policy="lossguide",
        tree_method="hist",
        max_depth=0,
        max_leaves=_LEAVES,
        min_child_weight=_LEAF_CASES / 10,
        reg_lambda=5.0,
        colsample_bynode=0.5,
        base_score=float(np.mean(converts)),
        random_state=seed,
        n_jobs=1,
    )
    return tree_arrays.of_xgboost(model.fit(values, converts))


def _regression(penalty: float) -> LogisticRegression:
    return LogisticRegression(C=penalty, class_weight="balanced", solver="newton-cholesky", max_iter=200)


def _choose_penalty(values: Matrix, converts: NDArray[np.bool_], customers: NDArray[np.int64]) -> float:
    groups = min(3, len(np.unique(customers)))
    if groups < 2:
        return PENALTIES[0]
    losses = np.zeros(len(PENALTIES))
    for fold, held in GroupKFold(groups).split(values, converts, customers):
        if len(np.unique(converts[fold])) < 2:
            continue
        weight = compute_sample_weight("balanced", converts[held])
        for index, penalty in enumerate(PENALTIES):
            predicted = _regression(penalty).fit(values[fold], converts[fold]).predict_proba(values[held])[:, 1]
            losses[index] += log_loss(converts[held], predicted, labels=[False, True], sample_weight=weight)
    return PENALTIES[int(np.argmin(losses))]
