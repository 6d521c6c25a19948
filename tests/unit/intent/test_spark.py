"""What is said to Spark and made of its answer; Spark itself runs in `benchmarks.spark`, which installs it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.intent.mining import spark
from journeygraph.intent.mining.budget import Budget
from journeygraph.intent.mining.miner import mine
from journeygraph.intent.mining.sequences import Limits, Sequences

LOG = st.lists(st.lists(st.sets(st.integers(0, 3), min_size=1, max_size=3), max_size=4), max_size=5)


@settings(max_examples=60)
@given(LOG, st.sets(st.integers(0, 3), max_size=1))
def test_what_spark_is_given(log: list[list[set[int]]], excluded: set[int]) -> None:
    sequences = Sequences.of_sets(log)
    codes = frozenset(code for code, item in enumerate(sequences.items) if item in excluded)
    given_rows = spark.sets_of(sequences, Limits(1, excluded=codes))["sequence"].to_pylist()
    rows = [[sorted(items - excluded) for items in row if items - excluded] for row in log]
    assert [[[sequences.items[code] for code in group] for group in row] for row in given_rows] == [
        row for row in rows if row
    ]


@settings(max_examples=60)
@given(LOG, st.integers(1, 3), st.sampled_from([None, 2]), st.sampled_from(["all", "closed", "maximal"]), st.data())
def test_its_answer_becomes_ours(
    log: list[list[set[int]]], least: int, max_length: int | None, keep: str, data: st.DataObject
) -> None:
    sequences = Sequences.of_sets(log)
    options: dict[str, Any] = {"minimum_support": least, "max_length": max_length}
    options |= {} if keep == "all" else {keep: True}

    def mllib(frame: Any, rows: int, least: int, longest: int) -> list[spark.Row]:
        """Any order, as Spark's."""
        log = Sequences.of_sets(frame["sequence"].to_pylist())
        found = [(log.names(p.codes), p.support) for p in mine(log, minimum_support=least, max_length=longest)]
        return data.draw(st.permutations(found)) if len(found) < 30 else found[::-1]

    class Session:
        def createDataFrame(self, table: Any) -> Any:  # noqa: N802 - as Spark calls it
            return table

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(spark, "_frequent", mllib)
        patched.setattr(spark, "_check_installed", lambda: None)
        patched.setattr(spark, "_session", lambda threads: _entered(Session()))
        ours = mine(sequences, engine="spark", **options)
    plain = mine(sequences, engine="projection", **options)
    assert Counter(map(str, ours)) == Counter(map(str, plain))
    assert [pattern.codes for pattern in ours] == [pattern.codes for pattern in plain]


class _entered:  # noqa: N801 - a context manager around a value
    def __init__(self, value: Any) -> None:
        self.value = value

    def __enter__(self) -> Any:
        return self.value

    def __exit__(self, *_: object) -> None:
        return


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"max_gap": 0}, "max-gap"),
        ({"max_span_seconds": 1}, "limits in seconds"),
        ({"weights": [1.0, 2.0]}, "weights"),
        ({"groups": [np.array([True, False])]}, "groups"),
        ({"budget": Budget(seconds=1)}, "time-limit"),
    ],
)
def test_what_mllib_cannot_do_is_refused(options: dict[str, Any], what: str) -> None:
    with pytest.raises(UsageError, match=f"'spark' has no {what}.*it knows a minimum support"):
        mine(Sequences.of(["abc", "ab"]), minimum_support=1, engine="spark", **options)


def test_what_it_needs_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"journeygraph-service\[spark\]"):
        mine(Sequences.of(["ab"]), minimum_support=1, engine="spark")
    monkeypatch.setattr(spark, "find_spec", lambda name: name)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(spark.shutil, "which", lambda name: None)
    with pytest.raises(UsageError, match="Java runtime of version 17"):
        mine(Sequences.of(["ab"]), minimum_support=1, engine="spark")
