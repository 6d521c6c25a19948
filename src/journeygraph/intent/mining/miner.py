"""Frequent sequential patterns: one function over interchangeable engines.

The *support* of a pattern is the number of sequences that contain it in order, each once; with `max_gap` at most that
many items lie between neighbours, and every embedding counts: `a a a b` with `max_gap=0` contains `a b`.
Where sequences have weights, the *weighted support* is what those that contain it weigh together, and takes the place
of their number: in the minimum support, in what is closed, and among the k best.  Where several items share an instant
(`Sequences.of_sets`), patterns are of sets: each is part of an element of its own, in order; gaps count elements.
An engine enumerates patterns; what to keep of them (closed, the k best, a least length) is decided here.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from journeygraph.errors import UsageError
from journeygraph.intent.mining.budget import Budget
from journeygraph.intent.mining.closing import absorbed
from journeygraph.intent.mining.engines import ENGINES, Groups, enumerated
from journeygraph.intent.mining.mined import Mined, Pattern
from journeygraph.intent.mining.sequences import Limits, Sequences
from journeygraph.intent.mining.weights import Weights

__all__ = ["ENGINES", "Budget", "Mined", "Pattern", "least_support", "mine"]


def mine(
    sequences: Sequences,
    *,
    minimum_support: int | float,
    max_length: int | None = None,
    max_gap: int | None = None,
    max_gap_seconds: float | None = None,
    max_span_seconds: float | None = None,
    closed: bool = False,
    maximal: bool = False,
    top_k: int | None = None,
    minimum_length: int = 1,
    required: Collection[Any] = (),
    excluded: Collection[Any] = (),
    groups: Groups = (),
    weights: ArrayLike | None = None,
    engine: str = "auto",
    threads: int | None = None,
    budget: Budget | None = None,
) -> Mined:
    """All patterns with at least `minimum_support` (a count, or a share as a float up to 1), in lexicographic order.

    `closed` leaves out every pattern that a longer one with the same support contains, also where that longer one is
    above `max_length`; `maximal` those that any longer pattern contains.  `top_k` gives the k best by support, then
    shorter, then lexicographic, in this order.  Patterns contain all `required` items and no `excluded` one.  `groups`
    are masks over the sequences whose members are counted for each pattern.  Limits in seconds need times.  With
    `weights` (one for each sequence, zero or above) `minimum_support` is a weight, or a share of all.

    Raises `UsageError` for limits that make no sense.

    >>> db = Sequences.of(["aab", "ab", "b"])
    >>> [(db.names(p.codes), p.support) for p in mine(db, minimum_support=2)]
    [(['a'], 2), (['a', 'b'], 2), (['b'], 3)]
    >>> [(db.names(p.codes), p.support) for p in mine(db, minimum_support=2, closed=True)]
    [(['a', 'b'], 2), (['b'], 3)]
    >>> [db.names(p.codes) for p in mine(db, minimum_support=2, maximal=True)]
    [['a', 'b']]
    >>> [(db.names(p.codes), p.support, p.weight) for p in mine(db, minimum_support=5, weights=[1, 4, 2])]
    [(['a'], 2, 5), (['a', 'b'], 2, 5), (['b'], 3, 7)]
    """
    sequences, least, decimals = _weighted(sequences, minimum_support, weights)
    _check(("max-length", max_length, 1), ("top", top_k, 1), ("min-length", minimum_length, 1))
    _check(("max-gap", max_gap, 0), ("max-gap in seconds", max_gap_seconds, 0), ("max-span", max_span_seconds, 0))
    if max_gap is not None and max_gap + 2 >= int(np.diff(sequences.offsets).max(initial=0)):
        max_gap = None  # nothing is further apart
    if sequences.elements is not None and len(np.unique(sequences.elements)) == len(sequences.codes):
        sequences = replace(sequences, elements=None)  # every item stands alone
    limits = Limits(least, max_length, max_gap, max_gap_seconds, max_span_seconds, _codes(sequences, excluded))
    needed = _codes(sequences, required)
    if len(needed) < len(set(required)):
        return Mined.of([], len(groups))  # one of them never occurs
    if needed:
        sequences, groups = _holding(sequences, groups, needed)
    everything = not (closed or maximal or needed) and minimum_length == 1
    searched = limits if not (closed or maximal) else _deeper(limits, closed)
    found = enumerated(
        sequences,
        searched,
        groups,
        engine=engine,
        threads=threads,
        top_k=top_k if everything else None,
        budget=budget,
    )
    found = replace(found, decimals=decimals, beside=sequences.beside)
    if everything and top_k is None:
        return found
    kept = found.lengths >= minimum_length
    if closed:
        kept &= ~absorbed(found, free=limits.free, any_support=False)
    if maximal:
        kept &= ~absorbed(found, free=limits.free, any_support=True, longest=max_length)
    if max_length is not None:
        kept &= found.lengths <= max_length
    for code in needed:
        kept &= found.holding(code)
    return _best(replace(found, rows=np.flatnonzero(kept)), top_k)


def _check(*limits: tuple[str, float | None, int]) -> None:
    for name, value, least in limits:
        if value is not None and value < least:
            raise UsageError(f"A {name} of {value} is below {('zero', 'one')[least]}.")


def _codes(sequences: Sequences, items: Collection[Any]) -> frozenset[int]:
    """The codes of items; those that never occur have none."""
    return frozenset(code for code, item in enumerate(sequences.items) if item in set(items)) if items else frozenset()


def _weighted(
    sequences: Sequences, minimum_support: int | float, weights: ArrayLike | None
) -> tuple[Sequences, int, int]:
    """The sequences with their weights, the least support in units of the last decimal place, and the places."""
    if weights is None:
        return sequences, least_support(minimum_support, len(sequences)), 0
    found = Weights.of(weights, len(sequences))
    if len(sequences) and not found.total:
        raise UsageError("All weights are zero: no pattern has any support.")
    return replace(sequences, weights=found.units), found.least(minimum_support), found.decimals


def _holding(sequences: Sequences, groups: Groups, codes: Collection[int]) -> tuple[Sequences, Groups]:
    """The sequences that hold all of some codes: no other can hold a pattern with them."""
    kept = np.ones(len(sequences), dtype=bool)
    for code in codes:
        kept &= np.bincount(sequences.sequence_of[sequences.codes == code], minlength=len(sequences)) > 0
    return sequences.where(kept), [group[kept] for group in groups]


def _best(found: Mined, top_k: int | None) -> Mined:
    """Of the rows that are asked for, the k best by support, then shorter, then in order."""
    if top_k is None:
        return found
    order = np.lexsort((found.rows, found.lengths[found.rows], -found.measure[found.rows]))
    return replace(found, rows=found.rows[order[:top_k]])


def _deeper(limits: Limits, closed: bool) -> Limits:
    """How far to look for longer patterns: one item beyond `max_length` settles it, but not with a limit on gaps.

    What is maximal is so among the patterns up to `max_length`.
    """
    if not closed or limits.max_length is None:
        return limits
    return replace(limits, max_length=limits.max_length + 1 if limits.free else None)


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
