"""A graph's values as the cells of the import tool's CSV files, and which values no cell can say."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from journeygraph.errors import UsageError

SEPARATOR: Final = "\x1f"
_TYPES: Final = {
    "STRING": "string",
    "BOOLEAN": "boolean",
    "INTEGER": "long",
    "FLOAT": "double",
    "ZONED DATETIME": "datetime",
    "LOCAL DATETIME": "localdatetime",
    "DATE": "date",
    "ZONED TIME": "time",
    "LOCAL TIME": "localtime",
    "DURATION": "duration",
}
_LIST = re.compile(r"^LIST<(.*?)(?: NOT NULL)?>$")
#: A name with one of these would be read as something else in a header.
_NO_NAME: Final = frozenset(',:"\n\r{}')
_LONGEST: Final = 500_000  # characters; the tool reads files in pieces of four megabytes


def column_type(value_type: str) -> str | None:
    """The import tool's name of a Cypher type; None for a list without members, which no column can hold.

    >>> column_type("STRING NOT NULL"), column_type("LIST<INTEGER NOT NULL> NOT NULL")
    ('string', 'long[]')
    >>> column_type("LIST<NOTHING> NOT NULL") is None
    True

    Raises `UsageError` for a type that cannot be carried into another store (a point, say).
    """
    plain = value_type.removesuffix(" NOT NULL")
    listed = _LIST.match(plain)
    if listed and listed[1] == "NOTHING":
        return None
    try:
        return _TYPES[listed[1]] + "[]" if listed else _TYPES[plain]
    except KeyError:
        raise UsageError(
            f"The graph has a value of the type {plain}, which is none of JourneyGraph's and cannot be carried over: "
            "remove it, or see `journeygraph db reset`."
        ) from None


def can_be_named(name: str) -> bool:
    """Whether a property's name can stand in a header."""
    return bool(name) and name == name.strip() and not _NO_NAME.intersection(name)


def can_be_written(value: Any) -> bool:
    """Whether a cell can hold a value so that exactly it is read again.

    >>> [can_be_written(value) for value in ("", "a, b", [], ["a", ""], ["a", "b"], float("inf"))]
    [True, True, False, False, True, False]
    """
    if isinstance(value, list):
        return bool(value) and all(_is_member(member) for member in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, str) or (len(value) <= _LONGEST and "\0" not in value)


def _is_member(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value) and value == value.strip() and SEPARATOR not in value and can_be_written(value)
    return can_be_written(value)


def cell(value: Any) -> str:
    r"""A value as the import tool reads it.

    >>> [cell(value) for value in (None, "a, b", 1.5, True, ["a", "b"])]
    ['', '"a, b"', '1.5', 'true', '"a\x1fb"']
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return cell(SEPARATOR.join(member if isinstance(member, str) else cell(member) for member in value))
    return repr(value)
