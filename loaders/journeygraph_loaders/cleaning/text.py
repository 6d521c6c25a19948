"""Text as it is meant: Unicode's forms, spaces, stray characters, case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

_SPACES: Final = re.compile(r"\s+")
#: Unicode's Default_Ignorable_Code_Point: joiners, soft hyphens, marks of direction, variation selectors, tags.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def tidy(
    form: Literal["NFC", "NFKC"] | None, collapse: bool, strip: str, case: Literal["lower", "upper"] | None
) -> Callable[[str], str]:
    """A function that brings text into a Unicode form, collapses spaces, strips characters and changes case.

    NFKC leaves out what nobody sees, as Unicode's own form for identifiers (NFKC_Casefold) does; NFC keeps it, for some
    languages are spelt with it.

    >>> tidy("NFKC", True, "'", "lower")("'\uff21nna\u00a0\u00a0  MU\u0308LLER'")
    'anna m\xfcller'
    >>> tidy("NFKC", False, "", None)("jos\xe9\u200b"), tidy("NFC", False, "", None)("a\u200db") == "a\u200db"
    ('jos\xe9', True)
    """

    def cleaned(text: str) -> str:
        if form is not None and not text.isascii():
            text = unicodedata.normalize(form, text)
            if form == "NFKC":
                text = unicodedata.normalize(form, _INVISIBLE.sub("", text)).strip()
        if collapse:
            text = _SPACES.sub(" ", text)
        text = text.strip(strip + " ").strip() if strip else text
        return text.lower() if case == "lower" else text.upper() if case == "upper" else text

    return cleaned


def table_of(values: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What stands for each standard value, itself among it, without case.

    Raises `ValueError` where a text stands for two.

    >>> table_of({"small": ["S", "klein"]})
    {'small': 'small', 's': 'small', 'klein': 'small'}
    """
    found: dict[str, str] = {}
    for standard, variants in values.items():
        for text in (standard, *variants):
            key = " ".join(text.casefold().split())
            if found.setdefault(key, standard) != standard:
                raise ValueError(f"{text!r} stands for {found[key]!r} and for {standard!r}")
    return found
