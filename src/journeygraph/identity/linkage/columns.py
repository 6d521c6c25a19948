"""Which column of a table of people says what: by its name, or as told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journeygraph.errors import InputError, did_you_mean

#: What a column can be, and the usual names of such columns in English, German, French, Spanish, Italian and Dutch
#: (lower case, no accents, one underscore for whatever is no letter).
NAMES: Final = {
    "first_name": "first_name given_name firstname forename first given givenname fname first_names given_names"
    " vorname vornamen rufname prenom prenoms nombre nombres nombre_de_pila primer_nombre voornaam voornamen roepnaam"
    " nome",
    "surname": "surname last_name lastname family_name familyname last sname lname family name_last"
    " nachname familienname zuname nom_de_famille nomdefamille nom apellido apellidos primer_apellido cognome"
    " achternaam familienaam geslachtsnaam",
    "full_name": "full_name name fullname customer_name person_name first_and_surname display_name"
    " vollstandiger_name kundenname name_vorname vor_und_nachname nom_complet nom_prenom nom_et_prenom"
    " nombre_completo nombre_y_apellidos nome_completo nome_e_cognome nominativo naam volledige_naam",
    "dob": "dob date_of_birth birth_date birthdate dateofbirth birthday born"
    " geburtsdatum geburtstag geb_datum gebdatum geb_dat geboren date_de_naissance date_naissance datenaissance"
    " fecha_de_nacimiento fecha_nacimiento fechanacimiento data_di_nascita data_nascita datanascita"
    " geboortedatum",
    "email": "email e_mail email_address mail emailaddress"
    " e_mail_adresse email_adresse emailadresse mailadresse mail_adresse courriel adresse_email adresse_e_mail"
    " adresse_mail adresse_electronique correo correo_electronico correoelectronico posta_elettronica"
    " indirizzo_email indirizzo_e_mail e_mailadres emailadres",
    "phone": "phone phone_number telephone mobile tel mobile_phone cell telephone_number phonenumber cell_phone"
    " telefon telefonnummer telefonnr telefon_nr tel_nr telnr rufnummer handy handynummer handynr mobil mobilnummer"
    " mobiltelefon festnetz numero_de_telephone numero_telephone no_de_telephone no_telephone portable"
    " telephone_portable tel_portable telefono telefono_movil movil numero_de_telefono cellulare numero_di_telefono"
    " numero_telefono telefoon telefoonnummer telefoonnr mobiel mobiele_nummer gsm",
    "street": "street address address_1 address1 street_address address_line_1 address_line1 street_name addr"
    " strasse str strassenname anschrift adresse rue voie nom_de_rue calle direccion via indirizzo straat straatnaam"
    " adres",
    "house_number": "street_number house_number number housenumber streetnumber house_no street_no"
    " hausnummer hausnr haus_nr hnr numero_de_rue numero_rue no_rue numero_de_voie numero_de_calle"
    " numero_de_casa numero_civico civico huisnummer huisnr",
    "city": "city suburb town locality place municipality"
    " ort wohnort stadt ortschaft gemeinde ville commune localite ciudad poblacion localidad municipio citta comune"
    " localita plaats woonplaats stad gemeente",
    "postcode": "postcode zip zip_code postal_code zipcode postalcode postcode_fake plz post_code"
    " postleitzahl code_postal codepostal cp codigo_postal codigopostal cap codice_postale",
    "state": "state region province county bundesland departement provincia regione provincie",
    "gender": "gender sex geschlecht sexe genre sexo genero sesso genere geslacht",
}
#: Beside one of these, what is called just a name is the surname.
_FIRST_OF_TWO: Final = frozenset(
    {"vorname", "vornamen", "rufname", "prenom", "prenoms", "voornaam", "voornamen", "roepnaam"}
)
#: Without a surname these are whole names.
_WHOLE_IF_ALONE: Final = frozenset({"nombre", "nome"})
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
    _tell_names_apart(found, told)
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


def _tell_names_apart(found: dict[str, str], told: Mapping[str, str]) -> None:
    """Whether a name is a part or the whole where only what stands beside it tells: `Name` beside `Vorname`."""
    first, whole = found.get("first_name"), found.get("full_name")
    if "surname" in found:
        return
    if first is not None and whole is not None:
        if simple(first) in _FIRST_OF_TWO and whole not in told:
            found["surname"] = found.pop("full_name")
    elif first is not None and simple(first) in _WHOLE_IF_ALONE and first not in told:
        found["full_name"] = found.pop("first_name")


def simple(column: str) -> str:
    """A column's name without case, accents, blanks and signs.

    >>> simple(" Date-of Birth"), simple("Straße"), simple("Prénom"), simple("Vollständiger Name")
    ('date_of_birth', 'strasse', 'prenom', 'vollstandiger_name')
    """
    text = unicodedata.normalize("NFKD", column.strip().casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", "_", text).strip("_")


def _check(columns: Sequence[str], told: Mapping[str, str]) -> None:
    for column, kind in told.items():
        if column not in columns:
            raise InputError(
                f"The table has no column {column!r}; its columns are: {', '.join(columns)}."
                + did_you_mean(column, list(columns))
            )
        if kind not in KINDS:
            raise InputError(f"A column cannot be {kind!r}; there are: {', '.join(KINDS)}.{did_you_mean(kind, KINDS)}")
