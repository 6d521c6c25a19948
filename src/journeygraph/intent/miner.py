"""Frequent sequential patterns: one function over interchangeable engines.

The *support* of a pattern is the number of sequences that contain it in order, each once; with `max_gap` at most that
many items lie between neighbours, and every embedding counts: `a a a b` with `max_gap=0` contains `a b`.
An engine enumerates patterns; what to keep of them (closed, the k best, a least length) is decided here.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.intent import compiled, projection, reference
from journeygraph.intent.mined import Mined, Pattern
from journeygraph.intent.sequences import Codes, Found, Limits, Sequences

__all__ = ["ENGINES", "Mined", "Pattern", "least_support", "mine"]

#: All patterns within the limits, each once, in lexicographic order, with the sequences that hold it.
Engine = Callable[[Sequences, Limits], Iterator[Found]]
Groups = Sequence[NDArray[np.bool_]]

PLAIN: dict[str, Engine] = {"projection": projection.patterns, "prefixspan": reference.patterns}
ENGINES = ("auto", "compiled", *PLAIN)
#: `auto` tries the plain engine for so many seconds before it compiles the kernels, or uses them compiled.
PATIENCE_COLD, PATIENCE_WARM = 10.0, 0.25
#: Beyond so many touchpoints it doesn't try, where the kernels are compiled.
SMALL = 20_000


def mine(
    sequences: Sequences,
    *,
    minimum_support: int | float,
    max_length: int | None = None,
    max_gap: int | None = None,
    closed: bool = False,
    top_k: int | None = None,
    minimum_length: int = 1,
    groups: Groups = (),
    engine: str = "auto",
    threads: int | None = None,
) -> Mined:
    """All patterns with at least `minimum_support` (a count, or a share as a float up to 1), in lexicographic order.

    `closed` leaves out every pattern that a longer one with the same support contains, also where that longer one is
    above `max_length`.  `top_k` gives the k best by support, then shorter, then lexicographic, in this order.  `groups`
    are masks over the sequences whose members are counted for each pattern.

    Raises `UsageError` for limits that make no sense.

    >>> db = Sequences.of(["aab", "ab", "b"])
    >>> [(db.names(p.codes), p.support) for p in mine(db, minimum_support=2)]
    [(['a'], 2), (['a', 'b'], 2), (['b'], 3)]
    >>> [(db.names(p.codes), p.support) for p in mine(db, minimum_support=2, closed=True)]
    [(['a', 'b'], 2), (['b'], 3)]
    """
    least = least_support(minimum_support, len(sequences))
    for name, value in (("max-length", max_length), ("top", top_k), ("min-length", minimum_length)):
        if value is not None and value < 1:
            raise UsageError(f"A {name} of {value} is below one.")
    if max_gap is not None and max_gap < 0:
        raise UsageError(f"A max-gap of {max_gap} is below zero.")
    if engine not in ENGINES:
        raise UsageError(f"There is no mining engine {engine!r}; there are {', '.join(ENGINES)}.")
    limits = Limits(least, max_length, max_gap)
    if not closed:
        found = _enumerated(sequences, limits, groups, engine, threads, top_k if minimum_length == 1 else None)
        return _kept(found, np.flatnonzero(found.lengths >= minimum_length), top_k)
    found = _enumerated(sequences, _deeper(limits), groups, engine, threads, None)
    longest = max_length or len(sequences.codes)
    rows = [
        row
        for row, length in zip(_closed_rows(found, max_gap is None), found.lengths.tolist(), strict=True)
        if row >= 0 and minimum_length <= length <= longest
    ]
    return _kept(found, np.array(rows, dtype=np.int64), top_k)


def _enumerated(
    sequences: Sequences, limits: Limits, groups: Groups, engine: str, threads: int | None, top_k: int | None
) -> Mined:
    """All patterns (of the k best at least those), by an engine that can."""
    if engine in PLAIN:
        return Mined.of(_plain(sequences, limits, groups, PLAIN[engine], top_k), len(groups))
    able = compiled.available() and compiled.fits(sequences, limits, groups)
    if engine == "compiled" and not able:
        raise UsageError("The engine 'compiled' needs the package numba, no max-gap, and sequences below 65,535 items.")
    if not able:
        return _enumerated(sequences, limits, groups, "projection", threads, top_k)
    if engine == "auto" and (len(sequences.codes) <= SMALL or not compiled.warm()):
        until = monotonic() + (PATIENCE_WARM if compiled.warm() else PATIENCE_COLD)
        plain = _plain(sequences, Limits(**vars(limits)), groups, projection.patterns, top_k)
        tried = list(_until(plain, until))
        if tried[-1:] != [None]:
            return Mined.of((pattern for pattern in tried if pattern), len(groups))
    return compiled.mine(sequences, limits, groups, top_k=top_k or 0, threads=threads)


def _until(patterns: Iterator[Pattern], until: float) -> Iterator[Pattern | None]:
    """The patterns; and None where time was up before the last of them."""
    for pattern in patterns:
        yield pattern
        if monotonic() > until:
            yield None
            return


def _plain(
    sequences: Sequences, limits: Limits, groups: Groups, engine: Engine, top_k: int | None
) -> Iterator[Pattern]:
    """Every pattern, counted as it is found; the least support rises where only the k best are asked for."""
    best: list[int] = []
    for codes, holders in engine(sequences, limits):
        yield Pattern(codes, len(holders), tuple(int(np.count_nonzero(group[holders])) for group in groups))
        if top_k is not None:
            heapq.heappush(best, len(holders))
            if len(best) > top_k:
                heapq.heappop(best)
            if len(best) == top_k:
                limits.minimum_support = max(limits.minimum_support, best[0])


def _kept(found: Mined, rows: NDArray[np.int64], top_k: int | None) -> Mined:
    """The same trie with other rows asked for: some, or of some the k best by support, then shorter, then in order."""
    if top_k is not None:
        order = np.lexsort((rows, found.lengths[rows], -found.counts[0, rows]))
        rows = rows[order[:top_k]]
    return replace(found, rows=rows)


def _deeper(limits: Limits) -> Limits:
    """How far to look for longer patterns of the same support.

    Without a gap limit a longer one exists exactly where one that is longer by one item does, so mining one item
    beyond `max_length` settles it.  With a gap limit it need not (`a b c` may occur where `a c` does not), so
    all lengths are mined and compared.
    """
    longest = limits.max_length
    deeper = None if longest is None or limits.max_gap is not None else longest + 1
    return replace(limits, max_length=deeper)


def _closed_rows(found: Mined, by_one: bool) -> list[int]:
    """Each row's number, or -1 where a longer pattern of the same support contains it."""
    support = {pattern.codes: pattern.support for pattern in found}
    absorbed = _absorbed_by_one(support) if by_one else _absorbed_by_any(support)
    return [-1 if codes in absorbed else row for row, codes in enumerate(support)]


