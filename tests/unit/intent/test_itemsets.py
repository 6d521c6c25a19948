"""Patterns of item sets: against brute force, and the example of the PrefixSpan paper that SPMF documents."""

from __future__ import annotations

from itertools import combinations, pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from journeygraph.errors import InputError, UsageError
from journeygraph.intent.mining import spmf, spmf_sets
from journeygraph.intent.mining.budget import Budget
from journeygraph.intent.mining.miner import Mined, mine
from journeygraph.intent.mining.sequences import Sequences
from tests.unit.intent.test_spmf import app

Sets = tuple[tuple[int, ...], ...]
#: Sequences of (items that share an instant, seconds since the one before).
Log = list[list[tuple[set[int], int]]]
LOG = st.lists(
    st.lists(st.tuples(st.sets(st.integers(0, 2), min_size=1, max_size=3), st.integers(1, 3)), max_size=4), max_size=4
)
LIMIT = st.sampled_from([None, None, 0, 1, 3])
#: contextPrefixSpan.txt of SPMF: the database of the paper (Pei et al. 2001).
CONTEXT = """1 -1 1 2 3 -1 1 3 -1 4 -1 3 6 -1 -2
1 4 -1 3 -1 2 3 -1 1 5 -1 -2
5 6 -1 1 2 -1 4 6 -1 3 -1 2 -1 -2
5 -1 7 -1 1 6 -1 3 -1 2 -1 3 -1 -2
"""


def sequences_of(log: Log) -> Sequences:
    plain = Sequences.of_sets([[items for items, _ in row] for row in log])
    times = [np.repeat(np.cumsum([wait for _, wait in row]), [len(items) for items, _ in row]) for row in log]
    return Sequences(
        plain.codes,
        plain.offsets,
        plain.items,
        np.concatenate([*times, []]).astype(np.int64) * 1_000_000,
        plain.elements,
    )


def holders(log: Log, gap: int | None = None, wait: int | None = None, span: int | None = None) -> dict[Sets, set[int]]:
    """Who holds each pattern, by picking subsets of elements in every way."""
    found: dict[Sets, set[int]] = {}
    for number, row in enumerate(log):
        times = np.cumsum([0, *(since for _, since in row)])[1:].tolist()
        for length in range(1, len(row) + 1):
            for at in combinations(range(len(row)), length):
                near = gap is None or all(b - a - 1 <= gap for a, b in pairwise(at))
                soon = wait is None or all(times[b] - times[a] <= wait for a, b in pairwise(at))
                if near and soon and (span is None or times[at[-1]] - times[at[0]] <= span):
                    for sets in product(*(_parts(row[i][0]) for i in at)):
                        found.setdefault(sets, set()).add(number)
    return found


def _parts(items: set[int]) -> list[tuple[int, ...]]:
    return [part for size in range(1, len(items) + 1) for part in combinations(sorted(items), size)]


def size(sets: Sets) -> int:
    return sum(map(len, sets))


def contains(longer: Sets, shorter: Sets) -> bool:
    rest = iter(longer)
    return all(any(set(group) <= set(other) for other in rest) for group in shorter)


def named(sequences: Sequences, found: Mined) -> list[tuple[Sets, int]]:
    return [(tuple(map(tuple, sequences.names(pattern.codes))), pattern.support) for pattern in found]


@settings(max_examples=60)
@given(LOG, st.integers(1, 3), st.sampled_from([None, 2, 4]), LIMIT, LIMIT, LIMIT)
def test_equal_to_brute_force(
    log: Log, least: int, max_length: int | None, gap: int | None, wait: int | None, span: int | None
) -> None:
    sequences = sequences_of(log)
    limits: dict[str, Any] = {"max_gap": gap, "max_gap_seconds": wait, "max_span_seconds": span}
    found = named(sequences, mine(sequences, minimum_support=least, max_length=max_length, **limits))
    expected = {
        sets: len(held)
        for sets, held in holders(log, gap, wait, span).items()
        if len(held) >= least and size(sets) <= (max_length or 99)
    }
    assert found == sorted(expected.items())


