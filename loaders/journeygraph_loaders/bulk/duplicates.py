"""Rows whose touchpoint id came before, duplicates and others, found without holding ten million ids in memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from journeygraph_loaders.rows import Row

#: 128 bits of a cryptographic hash stand for an id: nobody finds two ids that agree in them.
_ENTRY = np.dtype(
    [("high", np.uint64), ("low", np.uint64), ("number", np.int64), ("time", np.int64), ("customer", np.int64),
     ("visitor", np.int64)]
)  # fmt: skip
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
        entries["customer"] = [_hash(row[7]) for row in rows]
        entries["visitor"] = [_hash(row[8]) for row in rows]
        part = entries["low"] % np.uint64(_PARTS)
        for number, file in enumerate(self._files):
            file.write(entries[part == number].tobytes())

    def close(self) -> None:
        """Write what is buffered."""
        for file in self._files:
            file.close()


def _hash(name: str | None) -> int:
    """0 for none; two names of one id at one instant are told apart by 32 bits."""
    return 0 if name is None else crc32(name.encode()) + 1


class Repeated(NamedTuple):
    """Rows whose id an earlier number has, and the last instant of the others (None without rows).

    `numbers` are all of them, sorted; `conflicts` pairs of numbers, by the first: a row that isn't a duplicate, as it
    is about another instant, customer or visitor (the rule of `load/conflicts.cypher`), and the row that has its id.
    """

    numbers: NDArray[np.int64]
    conflicts: NDArray[np.int64]
    last: int | None


def find_repeated(folder: Path) -> Repeated:
    """What the noted ids say together."""
    repeated, conflicts = [np.zeros(0, dtype=np.int64)], [np.zeros((0, 2), dtype=np.int64)]
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
        conflicts.append(_conflicts(entries, same))
        end = int(entries["time"][~same].max())
        last = end if last is None else max(last, end)
    pairs = np.concatenate(conflicts)
    return Repeated(np.sort(np.concatenate(repeated)), pairs[np.argsort(pairs[:, 0])], last)


def _conflicts(entries: NDArray[Any], same: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Of entries sorted by id and number, those that are another touchpoint than the first with their id."""
    first = entries[np.maximum.accumulate(np.where(same, 0, np.arange(len(entries))))]
    other = entries["time"] != first["time"]
    for name in ("customer", "visitor"):
        other |= (entries[name] != 0) & (first[name] != 0) & (entries[name] != first[name])
    return np.column_stack([entries["number"][other], first["number"][other]])
