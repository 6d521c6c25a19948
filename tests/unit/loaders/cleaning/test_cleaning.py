"""Values become standard ones as the mapping declares it; what cannot waits in quarantine with a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from journeygraph.errors import InputError
from journeygraph_loaders import mapping as mappings
from journeygraph_loaders.chunks import BadRow
from journeygraph_loaders.cleaning.places import _postal_pattern, countries, country, postal_code
from journeygraph_loaders.rows import Row
from tests.unit.loaders.helpers import as_csv, as_jsonl, read, write

AT = "2026-02-01T10:00:00Z"
BASE = {"customer_id": "anna", "step": "view", "occurred_at": AT}


def one(folder: Path, mapping: str, **fields: Any) -> tuple[list[Row], list[BadRow]]:
    rows, bad, _ = read(write(folder / "x.csv", as_csv([{**BASE, **fields}])), mapping=mapping)
    return rows, bad


@pytest.mark.parametrize(
    ("rule", "text", "found"),
    [
        ("{unicode: NFKC, spaces: collapse, case: lower}", "\uff21nna\u00a0 MU\u0308LLER", "anna m\u00fcller"),
        ("{unicode: NFKC}", "\u202ejos\u00e9\u200b \u2060", "jos\u00e9"),
        ("{unicode: NFKC}", "Jo\u00adse\u0301", "Jos\u00e9"),
        ("{unicode: NFC}", "jos\u00e9\u200d", "jos\u00e9\u200d"),
        ("{trim: '*#'}", "*# a #*", "a"),
        ("{as: country, languages: [de, fr]}", "\u00d6sterreich", "AT"),
        ("{as: country}", "UK", "GB"),
        ("{as: country}", "USA", "US"),
        ("{as: country, values: {NL: [Holland]}}", "holland", "NL"),
        ("{as: country, otherwise: empty}", "Atlantis", None),
        ("{as: country, otherwise: keep}", "Atlantis", "Atlantis"),
        ("{as: postal_code, country: GB}", "sw1a  1aa", "SW1A 1AA"),
        ("{as: phone, country: DE}", "(030) 123 456", "+4930123456"),
        ("{as: phone}", "+1 202-555-0123", "+12025550123"),
        ("{as: email}", "Anna@EXAMPLE.com", "Anna@example.com"),
        ("{as: email}", "\uff41nna\uff20b.example", "anna@b.example"),
        ("{as: email}", "a" * 64 + "@shop.test", "a" * 64 + "@shop.test"),
        ("{as: email}", "anna@m\u00fcnchen.example", "anna@m\u00fcnchen.example"),
        ("{as: phone, country: DE}", "0123 456789", "+49123456789"),
        ("{as: phone, country: DK}", "22 22 22 22", "+4522222222"),
        ("{as: currency}", "eur", "EUR"),
        ("{as: category, values: {small: [s, klein], large: [l]}}", " KLEIN ", "small"),
        ("{as: number, decimal: ','}", "1.234,50", 1234.5),
        ("{as: number}", "12", 12),
        ("{as: date, order: DMY}", "1.2.2026", "2026-02-01"),
        ("{as: date, order: MDY}", "1/2/2026 3:05 pm", "2026-01-02T15:05:00Z"),
        ("{as: date, order: YMD, two_digit_years_from: 1950}", "49-12-31", "2049-12-31"),
        ("{as: date, order: DMY, two_digit_years_from: 1950}", "31-12-50", "1950-12-31"),
        ("{as: date, format: '%d %B %Y'}", "1 February 2026", "2026-02-01"),
        ("{as: date}", "2026-02-01", "2026-02-01"),
        ("{as: date}", "1772704800", "2026-03-05"),
        ("{as: date, format: '%Y'}", "2026", "2026-01-01"),
        ("{as: date, serial: 1900}", "45721", "2025-03-05"),
        ("{as: date, serial: 1900}", "45721.416666666664", "2025-03-05T10:00:00Z"),
        ("{as: date, serial: 1900}", "45721,5", "2025-03-05T12:00:00Z"),
        ("{as: date, serial: 1900}", "59", "1900-02-28"),
        ("{as: date, serial: 1900}", "61", "1900-03-01"),
        ("{as: date, serial: 1904}", "44259", "2025-03-05"),
        ("{as: date, serial: 1904}", "0", "1904-01-01"),
        ("{as: date, serial: 1900}", "20260305", "2026-03-05"),
        ("{as: date, serial: 1900, order: DMY}", "5.3.2025", "2025-03-05"),
    ],
)
def test_standard_values(rule: str, text: str, found: Any, tmp_path: Path) -> None:
    rows, bad = one(tmp_path, f"timezone: UTC\nclean: {{it: {rule}}}", it=text)
    assert not bad
    assert (rows[0].properties or {}).get("p_it") == found


@pytest.mark.parametrize(
    ("rule", "text", "told"),
    [
        ("{as: country}", "Deutschland", "The it 'Deutschland' is no country: a code of ISO 3166 or a name in one"),
        ("{as: country}", "Austrria", "(en) is needed (near it: 'austria', which is AT)."),
        ("{as: country}", "Korea", "is no country: a code"),
        ("{as: country}", "\U0001f1e9\U0001f1ea", "is no country: a code"),
        ("{as: country}", "the and", "is no country: a code"),
        ("{as: country, languages: [fr]}", "Great Britain", "is no country: a code"),
        ("{as: postal_code, country: DE}", "1067", "is no postal code of DE: one such as 26133 is needed"),
        ("{as: phone}", "030 123456", "has no country code, and no country is declared"),
        ("{as: phone, country: DE}", "110", "is a short number of +49, or lacks its area code"),
        ("{as: phone, country: DE}", "123", "is a short number of +49, or lacks its area code"),
        ("{as: phone, country: DE}", "116117", "is a short number of +49"),
        ("{as: phone, country: US}", "555-0100", "lacks its area code"),
        ("{as: phone, country: DE}", "0000000000", "is one digit throughout, which is nobody's number"),
        ("{as: phone, country: US}", "555 555 5555", "is one digit throughout"),
        ("{as: phone, country: US}", "911", "is a short number of +1"),
        ("{as: phone, country: US}", "123", "has too few or too many digits for a number of +1"),
        ("{as: email}", "anna@", "is no e-mail address: "),
        ("{as: email}", "test@test", "is no e-mail address: the part after the @-sign is not valid"),
        ("{as: email}", "anna@b", "is no e-mail address: the part after the @-sign is not valid"),
        ("{as: email}", "a" * 65 + "@b.example", "is no e-mail address: the email address is too long before the @"),
        ("{as: currency}", "$", "is no currency of ISO 4217 such as EUR; a symbol"),
        ("{as: category, values: {small: [klein]}}", "kleinn", "(near it: 'klein', which is 'small')"),
        ("{as: number}", "1,5", "is not a number such as 1234.50"),
        ("{as: date}", "1/2/2026", "may mean DMY or MDY (day, month, year), and no order is guessed"),
        ("{as: date}", "31/1/2026", "may mean DMY (day"),
        ("{as: date, order: DMY}", "1/31/2026", "is no date with the order DMY"),
        ("{as: date, order: DMY}", "1/2/26", "has a year of two digits, and which hundred is meant is not declared"),
        ("{as: date, format: '%d.%m.%y'}", "01.02.26", "has a year of two digits"),
        ("{as: date}", "45721", "is a bare number below 100,000, and whether it is a year or the day of a spreadsheet"),
        ("{as: date}", "2026", "{as: date, serial: 1900}"),
        ("{as: date}", "-1.5", "is a bare number below 100,000"),
        ("{as: date, serial: 1900}", "60", "is no day that a spreadsheet counts from 1900 on"),
        ("{as: date, serial: 1900}", "0.5", "is no day that a spreadsheet counts from 1900 on"),
        ("{as: date, serial: 1900}", "1772704800", "is no day that a spreadsheet counts from 1900 on"),
        ("{as: date, serial: 1904}", "2958465.9999999999", "is no day that a spreadsheet counts from 1904 on"),
    ],
)
def test_what_cannot_be_understood_waits(rule: str, text: str, told: str, tmp_path: Path) -> None:
    rows, bad = one(tmp_path, f"clean: {{it: {rule}}}", it=text)
    assert not rows
    assert told in bad[0].reason
    assert (bad[0].column, bad[0].value, bad[0].line) == ("it", text, 2)


def test_times_are_read_as_declared(tmp_path: Path) -> None:
    declared = "timezone: Europe/Berlin\nclean: {occurred_at: {as: date, order: MDY, two_digit_years_from: 1970}}"
    rows, bad = one(tmp_path, declared, occurred_at="2/1/26 11:00 AM")
    assert not bad
    plain, _ = one(tmp_path, "", occurred_at=AT)
    assert rows[0].occurred_at_us == plain[0].occurred_at_us
    _, bad = one(tmp_path, "timezone: UTC", occurred_at="01/02/2026 10:00")
    assert "may mean DMY or MDY" in bad[0].reason
    _, bad = one(tmp_path, 'timezone: UTC\ntime_format: "%d.%m.%y"', occurred_at="01.02.26")
    assert "two_digit_years_from: 1970" in bad[0].reason


@pytest.mark.parametrize(
    ("variants", "code"),
    [
        ("Great Britain|England|UK|U.K.|Gro\u00dfbritannien|Grande-Bretagne|Grossbritannien", "GB"),
        ("Turkey|T\u00fcrkiye|T\u00fcrkei|Tuerkei|Turkei|Turquie", "TR"),
        ("Czech Republic|Czechia|Tschechien|Tschechische Republik|R\u00e9publique tch\u00e8que", "CZ"),
        (
            "United States of America|The United States|U.S.A.|USA|\u00c9tats-Unis|Etats-Unis d\u2019Am\u00e9rique",
            "US",
        ),
        ("\u00d6sterreich|Osterreich|Oesterreich|O\u0308STERREICH|Austria|Autriche", "AT"),
        ("Cote d\u2019Ivoire|C\u00f4te d'Ivoire|Ivory Coast|Elfenbeink\u00fcste", "CI"),
        ("Kosovo|XK|Republic of Kosovo", "XK"),
        ("Andorra|AND|AD", "AD"),
        ("Ethiopia|ET|ETH", "ET"),
        ("Bosnia & Herzegovina|Bosnia and Herzegovina|Bosnien und Herzegowina", "BA"),
        ("Netherlands|The Netherlands|Holland|Pays-Bas", "NL"),
        ("North Macedonia|Macedonia", "MK"),
    ],
)
def test_names_of_one_country(variants: str, code: str) -> None:
    assert {name: country(name, ("en", "de", "fr")) for name in variants.split("|")} == dict.fromkeys(
        variants.split("|"), code
    )


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pl", "ru", "ja", "ar"])
def test_every_name_is_of_one_country(language: str) -> None:
    for code, name in Locale(language).territories.items():
        if code in countries():
            assert country(name, (language,)) == code


@pytest.mark.parametrize(
    ("code", "variants", "found"),
    [
        ("GB", "SW1A 1AA|sw1a1aa|GB-SW1A 1AA", "SW1A 1AA"),
        ("GB", "BFPO57|bfpo 57", "BFPO 57"),
        ("NL", "1234AB|1234 ab|NL-1234 AB", "1234 AB"),
        ("CZ", "11000|110 00|CZ-110 00", "110 00"),
        ("SE", "11455|114 55|S-114 55", "114 55"),
        ("JP", "1000001|100-0001|\uff11\uff10\uff10-\uff10\uff10\uff10\uff11|\u3012100-0001", "100-0001"),
        ("CA", "k1a0b1|K1A 0B1|K1A-0B1", "K1A 0B1"),
        ("PT", "1000001|1000-001|P-1000-001", "1000-001"),
        ("PL", "00950|00-950|PL 00950", "00-950"),
        ("BR", "01310100|01310-100", "01310-100"),
        ("US", "123456789|12345-6789|12345 6789", "12345-6789"),
        ("LV", "1073|LV-1073|LV1073", "LV-1073"),
        ("FR", "75 008|75008|F-75008", "75008"),
        ("DE", "01067|D-01067|DE 01067", "01067"),
    ],
)
def test_a_postal_code_is_one_value(code: str, variants: str, found: str) -> None:
    assert {postal_code(variant, code) for variant in variants.split("|")} == {found}


def test_a_postal_code_is_not_mended() -> None:
    for code, text in (("US", "1234-56789"), ("US", "1234-5"), ("DE", "CH-8001"), ("GB", "SW1A1 AA"), ("DE", "010-67")):
        with pytest.raises(ValueError, match=f"is no postal code of {code}"):
            postal_code(text, code)
    assert postal_code(" any thing", "HK") == "ANY THING"


def test_the_examples_of_every_country_are_one_value_each() -> None:
    for code in sorted(countries()):
        pattern, examples = _postal_pattern(code)
        for example in examples.split(",") if pattern and examples else ():
            once = postal_code(example, code)
            assert {postal_code(text, code) for text in (once, once.lower(), f"{code}-{once}")} == {once}
            if code not in ("PE", "SV"):  # names of places in them
                assert postal_code(once.replace(" ", "").replace("-", ""), code) == once


def test_days_of_a_spreadsheet_are_instants_of_the_declared_zone(tmp_path: Path) -> None:
    declared = "timezone: Europe/Berlin\nclean: {occurred_at: {as: date, serial: 1900}}"
    plain, _ = one(tmp_path, "timezone: Europe/Berlin", occurred_at="2025-03-05 10:00")
    for written in ("45721.416666666664", "45721,416666666664"):
        rows, bad = one(tmp_path, declared, occurred_at=written)
        assert not bad
        assert rows[0].occurred_at_us == plain[0].occurred_at_us
    numbers = write(tmp_path / "x.jsonl", as_jsonl([{**BASE, "occurred_at": 45721.416666666664}]))
    rows, _, _ = read(numbers, mapping=declared)
    assert rows[0].occurred_at_us == plain[0].occurred_at_us
    for mapping, good in (("clean: {occurred_at: {as: date}}", 0), ("", 1)):  # undeclared it is seconds of 1970
        rows, bad, _ = read(numbers, mapping=mapping)
        assert (len(rows), len(bad)) == (good, 1 - good)
    rows, _, _ = read(
        numbers, mapping="time_format: '%Y'\ntimezone: UTC\nclean: {occurred_at: {as: date, serial: 1900}}"
    )
    assert len(rows) == 1
    years = write(tmp_path / "y.jsonl", as_jsonl([{**BASE, "occurred_at": 2026}, {**BASE, "occurred_at": 1772704800}]))
    rows, bad, _ = read(years, mapping="timezone: UTC\nclean: {occurred_at: {as: date, format: '%Y'}}")
    assert (len(rows), bad) == (2, [])


def test_country_of_the_row(tmp_path: Path) -> None:
    mapping = (
        "clean: {land: {as: country, languages: [de]}, plz: {as: postal_code, country_from: land},"
        " phone: {as: phone, country_from: land}}"
    )
    rows, bad = one(tmp_path, mapping, land="\u00d6sterreich", plz="1010", phone="01 234567")
    assert not bad
    assert rows[0].properties == {"p_land": "AT", "p_plz": "1010"}
    assert rows[0].phone == "+431234567"


def test_identity_is_of_what_was_meant(tmp_path: Path) -> None:
    rows = [{**BASE, "customer_id": name} for name in ("Anna", "ANNA", " anna ")]
    found, _, _ = read(write(tmp_path / "x.jsonl", as_jsonl(rows)), mapping="clean: {customer_id: {case: lower}}")
    assert len({row.touchpoint_id for row in found}) == 1


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("clean: {it: {as: phone, order: DMY}}", "clean.it: order is for `as: date` (it is"),
        ("clean: {it: {as: date, serial: 1901}}", "clean.it.serial"),
        ("clean: {it: {as: date, serial: 1900, format: '%Y'}}", "give either serial (a spreadsheet's days) or format"),
        ("clean: {it: {as: phone, serial: 1900}}", "serial is for `as: date`"),
        ("clean: {it: {as: category}}", "`as: category` needs values"),
        ("clean: {it: {as: postal_code}}", "needs either country (DE) or country_from"),
        ("clean: {it: {as: phone, country: UK}}", "'UK' is no code of ISO 3166 such as DE"),
        ("clean: {it: {as: country, languages: [xx]}}", "'xx' is no language such as en or de"),
        ("clean: {it: {as: nothing}}", "clean.it.as"),
        ("clean: {it: {as: category, values: {a: [x], b: [X]}}}", "'X' stands for 'a' and for 'b'"),
        ("clean: {order_id: {case: lower}}", "order_id cannot be here"),
        ("checks: [{field: value}]", "give at least one of at_least"),
        ("checks: [{field: value, matches: '('}]", "'(' is not a regular expression"),
        ("traffic: [{name: x, kind: bot, matches: x}]", "give either column (of the file) or field"),
        ("traffic: [{name: x, kind: bot, field: email}]", "give exactly one of matches, one_of, rate"),
        ("impute: {step: {by: mode}}", "step cannot be here"),
        ("impute: {age: {by: neighbours}}", "`by: neighbours` needs from"),
        ("duplicates: {seconds: 0}", "duplicates.seconds"),
    ],
)
def test_declarations_that_cannot_be(declared: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        mappings.parse(declared, "shop.yaml")
    assert "The mapping shop.yaml cannot be used" in str(error.value)
    assert told in str(error.value)


def test_names_that_no_column_has_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", as_csv([BASE]))
    _, _, said = read(path, mapping="clean: {countri: {as: country}, currency: {as: currency}}")
    assert any("has no 'countri', about which the mapping says" in sentence for sentence in said)
