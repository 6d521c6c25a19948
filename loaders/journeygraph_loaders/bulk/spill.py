"""Tuples on disk, divided into parts, so that ten million rows need no more memory than one part."""

from __future__ import annotations

import marshal
import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

_BUFFERED = 500
_LENGTH = struct.Struct("<Q")

Record = tuple[Any, ...]


class Spill:
    """Lists of tuples of plain values, appended to one of `parts` files in `folder`, each process to its own.

    `marshal` is three times as fast as pickle; the files live for one command and are read by the same interpreter.
    """

    def __init__(self, folder: Path, name: str, parts: int) -> None:
        self._buffers: list[list[Record]] = [[] for _ in range(parts)]
        self._files = [(folder / f"{name}-{part:04d}-{os.getpid()}").open("ab") for part in range(parts)]

    def add(self, part: int, record: Record) -> None:
        """Append one tuple to a part."""
        buffer = self._buffers[part]
        buffer.append(record)
        if len(buffer) >= _BUFFERED:
            self._flush(part)

    def close(self) -> None:
        """Write what is buffered."""
        for part, file in enumerate(self._files):
            self._flush(part)
            file.close()

    def _flush(self, part: int) -> None:
        if self._buffers[part]:
            packed = marshal.dumps(self._buffers[part])
            self._files[part].write(_LENGTH.pack(len(packed)) + packed)
            self._buffers[part] = []


def part_paths(folder: Path, name: str, part: int) -> list[Path]:
    """The files of a part."""
    return sorted(folder.glob(f"{name}-{part:04d}-*"))


def read(paths: Iterable[Path]) -> Iterator[Sequence[Record]]:
    """The lists of tuples of some files, each file's in the order in which they were written."""
    for path in paths:
        with path.open("rb") as file:
            while length := file.read(_LENGTH.size):
                # Not marshal.load(file), which asks the file for every few bytes.
                yield marshal.loads(file.read(*_LENGTH.unpack(length)))  # noqa: S302 - written by this very command
