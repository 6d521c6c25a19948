"""One writing for each value: case, accents, signs, e-mail addresses, telephone numbers, dates.

Pure text functions on distinct values: a table of a million rows has few distinct names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

#: What people write where they have nothing to say.
NOTHING: Final = frozenset({
    "na", "n/a", "nan", "none", "null", "nil", "unknown", "not known", "missing", "undefined", "anonymous", "test",
    "tbd", "tba", "n.a.", "not available", "not given", "unbekannt", "keine angabe", "inconnu", "x", "xx", "xxx",
})  # fmt: skip
#: And where an identifier is asked for: as names these may be somebody's.
_NO_IDENTIFIER: Final = NOTHING | {
    "anon", "anonym", "blank", "default", "dummy", "empty", "false", "guest", "keine", "nobody", "noone", "nothing",
    "no", "not applicable", "true", "tester", "user",
}  # fmt: skip
_PLACES: Final = (("strasse", "str"), ("street", "st"), ("road", "rd"), ("avenue", "av"), ("ave", "av"))
#: A country's code and a number in it: ITU-T E.164.
_E164: Final = re.compile(r"[1-9]\d{7,14}$")
_SUBSCRIBER: Final = 9
_DATE: Final = re.compile(r"^(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?:\D.*)?$")
_DAY_FIRST: Final = re.compile(r"^(\d{1,2})\D(\d{1,2})\D(\d{4})$")


def plain(value: str) -> str:
    """Lower case, without accents, signs and needless blanks; '' for what says nothing.

    >>> plain("  Müller-LÜDENSCHEIDT "), plain("O'Neil"), plain("N/A")
    ('muller ludenscheidt', 'oneil', '')
    """
    text = unicodedata.normalize("NFKD", value.replace("ß", "ss")).casefold()
    text = "".join(letter for letter in text if not unicodedata.combining(letter)).strip()
    if text in NOTHING:
        return ""
    return " ".join(re.sub(r"[\W_]+", " ", text.replace("'", "").replace("’", "")).split())


def email(value: str) -> str:
    """The address as its mailbox: lower case, without a `+tag`, and without the dots that Gmail ignores.

    >>> email("Ann.Lee+shop@GoogleMail.com"), email("Bob.X@example.org"), email("none")
    ('annlee@gmail.com', 'bob.x@example.org', '')
    """
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        return ""
    local, domain = local.split("+", 1)[0] or local, domain.strip(".")
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def phone(value: str) -> str:
    """A number with its country's code whole, any other by its last nine digits; '' for fewer than six or all the same.

    >>> phone("+44 (0)20 7946 0958"), phone("0044 20 7946 0958"), phone("020 7946 0958"), phone("0000000")
    ('+442079460958', '+442079460958', '079460958', '')
    """
    text = "".join(str(unicodedata.digit(letter)) if letter.isdigit() else letter for letter in value.strip())
    abroad = re.sub(r"\D", "", text.removeprefix("00").replace("(0)", ""))
    if text.startswith(("+", "00")) and _E164.match(abroad) and len(set(abroad)) > 1:
        return "+" + abroad
    digits = re.sub(r"\D", "", text)
    return digits[-_SUBSCRIBER:] if len(digits) >= 6 and len(set(digits)) > 1 else ""


def one_writing(phones: Iterable[str]) -> dict[str, str]:
    """What each of some telephone numbers, as `phone` writes them, counts as: itself, or the whole number that it is.

    A number without its country's code is the one with a code that ends in the same nine digits; where there are
    several of these it is none of them, as these are different numbers.

    >>> one_writing(["+493079460958", "079460958"])["079460958"]
    '+493079460958'
    >>> one_writing(["+493079460958", "079460958", "+442079460958"])["079460958"]
    '079460958'
    """
    found = list(phones)
    whole: dict[str, list[str]] = {}
    for number in dict.fromkeys(found):
        if number.startswith("+"):
            whole.setdefault(number[-_SUBSCRIBER:], []).append(number)
    return {number: number if len(ends := whole.get(number, [])) != 1 else ends[0] for number in found}


def placeholder(value: str) -> bool:
    """Whether an identifier is what people and programs write where there is none.

    >>> [placeholder(value) for value in ("-", " N/A ", "0000", "xxxx", "TBD", "")]
    [True, True, True, True, True, True]
    >>> [placeholder(value) for value in ("7", "11", "A-1", "0815")]
    [False, False, False, False]
    """
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    letters = re.sub(r"[\W_]+", "", text)
    alike = len(set(letters)) == 1 and (len(letters) >= 3 or letters[0] == "0")
    return not letters or alike or text in _NO_IDENTIFIER or letters in _NO_IDENTIFIER


def day(value: str) -> str:
    """A date as eight digits, year first; a text that isn't one as its digits, '' where there are none.

    Day and month are told apart only where they can be: 13/02/1980 and 1980-02-13 are one date, 03/02/1980 stays as
    it is written.

    >>> day("1980-02-13"), day("13.02.1980"), day("19800213"), day("03/02/1980"), day("?")
    ('19800213', '19800213', '19800213', '19800203', '')
    """
    text = value.strip()
    if match := _DATE.match(text):
        return f"{match[1]}{int(match[2]):02}{int(match[3]):02}"
    if match := _DAY_FIRST.match(text):
        first, second = int(match[1]), int(match[2])
        month, of_month = (first, second) if second > 12 else (second, first)
        return f"{match[3]}{month:02}{of_month:02}"
    return "".join(letter for letter in text if letter.isdigit())


def ordinal(digits: str) -> int:
    """Days since year 1 of eight digits, 0 for what is no date.

    >>> ordinal("00010103"), ordinal("19801399")
    (3, 0)
    """
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).toordinal() if len(digits) == 8 else 0
    except ValueError:
        return 0


def street(value: str) -> str:
    """A street with the usual short forms.

    >>> street("12 Giblin Street"), street("Hauptstraße 3")
    ('12 giblin st', 'hauptstr 3')
    """
    text = plain(value)
    for long, short in _PLACES:
        text = re.sub(rf"{long}\b", short, text)
    return text


def code(value: str) -> str:
    """An identifier or postcode: letters and digits only.

    >>> code(" sw1a 1AA"), code("12-345")
    ('sw1a1aa', '12345')
    """
    return plain(value).replace(" ", "")


def identifier(value: str) -> str:
    """The same for a number that belongs to one person; '' for a placeholder.

    >>> identifier("AB-12"), identifier("n/a"), identifier("000-000")
    ('ab12', '', '')
    """
    return "" if placeholder(value) else code(value)


def gender(value: str) -> str:
    """The first letter.

    >>> gender("Female"), gender("")
    ('f', '')
    """
    return plain(value)[:1]


OF_KIND: Final[dict[str, Callable[[str], str]]] = {
    "first_name": plain,
    "surname": plain,
    "full_name": plain,
    "dob": day,
    "email": email,
    "phone": phone,
    "street": street,
    "house_number": code,
    "city": plain,
    "postcode": code,
    "state": plain,
    "gender": gender,
    "id": identifier,
}


def soundex(name: str) -> str:
    """Russell's code of how a name sounds: four characters, '' without letters.

    >>> soundex("robert"), soundex("rupert"), soundex("ashcraft"), soundex("")
    ('r163', 'r163', 'a261', '')
    """
    letters = [letter for letter in name if "a" <= letter <= "z"]
    if not letters:
        return ""
    digits = [_SOUNDS.get(letter, "") for letter in letters]
    found, before = letters[0], digits[0]
    for letter, digit in zip(letters[1:], digits[1:], strict=True):
        if digit and digit != before:
            found += digit
        if letter not in "hw":
            before = digit
    return (found + "000")[:4]


_SOUNDS: Final = {
    letter: digit
    for digit, group in {"1": "bfpv", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mn", "6": "r"}.items()
    for letter in group
}
