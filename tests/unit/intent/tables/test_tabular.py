"""Intent from tables of sessions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from journeygraph.errors import InputError, UsageError
from journeygraph.intent.tables import tabular
from tests.support import shared_data


def sessions(rows: int, seed: int) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    pages, kind = generator.poisson(5, rows), generator.choice(["new", "back"], rows)
    bought = generator.random(rows) < 1 / (1 + np.exp(5 - pages + 2 * (kind == "new")))
    return pd.DataFrame(
        {"id": np.arange(rows), "pages": pages, "kind": kind, "empty": 1, "weekend": pages % 2 == 0, "bought": bought}
    )


def test_models_are_measured_and_the_choice_looks_at_the_training_file_only(tmp_path: Path) -> None:
    sessions(600, 0).to_csv(tmp_path / "train.csv", index=False)
    sessions(400, 1).to_csv(tmp_path / "test.csv", index=False)
    answer = tabular.evaluate(tmp_path / "train.csv", tmp_path / "test.csv", "bought")
    again = tabular.evaluate(tmp_path / "train.csv", tmp_path / "test.csv", "bought")
    measured = {row.name: row for row in answer.models}
    assert answer == again
    assert list(measured) == ["prevalence", "logistic", "random_forest", "gradient_boosting"]
    assert measured["prevalence"].auc == 0.5
    assert measured["logistic"].auc > 0.85
    assert measured["logistic"].ece < 0.08
    assert set(answer.left_out) == {"id", "empty"}
    flipped = sessions(400, 1)
    flipped["bought"] = ~flipped["bought"]
    flipped.to_csv(tmp_path / "test.csv", index=False)
    assert tabular.evaluate(tmp_path / "train.csv", tmp_path / "test.csv", "bought").chosen == answer.chosen


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    sessions(300, 0).to_csv(good, index=False)
    with pytest.raises(InputError, match="no file"):
        tabular.evaluate(good, tmp_path / "none.csv", "bought")
    with pytest.raises(UsageError, match="no column 'sold'; it has: id, pages"):
        tabular.evaluate(good, good, "sold")
    with pytest.raises(UsageError, match="holds 'back'; allowed are"):
        tabular.evaluate(good, good, "kind")
    sessions(300, 0).assign(bought=False).to_csv(bad, index=False)
    with pytest.raises(UsageError, match="too few of one outcome"):
        tabular.evaluate(bad, good, "bought")


@pytest.mark.slow
def test_real_online_shoppers(tmp_path: Path) -> None:
    table = pd.read_csv(shared_data("online_shoppers_dev/online_shoppers_dev.csv"))
    held = np.random.default_rng(0).random(len(table)) < 0.25
    table[~held].to_csv(tmp_path / "train.csv", index=False)
    table[held].to_csv(tmp_path / "test.csv", index=False)
    answer = tabular.evaluate(tmp_path / "train.csv", tmp_path / "test.csv", "Revenue")
    chosen = next(row for row in answer.models if row.name == answer.chosen)
    assert chosen.auc > 0.91
    assert chosen.average_precision > 0.68
    assert chosen.ece < 0.03
    assert "row" in answer.left_out
