"""What a pattern adds over its parts, so that one finding is shown once and not with all its sub-patterns.

A pattern's *parts* are the patterns with one item less.  Whoever holds the pattern holds each of them, so among the
journeys that hold a part those with and those without the whole pattern are compared (Fisher's exact test).  It adds
as much as it does over the part that explains it best, the one with the largest p-value: it adds something only if it
adds to all of its parts.

Then every pattern is *represented*:

1. one that a longer one of the same support contains by that one: the same journeys hold both, and it says more;
2. one that adds nothing (q > 0.05, corrected for all patterns) to the part that explains it best by that part;
3. one that adds something, or has no part, by a longer pattern that adds something, where without the journeys of the
   longer one nothing is left of its effect: those that hold it but not the longer one reach the outcome as often as
   those that do not hold it (q > 0.05).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.mining.closing import without_one
from journeygraph.intent.mining.mined import Mined
from journeygraph.intent.patterns.fisher import fisher_p_values
from journeygraph.statistics import q_values

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
#: Corrected p-value up to which something is a difference.
LEVEL = 0.05


class Tables(NamedTuple):
    """Of all decided journeys and those that reached the outcome: how many hold the pattern of each row (N)."""

    decided: int
    reached: int
    holding: _Ints
    both: _Ints

    @classmethod
    def of(cls, mined: Mined, decided: int, reached: int) -> Tables:
        """From a search whose groups are the decided journeys and those that reached the outcome."""
        return cls(decided, reached, *mined.counts[1:].astype(np.int64))


class Additions(NamedTuple):
    """For each row of the trie its best part (a row; -1: none), and the p-value and q-value of what it adds to that."""

    parts: _Ints
    p_values: _Floats
    q_values: _Floats
    pairs: _Parts
    pair_p_values: _Floats  # of each pair


class _Parts(NamedTuple):
    """Rows and the rows of their patterns with one item less, pair by pair."""

    wholes: _Ints
    parts: _Ints


def additions(mined: Mined, tables: Tables, *, free: bool, allowed: NDArray[np.bool_] | None = None) -> Additions:
    """What each pattern adds over the part that explains it best.

    With a limit between neighbours (not `free`) only a pattern without its first or its last item is a part: an inner
    one may be missing from journeys that hold the whole.  `allowed` says which rows' counts are those of all journeys.
    """
    pairs = _pairs(mined, free=free, allowed=allowed)
    best = np.full(len(mined.parents), -1, dtype=np.int64)
    p_values = np.ones(len(best))
    p = fisher_p_values(
        tables.holding[pairs.parts], tables.both[pairs.parts], tables.holding[pairs.wholes], tables.both[pairs.wholes]
    )
    order = np.lexsort((pairs.parts, p))  # the largest p-value is written last
    best[pairs.wholes[order]] = pairs.parts[order]
    p_values[pairs.wholes[order]] = p[order]
    tested = best >= 0
    corrected = np.ones(len(best))
    corrected[tested] = q_values(p_values[tested])
    return Additions(best, p_values, corrected, pairs, p)


def represented(mined: Mined, tables: Tables, added: Additions, *, free: bool) -> _Ints:
    """For each row the row that stands for it: itself, a part, or a longer pattern."""
    support = mined.counts[0]
    fullest = _fullest(mined, added.pairs)
    part, q = _best_parts(support, fullest, added)
    own = fullest == np.arange(len(fullest))
    adds = own & ((part < 0) | (q <= LEVEL))
    longer = _absorbed(mined, tables, fullest, adds, free=free)
    target = np.where(adds, np.arange(len(adds)), part)
    for row in np.lexsort((np.arange(len(adds)), support)).tolist():  # the longer one has less support
        if adds[row] and longer[row] >= 0:
            target[row] = target[longer[row]]
    for row in np.lexsort((np.arange(len(adds)), -support)).tolist():  # the part has more
        if own[row] and not adds[row]:
            target[row] = target[part[row]]
    return np.asarray(target[fullest])


def _fullest(mined: Mined, pairs: _Parts) -> _Ints:
    """For each row the longest pattern that longer ones of the same support lead to: the same journeys hold it."""
    same = mined.counts[0, pairs.wholes] == mined.counts[0, pairs.parts]
    above = np.full(len(mined.parents), -1, dtype=np.int64)
    above[pairs.parts[same][::-1]] = pairs.wholes[same][::-1]  # the first one stays
    fullest = np.arange(len(above))
    for row in np.argsort(-mined.lengths, kind="stable").tolist():
        if above[row] >= 0:
            fullest[row] = fullest[above[row]]
    return fullest


def _best_parts(support: NDArray[np.int32], fullest: _Ints, added: Additions) -> tuple[_Ints, _Floats]:
    """For each such pattern the part of more support that explains it best (-1: none), and the q-value against it."""
    wholes, parts, p = *added.pairs, added.pair_p_values
    less = support[parts] > support[wholes]
    wholes, parts, p = fullest[wholes[less]], fullest[parts[less]], p[less]
    order = np.lexsort((parts, p))  # the largest p-value is written last
    best, p_values = np.full(len(fullest), -1, dtype=np.int64), np.ones(len(fullest))
    best[wholes[order]], p_values[wholes[order]] = parts[order], p[order]
    tested = best >= 0
    p_values[tested] = q_values(p_values[tested])
    return best, p_values


def listed(mined: Mined, targets: _Ints, p_values: _Floats) -> _Ints:
    """For each pattern that was asked for (P) the one of them that stands for it.

    Where that one is not listed (it is not closed, for instance), the best of those that it stands for.
    """
    rows = mined.rows
    targets = targets[rows]
    asked = np.zeros(len(mined.parents), dtype=bool)
    asked[rows] = True
    best = np.full(len(asked), -1, dtype=np.int64)
    order = np.lexsort((rows, p_values))[::-1]
    best[targets[order]] = rows[order]
    return np.where(asked[targets], targets, best[targets])


def _absorbed(mined: Mined, tables: Tables, fullest: _Ints, adds: NDArray[np.bool_], *, free: bool) -> _Ints:
    """For each pattern that adds something the longer one that accounts for all of its effect, or -1.

    Of several, the one that leaves the least: the largest p-value of the rest.
    """
    longer = np.full(len(adds), -1, dtype=np.int64)
    wholes, parts = _below(mined, np.flatnonzero(adds & (mined.lengths > 1)), free=free)
    parts = fullest[parts]
    kept = adds[parts] & (mined.counts[0, parts] > mined.counts[0, wholes])
    wholes, parts = wholes[kept], parts[kept]
    if not len(parts):
        return longer
    rest_holding = tables.holding[parts] - tables.holding[wholes]
    rest_both = tables.both[parts] - tables.both[wholes]
    total, reached = tables.decided - tables.holding[wholes], tables.reached - tables.both[wholes]
    p = fisher_p_values(total, reached, rest_holding, rest_both)
    order = np.lexsort((-wholes, p))
    longer[parts[order]] = wholes[order]
    left = np.ones(len(adds))
    left[parts[order]] = p[order]
    asked = np.flatnonzero(longer >= 0)
    longer[asked[q_values(left[asked]) <= LEVEL]] = -1
    return longer


def _pairs(mined: Mined, *, free: bool, allowed: NDArray[np.bool_] | None = None) -> _Parts:
    """Every pattern with each of its parts, once."""
    wholes, parts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for rows, without in without_one(mined):
        columns = without if free else without[:, [0, -1]]
        kept = columns >= 0
        wholes.append(np.broadcast_to(rows[:, None], columns.shape)[kept])
        parts.append(columns[kept])
    found = np.unique(np.column_stack([np.concatenate(wholes), np.concatenate(parts)]), axis=0)
    if allowed is not None:
        found = found[allowed[found[:, 1]]]
    return _Parts(found[:, 0], found[:, 1])


def _below(mined: Mined, rows: _Ints, *, free: bool) -> _Parts:
    """Every one of the patterns with all its sub-patterns, not only those with one item less."""
    pairs = _pairs(mined, free=free)
    starts = np.searchsorted(pairs.wholes, np.arange(len(mined.parents) + 1))
    n_rows = len(mined.parents)
    wholes, at = rows, rows
    found = [np.zeros(0, dtype=np.int64)]
    while len(at):
        sizes = starts[at + 1] - starts[at]
        first = np.cumsum(sizes) - sizes
        places = np.repeat(starts[at] - first, sizes) + np.arange(int(sizes.sum()))
        keys = np.unique(np.repeat(wholes, sizes) * n_rows + pairs.parts[places])
        found.append(keys)
        wholes, at = keys // n_rows, keys % n_rows
    every = np.unique(np.concatenate(found))
    return _Parts(every // n_rows, every % n_rows)
