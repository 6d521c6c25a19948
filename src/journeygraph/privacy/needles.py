"""Finding a person's identifiers in texts and documents, and taking them out.

A short number ("7") is an identifier only where a whole text says nothing else: as a part of a sentence it could be any
figure.  Anything longer, or with a letter in it, is found wherever it stands as a word of its own, unless that word is
a part of somebody else's id (`anna` in `anna-2`).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

ERASED: Final = "(erased)"
_SHORT_DIGITS: Final = 6
#: What ids of the product put before somebody's id: of journeys, sessions, visitors.
_PREFIXES: Final = ("j:", "s:", "anonymous:")


class Needles:
    """The identifiers to look for; `others` are ids of other people that hold one of them, as `anna-2` holds `anna`."""

    def __init__(self, values: Iterable[str], others: Iterable[str] = ()) -> None:
        distinct = {value for value in values if value.strip()}
        self.values = tuple(sorted(distinct, key=lambda value: (-len(value), value)))
        self._whole = frozenset(self.values) | {prefix + value for value in self.values for prefix in _PREFIXES}
        self._others = frozenset(other.casefold() for other in others)
        #: Those that are looked for within texts, too.
        self.words = [value for value in self.values if not (value.isdecimal() and len(value) < _SHORT_DIGITS)]

    def in_text(self, text: str) -> bool:
        """Whether a text is, or holds, one of them.

        >>> needles = Needles(["C-1", "7"])
        >>> [needles.in_text(text) for text in ("C-1", "see C-1.", "C-12", "7", "7 of 9", "j:7")]
        [True, True, False, True, False, True]
        """
        if text in self._whole:
            return True
        found = self._pattern.finditer(text) if self._pattern else ()
        return any(not self._of_another(text, *match.span()) for match in found)

    def is_one(self, text: str) -> bool:
        """Whether a text is one of them, or an id that the product made of one, and nothing more.

        >>> needles = Needles(["C-1"])
        >>> [needles.is_one(text) for text in ("C-1", "j:C-1", "c-1", "ask C-1")]
        [True, True, False, False]
        """
        return text in self._whole

    def is_all_of(self, text: str) -> bool:
        """The same, in upper case or lower.

        >>> needles = Needles(["C-1"])
        >>> [needles.is_all_of(text) for text in ("C-1", "c-1", "ask C-1")]
        [True, True, False]
        """
        return self.is_one(text) or bool(self._pattern and self._pattern.fullmatch(text))

    @property
    def whole(self) -> list[str]:
        """All that `is_one` holds for."""
        return sorted(self._whole)

    def in_value(self, value: Any) -> bool:
        """Whether any text within a JSON value holds one of them."""
        if isinstance(value, str):
            return self.in_text(value)
        if isinstance(value, dict):
            return any(self.in_text(str(key)) or self.in_value(inner) for key, inner in value.items())
        return isinstance(value, list | tuple) and any(self.in_value(inner) for inner in value)

    def in_bytes(self, content: bytes) -> bool:
        """Whether a file of text holds one of them, as it is or as HTML, JSON or an address writes it.

        Short numbers count here as well: a file that cannot be told apart is better made anew.
        """
        found = self._bytes.finditer(content) if self._bytes else ()
        return any(not self._of_another(content, *match.span()) for match in found)

    def without(self, value: Any) -> Any:
        """A JSON value without them: members of lists and maps that hold one are left out, in texts they are replaced.

        >>> Needles(["C-1"]).without({"examples": ["j:C-1", "j:C-2"], "note": "ask C-1", "C-1": 3})
        {'examples': ['j:C-2'], 'note': 'ask (erased)'}
        """
        if isinstance(value, str):
            return self._text_without(value)
        if isinstance(value, list):
            kept = [inner for inner in value if not (isinstance(inner, str) and self.in_text(inner))]
            return [self.without(inner) for inner in kept]
        if isinstance(value, dict):
            return {key: self.without(inner) for key, inner in value.items() if not self.in_text(str(key))}
        return value

    def _text_without(self, text: str) -> str:
        if text in self._whole:
            return ERASED
        if not self._pattern:
            return text
        return self._pattern.sub(lambda found: found[0] if self._of_another(text, *found.span()) else ERASED, text)

    def _of_another(self, content: str | bytes, start: int, end: int) -> bool:
        """Whether what stands there is a part of another person's id."""
        if not self._others:
            return False
        word = around(content, start, end)
        text = word if isinstance(word, str) else word.decode("utf-8", "replace")
        return text.strip(".").casefold() in self._others

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        if not self.words:
            return None
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, self.words))})(?![^\W_])", re.IGNORECASE)

    @cached_property
    def _bytes(self) -> re.Pattern[bytes] | None:
        forms = {form for value in self.values for form in written(value)}
        if not forms:
            return None
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        return re.compile(rb"(?<![0-9A-Za-z])(?:" + b"|".join(map(re.escape, ordered)) + rb")(?![0-9A-Za-z])", re.I)


def around(content: str | bytes, start: int, end: int) -> str | bytes:
    """The word that a part of a text, or of a file, stands in, as ids are written.

    >>> around("see anna-2, please", 4, 8), around(b"\\0anna\\0", 1, 5)
    ('anna-2', b'anna')
    """
    while start > 0 and _in_word(content[start - 1]):
        start -= 1
    while end < len(content) and _in_word(content[end]):
        end += 1
    return content[start:end]


def _in_word(character: str | int) -> bool:
    if isinstance(character, int):
        return character < 128 and _in_word(chr(character))
    return character.isalnum() or character in "_.@+-"


def written(value: str) -> set[bytes]:
    """The ways in which a text stands in files.

    >>> sorted(written("a&b"))
    [b'a%26b', b'a&amp;b', b'a&b']
    """
    texts = {
        value,
        html.escape(value),
        html.escape(value).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        quote(value),
        quote(value, safe=""),
    }
    return {text.encode("utf-8", "surrogatepass") for text in texts}
