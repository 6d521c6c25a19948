"""Packed files that would unpack to far more than any export does are refused while they are read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final, Protocol

from journeygraph.errors import InputError

#: Rows of an export pack to a tenth or a thirtieth; gzip can reach 1,030 and zstd far more, with nothing in them.
MAX_RATIO: Final = 200
#: Below this many unpacked bytes a ratio says nothing.
FREE_BYTES: Final = 32 << 20
MAX_UNPACKED_BYTES: Final = 1 << 40


def check_parquet(path: Path, size: int, unpacked: int, rows: int) -> None:
    """Raise `InputError` where a Parquet file of `size` bytes says that it holds far more than any export does.

    `unpacked` are the bytes of its pages before they were packed.  A touchpoint's time and customer differ from row to
    row, so a file has no thousand rows a byte.
    """
    if unpacked > max(FREE_BYTES, MAX_RATIO * size) or rows > 1_000 * size:
        raise InputError(
            f"The file {path} is refused: {size:,} bytes of Parquet that stand for {unpacked:,} bytes and {rows:,} "
            f"rows; no more than {MAX_RATIO} to 1 is read. If that is how the data is, write it as CSV or JSON Lines."
        )


class _Readable(Protocol):
    def readinto(self, buffer: Any, /) -> int | None: ...

    def close(self) -> None: ...


class Bounded(io.RawIOBase):
    """The unpacked bytes of a packed file; raises `InputError` where they are too many for what was read of it."""

    def __init__(self, unpacked: _Readable, packed: io.RawIOBase, path: Path) -> None:
        self._unpacked, self._packed, self._path = unpacked, packed, path
        self._given = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what is unpacked next; 0 at the end."""
        size = self._unpacked.readinto(buffer) or 0
        self._given += size
        if self._given > FREE_BYTES:
            self._check()
        return size

    def close(self) -> None:
        """Close what unpacks."""
        if not self.closed:
            self._unpacked.close()
        super().close()

    def _check(self) -> None:
        read = max(self._packed.tell(), 1)
        if self._given > MAX_UNPACKED_BYTES or self._given > MAX_RATIO * read:
            raise InputError(
                f"The file {self._path} is refused: {read:,} bytes of it unpack to more than {self._given:,}, and no "
                f"more than {MAX_RATIO} to 1 is read, nor more than {MAX_UNPACKED_BYTES:,} in all. If that is how the "
                "data is, unpack it yourself and load the unpacked file."
            )
