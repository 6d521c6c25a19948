"""The SPMF text format of sequences and patterns: `1 -1 5 -1 -2` a sequence, `1 -1 5 -1 #SUP: 42` a pattern."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from journeygraph.errors import InputError
from journeygraph.intent.mining.mined import Mined, Pattern
from journeygraph.intent.mining.sequences import Sequences
from journeygraph.intent.mining.weights import told

__all__ = ["Pattern", "line", "lines", "numbered", "read", "text_of"]

_COMMENTS = ("#", "%", "@")
#: What stands behind an item, and behind a sequence.
_NEXT, _END = -1, -2
#: What a plain file is made of, and how many digits fit a number for certain.
_PLAIN, _DIGITS = b"-0123456789 \t\r\n", 18


def read(path: Path) -> Sequences:
    """The sequences of a file, plain or gzip; blank lines and lines that begin with #, % or @ are skipped.

    Raises `InputError`, with file, line and what is wrong there, for anything but sequences of single items.
    """
    whole = text_of(path)
    tokens = _plain(whole)
    if tokens is None:
        tokens = _checked(whole, path)
    ends = np.flatnonzero(tokens == _END)
    items, codes = np.unique(tokens[tokens >= 0], return_inverse=True)
    lengths = np.diff(ends, prepend=-1) // 2  # every item is followed by -1, the last by -2 as well
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Sequences(codes.astype(np.int64), offsets, items.tolist())


def line(items: Sequence[int | Sequence[int]], support: int, weight: float | None = None) -> str:
    """A pattern of items, or of sets of items, as one line, without its end.

    >>> line([1, 5], 42), line([[1, 2], [5]], 42, weight=12.5)
    ('1 -1 5 -1 #SUP: 42', '1 2 -1 5 -1 #SUP: 42 #WSUP: 12.5')
    """
    sets = (str(item) if isinstance(item, int) else " ".join(map(str, item)) for item in items)
    return " -1 ".join(sets) + f" -1 #SUP: {support}" + ("" if weight is None else f" #WSUP: {weight}")


def lines(found: Mined, sequences: Sequences) -> Iterator[str]:
    """All patterns as lines, with their ends; where they stand in the trie's order, each begins as its parent did.

    >>> list(lines(Mined.of([Pattern((0,), 3), Pattern((0, 1), 2)], 0), Sequences.of([[7, 9]])))
    ['7 -1 #SUP: 3\\n', '7 -1 9 -1 #SUP: 2\\n']
    """
    in_order = len(found) < 2 or not (np.diff(found.rows) < 0).any()
    if not in_order or sequences.beside is not None or found.weights is not None:  # the k best, sets, weights
        for pattern in found:
            weight = None if pattern.weight is None else told(pattern.weight, found.decimals)
            yield line(sequences.names(pattern.codes), pattern.support, weight) + "\n"
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


def text_of(path: Path) -> str:
    """The whole of a file.  Raises `InputError` for one that cannot be read."""
    try:
        with _open(path) as file:
            return file.read()
    except FileNotFoundError:
        raise InputError(f"There is no file {str(path)!r}.") from None
    except IsADirectoryError:
        raise InputError(f"{str(path)!r} is a folder; a file of sequences was expected.") from None
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as error:
        raise InputError(f"{path} is no text in the SPMF format, plain or gzip: {error}.") from error


def _open(path: Path) -> IO[str]:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rt", encoding="utf-8-sig") if packed else path.open(encoding="utf-8-sig")


def _plain(whole: str) -> NDArray[np.int64] | None:
    """The numbers of a text that is nothing but sequences of single items, a line each; of any other text nothing."""
    if not whole.isascii():
        return None
    letters = np.frombuffer(f"\n{whole}\n".encode("ascii"), dtype=np.uint8)
    space = letters <= ord(" ")
    starts, behind = (np.flatnonzero(space[:-1] & ~space[1:]) + 1, np.flatnonzero(~space[:-1] & space[1:]) + 1)
    lines = np.searchsorted(starts, np.flatnonzero(letters == ord("\n")))
    last = np.unique(lines[lines > 0]) - 1  # the last number of each line that has one
    signs = letters == ord("-")
    if (
        not np.isin(letters, np.frombuffer(_PLAIN, dtype=np.uint8)).all()
        or (behind - starts > _DIGITS).any()
        or signs.sum() != signs[starts].sum()
        or (behind - starts)[signs[starts]].tolist().count(2) != signs.sum()
    ):
        return None
    tokens = np.fromstring(whole, dtype=np.int64, sep=" ")
    item, following = tokens >= 0, np.append(tokens[1:], _END)
    as_told = (
        np.array_equal(np.flatnonzero(tokens == _END), last)
        and (tokens >= _END).all()
        and (following[item] == _NEXT).all()
        and (following[~item] != _NEXT).all()
        and (len(tokens) == 0 or tokens[0] != _NEXT)
    )
    return tokens if as_told else None


def _checked(whole: str, path: Path) -> NDArray[np.int64]:
    """The numbers line by line.  Raises `InputError` for the first line that is no sequence of single items."""
    parts = [np.zeros(0, dtype=np.int64)]
    for number, tokens in numbered(whole, path):
        body = tokens[:-1]
        if len(body) % 2 or (body[0::2] < 0).any() or (body[1::2] != _NEXT).any():
            raise InputError(
                f"{path}, line {number}: every item is followed by -1; sets of several items are mined with --together."
            )
        parts.append(tokens)
    return np.concatenate(parts)


def numbered(whole: str, path: Path) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """The number of each line that holds a sequence, and its numbers up to -2; anything else raises `InputError`."""
    for number, line in enumerate(whole.splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith(_COMMENTS):
            yield number, _tokens(text, path, number)


def _tokens(text: str, path: Path, number: int) -> NDArray[np.int64]:
    """The numbers of one sequence."""
    try:
        tokens = np.array(text.split(), dtype=np.int64)
    except (ValueError, OverflowError):
        wrong = next(token for token in text.split() if not _is_integer(token))
        raise InputError(f"{path}, line {number}: {wrong!r} is not an integer of 64 bits.") from None
    if tokens[-1] != _END:
        raise InputError(f"{path}, line {number}: a sequence ends with -2; this line ends with {tokens[-1]}.")
    body = tokens[:-1]
    if (body < _NEXT).any():
        raise InputError(
            f"{path}, line {number}: {body[body < _NEXT][0]} stands inside the sequence; items are zero or above."
        )
    return tokens


def _is_integer(token: str) -> bool:
    try:
        return -(2**63) <= int(token) < 2**63
    except ValueError:
        return False
