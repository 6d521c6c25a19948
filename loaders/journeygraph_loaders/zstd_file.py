"""Zstandard as a raw stream that notices when it is cut off (the library's own reader takes that for the end)."""

from __future__ import annotations

import io

import zstandard

_BLOCK = 1 << 17


class ZstdReader(io.RawIOBase):
    """The unpacked bytes of a file of one or more frames.

    Raises `EOFError` where the last frame doesn't end, `zstandard.ZstdError` where a frame is garbled.
    """

    def __init__(self, packed: io.RawIOBase) -> None:
        self._packed = packed
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what is unpacked next; 0 at the end."""
        while not self._ready:
            block = self._packed.read(_BLOCK)
            if not block:
                if self._begun:
                    raise EOFError("the compressed data ends before its end marker")
                return 0
            self._unpack(block)
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
