"""Intent from tables of touchpoints: columns are recognised, nothing leaks, the order of steps counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.intent.tables import tabular
from journeygraph.intent.tables.event_table import EventColumns, columns_of, sequences
from journeygraph.intent.tables.sequence_features import SequenceFeatures
from tests.support import shared_data


def ordered(customers: int, seed: int) -> pd.DataFrame:
    """Sequences of which those with `a b c` in a row lead to the outcome; no count of steps says so."""
    generator = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        steps = generator.choice(list("abcd"), generator.integers(4, 12)).tolist()
        bought = generator.random() < (0.9 if "abc" in "".join(steps) else 0.05)
        times = np.cumsum(generator.exponential(30, len(steps)))
        rows += [(customer, step, time, bought) for step, time in zip(steps, times.round(1), strict=True)]
    return pd.DataFrame(rows, columns=["who", "what", "at", "bought"])


def test_the_order_of_steps_counts(tmp_path: Path) -> None:
    ordered(900, 1).sample(frac=1, random_state=3).to_csv(tmp_path / "train.csv", index=False)
    ordered(500, 2).to_csv(tmp_path / "test.csv", index=False)
    files = (tmp_path / "train.csv", tmp_path / "test.csv", "bought")
    answer = tabular.evaluate(*files, sequence="who", step="what", time="at")
    measured = {row.name: row.auc for row in answer.models}
    assert measured["prevalence"] == 0.5
    assert measured[answer.chosen] > 0.8
    counted = [pd.crosstab(table["who"], table["what"]) for table in (ordered(900, 1), ordered(500, 2))]
    for name, table, seed in zip(("train", "test"), counted, (1, 2), strict=True):
        labels = ordered(900 if seed == 1 else 500, seed).groupby("who")["bought"].first()
        table.assign(bought=labels).to_csv(tmp_path / f"counts_{name}.csv", index=False)
    counts = tabular.evaluate(tmp_path / "counts_train.csv", tmp_path / "counts_test.csv", "bought")
    best = max(row.auc for row in counts.models)
    assert measured[answer.chosen] > best + 0.05


def test_steps_in_one_text_are_a_sequence(tmp_path: Path) -> None:
    for name, customers, seed in (("train", 900, 1), ("test", 500, 2)):
        grouped = ordered(customers, seed).groupby("who")
        folded = pd.DataFrame({"path": grouped["what"].agg(" > ".join), "bought": grouped["bought"].first()})
        folded.to_csv(tmp_path / f"{name}.csv", index=False)
    answer = tabular.evaluate(tmp_path / "train.csv", tmp_path / "test.csv", "bought")
    assert next(row.auc for row in answer.models if row.name == answer.chosen) > 0.8


@given(
    st.lists(
        st.tuples(st.sampled_from("uvw"), st.sampled_from("ab"), st.integers(0, 3), st.booleans()),
        min_size=1,
        max_size=12,
    )
)
@example([("u", "a", 0, True), ("u", "a", 0, False)])
def test_sequences_end_before_their_outcome(rows: list[tuple[str, str, int, bool]]) -> None:
    table = pd.DataFrame(rows, columns=["session_id", "step", "time", "label"])
    columns = EventColumns("session_id", "step", "time")
    found, truth = sequences(table, columns, "label", table["label"].to_numpy(dtype=np.bool_))
    expected = []
    for who in sorted({row[0] for row in rows}):
        mine = sorted((row for row in rows if row[0] == who), key=lambda row: row[2])
        labels = [row[3] for row in mine]
        if any(labels) and not all(labels):
            mine = mine[: labels.index(True)]
        if mine:
            expected.append(([row[1] for row in mine], any(labels)))
    assert list(zip(found["steps"], truth.tolist(), strict=True)) == expected


def test_columns_are_recognised_or_named() -> None:
    table = pd.DataFrame({"Session_ID": [1, 1], "Event_Type": ["a", "b"], "timestamp": [1, 2]})
    assert columns_of(table) == EventColumns("Session_ID", "Event_Type", "timestamp")
    assert columns_of(table.drop(columns="Session_ID")) is None
    with pytest.raises(UsageError, match=r"no column 'timstamp'.*Did you mean 'timestamp'"):
        columns_of(table, time="timstamp")
    late = table.assign(timestamp=["2026-01-01T00:00:00Z", "noon"])
    with pytest.raises(UsageError, match=r"Line 3: 'timestamp' is 'noon'; allowed are numbers and ISO 8601"):
        sequences(late, EventColumns("Session_ID", "Event_Type", "timestamp"), "", np.array([True, False]))


def test_ratios_of_the_training_part_are_cross_fitted() -> None:
    generator = np.random.default_rng(5)
    steps = [generator.choice(list("abcdefghij"), 8).tolist() for _ in range(300)]
    table = pd.DataFrame({"steps": steps, "dwell": [[0.0] * 8] * 300})
    truth = generator.random(300) < 0.5
    fitted = SequenceFeatures()
    crossed = fitted.fit_transform(table, truth)[:, -1]
    leaking = fitted.transform(table)[:, -1]
    assert abs(np.corrcoef(crossed, truth)[0, 1]) < 0.2 < np.corrcoef(leaking, truth)[0, 1]


@pytest.mark.slow
def test_real_simple_shop(tmp_path: Path) -> None:
    table = pd.read_csv(shared_data("simple_shop/simple_shop.csv"))
    table["bought"] = table["event"] == "payment_done"
    held = table["client_id"] % 10 < 3
    table[~held].to_csv(tmp_path / "train.csv", index=False)
    table[held].to_csv(tmp_path / "test.csv", index=False)
    answer = tabular.evaluate(tmp_path / "train.csv", tmp_path / "test.csv", "bought", time="timestamp")
    chosen = next(row for row in answer.models if row.name == answer.chosen)
    assert chosen.auc > 0.97
    assert chosen.ece < 0.03
