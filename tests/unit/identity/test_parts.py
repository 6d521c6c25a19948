"""The parts of linkage against plain Python: candidate pairs, clusters, measures, the model."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import journeygraph.identity
from journeygraph.identity import blocked
from journeygraph.identity.linkage import blocking
from journeygraph.identity.linkage.blocking import Blocks
from journeygraph.identity.linkage.clusters import cluster, pair_measure
from journeygraph.identity.linkage.comparison import Aspect, Compared
from journeygraph.identity.linkage.keys import Key
from journeygraph.identity.linkage.model import learn
from journeygraph.identity.linkage.records import Column
from journeygraph.identity.linkage.scoring import Scored

_letters = st.sampled_from(["a", "b", "c", "d", None])


@given(st.lists(st.tuples(_letters, _letters, _letters), max_size=25))
def test_every_pair_that_shares_a_key_comes_once(rows: list[tuple[str | None, ...]]) -> None:
    columns = [Column.of([row[place] for row in rows]) for place in range(3)]
    one, two, three = columns
    keys = [
        Key("two ways", ((one,), (two,))),
        Key("pair", ((one, three),)),
        Key("crossed", ((one, two),), crossed=True),
    ]
    found = [
        pair
        for left, right in Blocks({}, len(rows), keys).pairs()
        for pair in zip(left.tolist(), right.tolist(), strict=True)
    ]
    assert len(found) == len(set(found))

    def shares(x: tuple[str | None, ...], y: tuple[str | None, ...]) -> bool:
        return (
            bool({x[0], x[1]} & {y[0], y[1]} - {None})
            or (None not in (x[0], x[2]) and (x[0], x[2]) == (y[0], y[2]))
            or (None not in (*x[:2], *y[:2]) and sorted(map(str, x[:2])) == sorted(map(str, y[:2])))
        )

    assert set(found) == {(a, b) for a, b in combinations(range(len(rows)), 2) if shares(rows[a], rows[b])}


def test_blocks_beyond_the_budget_meet_their_neighbours_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "SMALL_TABLE_PAIRS", 0)
    rows = 2_000
    column = Column.of(["everybody"] * rows)
    blocks = Blocks({"surname": column}, rows, [Key("surname", ((column,),))])
    pairs = sum(len(left) for left, _ in blocks.pairs())
    assert pairs <= rows * blocking.NEIGHBOURS
    assert [(block.key, block.value, block.records) for block in blocks.oversize] == [("surname", "everybody", rows)]


_pairs = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(0.01, 1000),
    max_size=25,
)


@settings(max_examples=200)
@given(_pairs, st.sampled_from([0.3, 0.5, 0.9]), st.integers(2, 6))
def test_clusters_are_what_joining_by_mean_odds_gives(
    odds: dict[tuple[int, int], float], threshold: float, largest: int
) -> None:
    left, right = (np.array([pair[place] for pair in odds], np.int64) for place in (0, 1))
    found = cluster(Scored(left, right, np.array(list(odds.values()), np.float64)), 10, threshold, largest)
    groups: dict[int, set[int]] = {}
    for row, label in enumerate(found.labels.tolist()):
        groups.setdefault(label, set()).add(row)
    assert all(label == min(rows) and len(rows) <= largest for label, rows in groups.items())
    assert len(found.merges) == 10 - len(groups)
    least = threshold / (1 - threshold)

    def mean(one: set[int], other: set[int]) -> float:
        return sum(odds.get((min(a, b), max(a, b)), 0.0) for a in one for b in other) / (len(one) * len(other))

    for one, other in combinations(groups.values(), 2):
        assert mean(one, other) < least * 1.000001 or len(one) + len(other) > largest
    for bridge in found.bridges:
        assert found.labels[bridge.left] != found.labels[bridge.right]
        assert bridge.probability >= threshold - 1e-9


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 4)), max_size=20))
def test_pairs_are_counted_as_pairs(rows: list[tuple[int, int]]) -> None:
    labels, truth = (np.array([row[place] for row in rows], np.int64) for place in (0, 1))
    known = [row for row in rows if row[1] >= 0]
    said = {(a, b) for a, b in combinations(range(len(known)), 2) if known[a][0] == known[b][0]}
    true = {(a, b) for a, b in combinations(range(len(known)), 2) if known[a][1] == known[b][1]}
    precision, recall, f1 = pair_measure(labels, truth)
    assert precision == (len(said & true) / len(said) if said else 1.0)
    assert recall == (len(said & true) / len(true) if true else 1.0)
    assert f1 == (2 * len(said & true) / (len(said) + len(true)) if said or true else 1.0)


def test_the_model_finds_the_shares_that_made_the_data() -> None:
    rng = np.random.default_rng(3)
    aspects = [Aspect(f"a{n}", ("none", "unlike", "alike", "equal")) for n in range(4)]
    pairs, share = 200_000, 0.01
    match = rng.random(pairs) < share
    m, u = [0.1, 0.2, 0.7], [0.95, 0.04, 0.01]
    grades = [np.where(match, rng.choice(3, pairs, p=m), rng.choice(3, pairs, p=u)) + 1 for _ in aspects]
    compared = [Compared(grade.astype(np.int8), np.zeros(pairs, np.float32)) for grade in grades]
    model = learn(aspects, compared, compared, 1 / pairs)
    assert abs(model.match_share - match.mean()) < 0.001
    for place in range(4):
        assert np.abs(model.m[place][1:] - m).max() < 0.03
        assert np.abs(model.u[place][1:] - u).max() < 0.005
    said = model.probability(compared)
    for low, high in ((0.0, 0.01), (0.2, 0.8), (0.99, 1.0)):
        there = (said >= low) & (said <= high)
        assert abs(match[there].mean() - said[there].mean()) < 0.05


def test_blocked_values_are_read_from_a_list() -> None:
    found = blocked.parse(["# ours", "phone: +44 20 7946 0958", "anonymous_id: tablet-*"])
    assert found.blocks("phone", "079460958")
    assert found.blocks("phone", "+442079460958")
    assert not found.blocks("phone", "+493079460958")
    assert blocked.parse(["phone: 020 7946 0958"]).blocks("phone", "+442079460958")
    assert blocked.parse(["phone: +44 20*"]).blocks("phone", "+442079460958")
    assert found.blocks("anonymous_id", "tablet-7")
    assert not found.blocks("email", "ann@home.example")
    with pytest.raises(Exception, match="'colour' is no kind of value"):
        blocked.parse(["colour: red"])


@pytest.mark.parametrize(
    "value", ["-", "0", "n/a", "NA", " None ", "null", "Unknown", "test", "tbd", "0000", "xxx", "?"]
)
@pytest.mark.parametrize("kind", ["order", "alias", "anonymous_id", "phone", "id"])
def test_placeholders_merge_nobody(kind: str, value: str) -> None:
    assert blocked.parse([]).blocks(kind, value)
    assert blocked.parse([]).blocks("email", f"{value.strip()}@firm.example")


@pytest.mark.parametrize(
    "mailbox", ["info", "noemail", "no-reply", "NoReply", "none", "office", "sales", "support", "admin"]
)
def test_mailboxes_of_a_role_or_of_nobody_merge_nobody(mailbox: str) -> None:
    found = blocked.parse([])
    assert found.blocks("email", f"{mailbox}@firm.example")
    assert not found.blocks("email", f"{mailbox}.oster@firm.example")
    assert not blocked.parse([], defaults=False).blocks("email", f"{mailbox}@firm.example")


@pytest.mark.parametrize("kind", ["order", "alias", "anonymous_id", "email", "phone", "id"])
def test_whatever_rules_use_can_be_blocked(kind: str) -> None:
    found = blocked.parse([f"{kind}: Desk-7@a.example # ours"])
    assert found.blocks(kind, "desk-7@a.example")
    assert not found.blocks(kind, "desk-71@a.example")


def test_examples_in_docstrings() -> None:
    names = [module.name for module in pkgutil.walk_packages(journeygraph.identity.__path__, "journeygraph.identity.")]
    assert len(names) > 10
    for name in names:
        assert doctest.testmod(importlib.import_module(name)).failed == 0, name
