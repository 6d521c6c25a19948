"""First names or birthdays that have nothing in common: two people, whatever a household shares.

The model learns from the table, so that in one of couples only, or one that says little of most people, it takes those
who share surname, address, telephone and mailbox for one person.  So such a pair has the odds of its other evidence
alone; and where that is too little, no third record joins the two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from journeygraph.identity.linkage import grades as grading
from journeygraph.identity.linkage.blocking import PAIRS_AT_ONCE, inside
from journeygraph.identity.linkage.clusters import LARGEST, Apart, Labels, parts
from journeygraph.identity.linkage.comparison import SHARED, Compared, Comparison
from journeygraph.identity.linkage.grades import Grades
from journeygraph.identity.linkage.model import Model
from journeygraph.identity.linkage.records import Flags, Floats, Rows
from journeygraph.identity.linkage.scoring import Scored, aspects, compare

#: Aspects that are nobody else's.
PERSONAL: Final = ("first_name", "dob")
#: The order of the names says something only beside a surname that agrees.
_HOUSEHOLD: Final = frozenset({*SHARED, "order of names"})
_MISSING, _UNLIKE = 0, 1
_DAYS_AGREE: Final = grading.DAY.index("two parts equal")
_MAIL_AGREES: Final = grading.EMAIL.index("alike")
Pair = tuple[int, int]
Kinds = np.ndarray[Any, np.dtype[np.int8]]


@dataclass(frozen=True)
class Told:
    """A pair that would have been joined, how probable it was, and which aspect contradicts that."""

    left: int
    right: int
    probability: float
    aspect: str


@dataclass(frozen=True)
class Contradicted:
    """Pairs with the odds that count, and which rows must be kept apart.

    `against` are the pairs that are contradicted, and by which aspect; `told` those that would have been joined.
    """

    pairs: Scored
    apart: Apart
    against: Mapping[Pair, str]
    told: Sequence[Told]


def contradicted(
    scored: Scored,
    model: Model | None,
    compared_by: Sequence[Comparison],
    rows: int,
    threshold: float,
    *,
    known: Labels | None = None,
    free: Collection[Pair] = (),
    strict: bool = False,
) -> Contradicted:
    """Look at every pair of rows that could end in one cluster, whether it was compared or not; `free` ones are not.

    Without a model a contradicted pair has no odds at all.
    """
    least = threshold / (1 - threshold)
    part = parts(scored[scored.odds >= least], np.arange(rows, dtype=np.int64) if known is None else known)
    left, right, kinds = _unlike_pairs(scored, part, compared_by, rows, strict)
    if free:
        bound = np.array([pair not in free for pair in zip(left.tolist(), right.tolist(), strict=True)], np.bool_)
        left, right, kinds = left[bound], right[bound], kinds[bound]
    odds = np.zeros(len(left)) if model is None else personal_odds(model, compared_by, left, right)
    place, there = _places(scored, left, right, rows)
    changed = scored.odds.copy()
    changed[place[there]] = odds[there]
    two = odds < least
    before = np.where(there, scored.odds[place] if len(scored.odds) else 0.0, 0.0)
    told = two & (before >= least)
    probabilities = (before[told] / (1 + before[told])).tolist()
    against = _named(left, right, kinds)
    names = _named(left[told], right[told], kinds[told]).items()
    return Contradicted(
        Scored(scored.left, scored.right, changed, scored.candidates),
        both_ways(zip(left[two].tolist(), right[two].tolist(), strict=True)),
        against,
        [Told(*pair, sure, aspect) for (pair, aspect), sure in zip(names, probabilities, strict=True)],
    )


def _named(left: Rows, right: Rows, kinds: Kinds) -> dict[Pair, str]:
    rows = zip(left.tolist(), right.tolist(), kinds.tolist(), strict=True)
    return {(one, other): PERSONAL[kind - 1] for one, other, kind in rows}


def unlike(compared_by: Sequence[Comparison], left: Rows, right: Rows, *, strict: bool) -> Kinds:
    """Which of `PERSONAL` contradicts that pairs are one person, counted from 1; 0 where none does.

    `strict`: either does by itself.  Else birthdays that agree outweigh first names; and as birthdays are often wrong
    in tables, they count only where there are no first names, and the mailbox doesn't agree.
    """
    grades = _grades(compared_by, left, right)
    first, born, mail = (grades.get(name, np.zeros(len(left), np.int8)) for name in (*PERSONAL, "email"))
    names, days = first == _UNLIKE, born == _UNLIKE
    if not strict:
        names &= born < _DAYS_AGREE
        days &= ("first_name" not in grades) & (mail < _MAIL_AGREES)
    return np.where(names, 1, 2 * days).astype(np.int8)


def _grades(compared_by: Sequence[Comparison], left: Rows, right: Rows) -> dict[str, Grades]:
    return {
        aspect.name: one.grades
        for comparison in compared_by
        if any(aspect.name in (*PERSONAL, "email") for aspect in comparison.aspects)
        for aspect, one in zip(comparison.aspects, comparison(left, right), strict=True)
    }


def personal_odds(model: Model, compared_by: Sequence[Comparison], left: Rows, right: Rows) -> Floats:
    """The odds of pairs as if nothing were known of what a household shares."""
    if not len(left):
        return np.zeros(0)
    told = [
        Compared(np.zeros_like(one.grades), np.zeros_like(one.rarity)) if aspect.name in _HOUSEHOLD else one
        for aspect, one in zip(aspects(compared_by), compare(compared_by, left, right), strict=True)
    ]
    return model.odds(told)


def both_ways(pairs: Iterable[Pair], known: Apart | None = None) -> dict[int, frozenset[int]]:
    """By row, the rows that must not be one person with it.

    >>> both_ways([(0, 2)], {0: frozenset({1})})
    {0: frozenset({1, 2}), 2: frozenset({0})}
    """
    found = {row: set(rows) for row, rows in (known or {}).items()}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {row: frozenset(rows) for row, rows in found.items()}


def _unlike_pairs(
    scored: Scored, part: Labels, compared_by: Sequence[Comparison], rows: int, strict: bool
) -> tuple[Rows, Rows, Kinds]:
    """Pairs of one part that are contradicted, and by what."""
    left: list[Rows] = [np.empty(0, np.int64)]
    right: list[Rows] = [np.empty(0, np.int64)]
    kinds: list[Kinds] = [np.empty(0, np.int8)]
    for one, other in _pairs(scored, part, rows):
        found = unlike(compared_by, one, other, strict=strict)
        left.append(one[found > 0])
        right.append(other[found > 0])
        kinds.append(found[found > 0])
    return np.concatenate(left), np.concatenate(right), np.concatenate(kinds)


def _pairs(scored: Scored, part: Labels, rows: int) -> Iterator[tuple[Rows, Rows]]:
    """All pairs of a part, or those that were compared where it is too large for a person."""
    sizes = np.bincount(part, minlength=rows)
    small = np.where((sizes[part] > 1) & (sizes[part] <= LARGEST), part, -1).astype(np.int32)
    yield from inside(small[np.newaxis])
    chosen = np.flatnonzero((part[scored.left] == part[scored.right]) & (small[scored.left] < 0))
    for start in range(0, len(chosen), PAIRS_AT_ONCE):
        places = chosen[start : start + PAIRS_AT_ONCE]
        yield scored.left[places], scored.right[places]


def _places(scored: Scored, left: Rows, right: Rows, rows: int) -> tuple[Rows, Flags]:
    """Where each pair stands among the scored ones, and whether it does."""
    keys = scored.left * rows + scored.right
    order = np.argsort(keys, kind="stable")
    wanted = left * rows + right
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    place = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    return place, keys[place] == wanted
