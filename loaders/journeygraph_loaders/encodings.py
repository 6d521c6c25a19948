"""Text that isn't UTF-8: what it is declared to be, or what its first bytes say, becomes UTF-8 while it is read."""

from __future__ import annotations

import codecs
import io
from pathlib import Path
from typing import IO, Any, Final

from journeygraph.errors import InputError

#: Half a sentence for text that cannot be read; it names the option.
NOT_UTF8: Final = "is not UTF-8 text: say what it is in a mapping file (--mapping), as in `encoding: windows-1252`"
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, None),
)
_READ_BYTES: Final = 64 * 1024


def check_encoding(name: str) -> str:
    """The name of an encoding of text; raises `ValueError` for one that Python doesn't know."""
    try:
        "".encode(name)
    except LookupError as error:
        raise ValueError(f"{name!r} is not an encoding such as windows-1252, iso-8859-15 or utf-16") from error
    return name


def encoding_of(sample: bytes, declared: str | None) -> str | None:
    """What a file's text is to be converted from, None for UTF-8.  A byte order mark wins over what is declared.

    >>> encoding_of(b"\\xff\\xfea\\x00", None), encoding_of(b"abc", "cp1252"), encoding_of(b"abc", None)
    ('utf-16', 'cp1252', None)
    """
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    return None if declared is None or codecs.lookup(declared).name in ("utf-8", "utf-8-sig") else declared


class Recoded(io.RawIOBase):
    """A stream of text in some encoding as one of UTF-8.

    Bytes that the encoding has no character for stay as they are, and cost their row as they would in UTF-8.
    """

    def __init__(self, stream: IO[bytes], encoding: str, path: Path) -> None:
        self._stream, self._encoding, self._path = stream, encoding, path
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
        self._held = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes."""
        while not self._held:
            read = self._stream.read(_READ_BYTES)
            self._held = self._converted(read)
            if not read:
                break
        given = self._held[: len(buffer)]
        self._held = self._held[len(given) :]
        buffer[: len(given)] = given
        return len(given)

    def _converted(self, read: bytes) -> bytes:
        try:
            return self._decoder.decode(read, final=not read).encode("utf-8", "surrogateescape")
        except UnicodeError as error:
            raise InputError(f"The file {self._path} is not {self._encoding} text: {error}.") from error
