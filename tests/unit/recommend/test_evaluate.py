"""Figures of foretelling, counted by hand, and how sessions are read and divided."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import pytest

from journeygraph.errors import InputError, UsageError
from journeygraph.recommend import files
from journeygraph.recommend.evaluate import evaluate, temporal_split


def test_figures_of_popularity_by_hand() -> None:
    answer = evaluate([["a", "a", "b"], ["a", "b", "c"]], [["c", "a", "b", "x"], ["a"]], k=2, split="by hand")
    row = next(row for row in answer.strategies if row.name == "popularity")
    # Lists are always [a, b]; the cases are a (rank 1), b (rank 2) and x, which nobody can foretell.
    assert (answer.cases, answer.unknown_items, answer.sessions) == (3, 1, 2)
    assert row.hit_rate == row.recall == pytest.approx(2 / 3)
    assert row.precision == pytest.approx(1 / 3)
    assert row.mrr == pytest.approx((1 + 1 / 2) / 3)
    assert row.ndcg == pytest.approx((1 + 1 / math.log2(3)) / 3)
    assert row.coverage == pytest.approx(2 / 3)


def test_the_baselines_are_always_among_them() -> None:
    answer = evaluate([["a", "b"]] * 9, [["a", "b"]], names=["pagerank"], k=1, split="any")
    assert [row.name for row in answer.strategies] == [
        "popularity",
        "session_popularity",
        "item_knn",
        "markov",
        "pagerank",
    ]


def test_session_popularity_prefers_what_the_session_had() -> None:
    answer = evaluate([["a"] * 9, ["b", "c"]], [["c", "c"]], k=1, split="any")
    hits = {row.name: row.hit_rate for row in answer.strategies}
    assert (hits["popularity"], hits["session_popularity"]) == (0.0, 1.0)


def test_too_little_to_measure_is_said() -> None:
    with pytest.raises(UsageError, match="1 sequences to learn from and 0 cases"):
        evaluate([["a", "b"]], [["a"]], k=5, split="any")


def test_the_last_fifth_is_the_test() -> None:
    earlier, later = temporal_split([[str(n)] for n in range(11)])
    assert (len(earlier), later) == (9, [["9"], ["10"]])


def test_rows_are_put_in_order_of_time(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write(
            "time;session_id;item_id\n2026-01-02T00:00:00Z;late;x\n2026-01-01 00:00:05;early;b\n"
            "2026-01-01T00:00:01+00:00;early;a\n2026-01-01T00:00:05Z;early;c\n"
        )
    assert files.read(path) == [["a", "b", "c"], ["x"]]


def test_lines_are_sessions_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("a b c\n\nx,y\n")
    assert files.read(path) == [["a", "b", "c"], ["x", "y"]]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("session_id,item_id\n1,2\n", "no column 'time'"),
        ("session_id,item_id,time\n1,2,soon\n", "line 2: time 'soon' is neither"),
        ("session_id,item_id,time\n1,2\n", "line 2: 2 values"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "sessions.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=complaint):
        files.read(path)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        files.read(tmp_path / "none.csv")
