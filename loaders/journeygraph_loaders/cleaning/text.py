"""Text as it is meant: Unicode's forms, spaces, stray characters, case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

_SPACES: Final = re.compile(r"\s+")


def tidy(
    form: Literal["NFC", "NFKC"] | None, collapse: bool, strip: str, case: Literal["lower", "upper"] | None
) -> Callable[[str], str]:
    """A function that brings text into a Unicode form, collapses spaces, strips characters and changes case.

    >>> tidy("NFKC", True, "'", "lower")("'\uff21nna\u00a0\u00a0  MU\u0308LLER'")
    'anna m\xfcller'
    """

    def cleaned(text: str) -> str:
        if form is not None:
            text = unicodedata.normalize(form, text)
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
