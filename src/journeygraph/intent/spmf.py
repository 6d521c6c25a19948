"""The SPMF text format of sequences and patterns: `1 -1 5 -1 -2` a sequence, `1 -1 5 -1 #SUP: 42` a pattern."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import InputError
from journeygraph.intent.mined import Mined, Pattern
from journeygraph.intent.sequences import Sequences

__all__ = ["Pattern", "line", "lines", "read"]

_COMMENTS = ("#", "%", "@")


def read(path: Path) -> Sequences:
    """The sequences of a file, plain or gzip; blank lines and lines that begin with #, % or @ are skipped.

    Raises `InputError`, with file, line and what is wrong there, for anything but sequences of single items.
    """
    parts: list[NDArray[np.int64]] = []
    try:
        with _open(path) as file:
            for number, line in enumerate(file, start=1):
                text = line.strip()
                if text and not text.startswith(_COMMENTS):
                    parts.append(_items(text, path, number))
    except FileNotFoundError:
        raise InputError(f"There is no file {str(path)!r}.") from None
    except IsADirectoryError:
        raise InputError(f"{str(path)!r} is a folder; a file of sequences was expected.") from None
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as error:
        raise InputError(f"{path} is no text in the SPMF format, plain or gzip: {error}.") from error
    items, codes = np.unique(np.concatenate([*parts, np.zeros(0, dtype=np.int64)]), return_inverse=True)
    offsets = np.cumsum([0, *(len(part) for part in parts)], dtype=np.int64)
    return Sequences(codes.astype(np.int64), offsets, items.tolist())


def line(items: Sequence[int], support: int) -> str:
    """A pattern as one line, without its end.

    >>> line([1, 5], 42)
    '1 -1 5 -1 #SUP: 42'
    """
    return " -1 ".join(map(str, items)) + f" -1 #SUP: {support}"


def lines(found: Mined, sequences: Sequences) -> Iterator[str]:
    """All patterns as lines, with their ends; where they stand in the trie's order, each begins as its parent did.

    >>> list(lines(Mined.of([Pattern((0,), 3), Pattern((0, 1), 2)], 0), Sequences.of([[7, 9]])))
    ['7 -1 #SUP: 3\\n', '7 -1 9 -1 #SUP: 2\\n']
    """
    if len(found) > 1 and (np.diff(found.rows) < 0).any():  # the k best
        for pattern in found:
            yield line(sequences.names(pattern.codes), pattern.support) + "\n"
        return
    texts = [f"{item} -1 " for item in sequences.items]
    ends: dict[int, str] = {}
    begun = [""]
    asked = np.zeros(len(found.items), dtype=bool)
    asked[found.rows] = True
    columns = (found.items, found.lengths, found.counts[0], asked)
    for code, length, support, kept in zip(*(column.tolist() for column in columns), strict=True):
        begun[length:] = [begun[length - 1] + texts[code]]
        if kept:
            end = ends.get(support)
            if end is None:
                end = ends[support] = f"#SUP: {support}\n"
            yield begun[length] + end


def _open(path: Path) -> IO[str]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rt", encoding="utf-8-sig") if packed else path.open(encoding="utf-8-sig")


def _items(text: str, path: Path, number: int) -> NDArray[np.int64]:
    """The items of one sequence."""
    try:
        tokens = np.array(text.split(), dtype=np.int64)
    except (ValueError, OverflowError):
        wrong = next(token for token in text.split() if not _is_integer(token))
        raise InputError(f"{path}, line {number}: {wrong!r} is not an integer of 64 bits.") from None
    if tokens[-1] != -2:
        raise InputError(f"{path}, line {number}: a sequence ends with -2; this line ends with {tokens[-1]}.")
    body = tokens[:-1]
    if (body < -1).any():
        raise InputError(
            f"{path}, line {number}: {body[body < -1][0]} stands inside the sequence; items are zero or above."
        )
    if len(body) % 2 or (body[0::2] < 0).any() or (body[1::2] != -1).any():
        raise InputError(f"{path}, line {number}: every item is followed by -1; sets of several items are not mined.")
    return body[0::2]


def _is_integer(token: str) -> bool:
    try:
        return -(2**63) <= int(token) < 2**63
    except ValueError:
        return False
