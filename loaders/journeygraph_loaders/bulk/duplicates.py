"""Rows whose touchpoint id came before, found without holding ten million ids in memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from journeygraph_loaders.rows import Row

#: 128 bits of a cryptographic hash stand for an id: nobody finds two ids that agree in them.
_ENTRY = np.dtype([("high", np.uint64), ("low", np.uint64), ("number", np.int64), ("time", np.int64)])
_PARTS = 16


class SeenIds:
    """Notes the id of every row with its number, on disk, each process in its own files."""

    def __init__(self, folder: Path) -> None:
        self._files = [(folder / f"ids-{part:04d}-{os.getpid()}").open("ab") for part in range(_PARTS)]

    def add(self, rows: Sequence[Row], first_number: int) -> None:
        """Note the ids of these rows, numbered from `first_number`."""
        digests = b"".join([blake2b(row[0].encode(), digest_size=16).digest() for row in rows])
        entries = np.empty(len(rows), dtype=_ENTRY)
        entries["high"], entries["low"] = np.frombuffer(digests, np.uint64).reshape(-1, 2).T
        entries["number"] = np.arange(first_number, first_number + len(rows))
        entries["time"] = [row[5] for row in rows]
        part = entries["low"] % np.uint64(_PARTS)
        for number, file in enumerate(self._files):
            file.write(entries[part == number].tobytes())

    def close(self) -> None:
        """Write what is buffered."""
        for file in self._files:
            file.close()


def find_repeated(folder: Path) -> tuple[NDArray[np.int64], int | None]:
    """Numbers, sorted, of rows whose id an earlier number has; the last instant of the others (None without rows)."""
    repeated: list[NDArray[np.int64]] = []
    last: int | None = None
    for part in range(_PARTS):
        entries = np.concatenate(
            [np.empty(0, _ENTRY), *(np.fromfile(path, _ENTRY) for path in folder.glob(f"ids-{part:04d}-*"))]
        )
        if not len(entries):
            continue
        entries = entries[np.lexsort((entries["number"], entries["low"], entries["high"]))]
        same = np.zeros(len(entries), dtype=bool)
        same[1:] = (entries["high"][1:] == entries["high"][:-1]) & (entries["low"][1:] == entries["low"][:-1])
        repeated.append(entries["number"][same])
        end = int(entries["time"][~same].max())
        last = end if last is None else max(last, end)
    return np.sort(np.concatenate(repeated)) if repeated else np.zeros(0, dtype=np.int64), last
