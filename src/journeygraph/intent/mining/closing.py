"""Which of the mined patterns a longer one contains: with the same support (not closed), or at all (not maximal)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.mining.mined import Mined
from journeygraph.intent.mining.sequences import Codes, in_sets

Flags = NDArray[np.bool_]


def absorbed(found: Mined, *, free: bool, any_support: bool, longest: int | None = None) -> Flags:
    """For each row, whether a longer pattern (of at most `longest` items) contains it, of the same support or of any.

    Without a limit between neighbours (`free`) a longer one exists exactly where one that is longer by one item does.
    With a limit it need not (`a b c` may occur where `a c` does not), so all are compared.
    """
    limit = longest or int(found.lengths.max(initial=0))
    return _by_one(found, any_support, limit) if free else _by_any(found, any_support, limit)


def _by_one(found: Mined, any_support: bool, longest: int) -> Flags:
    """Length by length: a pattern of the same support (of any) takes those without one of its items."""
    support = found.measure
    taken = np.zeros(len(support), dtype=bool)
    for rows, without in without_one(found):
        if without.shape[1] > longest:
            break
        same = (without >= 0) & (any_support | (support[without] == support[rows, None]))
        taken[without[same]] = True
    return taken


def without_one(found: Mined) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """For each length from two: the rows of that length, and for each the rows of its pattern without the i-th item.

    -2 stands where there is no such row.  The row of a pattern without its i-th item is the child of its parent's
    without it.
    """
    n_items = int(found.items.max(initial=0)) + 1
    keys = (found.parents.astype(np.int64) + 1) * n_items + found.items
    order = np.argsort(keys)
    keys = keys[order]
    lengths = found.lengths
    place = np.zeros(len(lengths), dtype=np.int64)  # of a row among those of its length
    without = np.zeros((0, 0), dtype=np.int64)
    for length in range(2, int(lengths.max(initial=0)) + 1):
        rows = np.flatnonzero(lengths == length)
        place[rows] = np.arange(len(rows))
        parents = found.parents[rows].astype(np.int64)
        shorter = without[place[parents]] if length > 2 else np.full((len(rows), 1), -1, dtype=np.int64)
        items = np.repeat(found.items[rows, None], length - 1, axis=1)
        if found.beside is not None:  # without the item before it, the last one may be the first of its set
            alone = (items[:, -1] >= found.beside) & (found.items[parents] < found.beside)
            items[alone, -1] -= found.beside
        wanted = (shorter + 1) * n_items + items
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        there = (keys[at] == wanted) & (shorter >= (-1 if length == 2 else 0))
        without = np.column_stack([np.where(there, order[at], -2), parents])
        yield rows, without
        if length == 2:
            place[np.flatnonzero(lengths == 1)] = 0


def _by_any(found: Mined, any_support: bool, longest: int) -> Flags:
    """Compare every pattern with the longer ones (of the same support)."""
    taken = np.zeros(len(found.parents), dtype=bool)
    groups: dict[int, list[tuple[int, Codes]]] = {}
    support = found.measure
    for row, pattern in zip(found.rows.tolist(), found, strict=True):
        groups.setdefault(0 if any_support else int(support[row]), []).append((row, pattern.codes))
    for group in groups.values():
        group.sort(key=lambda entry: len(entry[1]))
        for position, (row, short) in enumerate(group):
            longer = (other for _, other in group[position + 1 :] if len(short) < len(other) <= longest)
            taken[row] = any(_contains(other, short, found.beside) for other in longer)
    return taken


def _contains(codes: Codes, part: Codes, beside: int | None) -> bool:
    if beside is None:
        rest = iter(codes)
        return all(code in rest for code in part)
    sets = iter(in_sets(codes, beside))
    return all(any(set(group) <= set(other) for other in sets) for group in in_sets(part, beside))
