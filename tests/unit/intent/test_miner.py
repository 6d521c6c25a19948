"""The miner against brute force, against PyPI's prefixspan, and on real data with known counts."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import UsageError
from journeygraph.intent.mining import spmf
from journeygraph.intent.mining.miner import least_support, mine
from journeygraph.intent.mining.sequences import Sequences
from tests.support import shared_data

ENGINES = ["projection", "compiled"]
LOGS = st.lists(st.text(alphabet="abc", max_size=7), max_size=6)
GAPS = st.sampled_from([None, 0, 1, 2])

Patterns = dict[tuple[str, ...], int]


def brute_force(log: list[str], least: int, max_gap: int | None) -> Patterns:
    """All patterns by trying every choice of positions."""
    holders: dict[tuple[str, ...], set[int]] = {}
    for number, sequence in enumerate(log):
        for length in range(1, len(sequence) + 1):
            for at in combinations(range(len(sequence)), length):
                gaps = [b - a - 1 for a, b in pairwise(at)]
                if max_gap is None or all(gap <= max_gap for gap in gaps):
                    holders.setdefault(tuple(sequence[i] for i in at), set()).add(number)
    return {pattern: len(found) for pattern, found in holders.items() if len(found) >= least}


def contains(longer: tuple[str, ...], shorter: tuple[str, ...]) -> bool:
    rest = iter(longer)
    return all(item in rest for item in shorter)


def mined(log: list[str], **options: Any) -> list[tuple[tuple[str, ...], int]]:
    sequences = Sequences.of(log)
    return [(tuple(sequences.names(found.codes)), found.support) for found in mine(sequences, **options)]


@given(LOGS, st.integers(1, 3), GAPS, st.sampled_from([None, 1, 3]), st.integers(1, 2))
def test_equal_to_brute_force(
    log: list[str], least: int, max_gap: int | None, max_length: int | None, minimum_length: int
) -> None:
    found = mined(log, minimum_support=least, max_gap=max_gap, max_length=max_length, minimum_length=minimum_length)
    everything = brute_force(log, least, max_gap)
    kept = {p: n for p, n in everything.items() if minimum_length <= len(p) <= (max_length or 99)}
    assert found == sorted(kept.items())


@given(LOGS, st.integers(1, 3), GAPS, st.sampled_from([None, 1, 2]))
def test_closed_is_truly_closed(log: list[str], least: int, max_gap: int | None, max_length: int | None) -> None:
    everything = brute_force(log, least, max_gap)
    closed = {
        pattern: support
        for pattern, support in everything.items()
        if len(pattern) <= (max_length or 99)
        and not any(
            len(other) > len(pattern) and count == support and contains(other, pattern)
            for other, count in everything.items()
        )
    }
    found = mined(log, minimum_support=least, max_gap=max_gap, max_length=max_length, closed=True)
    assert found == sorted(closed.items())


@given(LOGS, GAPS, st.integers(1, 6), st.booleans())
def test_the_k_best(log: list[str], max_gap: int | None, k: int, closed: bool) -> None:
    everything = mined(log, minimum_support=1, max_gap=max_gap, closed=closed)
    best = sorted(everything, key=lambda entry: (-entry[1], len(entry[0]), entry[0]))[:k]
    assert mined(log, minimum_support=1, max_gap=max_gap, top_k=k, closed=closed) == best


@given(LOGS, st.integers(1, 3), st.sampled_from([None, 2]), st.booleans())
def test_equal_to_the_package_prefixspan(log: list[str], least: int, max_length: int | None, closed: bool) -> None:
    options = {"minimum_support": least, "max_length": max_length, "closed": closed}
    assert mined(log, **options) == mined(log, engine="prefixspan", **options)


@given(
    st.lists(st.text(alphabet="abcdefgh", max_size=12), max_size=140),
    st.integers(1, 6),
    st.sampled_from([None, 1, 2, 3]),
    st.integers(1, 3),
    st.data(),
)
def test_compiled_is_equal_to_projection(
    log: list[str], least: int, max_length: int | None, threads: int, data: st.DataObject
) -> None:
    gap = data.draw(st.sampled_from([None, None, 0, 1, 3]))
    groups = [np.array(data.draw(st.lists(st.booleans(), min_size=len(log), max_size=len(log))), dtype=bool)] * 2
    options: dict[str, Any] = {"minimum_support": least, "max_length": max_length, "groups": groups, "max_gap": gap}
    sequences = Sequences.of(log)
    plain = list(mine(sequences, engine="projection", **options))
    assert list(mine(sequences, engine="compiled", threads=threads, **options)) == plain
    best = list(mine(sequences, engine="projection", top_k=7, **options))
    assert list(mine(sequences, engine="compiled", threads=threads, top_k=7, **options)) == best


@given(
    st.integers(0, 10_000),
    st.integers(0, 45),
    st.sampled_from([None, 0.0, 1.0, 30.0, 400.0]),
    st.sampled_from([3, 12, 70, 150]),
    st.integers(2, 40),
    st.booleans(),
)
def test_gaps_in_sequences_of_many_lengths(
    seed: int, gap: int, wait: float | None, longest: int, n_items: int, grouped: bool
) -> None:
    """Long ones take several lanes of bits, which are left behind, split over blocks and counted once."""
    chance = np.random.default_rng(seed)
    lengths = chance.integers(0, longest + 1, size=int(chance.integers(1, 90)))
    sequences = Sequences.of([chance.integers(0, n_items, size).tolist() for size in lengths])
    times = np.cumsum(chance.choice([0, 1, 5, 60], len(sequences.codes)) * 1_000_000).astype(np.int64)
    groups = [chance.random(len(lengths)) < 0.5] if grouped else []
    least = max(2, int(len(lengths) * 0.4))
    options: dict[str, Any] = {"minimum_support": least, "max_gap": gap, "max_length": 4, "groups": groups}
    if wait is not None:
        sequences = replace(sequences, times_us=times)
        options |= {"max_gap_seconds": wait, "max_gap": gap if gap % 2 else None}
    plain = list(mine(sequences, engine="projection", **options))
    assert list(mine(sequences, engine="compiled", threads=2, **options)) == plain


def test_nothing_frequent_is_an_empty_answer() -> None:
    for engine in ENGINES:
        for log in ([], [""], ["ab", "cd"]):
            assert mined(log, minimum_support=3, engine=engine) == []


def test_sequences_beyond_a_byte() -> None:
    chance = np.random.default_rng(1)
    log = [chance.integers(0, 6, size).tolist() for size in (254, 255, 256, 700, 3_000)] * 3
    options: dict[str, Any] = {"minimum_support": 14, "max_length": 4}
    sequences = Sequences.of(log)
    assert list(mine(sequences, engine="compiled", **options)) == list(mine(sequences, engine="projection", **options))


def test_every_embedding_counts() -> None:
    assert (("a", "b"), 1) in mined(["aaab"], minimum_support=1, max_gap=0)


def test_long_repeats_are_no_deep_recursion() -> None:
    for engine in ENGINES:
        found = list(mine(Sequences.of([[7] * 3_000] * 2), minimum_support=2, engine=engine))
        assert [len(pattern.codes) for pattern in found] == list(range(1, 3_001))
        assert found[-1].support == 2
        found = list(mine(Sequences.of([[7, 8] * 500] * 2), minimum_support=2, max_gap=0, engine=engine))
        assert len(found[-1].codes) == 999  # 7 8 7 8 ... and 8 7 8 7 ..., of each length
    assert mined(["a" * 400] * 2, minimum_support=2, closed=True) == [(("a",) * 400, 2)]
    with pytest.raises(UsageError, match="calls itself once an item"):
        list(mine(Sequences.of([[7] * 3_000]), minimum_support=1, engine="prefixspan"))


def test_a_share_rounds_up() -> None:
    assert [least_support(0.05, 6454), least_support(0.1, 30), least_support(1.0, 7), least_support(1, 7)] == [
        323,
        3,
        7,
        1,
    ]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"minimum_support": 0}, "below one sequence"),
        ({"minimum_support": 1.5}, "share above 0"),
        ({"minimum_support": 1, "max_gap": -1}, "max-gap of -1"),
        ({"minimum_support": 1, "max_length": 0}, "max-length of 0"),
        ({"minimum_support": 1, "engine": "spade"}, "no mining engine 'spade'"),
        ({"minimum_support": 1, "max_gap_seconds": 1}, "needs the times"),
        ({"minimum_support": 1, "engine": "prefixspan", "max_gap": 0, "log": ["abc"]}, "has no max-gap"),
    ],
)
def test_refusals_are_sentences(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        mined(**{"log": ["ab"], **options})


@pytest.mark.parametrize(
    ("file", "least", "patterns"),
    [
        ("SIGN.spmf", 146, 9718),
        ("SIGN.spmf", 73, 110417),
        ("SIGN.spmf", 37, 944486),
        ("LEVIATHAN.spmf", 292, 3698),
        ("LEVIATHAN.spmf", 59, 167189),
        ("NASA_AUG95.spmf.gz", 700, 377),
        ("NASA_AUG95.spmf.gz", 350, 1247),
    ],
)
def test_counts_that_several_implementations_agree_on(file: str, least: int, patterns: int) -> None:
    sequences = spmf.read(shared_data(f"sequences/{file}"))
    found = mine(sequences, minimum_support=least, engine="compiled")
    assert len(found) == patterns
    if patterns < 10_000:
        assert list(found) == list(mine(sequences, minimum_support=least, engine="projection"))
