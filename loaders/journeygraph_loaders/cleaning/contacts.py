"""Telephone numbers to E.164, e-mail addresses with their domain in lower case."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber


def phone(text: str, region: str | None) -> str:
    """The number in E.164; `region` is the country of a number that has no country code.

    A number that the numbering plans know is taken, and one that they may not know yet, if it can be as long.  What is
    nobody's is not: a number without its area code, emergency and other short numbers, one digit throughout.

    Raises `ValueError` with half a sentence.

    >>> phone("030 123456", "DE"), phone("+44 20 7946 0958", None)
    ('+4930123456', '+442079460958')
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        if region is None and error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            raise ValueError(
                "has no country code, and no country is declared: +49 30 123456, or `country: DE` in the mapping"
            ) from error
        raise ValueError("is no telephone number such as +49 30 123456") from error
    if not phonenumbers.is_valid_number(number):
        _check(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _check(number: PhoneNumber) -> None:
    """Raise `ValueError` for what cannot be a number of a person or company, though it may be dialled."""
    import phonenumbers
    from phonenumbers import ValidationResult, shortnumberinfo

    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY or shortnumberinfo.is_valid_short_number(number):
        raise ValueError(
            f"is a short number of +{number.country_code}, or lacks its area code: one such as +49 30 123456 is needed"
        )
    if possible != ValidationResult.IS_POSSIBLE:
        raise ValueError(f"has too few or too many digits for a number of +{number.country_code}")
    if len(set(phonenumbers.national_significant_number(number))) == 1:
        raise ValueError("is one digit throughout, which is nobody's number")


def email(text: str) -> str:
    """The address in NFKC, its domain in lower case; nobody is asked whether it exists.

    Addresses of tests (anna@shop.test) are read, as `traffic:` may be about them; a name without a dot is no domain.

    Raises `ValueError` with half a sentence.

    >>> email("anna@Shop.EXAMPLE.com"), email("\uff21nna\uff20shop.test")
    ('anna@shop.example.com', 'Anna@shop.test')
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            unicodedata.normalize("NFKC", text), check_deliverability=False, test_environment=True, strict=True
        )
        if "." not in found.ascii_domain:
            raise EmailNotValidError("The part after the @-sign is not valid. It should have a period.")
        return str(found.normalized)
    except EmailNotValidError as error:
        told = str(error).rstrip(".")
        raise ValueError(f"is no e-mail address: {told[0].lower()}{told[1:]}") from error
