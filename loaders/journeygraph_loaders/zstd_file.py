"""Zstandard as a raw stream that notices when it is cut off (the library's own reader takes that for the end)."""

from __future__ import annotations

import io

import zstandard

_BLOCK = 1 << 17
#: Unpacked at once: four bytes can stand for 128 KiB, so this many for 64 MiB at most.
_PIECE = 1 << 11


class ZstdReader(io.RawIOBase):
    """The unpacked bytes of a file of one or more frames.

    Raises `EOFError` where the last frame doesn't end, `zstandard.ZstdError` where a frame is garbled.
    """

    def __init__(self, packed: io.RawIOBase) -> None:
        self._packed = packed
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False
        self._ready = self._block = memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what is unpacked next; 0 at the end."""
        while not self._ready:
            if not self._block:
                self._block = memoryview(self._packed.read(_BLOCK) or b"")
            if not self._block:
                if self._begun:
                    raise EOFError("the compressed data ends before its end marker")
                return 0
            piece, self._block = bytes(self._block[:_PIECE]), self._block[_PIECE:]
            self._unpack(piece)
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _unpack(self, block: bytes) -> None:
        parts: list[bytes] = []
        while block:
            self._begun = True
            parts.append(self._frame.decompress(block))
            block = b""
            if self._frame.eof:
                block = self._frame.unused_data
                self._frame = zstandard.ZstdDecompressor().decompressobj()
                self._begun = False
        self._ready = memoryview(b"".join(parts))
