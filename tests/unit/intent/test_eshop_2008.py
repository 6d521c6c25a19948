"""Patterns in the clicks of a clothing shop, where two other implementations agree on the counts."""

from __future__ import annotations

import csv
import gzip
from collections import Counter

import pytest

from journeygraph.intent.mining.miner import mine
from journeygraph.intent.mining.sequences import Sequences
from tests.support import shared_data


def clicks(column: str) -> Sequences:
    """The values of a column by session, in the order of clicks."""
    by_session: dict[str, list[tuple[int, str]]] = {}
    with gzip.open(shared_data("eshop_2008") / "eshop_clothing_2008.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            by_session.setdefault(row["session ID"], []).append((int(row["order"]), row[column]))
    return Sequences.of([[value for _, value in sorted(rows)] for rows in by_session.values()])


@pytest.mark.parametrize("engine", ["projection", "prefixspan"])
def test_models(engine: str) -> None:
    log = clicks("page 2 (clothing model)")
    limit = {"max_length": 4} if engine == "prefixspan" else {}
    found = {tuple(log.names(p.codes)): p.support for p in mine(log, minimum_support=240, engine=engine, **limit)}  # type: ignore[arg-type]
    assert sorted(Counter(map(len, found)).items()) == [(1, 182), (2, 190), (3, 29)]
    assert [found[pair] for pair in (("A2", "A5"), ("A1", "A2"), ("A2", "A3"), ("A2", "A11"))] == [740, 734, 704, 620]


def test_main_categories() -> None:
    log = clicks("page 1 (main category)")
    found = {tuple(log.names(p.codes)): p.support for p in mine(log, minimum_support=1201, max_length=3)}
    assert len(found) == 52
    assert (found["1", "3"], found["1", "4"], found["1", "2"], found["2", "3"]) == (4542, 3856, 3795, 3621)
