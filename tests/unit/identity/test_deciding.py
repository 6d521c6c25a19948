"""Which pairs of customers count: what a household shares never makes two people one."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np

from journeygraph.identity.deciding import Decided, decide
from journeygraph.identity.linkage import records
from journeygraph.identity.linkage.blocking import Blocks
from journeygraph.identity.linkage.clusters import Clusters, cluster
from journeygraph.identity.linkage.columns import recognise
from journeygraph.identity.linkage.comparison import comparisons
from journeygraph.identity.linkage.records import Column
from journeygraph.identity.linkage.scoring import Scored, score, train

FIELDS = ("first_name", "surname", "dob", "street", "city", "postcode", "phone")
PERSON = ("Anna", "Oster", "1980-02-13", "High St 1", "Berlin", "10115", "0301111111")


def _rows(shop: int, couples: int) -> list[tuple[Any, ...]]:
    """A shop whose customers gave nothing but a telephone number, and couples who share all but first name and day."""
    rng = Random(7)
    rows: list[tuple[Any, ...]] = [(None,) * 6 + (f"0{rng.randrange(10**8, 10**9)}",) for _ in range(shop)]
    for n in range(couples):
        home = (f"Weg {n}", "Berlin", f"101{n:02}", f"0305551{n:03}")
        rows += [
            (f"{first}{n}", f"Muster{n}", f"198{n % 10}-{month}-1{n % 10}", *home)
            for first, month in (("Max", "02"), ("Eva", "07"))
        ]
    return rows


def _decided(rows: list[tuple[Any, ...]], rules: dict[tuple[int, int], str]) -> tuple[Decided, Clusters, Scored]:
    table = {name: Column.of(row[place] for row in rows) for place, name in enumerate(FIELDS)}
    fields = records.fields(table, recognise(list(table), {}))
    compared_by = comparisons(fields)
    blocks = Blocks(fields, len(rows))
    model = train(compared_by, blocks, len(rows))[0]
    scored = score(model, compared_by, blocks)
    found = decide(rules, scored, model, compared_by, len(rows), 0.9)
    return found, cluster(found.pairs, len(rows), 0.9, apart=found.apart), scored


def test_couples_in_a_shop_stay_two() -> None:
    rows = _rows(300, 8)
    couples = [(row, row + 1) for row in range(300, 316, 2)]
    found, clusters, scored = _decided(rows, dict.fromkeys(couples, "phone"))
    alone = cluster(scored, len(rows), 0.9).labels
    assert any(alone[one] == alone[other] for one, other in couples), "the model alone takes a couple for a person"
    assert all(clusters.labels[one] != clusters.labels[other] for one, other in couples)
    assert clusters.merges == []
    assert dict(found.contradicted) == dict.fromkeys(couples, "the same phone, but another first_name")
    assert not found.rules


def test_a_nameless_record_between_two_people_joins_one_of_them() -> None:
    bob = ("Bob", *PERSON[1:2], "1979-06-24", *PERSON[3:])
    between = (None,) * 6 + PERSON[6:]
    rows = [PERSON, bob, between, *_rows(50, 3)]
    found, clusters, _ = _decided(rows, {(0, 1): "phone", (0, 2): "phone", (1, 2): "phone"})
    assert clusters.labels[0] != clusters.labels[1]
    assert clusters.labels[2] in (0, 1)
    assert set(found.contradicted) == {(0, 1)}
    assert set(found.rules) == {(0, 2), (1, 2)}


def test_an_alias_holds_whatever_the_names_say_and_no_model_is_no_evidence() -> None:
    fields = {"first_name": Column.of(["Ann", "Bob", "Ann"])}
    nothing = Scored(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    found = decide({(0, 1): "alias", (1, 2): "email", (0, 2): "email"}, nothing, None, comparisons(fields), 3, 0.9)
    assert dict(found.rules) == {(0, 1): "alias", (0, 2): "email"}
    assert dict(found.contradicted) == {(1, 2): "the same email, but another first_name"}
    assert found.apart == {1: frozenset({2}), 2: frozenset({1})}
