"""Values that say nothing about who somebody is: a shared kiosk, a test address, a switchboard's number.

What programs and people write where there is no value (`n/a`, `0`, `-`) is blocked whatever its kind.  A list has one
value a line, as `kind: value` or the value alone; `*` stands for anything, and `#` begins a comment:

    email: kiosk*@shop.example
    phone: 020 7946 0000
    anonymous_id: tablet-3
    order: test-*
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

#: Mailboxes that nobody owns, whatever their domain: of a role, of nobody, or of a test.
MAILBOXES: Final = (
    *("accounting", "accounts", "admin", "administrator", "billing", "bookings", "buchhaltung", "careers", "contact"),
    *("customerservice", "enquiries", "feedback", "finance", "helpdesk", "hostmaster", "hr", "info", "inquiries"),
    *("jobs", "kontakt", "kundenservice", "marketing", "newsletter", "office", "orders", "postmaster", "press"),
    *("reception", "returns", "sales", "service", "support", "vertrieb", "webmaster", "zentrale"),
    *("do-not-reply", "donotreply", "no-reply", "no.reply", "no_reply", "noreply"),
    *("email", "fake", "invalid", "keine-email", "keineemail", "mailbox", "no-email", "no-mail", "no.email"),
    *("no.mail", "no_email", "no_mail", "noemail", "nomail", "noone", "notprovided"),
    *("anonymous", "customer", "example", "test-user", "test[0-9]", "test[0-9][0-9]", "test_user", "testuser"),
)
#: Blocked unless told otherwise.  Of the domains that nobody has only those in which no mail is ever tried out:
#: example.org and the like are ordinary customers' in many a trial, and in what `generate` makes.
DEFAULTS: Final = (
    *(f"email: {name}@*" for name in MAILBOXES),
    "email: *@test.com",
    "email: *@test",
    "email: *@*.test",
    "email: *@localhost",
    "email: *@*.localhost",
    "email: *@*.invalid",
    "phone: *123456789",
    "phone: *987654321",
    "phone: *000000",
    "phone: *111111",
    "phone: *999999",
)
_KINDS: Final = frozenset({"alias", "anonymous_id", "email", "id", "order", "phone", "*"})
#: An alias is an anonymous id that is a customer's as well.
_SAME: Final = {"alias": "anonymous_id"}


@dataclass(frozen=True)
class Blocked:
    """The values that never merge; `blocks` tells for a normalised value.  With `placeholders`, nor do these."""

    patterns: tuple[tuple[str, str], ...]
    placeholders: bool = True

    def __post_init__(self) -> None:
        by_kind: dict[str, list[str]] = {}
        for kind, pattern in self.patterns:
            by_kind.setdefault(kind, []).append(translate(pattern))
        compiled = {kind: re.compile("|".join(found), re.IGNORECASE) for kind, found in by_kind.items()}
        object.__setattr__(self, "_compiled", compiled)

    def blocks(self, kind: str, value: str) -> bool:
        """Whether a value of a kind (`email`, `phone`, `order`, `alias`, `anonymous_id`, `id`) may merge nothing.

        >>> blocked = parse(["email: desk*@shop.example", "tablet-3", "order: test-*"])
        >>> blocked.blocks("email", "desk2@shop.example"), blocked.blocks("alias", "tablet-3")
        (True, True)
        >>> blocked.blocks("email", "ann@shop.example"), blocked.blocks("email", "info@anything.org")
        (False, True)
        >>> blocked.blocks("order", "TEST-7"), blocked.blocks("order", "N/A"), blocked.blocks("order", "7")
        (True, True, False)
        """
        value = value.strip()
        if self.placeholders and normalise.placeholder(value.rpartition("@")[0] if kind == "email" else value):
            return True
        compiled: dict[str, re.Pattern[str]] = getattr(self, "_compiled")  # noqa: B009
        return any(name in compiled and compiled[name].fullmatch(value) for name in (_SAME.get(kind, kind), "*"))


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
        found += [(_SAME.get(kind, kind), one) for one in _tidy(kind, value)]
    return Blocked(tuple(found), defaults)


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


def _tidy(kind: str, value: str) -> list[str]:
    """The value as identifiers are kept: a telephone number with and without its country's code."""
    if kind != "phone":
        return [value]
    if "*" in value:
        return [re.sub(r"[^\d*+]", "", value)]
    number = normalise.phone(value)
    if not number:
        return [value]
    return [number, number[-9:]] if number.startswith("+") else [number, f"+*{number}"]
