"""Telephone numbers to E.164, e-mail addresses with their domain in lower case."""

from __future__ import annotations


def phone(text: str, region: str | None) -> str:
    """The number in E.164; `region` is the country of a number that has no country code.

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
    if not phonenumbers.is_possible_number(number):
        raise ValueError(f"has too few or too many digits for a number of +{number.country_code}")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(text: str) -> str:
    """The address in NFC, its domain in lower case; nobody is asked whether it exists.

    Raises `ValueError` with half a sentence.

    >>> email("anna@Shop.EXAMPLE.com")
    'anna@shop.example.com'
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        return str(validate_email(text, check_deliverability=False, test_environment=True).normalized)
    except EmailNotValidError as error:
        told = str(error).rstrip(".")
        raise ValueError(f"is no e-mail address: {told[0].lower()}{told[1:]}") from error