def least_support(wanted: int | float, sequences: int) -> int:
    """The count that a minimum support asks for: an integer as it is, a float as a share, rounded up.

    >>> least_support(0.1, 30), least_support(5, 30)
    (3, 5)
    """
    if isinstance(wanted, int):
        if wanted < 1:
            raise UsageError(f"A minimum support of {wanted} is below one sequence.")
        return wanted
    if not 0 < wanted <= 1:
        raise UsageError(f"A minimum support of {wanted} is neither a whole number nor a share above 0 and up to 1.")
    return max(1, math.ceil(Fraction(str(wanted)) * sequences))


def _absorbed_by_one(support: dict[Codes, int]) -> set[Codes]:
    """Patterns that lack one item of another with the same support."""
    absorbed = set()
    for codes, count in support.items():
        for left_out, code in enumerate(codes):
            if left_out and codes[left_out - 1] == code:
                continue  # leaving out either of two equal neighbours gives the same
            shorter = codes[:left_out] + codes[left_out + 1 :]
            if support.get(shorter) == count:
                absorbed.add(shorter)
    return absorbed


def _absorbed_by_any(support: dict[Codes, int]) -> set[Codes]:
    """Patterns that a longer one with the same support contains, whatever lies between."""
    groups: dict[int, list[Codes]] = {}
    for codes, count in support.items():
        groups.setdefault(count, []).append(codes)
    absorbed = set()
    for group in groups.values():
        group.sort(key=len)
        for position, short in enumerate(group):
            longer = (other for other in group[position + 1 :] if len(other) > len(short))
            if any(_contains(other, short) for other in longer):
                absorbed.add(short)
    return absorbed


def _contains(codes: Codes, part: Codes) -> bool:
    rest = iter(codes)
    return all(code in rest for code in part)
