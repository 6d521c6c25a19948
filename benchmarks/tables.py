"""Intent from tables with a label, as `journeygraph intent evaluate` measures it, by repeated cross-validation.

Each fold is two CSV files and one call of the function behind the command.  Beside it stands scikit-learn's
histogram gradient boosting as it comes, on the same columns with text as numbers.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits

from benchmarks import page
from journeygraph.generator.simulate import simulate
from journeygraph.intent.quality import metrics
from journeygraph.intent.quality.figures import ModelFigures
from journeygraph.intent.tables import tabular
from tests.support import shared_data

SHOPPERS = "UCI 468, sessions"
SIMPLE_SHOP = "simple_shop, clicks before a payment"
GENERATED = "generated shop, clicks before a purchase"
_COLUMNS = ("auc", "average_precision", "brier", "ece")


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3, help="of tables with a row a session; others once")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--only", choices=["sessions", "clicks"], help="print these; the page is left as it is")
    parser.add_argument("--customers", type=int, default=1_500, help="of the generated shop")
    given = parser.parse_args()
    rows = []
    for name, (table, label, group) in data(given.customers).items():
        if given.only == ("clicks" if group is None else "sessions"):
            continue
        found: dict[str, list[ModelFigures]] = {}
        for learned, unseen, seed in parts(table, label, group, 1 if group else given.repeats, given.folds):
            for model, figures in measured(learned, unseen, label, seed).items():
                found.setdefault(model, []).append(figures)
            print(name, seed, {model: (one[-1].auc, one[-1].ece) for model, one in found.items()}, flush=True)
        rows += [row(name, model, figures) for model, figures in found.items()]
        print(page.table(["table", "model", *_COLUMNS], rows), flush=True)
    title = (
        f"{given.folds}-fold cross-validation, sessions {given.repeats} times, clicks once; "
        "mean (lowest to highest of the folds)"
    )
    if given.only is None:
        page.replace("tables", f"{title}:\n\n{page.table(['table', 'model', *_COLUMNS], rows)}")


def data(customers: int) -> dict[str, tuple[pd.DataFrame, str, str | None]]:
    """The tables: each with its label, and the column whose rows belong together."""
    shoppers = pd.read_csv(shared_data("online_shoppers_dev/online_shoppers_dev.csv"))
    return {
        SHOPPERS: (shoppers, "Revenue", None),
        SIMPLE_SHOP: (simple_shop(), "bought", "session_id"),
        GENERATED: (generated(customers), "bought", "session_id"),
    }


def simple_shop() -> pd.DataFrame:
    """Clicks in sessions of 30 minutes; a payment marks itself, so that each session ends before its first one."""
    table = pd.read_csv(shared_data("simple_shop/simple_shop.csv"), parse_dates=["timestamp"])
    table = table.sort_values(["client_id", "timestamp"], kind="stable")
    pause = table.groupby("client_id")["timestamp"].diff() > pd.Timedelta(minutes=30)
    table["session_id"] = table["client_id"].astype(str) + ":" + pause.groupby(table["client_id"]).cumsum().astype(str)
    table["bought"] = table["event"] == "payment_done"
    return table.drop(columns=["client_id"]).rename(columns={"event": "step"})


def generated(customers: int) -> pd.DataFrame:
    """Clicks of the generated shop's customers; a purchase marks itself."""
    rows = [
        (point.customer_id or point.anonymous_id, point.step, point.occurred_at.isoformat(), point.channel)
        for point in simulate(customers, 1).touchpoints
    ]
    table = pd.DataFrame(rows, columns=["session_id", "step", "occurred_at", "channel"])
    table["bought"] = table["step"] == "purchase"
    return table


def parts(
    table: pd.DataFrame, label: str, group: str | None, repeats: int, folds: int
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame, int]]:
    """The two tables of each fold; what belongs together stays together."""
    whose = table[group] if group else pd.Series(np.arange(len(table)), index=table.index)
    any_of = table[label].astype(bool).groupby(whose).transform("max")
    for seed in range(repeats):
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        for learned, unseen in splitter.split(table, any_of, whose):
            yield table.iloc[learned], table.iloc[unseen], seed


def measured(learned: pd.DataFrame, unseen: pd.DataFrame, label: str, seed: int) -> dict[str, ModelFigures]:
    """The chosen model, and the plain one where the table has a row a session."""
    with tempfile.TemporaryDirectory(prefix="journeygraph-bench-") as folder:
        train, test = Path(folder) / "train.csv", Path(folder) / "test.csv"
        learned.to_csv(train, index=False)
        unseen.to_csv(test, index=False)
        answer = tabular.evaluate(train, test, label, seed=seed)
    found = {"chosen": next(one for one in answer.models if one.name == answer.chosen)}
    if "step" not in learned.columns:
        truth = unseen[label].to_numpy(dtype=bool)
        found["plain gradient boosting"] = metrics.figures("plain", truth, plain(learned, unseen, label, seed), 0.5)
    return found


def plain(learned: pd.DataFrame, unseen: pd.DataFrame, label: str, seed: int) -> NDArray[np.float64]:
    """Scikit-learn's defaults."""
    coder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    words = make_column_selector(dtype_include=["object", "str"])
    model = make_pipeline(
        make_column_transformer((coder, words), remainder="passthrough"),
        HistGradientBoostingClassifier(random_state=seed),
    )
    rest = [name for name in learned.columns if name not in (label, "row")]
    with threadpool_limits(1):
        fitted = model.fit(learned[rest], learned[label].astype(bool))
        return np.asarray(fitted.predict_proba(unseen[rest])[:, 1], dtype=np.float64)


def row(name: str, model: str, figures: list[ModelFigures]) -> list[str]:
    """A line of the table."""
    cells = []
    for column in _COLUMNS:
        values = [getattr(one, column) for one in figures]
        cells.append(f"{np.mean(values):.4f} ({min(values):.3f} to {max(values):.3f})")
    return [name, model, *cells]


if __name__ == "__main__":
    main()
