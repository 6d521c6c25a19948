"""Currencies of ISO 4217, categories by a declared table, numbers; what is only near is told, never taken."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from journeygraph_loaders.values import pointed


@cache
def _currencies() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies()) - {"XXX", "XTS"}


def currency(text: str, declared: Mapping[str, str]) -> str:
    """The code of a currency; a symbol or name only where the mapping declares it, as $ is of many.

    Raises `ValueError` with half a sentence.

    >>> currency("eur", {}), currency("$", {"$": "USD"})
    ('EUR', 'USD')
    """
    found = declared.get(text.casefold(), text.upper())
    if found not in _currencies():
        raise ValueError(
            'is no currency of ISO 4217 such as EUR; a symbol or a name is declared, as in `values: {USD: ["$"]}`'
        )
    return found


def category(text: str, declared: Mapping[str, str]) -> str:
    """The standard value of a category.

    Raises `ValueError` with half a sentence, which names what is near.

    >>> category(" Klein ", {"klein": "small"})
    'small'
    """
    found = declared.get(" ".join(text.casefold().split()))
    if found is not None:
        return found
    from rapidfuzz import fuzz, process

    near = process.extractOne(text.casefold(), declared.keys(), scorer=fuzz.ratio, score_cutoff=70)
    hint = f" (near it: {near[0]!r}, which is {declared[near[0]]!r})" if near else ""
    known = ", ".join(dict.fromkeys(declared.values()))
    raise ValueError(f"is none of the declared values {known}{hint}")


def number(text: str, comma: bool = False) -> float | int:
    """A number of a text, whole ones as such; with a decimal comma where that is declared.

    Raises `ValueError` with half a sentence.

    >>> number("1.234,5", comma=True), number("12"), number("1e3")
    (1234.5, 12, 1000)
    """
    written = pointed(text) if comma else (text, False)
    try:
        if written is None:
            raise ValueError
        found = float(written[0])
    except ValueError:
        raise ValueError(f"is not a number such as {'1.234,50' if comma else '1234.50'}") from None
    if not math.isfinite(found):
        raise ValueError("is not a finite number")
    return int(found) if found.is_integer() and abs(found) < 2**53 else found
