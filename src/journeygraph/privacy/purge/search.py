"""Looking for a person's identifiers in every byte of every file that the product owns.

`customer-1` stands in `customer-10` too: where a value is found as a part of a longer word, and the graph holds that
word as somebody else's id, it is not the person's.  In a database's file there may be letters by chance before and
behind a word, so up to three of them are left off in turn.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final, cast

from journeygraph.answers import Answer
from journeygraph.privacy.files import content_of, reported
from journeygraph.privacy.needles import around, written

_PIECE: Final = 1 << 22
_REACH: Final = 256  # how far a word is followed
_CHANCE: Final = 3
_MOST_WORDS: Final = 200_000
#: Given words, those that are ids of what the graph holds.
Known = Callable[[Collection[str]], Collection[str]]


class Searched(Answer):
    """What was searched, and the files that hold one of the values (in any way of writing it, upper case or lower).

    `in_graph`: places in the graph that hold one, asked with Cypher; short values are packed in the files so that only
    the graph can tell them.  None where it was not asked.  `kept` as in an erasure: names that hold one, and stay.
    """

    files: int
    bytes: int
    holding: tuple[str, ...]
    in_graph: int | None = None
    kept: dict[str, int] | None = None


def search(home: Path, values: Iterable[str], known: Known = lambda _: ()) -> Searched:
    """Search every file of the home folder, databases, indexes and logs among them, and the reports that it knows."""
    forms = sorted({form.lower() for value in values for form in (*written(value), *written(value.casefold())) if form})
    files = size = 0
    holding = []
    for path in sorted({*_walk(home), *reported(home)}):
        files += 1
        size += path.stat().st_size
        if _holds(path, forms, known):
            holding.append(str(path.relative_to(home) if path.is_relative_to(home) else path))
    return Searched(files=files, bytes=size, holding=tuple(holding))


def _walk(home: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(home):
        for name in names:
            path = Path(folder) / name
            if path.is_file() and not path.is_symlink():
                yield path


def _holds(path: Path, forms: Sequence[bytes], known: Known) -> bool:
    """Whether a file holds one of these that is no part of another id."""
    words: set[bytes] = set()
    for word, form in _found(path, forms):
        words.add(word)
        if word.lower() == form or len(words) > _MOST_WORDS:
            return True
    parts = {word: _parts(word, forms) for word in words}
    ids = set(known({part for every in parts.values() for part in every})) if parts else set()
    return any(ids.isdisjoint(every) for every in parts.values())


def _found(path: Path, forms: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The word around each place where a file, or its name, holds one of the forms, and which."""
    name = os.fsencode(path.name)
    named = ((name.lower().find(form), form) for form in forms)
    yield from ((_word(name, at, at + len(form)), form) for at, form in named if at >= 0)
    if zipfile.is_zipfile(path):
        yield from _found_in(io.BytesIO(content_of(path)), forms)
    with path.open("rb") as file:
        yield from _found_in(file, forms)


def _found_in(file: IO[bytes], forms: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    overlap = max(map(len, forms), default=0) + 2 * _REACH
    kept, piece = b"", file.read(_PIECE)
    while piece:
        following = file.read(_PIECE)
        content = kept + piece
        # What lies at the end is looked at with what follows it.
        whole = len(content) - (_REACH if following else 0)
        # A log is made longer than what is written of it: most of what a small graph takes is zeros.
        lowered = content.lower() if content.strip(b"\0") else b""
        for form in forms:
            at = lowered.find(form)
            while at >= 0 and at + len(form) <= whole:
                yield _word(content, at, at + len(form)), form
                at = lowered.find(form, at + 1)
        kept, piece = content[-overlap:], following


def _word(content: bytes, start: int, end: int) -> bytes:
    first = max(start - _REACH, 0)
    return cast("bytes", around(content[first : end + _REACH], start - first, end - first))


def _parts(word: bytes, forms: Sequence[bytes]) -> set[str]:
    """What a word may be without letters that stand beside it by chance."""
    found = set()
    for first in range(_CHANCE + 1):
        for last in range(_CHANCE + 1):
            part = word[first : len(word) - last]
            if any(form in part.lower() and form != part.lower() for form in forms):
                found.add(part.decode("utf-8", "replace"))
    return found
