"""Family-wise p-values: how often chance alone gives any pattern a smaller p-value than the one seen.

Westfall and Young, Resampling-Based Multiple Testing (1993), step-down minP (algorithm 2.8): outcomes are permuted over
journeys, all patterns are tested again, and a pattern's p-value is compared with the smallest one among it and those
that are less significant.  What patterns have in common is kept, so that a hundred sub-patterns of one finding do not
count as a hundred tests.

Journeys of one customer are not independent: the outcomes of a customer stay together and are exchanged among
customers with as many journeys.  Fisher's p-value of a permutation depends on one count only, the journeys that hold
the pattern and were given the outcome; all counts are one product of matrices, block by block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.patterns.fisher import TOLERANCE, every_p_value

_Ints = NDArray[np.int64]
_Bits = NDArray[np.uint8]
#: Memory of one block of the product: patterns x journeys, and journeys x permutations.
_BLOCK_BYTES = 64 << 20
_NOTHING = np.zeros(0, dtype=np.int64)


class Labels(NamedTuple):
    """Permuted outcomes, packed: B permutations of D journeys, a bit each."""

    bits: _Bits  # D x ceil(B / 8)
    permutations: int

    def of(self, journeys: _Ints) -> _Bits:
        """The outcomes of some journeys, a byte for each permutation."""
        return np.unpackbits(self.bits[journeys], axis=1, count=self.permutations)


def permuted(
    reached: NDArray[np.bool_], customers: _Ints, permutations: int, seed: int, fixed: NDArray[np.bool_] | None = None
) -> Labels:
    """Outcomes of D journeys, permuted; those of a customer stay together, in their order.

    `customers` are their numbers, ascending.  Only customers with as many journeys exchange theirs; journeys that are
    `fixed` keep their own.

    >>> labels = permuted(np.array([True, False, False, False]), np.array([0, 0, 1, 1]), 50, seed=1)
    >>> sorted({tuple(row) for row in labels.of(np.arange(4)).T.tolist()})
    [(0, 0, 1, 0), (1, 0, 0, 0)]
    """
    rng = np.random.default_rng(seed)
    moving = np.arange(len(reached)) if fixed is None else np.flatnonzero(~fixed)
    customers = customers[moving]
    starts = np.flatnonzero(np.concatenate([[True], customers[1:] != customers[:-1]])) if len(customers) else _NOTHING
    sizes = np.diff(np.append(starts, len(customers)))
    blocks = [
        moving[starts[sizes == size][:, None] + np.arange(size)] for size in np.unique(sizes).tolist()
    ]  # customers with as many journeys x journeys
    own = [reached[block].astype(np.uint8) for block in blocks]
    bits = np.zeros((len(reached), -(-permutations // 8)), dtype=np.uint8)
    rows = np.tile(reached.astype(np.uint8), (8, 1))
    for number in range(permutations):
        for block, outcomes in zip(blocks, own, strict=True):
            rows[number % 8, block] = rng.permutation(outcomes)
        if number % 8 == 7 or number == permutations - 1:
            bits[:, number // 8] = np.packbits(rows, axis=0)[0]
    return Labels(bits, permutations)


def counts(holders: Iterable[_Ints], labels: Labels) -> NDArray[np.int32]:
    """For each pattern and permutation, the journeys that hold the one and reach the outcome in the other."""
    journeys = len(labels.bits)
    blocks = _blocks(holders, journeys, max(1, _BLOCK_BYTES * 8 // max(journeys, 1)))
    found = [_block_counts(block, labels) for block in blocks]
    return np.concatenate([np.zeros((0, labels.permutations), dtype=np.int32), *found])


class _Block(NamedTuple):
    """Some patterns x D journeys as bits; and of each journey two sums of random numbers, one for each it holds.

    Journeys with the same sums hold the same patterns: others would have both the same with a chance below 1e-30.
    """

    bits: _Bits
    sums: NDArray[np.uint64]  # 2 x D


def _blocks(holders: Iterable[_Ints], journeys: int, size: int) -> Iterator[_Block]:
    """Patterns, some at a time."""
    random = np.random.default_rng(0)
    rows: list[_Bits] = []
    sums = np.zeros((2, journeys), dtype=np.uint64)
    for held in holders:
        row = np.zeros(journeys, dtype=bool)
        row[held] = True
        rows.append(np.packbits(row))
        sums[0, held] += random.integers(1, 1 << 63, dtype=np.uint64)
        sums[1, held] += random.integers(1, 1 << 63, dtype=np.uint64)
        if len(rows) == size:
            yield _Block(np.array(rows), sums)
            rows, sums = [], np.zeros((2, journeys), dtype=np.uint64)
    if rows:
        yield _Block(np.array(rows), sums)


def _block_counts(block: _Block, labels: Labels) -> NDArray[np.int32]:
    """Journeys that hold the same patterns are one column with a weight: how many of them were given the outcome."""
    order = np.lexsort((block.sums[1], block.sums[0]))
    order = order[np.flatnonzero(block.sums[:, order].any(axis=0))]  # who holds none of them counts nowhere
    ordered = block.sums[:, order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    found = np.zeros((len(block.bits), labels.permutations))
    step = max(1, _BLOCK_BYTES // (4 * max(len(block.bits), labels.permutations)))
    for at in range(0, len(order), step):
        some = order[at : at + step]
        starts = np.flatnonzero(np.concatenate([[True], new[at + 1 : at + step]]))
        weights = np.add.reduceat(labels.of(some), starts, axis=0, dtype=np.float32)  # exact: far below 2^24
        columns = some[starts]
        held = (block.bits[:, columns // 8] >> (7 - columns % 8).astype(np.uint8)) & 1
        found += held.astype(np.float32) @ weights
    return np.rint(found).astype(np.int32)


def adjusted(
    p_values: NDArray[np.float64], holding: _Ints, found: NDArray[np.int32], decided: int, reached: int
) -> NDArray[np.float64]:
    """Step-down minP adjusted p-values of P patterns, from their counts in B permutations (P x B).

    (1 + permutations at least as extreme) / (1 + B): never zero (Phipson and Smyth 2010).
    """
    permutations = found.shape[1]
    tables = {int(size): every_p_value(decided, reached, int(size)) for size in np.unique(holding)}
    smallest = np.full(permutations, np.inf)
    result = np.ones(len(p_values))
    order = np.lexsort((np.arange(len(p_values)), p_values))
    for row in order[::-1].tolist():
        low, table = tables[int(holding[row])]
        np.minimum(smallest, table[np.clip(found[row] - low, 0, len(table) - 1)], out=smallest)
        extreme = np.count_nonzero(smallest <= p_values[row] * (1 + TOLERANCE))
        result[row] = (1 + extreme) / (1 + permutations)
    result[order] = np.maximum.accumulate(result[order])
    return result
