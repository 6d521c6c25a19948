"""The identity of a row that brings none: a hash of what it says, not of where it stood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any


def content_ids(contents: Sequence[Sequence[Any]]) -> list[str]:
    """Ids of rows given as equally long tuples of text, numbers and None.

    The same on every machine and Python: `ascii` writes each value unambiguously, with no character of its own kept.

    >>> content_ids([("c", 1, None)]) == content_ids([("c", 1, None)]) != content_ids([("c", "1", None)])
    True
    """
    return list(_ids(contents))


def _ids(contents: Sequence[Sequence[Any]]) -> Iterator[str]:
    for content in contents:
        yield blake2b(ascii(tuple(content)).encode("ascii"), digest_size=16).hexdigest()


def canonical(value: Any) -> str:
    """A property's value as text that doesn't depend on the file's format: 1, 1.0 and "1" are one value.

    >>> canonical(1.0), canonical("1"), canonical(True), canonical(2.5)
    ('1', '1', 'true', '2.5')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
