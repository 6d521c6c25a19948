"""Item similarity against the published matrices of real transactions, and against plain counting."""

from __future__ import annotations

import csv
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.recommend.similarity import Measure, co_occurrence, similarity
from tests.support import shared_data


@pytest.mark.parametrize(("measure", "name"), [("count", "count"), ("jaccard", "jac"), ("lift", "lift")])
def test_similarities_equal_the_published_ones(measure: Measure, name: str) -> None:
    folder = shared_data("ms_usage")
    with (folder / f"expected_sim_{name}3.csv").open() as file:
        header, *rows = csv.reader(file)
    items = header[1:]
    with (folder / "ms_usage.csv").open() as file:
        usage = [(row["user"], row["item"]) for row in csv.DictReader(file)]
    users = {user: number for number, user in enumerate(dict(usage))}
    codes = [items.index(item) for _, item in usage]
    together = co_occurrence([users[user] for user, _ in usage], codes, len(items))
    ours = similarity(together, measure, minimum=3).toarray()
    expected = np.array([[float(cell) for cell in row[1:]] for row in rows])
    assert [row[0] for row in rows] == items
    assert np.abs(ours - expected).max() <= 5e-16


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=40), st.integers(1, 3))
def test_similarities_equal_plain_counting(usage: list[tuple[int, int]], minimum: int) -> None:
    together = co_occurrence(*_columns(usage), 5)
    having = {item: {user for user, other in usage if other == item} for item in range(5)}
    for measure in ("count", "jaccard", "lift", "cosine"):
        ours = similarity(together, measure, minimum=minimum, regularisation=2.0).toarray()
        for i in range(5):
            for j in range(5):
                both = len(having[i] & having[j])
                n_i, n_j = len(having[i]), len(having[j])
                expected = {
                    "count": both,
                    "jaccard": both / max(len(having[i] | having[j]), 1),
                    "lift": both / max(n_i * n_j, 1),
                    "cosine": both / ((n_i + 2) * (n_j + 2)) ** 0.5,
                }[measure]
                assert ours[i, j] == pytest.approx(expected if both >= minimum else 0)


def _columns(usage: Iterable[tuple[int, int]]) -> tuple[list[int], list[int]]:
    given = list(usage)
    return [user for user, _ in given], [item for _, item in given]