@settings(max_examples=60)
@given(
    LOG, st.integers(1, 2), st.sampled_from([None, 1, 2]), st.sampled_from([None, 0, 1]), st.booleans(), st.booleans()
)
def test_closed_maximal_and_the_k_best(
    log: Log, least: int, max_length: int | None, gap: int | None, maximal: bool, weighted: bool
) -> None:
    sequences = sequences_of(log)
    weights = [[0.5, 2, 0, 1.25, 3][number] for number in range(len(log))] if weighted else [1] * len(log)
    everything = {
        sets: sum(weights[number] for number in held)
        for sets, held in holders(log, gap).items()
        if sum(weights[number] for number in held) >= least
    }
    longest = max_length or 99
    kept = {
        sets: support
        for sets, support in everything.items()
        if size(sets) <= longest
        and not any(
            size(other) > size(sets)
            and contains(other, sets)
            and (size(other) <= longest if maximal else count == support)
            for other, count in everything.items()
        )
    }
    options: dict[str, Any] = {"maximal": True} if maximal else {"closed": True}
    options |= {"max_gap": gap, "max_length": max_length, "minimum_support": least}
    if weighted and sum(weights):
        options["weights"] = weights
    if weighted and log and not sum(weights):
        return
    found = mine(sequences, **options)
    assert dict(_by_measure(sequences, found)) == kept
    best = sorted(kept.items(), key=lambda entry: (-entry[1], size(entry[0]), entry[0]))[:3]
    assert _by_measure(sequences, mine(sequences, top_k=3, **options)) == best
    assert dict(named(sequences, found)) == {sets: len(holders(log, gap)[sets]) for sets in kept}


def _by_measure(sequences: Sequences, found: Mined) -> list[tuple[Sets, float]]:
    """Patterns with their support, or their weighted support where there are weights."""
    return [
        (
            tuple(map(tuple, sequences.names(pattern.codes))),
            pattern.support if pattern.weight is None else pattern.weight / 10**found.decimals,
        )
        for pattern in found
    ]


@settings(max_examples=40)
@given(st.lists(st.lists(st.integers(0, 3), max_size=6), min_size=1, max_size=5), st.integers(1, 3))
def test_single_items_are_plain_sequences(log: list[list[int]], least: int) -> None:
    alone = Sequences.of_sets([[[item] for item in row] for row in log])
    plain = Sequences.of(log)
    ours = [(alone.names(p.codes), p.support) for p in mine(alone, minimum_support=least)]
    assert ours == [([[i] for i in plain.names(p.codes)], p.support) for p in mine(plain, minimum_support=least)]


def test_the_example_of_the_paper(tmp_path: Path) -> None:
    file = tmp_path / "context.txt"
    file.write_text(CONTEXT)
    db = spmf_sets.read(file)
    found = mine(db, minimum_support=2)
    lines = set(spmf.lines(found, db))
    assert len(found) == 53  # the paper's Table 2: all patterns of its example at a support of two
    for line in (
        "1 -1 2 -1 #SUP: 4\n",
        "1 2 -1 #SUP: 2\n",
        "1 2 -1 4 -1 3 -1 #SUP: 2\n",
        "5 -1 6 -1 3 -1 2 -1 #SUP: 2\n",
    ):
        assert line in lines
    with pytest.raises(InputError, match=r"line 1: .*--together"):
        spmf.read(file)


def test_by_command(tmp_path: Path) -> None:
    file = tmp_path / "context.txt"
    file.write_text(CONTEXT)
    (tmp_path / "weights.txt").write_text("# of each customer\n1.5\n2\n0.5\n4\n")

    def lines(*options: str) -> list[str]:
        arguments = ["mine", str(file), "--together", *options]
        return CliRunner().invoke(app, arguments, catch_exceptions=False).stdout.splitlines()

    assert lines("--min-support", "4", "--closed") == ["1 -1 2 -1 #SUP: 4", "1 -1 3 -1 #SUP: 4"]
    near = lines("--min-support", "3", "--max-gap", "0")
    assert "1 -1 3 -1 #SUP: 3" in near
    assert "1 -1 2 -1 #SUP: 4" not in near
    assert lines("--min-support", "2", "--maximal", "--require", "2", "--top", "1") == ["1 -1 2 -1 3 -1 #SUP: 2"]
    assert lines("--min-support", "7", "--top", "1", "--weights", str(tmp_path / "weights.txt")) == [
        "1 -1 #SUP: 4 #WSUP: 8.0"
    ]
    with pytest.raises(UsageError, match="no item sets"):
        lines("--min-support", "2", "--engine", "compiled")


def test_options_and_what_ends_a_search() -> None:
    db = Sequences.of_sets([[["a", "b"], ["c"]]] * 3)

    def found(**options: Any) -> list[Any]:
        return [db.names(pattern.codes) for pattern in mine(db, **options)]

    assert found(minimum_support=3, top_k=2) == [[["a"]], [["b"]]]
    assert found(minimum_support=1, required=["b", "c"]) == [[["a", "b"], ["c"]], [["b"], ["c"]]]
    assert found(minimum_support=1, excluded=["a"]) == [[["b"]], [["b"], ["c"]], [["c"]]]
    assert found(minimum_support=1, required=["z"]) == []
    assert found(minimum_support=1, closed=True) == [[["a", "b"], ["c"]]]
    assert list(mine(Sequences.of_sets([[]]), minimum_support=1)) == []
    assert "time" in (mine(db, minimum_support=1, budget=Budget(seconds=0)).stopped or "")
