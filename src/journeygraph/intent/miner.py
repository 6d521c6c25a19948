"""Frequent sequential patterns: one function over interchangeable engines.

The *support* of a pattern is the number of sequences that contain it in order, each once; with `max_gap` at most that
many items lie between neighbours, and every embedding counts: `a a a b` with `max_gap=0` contains `a b`.
An engine enumerates patterns; what to keep of them (closed, the k best, a least length) is decided here.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import UsageError
from journeygraph.intent import projection, reference
from journeygraph.intent.sequences import Codes, Found, Limits, Sequences

#: All patterns within the limits, each once, in lexicographic order, with the sequences that hold it.
Engine = Callable[[Sequences, Limits], Iterator[Found]]
Groups = Sequence[NDArray[np.bool_]]

ENGINES: dict[str, Engine] = {
    "projection": projection.patterns,
    "prefixspan": reference.patterns,
}


@dataclass(frozen=True)
class Pattern:
    """A pattern as codes of `Sequences.items`, with the number of sequences that hold it: in all, and in each group."""

    codes: Codes
    support: int
    in_groups: tuple[int, ...] = ()


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
    engine: str = "projection",
) -> Iterator[Pattern]:
    """All patterns with at least `minimum_support` (a count, or a share as a float up to 1), in lexicographic order.

    `closed` leaves out every pattern that a longer one with the same support contains, also where that longer one is
    above `max_length`.  `top_k` gives the k best by support, then shorter, then lexicographic, in this order.  Without
    these two, patterns are handed out as they are found, in bounded memory.  `groups` are masks over the sequences
    whose members are counted for each pattern.

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
    counted = _closed if closed else _all
    found = counted(sequences, limits, ENGINES[engine], groups)
    kept = (pattern for pattern in found if len(pattern.codes) >= minimum_length)
    return kept if top_k is None else iter(_best(kept, top_k, None if closed else limits))


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


def _best(patterns: Iterable[Pattern], k: int, limits: Limits | None) -> list[Pattern]:
    """The k best; the engine's own limit rises with the worst of them, so that it doesn't search in vain."""
    heap: list[tuple[int, int, tuple[int, ...], Pattern]] = []
    for pattern in patterns:
        inverted = tuple(-code for code in pattern.codes)
        heapq.heappush(heap, (pattern.support, -len(pattern.codes), inverted, pattern))
        if len(heap) > k:
            heapq.heappop(heap)
        if limits is not None and len(heap) == k:
            limits.minimum_support = max(limits.minimum_support, heap[0][0])
    return [entry[-1] for entry in sorted(heap, reverse=True)]


def _all(sequences: Sequences, limits: Limits, engine: Engine, groups: Groups) -> Iterator[Pattern]:
    """Every pattern, counted as it is found."""
    for codes, holders in engine(sequences, limits):
        yield Pattern(codes, len(holders), tuple(int(np.count_nonzero(group[holders])) for group in groups))


def _closed(sequences: Sequences, limits: Limits, engine: Engine, groups: Groups) -> Iterator[Pattern]:
    """The patterns that no longer one of the same support contains.

    Without a gap limit a longer one exists exactly where one that is longer by one item does, so mining one item
    beyond `max_length` settles it.  With a gap limit it need not (`a b c` may occur where `a c` does not), so
    all lengths are mined and compared.
    """
    longest = limits.max_length
    deeper = None if longest is None or limits.max_gap is not None else longest + 1
    found = list(_all(sequences, Limits(limits.minimum_support, deeper, limits.max_gap), engine, groups))
    support = {pattern.codes: pattern.support for pattern in found}
    absorbed = _absorbed_by_one(support) if limits.max_gap is None else _absorbed_by_any(support)
    for pattern in found:
        if pattern.codes not in absorbed and (longest is None or len(pattern.codes) <= longest):
            yield pattern


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
