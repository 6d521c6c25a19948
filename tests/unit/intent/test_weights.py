"""Weighted support: against brute force, with every engine, and what a weight may be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from journeygraph.errors import InputError, UsageError
from journeygraph.intent.mining import weights as weight_file
from journeygraph.intent.mining.miner import Mined, mine
from journeygraph.intent.mining.sequences import Sequences
from journeygraph.intent.mining.weights import Weights
from tests.unit.intent.test_miner import Patterns, contains
from tests.unit.intent.test_miner_options import brute_force, named, timed
from tests.unit.intent.test_spmf import app

#: Timed sequences, each with a weight in cents.
LOG = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=6),
        st.sampled_from([0, 1, 19, 50, 100, 725]),
    ),
    max_size=6,
)
LIMIT = st.sampled_from([None, None, 0, 1, 4])


def weighed(log: list[tuple[list[tuple[str, int]], int]], gap: int | None, wait: int | None) -> dict[Any, int]:
    """Cents of each pattern: those of every sequence that holds it, one after the other."""
    found: dict[tuple[str, ...], int] = {}
    for sequence, cents in log:
        for pattern in brute_force([sequence], 1, gap, wait, None):
            found[pattern] = found.get(pattern, 0) + cents
    return found


def told(sequences: Sequences, found: Mined) -> list[tuple[tuple[str, ...], int]]:
    """Patterns with their weight in cents."""
    return [
        (tuple(sequences.names(pattern.codes)), (pattern.weight or 0) * 100 // 10**found.decimals) for pattern in found
    ]


@settings(max_examples=120)
@given(LOG, st.sampled_from([1, 2, 0.3, 1.0]), LIMIT, LIMIT, st.booleans(), st.booleans(), st.sampled_from([None, 2]))
def test_equal_to_brute_force(
    log: list[tuple[list[tuple[str, int]], int]],
    wanted: float,
    gap: int | None,
    wait: int | None,
    closed: bool,
    maximal: bool,
    max_length: int | None,
) -> None:
    sequences = timed([sequence for sequence, _ in log])
    total = sum(cents for _, cents in log)
    options: dict[str, Any] = {"max_gap": gap, "max_gap_seconds": wait, "closed": closed, "maximal": maximal}
    options |= {"weights": [cents / 100 for _, cents in log], "minimum_support": wanted, "max_length": max_length}
    if log and not total:
        with pytest.raises(UsageError, match="All weights are zero"):
            mine(sequences, **options)
        return
    least = wanted * 100 if isinstance(wanted, int) else Fraction(str(wanted)) * total
    everything = {pattern: cents for pattern, cents in weighed(log, gap, wait).items() if cents >= max(least, 1)}
    longest = max_length or 99
    within = {pattern: cents for pattern, cents in everything.items() if len(pattern) <= longest}
    kept = {
        pattern: cents
        for pattern, cents in within.items()
        if not (closed and any(_absorbs(other, pattern) and everything[other] == cents for other in everything))
        and not (maximal and any(_absorbs(other, pattern) for other in within))
    }
    found = mine(sequences, **options)
    assert told(sequences, found) == sorted(kept.items())
    counts: Patterns = brute_force([sequence for sequence, _ in log], 1, gap, wait, None)
    assert dict(named(sequences, found)) == {pattern: counts[pattern] for pattern in kept}
    best = sorted(kept.items(), key=lambda entry: (-entry[1], len(entry[0]), entry[0]))[:4]
    assert told(sequences, mine(sequences, top_k=4, **options)) == best


def _absorbs(other: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return len(other) > len(pattern) and contains(other, pattern)


@settings(max_examples=40)
@given(st.lists(st.text(alphabet="abcd", max_size=9), max_size=12), st.integers(1, 3), st.booleans())
def test_weights_of_one_are_no_weights(log: list[str], least: int, closed: bool) -> None:
    sequences = Sequences.of(log)
    plain = mine(sequences, minimum_support=least, closed=closed)
    weighted = mine(sequences, minimum_support=least, closed=closed, weights=[1] * len(log))
    assert named(sequences, plain) == named(sequences, weighted)
    assert [pattern.weight for pattern in weighted] == [pattern.support for pattern in plain]


def test_weights_are_exact() -> None:
    sequences = Sequences.of(["ab"] * 10)
    found = mine(sequences, minimum_support=1.0, weights=[0.1] * 10)  # 0.1 ten times is 0.9999999999999999
    assert [pattern.weight for pattern in found] == [10, 10, 10]
    assert len(mine(sequences, minimum_support=1, weights=[0.1] * 10)) == 3
    assert Weights.of(weight_file.exact([19.99 * 3 / 3, 0.1 + 0.2]), 2) == (pytest.approx([1999, 30]), 2)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([1, 2, 3], "3 weights for 2 sequences"),
        ([1, -2], "weight of -2 is no number"),
        ([1, np.nan], "weight of nan is no number"),
        ([1, 1 / 3], "more than 6 decimal places"),
        ([1, 1e17], "use a larger unit"),
        ([0, 0], "All weights are zero"),
    ],
)
def test_wrong_weights_are_named(values: list[float], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        mine(Sequences.of(["ab", "b"]), minimum_support=1, weights=values)


def test_engines_that_know_no_weights_say_so() -> None:
    for engine in ("compiled", "prefixspan"):
        with pytest.raises(UsageError, match=f"'{engine}' has no item sets and no weights"):
            mine(Sequences.of(["ab", "b"]), minimum_support=1, weights=[1, 2], engine=engine)


def test_by_command(tmp_path: Path) -> None:
    log, weights = tmp_path / "log.spmf", tmp_path / "weights.txt"
    log.write_text("1 -1 5 -1 -2\n1 -1 1 -1 5 -1 -2\n7 -1 -2\n")
    weights.write_text("# euros\n2.5\n\n0\n10\n")

    def lines(*options: str) -> list[str]:
        arguments = ["mine", str(log), "--weights", str(weights), *options]
        return CliRunner().invoke(app, arguments, catch_exceptions=False).stdout.splitlines()

    assert lines("--min-support", "2") == [
        "1 -1 #SUP: 2 #WSUP: 2.5",
        "1 -1 5 -1 #SUP: 2 #WSUP: 2.5",
        "5 -1 #SUP: 2 #WSUP: 2.5",
        "7 -1 #SUP: 1 #WSUP: 10.0",
    ]
    assert lines("--min-support", "20%", "--closed", "--top", "1") == ["7 -1 #SUP: 1 #WSUP: 10.0"]
    assert '"weighted_support": 10.0' in "\n".join(lines("--min-support", "0.5", "--json"))
    weights.write_text("2.5\nmuch\n")
    with pytest.raises(InputError, match="line 2: 'much' is no number"):
        lines("--min-support", "2")
    with pytest.raises(InputError, match="no file"):
        weight_file.read(tmp_path / "absent")
