"""The PyPI package `prefixspan` as an engine: the reference that the product's own one is compared with."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from journeygraph.errors import UsageError
from journeygraph.intent.mining.sequences import Found, Limits, Sequences

#: It calls itself once an item of a pattern; Python's own limit is 1,000 calls.
LONGEST = 500


def patterns(sequences: Sequences, limits: Limits) -> Iterator[Found]:
    """All patterns within the limits, in lexicographic order of their codes.

    Raises `UsageError` for a gap limit, weights and item sets, which the package doesn't know, and for patterns that
    could outgrow Python's recursion limit.
    """
    from prefixspan import PrefixSpan

    if sequences.elements is not None or sequences.weights is not None:
        raise UsageError("The engine 'prefixspan' has no item sets and no weights; the engine 'projection' has.")
    if limits.max_gap is not None:
        raise UsageError("The engine 'prefixspan' has no max-gap; the engine 'projection' has.")
    longest = int(np.diff(sequences.offsets).max(initial=0))
    if min(longest, limits.max_length or longest) > LONGEST:
        raise UsageError(
            f"The engine 'prefixspan' calls itself once an item and fails beyond {LONGEST} items; the longest sequence "
            f"has {longest}: set a max-length, or use the engine 'projection'."
        )
    bounds = sequences.offsets.tolist()
    codes = sequences.codes.tolist()
    miner = PrefixSpan([codes[start:end] for start, end in pairwise(bounds)])
    miner.maxlen = limits.max_length or LONGEST
    found: list[Found] = []
    miner.frequent(
        limits.minimum_support,
        callback=lambda pattern, matches: found.append(
            (tuple(pattern), np.array([sequence for sequence, _ in matches], dtype=np.int64))
        ),
    )
    return iter(sorted(found, key=lambda entry: entry[0]))
