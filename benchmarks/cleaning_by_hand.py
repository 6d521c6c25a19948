"""What a pandas user writes for the rules of `benchmarks.cleaning`: the whole file in memory, column by column.

Values repeat, so numbers, addresses and codes are decided once each, as an experienced user would.  A bad row is
dropped without a word.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pandas as pd
import phonenumbers
from email_validator import EmailNotValidError, validate_email

_COUNTRIES: Final = {"deutschland": "DE", "de": "DE", "deu": "DE", "austria": "AT", "aut": "AT", "at": "AT"}
_POSTAL: Final = {"DE": re.compile(r"\d{5}"), "AT": re.compile(r"\d{4}")}


def clean(path: Path) -> pd.DataFrame:
    """The rows that stay, cleaned; crawlers are marked in `bot`."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table = table.apply(lambda column: column.str.strip())
    local = pd.to_datetime(table["occurred_at"], format="%d.%m.%Y %H:%M", errors="coerce")
    there = local.dt.tz_localize("Europe/Berlin", ambiguous="NaT", nonexistent="NaT")
    table["occurred_at"] = there.dt.tz_convert("UTC")
    table["customer_id"] = table["customer_id"].str.normalize("NFC").str.lower()
    table["country"] = table["country"].str.lower().map(_COUNTRIES)
    table["zip"] = _once(table, "zip", lambda text, country: text if _POSTAL[country].fullmatch(text) else None)
    table["phone"] = _once(table, "phone", _phone)
    table["email"] = table["email"].map({text: _email(text) for text in table["email"].unique()})
    for name in ("value", "age"):
        table[name] = pd.to_numeric(table[name], errors="coerce")
    table["bot"] = table.pop("agent").str.contains("bot|crawl|spider", regex=True)
    wrong = (table["value"] < 0) & (table["step"] != "refund")
    wrong |= (table["age"] < 0) | (table["age"] > 120)
    wrong |= table["email"].isna() & (table["step"] == "purchase")
    needed = ["occurred_at", "customer_id", "country", "zip", "phone"]
    return table[~wrong & table[needed].notna().all(axis=1)]


def _once(table: pd.DataFrame, name: str, standard: object) -> pd.Series:
    """Each distinct value of a column with its country, decided once."""
    pairs = pd.MultiIndex.from_frame(table[[name, "country"]])
    found = {pair: standard(*pair) for pair in pairs.unique()}  # type: ignore[operator]
    return pd.Series([found[pair] for pair in pairs], index=table.index)


def _phone(text: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(text: str) -> str | None:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None
