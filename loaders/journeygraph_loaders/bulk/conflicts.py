"""Rows whose id belongs to another touchpoint: their files are read again, to say where and what has the id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from journeygraph_loaders.batch import Conflict
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.reading import Options, touchpoints
from journeygraph_loaders.rows import Row

#: So many at a time are held in memory; the files are read once for each time.
_AT_ONCE = 500_000


class _Nobody:
    """Bad rows of the first reading are known already."""

    def add(self, rows: Sequence[BadRow]) -> None:
        """Forget these."""


def bad_rows(
    conflicts: NDArray[np.int64], files: Sequence[Path], rows_a_file: int, options: Options
) -> Iterator[list[BadRow]]:
    """The bad rows of conflicts: an array of pairs, number of the row and of the row that has its id, by number."""
    for start in range(0, len(conflicts), _AT_ONCE):
        yield from _some(conflicts[start : start + _AT_ONCE], files, rows_a_file, options)


def _some(
    conflicts: NDArray[np.int64], files: Sequence[Path], rows_a_file: int, options: Options
) -> Iterator[list[BadRow]]:
    holder_of = dict(conflicts.tolist())
    wanted = np.unique(conflicts)
    holders: dict[int, Row] = {}
    for file in np.unique(wanted // rows_a_file).tolist():
        first = file * rows_a_file
        for batch in touchpoints([files[file]], options, _Nobody()):
            bad = []
            here = wanted[np.searchsorted(wanted, first) : np.searchsorted(wanted, first + len(batch))]
            for number in here.tolist():
                place = number - first
                if number not in holder_of:  # what has an id comes before those that conflict with it
                    holders[number] = batch[place]
                    continue
                holder = holders[holder_of[number]]
                what = (holder.source, holder.occurred_at_us, holder.known_customer_id, holder.anonymous_id)
                bad.append(batch.bad_row(Conflict(place, *what)))
            if bad:
                yield bad
            first += len(batch)
