"""The raw values of a field: a rule of the mapping applied to a whole chunk, a column at a time."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from journeygraph_loaders.chunks import Chunk
from journeygraph_loaders.mapping import TEMPLATE, ColumnRule

#: Lookup name -> key -> row of the lookup's table.
Tables = Callable[[str], Mapping[str, Mapping[str, Any]]]


def evaluate(rule: ColumnRule, chunk: Chunk, tables: Tables) -> Sequence[Any]:
    """What a rule gives for every row of a chunk; None where a row lacks what the rule reads."""
    if rule.constant is not None:
        return [rule.constant] * len(chunk)
    if rule.template is not None:
        found: Sequence[Any] = _templated(rule.template, chunk)
    elif rule.lookup is not None:
        table, field = tables(rule.lookup), str(rule.value)
        keys = texts(_column(chunk, str(rule.key)), normalise=rule.normalise == "integer")
        found = [None if key is None or key not in table else table[key].get(field) for key in keys]
    else:
        found = _column(chunk, str(rule.column))
    return treated(rule, found)


def treated(rule: ColumnRule, found: Sequence[Any]) -> Sequence[Any]:
    """Values as a rule normalises and renames them."""
    if rule.column is not None and rule.normalise == "integer":
        found = texts(found, normalise=True)
    if rule.values:
        found = [
            value if text is None else rule.values.get(text, value)
            for text, value in zip(texts(found), found, strict=True)
        ]
    return found


def _column(chunk: Chunk, name: str) -> Sequence[Any]:
    return chunk.values[chunk.columns.index(name)] if name in chunk.columns else [None] * len(chunk)


def _templated(template: str, chunk: Chunk) -> list[str | None]:
    parts: list[Sequence[str | None]] = []
    end = 0
    for match in TEMPLATE.finditer(template):
        parts.append([template[end : match.start()]] * len(chunk))
        width = int(match[2] or 0)
        parts.append([None if text is None else text.zfill(width) for text in texts(_column(chunk, match[1]))])
        end = match.end()
    parts.append([template[end:]] * len(chunk))
    return [None if None in row else "".join(map(str, row)) for row in zip(*parts, strict=True)]


def texts(
    values: Sequence[Any], nulls: frozenset[str] = frozenset({""}), *, normalise: bool = False
) -> list[str | None]:
    """Values as trimmed text, the same for CSV, JSON and Parquet; blank ones and `nulls` as None.

    >>> texts([" a ", "", 7, 7.0, True, None, float("nan"), [1]])
    ['a', None, '7', '7', 'true', None, None, '[1]']
    >>> texts(["28897.0", "12", "A1"], normalise=True)
    ['28897', '12', 'A1']
    """
    try:  # all of CSV is text: one pass without a function call a value
        found = [None if (text := value.strip()) in nulls else text for value in values]
    except AttributeError:
        found = [_text(value, nulls) for value in values]
    if normalise:
        return [_whole(text) for text in found]
    return found


def _text(value: Any, nulls: frozenset[str]) -> str | None:
    text = value.strip() if type(value) is str else None if value is None else as_text(value)
    return None if text in nulls else text


def as_text(value: Any) -> str | None:
    """One value that isn't text, as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, date):  # datetime is one too
        return value.isoformat()
    if isinstance(value, list | dict):
        try:
            return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
        except RecursionError:
            return "(nested too deeply to be written)"
    return str(value).strip()


def _whole(text: str | None) -> str | None:
    if text is None or "." not in text:
        return text
    head, _, tail = text.partition(".")
    return head if not tail.strip("0") and head.lstrip("-").isdigit() else text


_COMMA: Final = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)(,\d+)?", re.ASCII)
_SPACED: Final = re.compile(r"[+-]?\d{1,3}(?: \d{3})+(?:,\d+)?", re.ASCII)
#: The minus sign, Arabic separators, and spaces that don't break.
_MARKS: Final = str.maketrans(
    {"\u2212": "-", "\u066b": ",", "\u066c": ".", "\u00a0": " ", "\u202f": " ", "\u2009": " "}
)


def pointed(text: str) -> tuple[str, bool] | None:
    """A number written with a decimal comma as one with a point, and whether it had the comma; None for other text.

    >>> pointed("1.234,50"), pointed("-7"), pointed("12.50"), pointed("1.234")
    (('1234.50', True), ('-7', False), None, ('1234', False))
    >>> pointed("1\\u202f234,50"), pointed("\\u22127,5"), pointed("\\u0663\\u0665,5"), pointed("1 23,5")
    (('1234.50', True), ('-7.5', True), ('35.5', True), None)
    """
    found = _COMMA.fullmatch(text)
    if found is None and (plain := _plain_digits(text)) != text:
        text, found = plain, _COMMA.fullmatch(plain)
    return (text.replace(".", "").replace(",", "."), found[1] is not None) if found else None


def _plain_digits(text: str) -> str:
    """A number in ASCII: digits and separators of other scripts, the typographers' minus, spaces between thousands."""
    digits = [(letter, unicodedata.decimal(letter, None)) for letter in text]
    text = "".join(letter if digit is None else str(digit) for letter, digit in digits)
    text = text.translate(_MARKS)
    return text.replace(" ", ".") if _SPACED.fullmatch(text) else text


def with_points(values: Sequence[Any]) -> list[Any]:
    """The same values, decimal commas as points; what has none stays, as 1.234 may be anything.

    >>> with_points(["1.234,50", "1.234", "a,b", 1.5])
    ['1234.50', '1.234', 'a,b', 1.5]
    """
    # Only the plain form: of a property nobody said that it is a number, so 5 100,20 may be anything too.
    return [
        value.strip().replace(".", "").replace(",", ".")
        if type(value) is str and "," in value and _COMMA.fullmatch(value.strip())
        else value
        for value in values
    ]


def scalars(values: Sequence[Any], nulls: frozenset[str]) -> list[str | int | float | bool | None]:
    """Values as a property can hold them: numbers and truth values stay what they are, the rest is text."""
    kept = (int, float, bool)
    return [
        value if type(value) in kept and value == value else text
        for value, text in zip(values, texts(values, nulls), strict=True)
    ]
