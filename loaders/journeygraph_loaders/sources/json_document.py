"""One JSON document: an array of records, or an answer that lists them under a key, as APIs give it, on any lines.

Every record keeps the line where it starts, and a broken one costs itself only, as far as its brackets can be found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from journeygraph.errors import InputError
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.files import Opened
from journeygraph_loaders.sources.base import Record

#: A document is held whole; more than this is to be JSON Lines, which is read at any size.
MAX_DOCUMENT_BYTES: Final = 256 << 20
_BLANK: Final = re.compile(r"[\s,]*")
#: A string (its group is empty where it never ends) or a bracket.
_BRACKET: Final = re.compile(r'"(?:[^"\\]++|\\.)*+("?)|[\[\]{}]', re.DOTALL)
_BARE: Final = re.compile(r"[\[\]{}]")
_SCALAR: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[^\s,\[\]{}]+|.', re.DOTALL)
_DECODER: Final = json.JSONDecoder()


def read(opened: Opened, envelopes: Sequence[str]) -> Iterator[Record | BadRow]:
    """The records of a document; those of an envelope come with what else stands in it."""
    raw = opened.stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise InputError(
            f"The file {opened.path} is one JSON document of more than {MAX_DOCUMENT_BYTES:,} bytes: one JSON object a "
            "line is read at any size (`jq -c '.[]'` makes that of an array)."
        )
    return walk(opened, raw.decode("utf-8-sig", "surrogateescape"), envelopes)


def walk(opened: Opened, text: str, envelopes: Sequence[str]) -> Iterator[Record | BadRow]:
    """The records of a document's text, or of its beginning."""
    return _Walk(opened, text, envelopes).records()


class _Walk:
    """A document under way; lines are counted as far as `_counted`."""

    def __init__(self, opened: Opened, text: str, envelopes: Sequence[str]) -> None:
        self._opened, self._text, self._envelopes = opened, text, envelopes
        self._counted, self._line = 0, 1

    def records(self) -> Iterator[Record | BadRow]:
        """All values of the text, arrays and envelopes opened."""
        at = self._skip(0)
        while at < len(self._text):
            end = _end(self._text, at)
            if self._text[at] == "[":
                yield from self._elements(at, {})
            elif self._text[at] == "{" and (inside := self._enveloped(at, end)):
                yield from inside
            else:
                yield self._value(at, end, {})
            at = self._skip(end)

    def _elements(self, at: int, envelope: dict[str, Any]) -> Iterator[Record | BadRow]:
        stop = _end(self._text, at) - 1
        at = self._skip(at + 1)
        while at < stop:
            end = min(_end(self._text, at), max(stop, at + 1))
            yield self._value(at, end, envelope)
            at = self._skip(end)

    def _enveloped(self, at: int, end: int) -> Iterator[Record | BadRow] | None:
        """The records that an object lists under one of the keys, None where it is a record itself."""
        starts: list[int] = []
        around: dict[str, Any] = {}
        at = self._skip(at + 1)
        while at < end and self._text[at] == '"':
            try:
                name, at = _DECODER.raw_decode(self._text, at)
                at = self._skip(self._text.index(":", at) + 1)
                if name in self._envelopes and self._text[at : at + 1] == "[":
                    starts.append(at)
                    at = _end(self._text, at)
                else:
                    around[name], at = _DECODER.raw_decode(self._text, at)
            except (ValueError, RecursionError):
                break
            at = self._skip(at)
        return (one for start in starts for one in self._elements(start, around)) if starts else None

    def _value(self, at: int, end: int, envelope: dict[str, Any]) -> Record | BadRow:
        text = self._text[at:end]
        line = self._line_of(at)
        try:
            return Record(line, json.loads(text), envelope)
        except (ValueError, RecursionError) as error:
            reason = f"What starts in this line cannot be read as JSON: {error}."
            shown = text[:4096].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            return BadRow(str(self._opened.path), line, None, None, reason, {"(text)": shown}, whole=False)

    def _skip(self, at: int) -> int:
        found = _BLANK.match(self._text, at)
        return found.end() if found else at

    def _line_of(self, at: int) -> int:
        if at < self._counted:  # the list of an envelope may stand before what was read
            self._counted, self._line = 0, 1
        self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        return self._line


def _end(text: str, at: int) -> int:
    """Where the value ends that starts here, by its brackets; the end of the text where they never close.

    >>> _end('[{"a": "]"}, 2]', 0), _end('{"a": [', 0), _end('true, 1', 0)
    (15, 7, 4)
    """
    if text[at] not in "[{":
        found = _SCALAR.match(text, at)
        return found.end() if found else len(text)
    depth = 0
    for found in _brackets(text, at):
        if found[0] in ("[", "{"):
            depth += 1
        elif found[0] in ("]", "}"):
            depth -= 1
            if depth == 0:
                return found.end()
    return len(text)


def _brackets(text: str, at: int) -> Iterator[re.Match[str]]:
    """The brackets from here on, and the strings; where one of these never ends, the brackets in it as well.

    No quote after such a one ends a string either, so that there is no use in looking again and again.
    """
    for found in _BRACKET.finditer(text, at):
        if found[1] == "":
            yield from _BARE.finditer(text, found.start())
            return
        yield found
