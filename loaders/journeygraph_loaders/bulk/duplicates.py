"""Rows whose touchpoint id came before, found without holding ten million ids in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from journeygraph_loaders.bulk.spill import part_path
from journeygraph_loaders.rows import Row

#: 96 bits of hash: among ten million ids two different ones agree with a probability of one in 10^15.
_ENTRY = np.dtype([("hash", np.int64), ("check", np.uint32), ("number", np.int64), ("time", np.int64)])
_PARTS = 16


class SeenIds:
    """Remembers the id of every row, by its running number, on disk."""

    def __init__(self, folder: Path) -> None:
        self._files = [part_path(folder, "ids", part).open("wb") for part in range(_PARTS)]

    def add(self, rows: Sequence[Row], first_number: int) -> None:
        """Note the ids of these rows, numbered from `first_number`."""
        entries = np.empty(len(rows), dtype=_ENTRY)
        entries["hash"] = [hash(row[0]) for row in rows]
        entries["check"] = [crc32(row[0].encode()) for row in rows]
        entries["number"] = np.arange(first_number, first_number + len(rows))
        entries["time"] = [row[5] for row in rows]
        part = entries["hash"] % _PARTS
        for number, file in enumerate(self._files):
            file.write(entries[part == number].tobytes())

    def close(self) -> tuple[NDArray[np.int64], int | None]:
        """Numbers, sorted, of the rows whose id came before; and the last instant of the others (None without rows)."""
        repeated: list[NDArray[np.int64]] = []
        last: int | None = None
        for file in self._files:
            file.close()
            entries = np.fromfile(file.name, dtype=_ENTRY)
            if not len(entries):
                continue
            entries = entries[np.lexsort((entries["number"], entries["check"], entries["hash"]))]
            same = np.zeros(len(entries), dtype=bool)
            same[1:] = (entries["hash"][1:] == entries["hash"][:-1]) & (entries["check"][1:] == entries["check"][:-1])
            repeated.append(entries["number"][same])
            end = int(entries["time"][~same].max())
            last = end if last is None else max(last, end)
        return np.sort(np.concatenate(repeated)) if repeated else np.zeros(0, dtype=np.int64), last
