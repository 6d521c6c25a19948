"""Which column of a table of people says what: by its name, or as told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journeygraph.errors import InputError, did_you_mean

#: What a column can be, and the usual names of such columns (lower case, one underscore for whatever is no letter).
NAMES: Final = {
    "first_name": "first_name given_name firstname forename first given givenname fname first_names given_names",
    "surname": "surname last_name lastname family_name familyname last sname lname family name_last",
    "full_name": "full_name name fullname customer_name person_name first_and_surname display_name",
    "dob": "dob date_of_birth birth_date birthdate dateofbirth birthday born",
    "email": "email e_mail email_address mail emailaddress",
    "phone": "phone phone_number telephone mobile tel mobile_phone cell telephone_number phonenumber",
    "street": "street address address_1 address1 street_address address_line_1 address_line1 street_name addr",
    "house_number": "street_number house_number number housenumber streetnumber house_no street_no",
    "city": "city suburb town locality place municipality",
    "postcode": "postcode zip zip_code postal_code zipcode postalcode postcode_fake plz post_code",
    "state": "state region province county",
    "gender": "gender sex",
}
#: Told only: a number that belongs to one person; recognised by the endings below.
IDENTIFIER: Final = "id"
IGNORED: Final = "ignore"
KINDS: Final = (*NAMES, IDENTIFIER, IGNORED)
_ID_ENDINGS: Final = ("_id", "_no", "_number", "_nr", "ssn", "nino", "passport", "tax_number", "_key", "id")
#: Ids of what isn't one person.
_NOT_A_PERSON: Final = re.compile(
    r"^(household|account|order|session|product|source|batch|dataset|file|row|record|rec|cluster|entity|group|block"
    r"|campaign|company|store|shop|event|touchpoint|message)_?"
)


@dataclass(frozen=True)
class Layout:
    """The columns of a table that are compared, by kind; `identifiers` are compared each by itself.

    `ignored` are the columns that nothing is known about, or that number the rows.
    """

    columns: Mapping[str, str]
    identifiers: tuple[str, ...]
    ignored: tuple[str, ...]


def recognise(columns: Sequence[str], told: Mapping[str, str] | None = None) -> Layout:
    """What each column is; `told` gives kinds (`KINDS`) by column, and wins.

    Raises `InputError` for a column or kind that doesn't exist, and where nothing can be compared.

    >>> layout = recognise(["rec_id", " given_name", "E-Mail", "soc_sec_id", "colour"])
    >>> dict(layout.columns), layout.identifiers, layout.ignored
    ({'first_name': ' given_name', 'email': 'E-Mail'}, ('soc_sec_id',), ('rec_id', 'colour'))
    """
    told = dict(told or {})
    _check(columns, told)
    found = {kind: column for column, kind in told.items() if kind in NAMES}
    identifiers = [column for column, kind in told.items() if kind == IDENTIFIER]
    free = {simple(column): column for column in columns if column not in told}
    for kind, names in NAMES.items():
        taken = next((name for name in names.split() if name in free), None)
        if kind not in found and taken is not None:
            found[kind] = free.pop(taken)
    if "first_name" in found and "surname" in found and told.get(found.get("full_name", "")) is None:
        whole = found.pop("full_name", None)
        free.update({simple(whole): whole} if whole else {})
    for name in list(free):
        if name.endswith(_ID_ENDINGS) and not _NOT_A_PERSON.match(name):
            identifiers.append(free.pop(name))
    if not found and not identifiers:
        raise InputError(
            f"None of the columns {', '.join(map(repr, columns))} says who somebody is; one such as "
            f"first_name, surname, dob, email, phone, street, city or postcode is needed, or told by --column."
        )
    used = {*found.values(), *identifiers}
    return Layout(found, tuple(identifiers), tuple(column for column in columns if column not in used))


def simple(column: str) -> str:
    """A column's name without case, blanks and signs.

    >>> simple(" Date-of Birth")
    'date_of_birth'
    """
    return re.sub(r"[\W_]+", "_", column.strip().lower()).strip("_")


def _check(columns: Sequence[str], told: Mapping[str, str]) -> None:
    for column, kind in told.items():
        if column not in columns:
            raise InputError(
                f"The table has no column {column!r}; its columns are: {', '.join(columns)}."
                + did_you_mean(column, list(columns))
            )
        if kind not in KINDS:
            raise InputError(f"A column cannot be {kind!r}; there are: {', '.join(KINDS)}.{did_you_mean(kind, KINDS)}")
