"""Which of the mined patterns a longer one contains: with the same support (not closed), or at all (not maximal)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.mined import Mined
from journeygraph.intent.sequences import Codes

Flags = NDArray[np.bool_]


def absorbed(found: Mined, *, free: bool, any_support: bool) -> Flags:
    """For each row, whether a longer pattern contains it, one of the same support or of any.

    Without a limit between neighbours (`free`) a longer one exists exactly where one that is longer by one item does.
    With a limit it need not (`a b c` may occur where `a c` does not), so all are compared.
    """
    return _by_one(found, any_support) if free else _by_any(found, any_support)


def _by_one(found: Mined, any_support: bool) -> Flags:
    """Length by length: the row of each pattern without its i-th item is the child of its parent's without it."""
    support = found.counts[0]
    taken = np.zeros(len(support), dtype=bool)
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
        wanted = (shorter + 1) * n_items + found.items[rows, None]
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        there = (keys[at] == wanted) & (shorter >= (-1 if length == 2 else 0))
        without = np.column_stack([np.where(there, order[at], -2), parents])
        same = (without >= 0) & (any_support | (support[without] == support[rows, None]))
        taken[without[same]] = True
        if length == 2:
            place[np.flatnonzero(lengths == 1)] = 0
    return taken


def _by_any(found: Mined, any_support: bool) -> Flags:
    """Compare every pattern with the longer ones (of the same support)."""
    taken = np.zeros(len(found.parents), dtype=bool)
    groups: dict[int, list[tuple[int, Codes]]] = {}
    for row, pattern in zip(found.rows.tolist(), found, strict=True):
        groups.setdefault(0 if any_support else pattern.support, []).append((row, pattern.codes))
    for group in groups.values():
        group.sort(key=lambda entry: len(entry[1]))
        for position, (row, short) in enumerate(group):
            longer = (other for _, other in group[position + 1 :] if len(other) > len(short))
            taken[row] = any(_contains(other, short) for other in longer)
    return taken


def _contains(codes: Codes, part: Codes) -> bool:
    rest = iter(codes)
    return all(code in rest for code in part)
