"""Intent from tables with a label: one row a session, or one row a touchpoint of it.

Any numeric and categorical columns serve.  A table of touchpoints (`event_table`) becomes one row a sequence first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, QuantileTransformer
from threadpoolctl import threadpool_limits

from journeygraph.errors import InputError, UsageError
from journeygraph.intent.models.comparison import IntentEvaluation
from journeygraph.intent.quality import metrics
from journeygraph.intent.tables.event_table import DWELL_OF, STEPS_OF, columns_of, sequences, unfolded
from journeygraph.intent.tables.recalibrated import Curve
from journeygraph.intent.tables.sequence_features import SequenceFeatures
from journeygraph.intent.tables.table_features import encoded, few_numbers

_TRUE = frozenset({"1", "1.0", "true", "yes", "y", "t"})
_FALSE = frozenset({"0", "0.0", "false", "no", "n", "f"})
_FOLDS = 5
_MIN_EACH = 2 * _FOLDS
#: Whole numbers with no more values than this may be codes: a regression sees each of them by itself, too.
_CODES = 20


def evaluate(
    train: Path,
    test: Path,
    label: str,
    *,
    seed: int = 0,
    sequence: str | None = None,
    step: str | None = None,
    time: str | None = None,
) -> IntentEvaluation:
    """Models learned from one CSV table, measured on another; the choice among them looks at the first only.

    `sequence`, `step` and `time` name the columns of a table of touchpoints where they are not called as usual.
    Raises `InputError` for a file that cannot be read, `UsageError` for a label that is missing or has one value only.
    """
    learned, unseen = _read(train), _read(test)
    truth, expected = _labels(learned, label, train), _labels(unseen, label, test)
    events = columns_of(learned, sequence, step, time)
    if events is None:
        learned, unseen = unfolded(learned), unfolded(unseen)
    else:
        columns_of(unseen, events.sequence, events.step, events.time)  # it raises where one of them is missing
        (learned, truth), (unseen, expected) = (
            sequences(table, events, label, labels) for table, labels in ((learned, truth), (unseen, expected))
        )
    for path, found in ((train, truth), (test, expected)):
        fewest = min(int(found.sum()), int((~found).sum()))
        if fewest < (_MIN_EACH if path == train else 1):
            raise UsageError(
                f"{path}: the label {label!r} holds too few of one outcome ({fewest}) to learn or to measure."
            )
    learned, unseen = (encoded(part.drop(columns=[label], errors="ignore")) for part in (learned, unseen))
    left_out = _left_out(learned, unseen)
    columns = [column for column in learned.columns if column not in left_out]
    if not columns:
        raise UsageError(f"{train}: beside {label!r} there is no column to learn from.")
    with threadpool_limits(1):  # more threads than free cores make the small fits of a table far slower
        return _compare(learned[columns], truth, unseen[columns], expected, left_out, seed)


def _compare(
    learned: pd.DataFrame,
    truth: NDArray[np.bool_],
    unseen: pd.DataFrame,
    expected: NDArray[np.bool_],
    left_out: dict[str, str],
    seed: int,
) -> IntentEvaluation:
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    measured, promise = [], {}
    for name, model in candidates(learned, seed).items():
        held_out = cross_val_predict(model, learned, truth, cv=folds, method="predict_proba")[:, 1]
        curve = Curve.fit(held_out, truth)
        probability = model.fit(learned, truth).predict_proba(unseen)[:, 1]
        before, after = curve.apply(held_out), curve.apply(probability)
        promise[name] = float(average_precision_score(truth, before))
        measured.append(metrics.figures(name, expected, after, metrics.best_threshold(truth, before)))
    return IntentEvaluation(
        models=measured,
        chosen=max(promise, key=lambda name: promise[name]),
        split="as given: learned from one file, measured on the other; chosen by cross-validation on the first",
        left_out=left_out,
    )


def candidates(table: pd.DataFrame, seed: int) -> dict[str, Pipeline]:
    """The models: the overall rate, a regression, and boosted trees; each takes the columns of such a table."""
    ordered = [name for name in (STEPS_OF, DWELL_OF) if name in table.columns and isinstance(table[name].iloc[0], list)]
    numeric = [str(column) for column in table.columns if pd.api.types.is_numeric_dtype(table[column])]
    named = [str(column) for column in table.columns if column not in [*numeric, *ordered]]
    quantiles = QuantileTransformer(n_quantiles=min(200, len(table)), output_distribution="normal", random_state=seed)
    steps = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), quantiles)
    coded = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5, max_categories=40, sparse_output=False)
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=200)
    told = SequenceFeatures(seed)
    scaled = ColumnTransformer(
        [
            ("numeric", steps, numeric),
            ("named", coded, [*named, *few_numbers(table, _CODES)]),
            ("ordered", make_pipeline(told, clone(steps)), ordered),
        ]
    )
    plain = ColumnTransformer(
        [("numeric", "passthrough", numeric), ("named", ordinal, named), ("ordered", told, ordered)]
    )
    boosted = HistGradientBoostingClassifier(
        learning_rate=0.03,
        max_iter=250,
        max_leaf_nodes=12,
        min_samples_leaf=40,
        l2_regularization=5.0,
        max_features=0.5,
        random_state=seed,
    )
    forest = RandomForestClassifier(n_estimators=150, min_samples_leaf=4, max_features=0.4, random_state=seed)
    return {
        "prevalence": make_pipeline(plain, DummyClassifier(strategy="prior")),
        "logistic": make_pipeline(scaled, LogisticRegression(C=0.1, class_weight="balanced", max_iter=1_000)),
        "random_forest": make_pipeline(plain, SimpleImputer(strategy="median", keep_empty_features=True), forest),
        "gradient_boosting": make_pipeline(plain, boosted),
    }


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, sep=None, engine="python", encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"There is no file {path}.") from None
    except (OSError, ValueError, pd.errors.ParserError) as error:
        raise InputError(f"{path} cannot be read as a CSV table with a header: {error}") from error
    for column in table.select_dtypes("bool").columns:
        table[column] = table[column].astype(str)
    return table


def _labels(table: pd.DataFrame, label: str, path: Path) -> NDArray[np.bool_]:
    if label not in table.columns:
        raise UsageError(f"{path} has no column {label!r}; it has: {', '.join(map(str, table.columns))}.")
    texts = table[label].astype(str).str.strip().str.lower()
    unknown = sorted(set(texts) - _TRUE - _FALSE)
    if unknown:
        raise UsageError(f"{path}: the label {label!r} holds {unknown[0]!r}; allowed are true/false, yes/no and 1/0.")
    return np.asarray(texts.isin(_TRUE), dtype=np.bool_)


def _left_out(learned: pd.DataFrame, unseen: pd.DataFrame) -> dict[str, str]:
    """Columns that say nothing about a new session, and why."""
    reasons: dict[str, Any] = {}
    for column in learned.columns:
        values = learned[column]
        if column in (STEPS_OF, DWELL_OF):
            continue
        if column not in unseen.columns:
            reasons[str(column)] = "not in the test file"
        elif values.nunique(dropna=False) <= 1:
            reasons[str(column)] = "one value only"
        elif values.is_unique and not pd.api.types.is_float_dtype(values):
            reasons[str(column)] = "a different value in every row: an id"
        elif pd.api.types.is_numeric_dtype(values) != pd.api.types.is_numeric_dtype(unseen[column]):
            reasons[str(column)] = "numbers in one file, text in the other"
    return reasons
