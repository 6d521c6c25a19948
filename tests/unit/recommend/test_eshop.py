"""The baselines on real clicks, against figures that were computed with an independent tool (EXPECTED.md)."""

from __future__ import annotations

import csv
import gzip

import pytest

from journeygraph.recommend.evaluate import evaluate
from tests.support import shared_data


@pytest.mark.slow
def test_baselines_give_the_known_figures() -> None:
    sessions: dict[str, list[str]] = {}
    month: dict[str, int] = {}
    with gzip.open(shared_data("eshop_2008/eshop_clothing_2008.csv.gz"), "rt") as file:
        for row in csv.DictReader(file, delimiter=";"):
            sessions.setdefault(row["session ID"], []).append(row["page 2 (clothing model)"])
            month.setdefault(row["session ID"], int(row["month"]))
    train = [items for session, items in sessions.items() if month[session] <= 7]
    test = [items for session, items in sessions.items() if month[session] == 8]
    answer = evaluate(train, test, k=20, split="April to July, August")
    percent = {row.name: (round(100 * row.hit_rate, 2), round(100 * row.mrr, 2)) for row in answer.strategies}
    assert (answer.train_sessions, answer.sessions, answer.cases) == (22_102, 1_924, 12_224)
    assert percent["popularity"] == (23.72, 5.14)
    assert percent["item_knn"] == (63.09, 19.97)
    assert percent["markov"] == (70.44, 25.78)
    assert answer.chosen == "markov"
