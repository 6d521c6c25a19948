"""Values that say nothing about who somebody is: a shared kiosk, a test address, a switchboard's number.

A list has one value a line, as `kind: value` or the value alone; `*` stands for anything, and `#` begins a comment:

    email: kiosk*@shop.example
    phone: 020 7946 0000
    anonymous_id: tablet-3
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate
from pathlib import Path
from typing import Final

from journeygraph.errors import InputError
from journeygraph.identity.linkage import normalise

#: Blocked unless told otherwise: placeholders, role addresses that nobody owns, and domains kept for examples.
DEFAULTS: Final = (
    "email: test@*",
    "email: test[0-9]@*",
    "email: tester@*",
    "email: noreply@*",
    "email: no-reply@*",
    "email: donotreply@*",
    "email: do-not-reply@*",
    "email: none@*",
    "email: nobody@*",
    "email: na@*",
    "email: unknown@*",
    "email: anonymous@*",
    "email: guest@*",
    "email: *@test.com",
    "email: *@test",
    "email: *@localhost",
    "email: *@*.invalid",
    "phone: *123456789",
    "phone: *987654321",
    "phone: *000000",
    "phone: *111111",
    "phone: *999999",
)
_KINDS: Final = frozenset({"email", "phone", "anonymous_id", "id", "*"})


@dataclass(frozen=True)
class Blocked:
    """The values that never merge; `blocks` tells for a normalised value."""

    patterns: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        by_kind: dict[str, list[str]] = {}
        for kind, pattern in self.patterns:
            by_kind.setdefault(kind, []).append(translate(pattern))
        compiled = {kind: re.compile("|".join(found)) for kind, found in by_kind.items()}
        object.__setattr__(self, "_compiled", compiled)

    def blocks(self, kind: str, value: str) -> bool:
        """Whether a value of a kind (`email`, `phone`, `anonymous_id`, `id`) may merge nothing.

        >>> blocked = parse(["email: desk*@shop.example", "tablet-3"])
        >>> blocked.blocks("email", "desk2@shop.example"), blocked.blocks("anonymous_id", "tablet-3")
        (True, True)
        >>> blocked.blocks("email", "ann@shop.example"), blocked.blocks("email", "test@anything.org")
        (False, True)
        """
        compiled: dict[str, re.Pattern[str]] = getattr(self, "_compiled")  # noqa: B009
        return any(name in compiled and compiled[name].fullmatch(value) for name in (kind, "*"))


def parse(lines: Iterable[str], place: str = "The list of blocked values", *, defaults: bool = True) -> Blocked:
    """A list of blocked values, after the defaults.

    Raises `InputError` for a kind that doesn't exist.
    """
    found = []
    for number, line in enumerate([*(DEFAULTS if defaults else ()), *lines], 1 - len(DEFAULTS) * defaults):
        text = line.split("#", 1)[0].strip()
        if not text:
            continue
        kind, colon, value = text.partition(":")
        kind, value = (kind.strip().lower(), value.strip()) if colon else ("*", text)
        if kind not in _KINDS:
            raise InputError(
                f"{place}, line {number}: {kind!r} is no kind of value; there are: {', '.join(sorted(_KINDS))}."
            )
        found.append((kind, _tidy(kind, value)))
    return Blocked(tuple(found))


def read(path: Path | None) -> Blocked:
    """The defaults, and a file's list where one is given.

    Raises `InputError` where the file cannot be read.
    """
    if path is None:
        return parse([])
    try:
        return parse(path.read_text(encoding="utf-8").splitlines(), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The list of blocked values {path} cannot be read: {error}.") from error


def _tidy(kind: str, value: str) -> str:
    """The value as identifiers are kept; a pattern of a phone number keeps its `*`."""
    if kind == "phone" and "*" not in value:
        return normalise.phone(value) or value
    if kind == "email":
        return value.casefold()
    return value
