"""Strategies against plain Python and NetworkX."""

from __future__ import annotations

import itertools
from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.recommend.sequences import Sequences
from journeygraph.recommend.strategies import STRATEGIES, learn
from journeygraph.recommend.strategies.base import ranking
from journeygraph.recommend.strategies.markov import Markov
from journeygraph.recommend.strategies.pagerank import DAMPING, PageRank

lists = st.lists(st.lists(st.sampled_from("abcde"), min_size=1, max_size=6), min_size=1, max_size=12)
histories = st.lists(st.sampled_from("abcdez"), max_size=6)


@settings(deadline=None)
@given(lists, histories)
def test_pagerank_equals_networkx(given_lists: list[list[str]], touched: list[str]) -> None:
    sequences = Sequences.from_lists(given_lists)
    strategy, history = PageRank(sequences), sequences.encode(touched)
    codes, scores = strategy.candidates(history)
    if not len(history):
        assert not len(codes)
        return
    home = {item: float(share) for item, share in enumerate(strategy.personalisation(history)) if share}
    expected = nx.pagerank(strategy.graph, alpha=DAMPING, personalization=home, tol=1e-10, max_iter=500)
    ours = np.zeros(sequences.n_items)
    ours[codes] = scores
    assert ours == pytest.approx([expected[item] for item in range(sequences.n_items)], abs=1e-6)


@given(lists, st.sampled_from("abcde"))
def test_markov_counts_what_came_next_and_prefers_the_first_seen(given_lists: list[list[str]], last: str) -> None:
    sequences = Sequences.from_lists(given_lists)
    after = Counter(b for items in given_lists for a, b in itertools.pairwise(items) if a == last)
    codes, scores = ranking(Markov(sequences), sequences.encode([last]), 10)
    assert [(sequences.items[c], s) for c, s in zip(codes, scores, strict=True)] == after.most_common()


@given(lists, st.sampled_from("abcde"), st.sampled_from("abcde"))
def test_evidence_equals_plain_counting(given_lists: list[list[str]], a: str, b: str) -> None:
    sequences = Sequences.from_lists([*given_lists, ["a"], ["b"], ["c"], ["d"], ["e"]])
    one, other = (int(code) for code in sequences.encode([a, b]))
    going = sum(any(x == a and b in items[n + 1 :] for n, x in enumerate(items)) for items in given_lists)
    stepping = sum((a, b) in itertools.pairwise(items) for items in given_lists)
    assert sequences.going_on(one, other) == going
    assert sequences.stepping(one, other) == stepping
    assert sequences.containing(one) == 1 + sum(a in items for items in given_lists)
    assert sequences.lists()[: len(given_lists)] == given_lists


@settings(deadline=None)
@given(lists, histories, st.integers(1, 4), st.sampled_from(sorted(STRATEGIES)))
def test_rankings_are_sorted_distinct_and_leave_out(
    given_lists: list[list[str]], touched: list[str], k: int, name: str
) -> None:
    sequences = Sequences.from_lists(given_lists)
    strategy, history = learn(name, sequences), sequences.encode(touched)
    left_out = history[:1]
    codes, scores = ranking(strategy, history, k, left_out)
    assert len(codes) <= k
    assert len(set(codes.tolist())) == len(codes)
    assert not set(codes.tolist()) & set(left_out.tolist())
    assert (np.diff(scores) <= 0).all()
    assert (scores > 0).all()
    if strategy.memory is not None:  # so much of the history decides, no more
        used = history[len(history) - min(strategy.memory, len(history)) :]
        assert ranking(strategy, used, k, left_out)[0].tolist() == codes.tolist()


def test_journeys_follow_those_that_share_the_recent_items() -> None:
    sequences = Sequences.from_lists([*[["phone", "case", "cover"]] * 5, *[["pan", "lid"]] * 50, ["case", "film"]])
    codes, _ = ranking(learn("journeys", sequences), sequences.encode(["phone", "case"]), 2)
    assert [sequences.items[code] for code in codes] == ["cover", "film"]


def test_an_unknown_strategy_is_named() -> None:
    with pytest.raises(UsageError, match="no strategy 'magic'; there are: popularity"):
        learn("magic", Sequences.from_lists([["a"]]))
