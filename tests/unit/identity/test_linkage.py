"""Who is one person in a table: on real samples, on people never seen before, and on tables that hold nobody twice."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random
from typing import Any

import pytest

from journeygraph.errors import InputError, UsageError
from journeygraph.identity import blocked
from journeygraph.identity.linkage.columns import recognise
from journeygraph.identity.linkage.table import Resolved, resolve_table
from tests.support import shared_data
from tests.unit.identity.people import columns, people


def read(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def resolve(rows: list[dict[str, Any]], **options: Any) -> Resolved:
    return resolve_table(columns(rows), **options)


def partition(found: Resolved) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for name, cluster in zip(found.names, found.clusters, strict=True):
        groups.setdefault(cluster, set()).add(name)
    return {frozenset(group) for group in groups.values()}


@pytest.mark.parametrize(
    ("file", "truth", "pairs", "least"),
    [
        ("fake_1000/fake_1000.csv", "cluster", 2031, 0.95),
        ("febrl1/dataset1.csv", "rec_id", 500, 0.99),
    ],
)
def test_real_samples(file: str, truth: str, pairs: int, least: float) -> None:
    rows = read(shared_data(file))
    answer = resolve(rows, truth=truth).answer
    assert answer.records == 1000
    assert (answer.f1 or 0) >= least
    blind = resolve([{name: value for name, value in row.items() if name != "cluster"} for row in rows]).answer
    assert (blind.clusters, blind.f1) == (answer.clusters, None), "the truth measures, it never decides"
    assert abs(answer.match_share * 1000 * 999 / 2 / pairs - 1) < 0.1, "how many pairs match is learnt, too"


@pytest.mark.parametrize("seed", [1, 2])
def test_people_never_seen(seed: int) -> None:
    answer = resolve(people(300, seed), truth="person").answer
    assert (answer.f1 or 0) >= 0.97
    assert (answer.precision or 0) >= 0.97
    assert answer.columns == {
        "given": "first_name", "family": "surname", "birthday": "dob", "mail": "email", "mobile": "phone",
        "town": "city",
    }  # fmt: skip


def test_nobody_is_merged_where_nobody_is_there_twice() -> None:
    answer = resolve(people(400, 3, copies=1), truth="person").answer
    assert (answer.records, answer.clusters, answer.merged) == (400, 400, 0)
    assert (answer.precision, answer.recall, answer.f1) == (1.0, 1.0, 1.0)


def test_the_order_of_rows_makes_no_difference() -> None:
    rows = people(120, 4)
    shuffled = Random(0).sample(rows, len(rows))
    assert partition(resolve(rows)) == partition(resolve(shuffled))


def test_the_confidence_of_merges_holds() -> None:
    """Of all merges, about as many are right as their confidence says."""
    found = resolve(people(400, 5, damage=0.3), truth="person", threshold=0.5, shown=10_000)
    person = {row["row_id"]: row["person"] for row in people(400, 5, damage=0.3)}
    right = [person[merge.record] == person[merge.other] for merge in found.answer.merges]
    expected = sum(merge.confidence for merge in found.answer.merges) / len(right)
    assert abs(sum(right) / len(right) - expected) < 0.04


def test_evidence_adds_up() -> None:
    found = resolve(people(100, 6))
    merge = found.answer.merges[0]
    assert merge.merge_id.count("+") == 1
    assert {reason.aspect for reason in merge.evidence} <= {grade.aspect for grade in found.answer.model}
    assert sum(reason.bits for reason in merge.evidence) > 0
    assert [reason.bits for reason in merge.evidence] == sorted((r.bits for r in merge.evidence), reverse=True)


def test_a_family_is_not_one_person() -> None:
    rows = people(200, 7)
    rng = Random(7)
    house = {"family": "ostervald", "mobile": "0771234508", "town": "harborough"}
    names = ["anna", "bertram", "corinna", "dietrich"]
    for number, name in enumerate(names):
        born = f"{1950 + 13 * number}-0{number + 1}-1{number}"
        rows.append({"row_id": f"f{number}", "given": name, "birthday": born, "mail": None, "person": name, **house})
    rng.shuffle(rows)
    groups = partition(resolve(rows))
    assert all(frozenset({f"f{number}"}) in groups for number in range(len(names)))


def test_addresses_made_of_names_make_no_namesakes_one() -> None:
    """Few names, and an address of name and number for everybody: what both names say is not said again by it."""
    rng = Random(3)
    rows = people(300, 12, copies=3, damage=0.1)
    common = [("anna", "berger"), ("jonas", "lindner"), ("clara", "vogel"), ("peter", "hartmann"), ("lena", "kaiser")]
    number = {row["person"]: rng.randrange(100, 1000) for row in rows}
    name = {person: rng.choice(common) for person in number}
    for row in rows:
        row["given"], row["family"] = name[row["person"]]
        row["mail"] = row["mail"] and f"{row['given']}.{row['family']}{number[row['person']]}@mail.example"
    answer = resolve(rows, truth="person").answer
    assert (answer.precision or 0) >= 0.97
    assert (answer.f1 or 0) >= 0.9


def test_blocked_values_merge_nothing() -> None:
    rows: list[dict[str, Any]] = [
        {"row_id": f"k{number}", "mail": "kiosk@shop.example", "mobile": None, "given": None} for number in range(40)
    ]
    rows += [{"row_id": f"t{number}", "mail": "test@test.com", "mobile": None, "given": None} for number in range(3)]
    answer = resolve(rows, blocked=blocked.parse(["email: kiosk*@shop.example"])).answer
    assert (answer.clusters, answer.blocked_values) == (43, 43)


@pytest.mark.parametrize(
    ("one", "other", "people_found"),
    [
        ("+49 30 79460958", "+44 20 7946 0958", 2),
        ("0049 30 79460958", "+44 (0)20 7946 0958", 2),
        ("+44 (0)20 7946 0958", "0044 2079460958", 1),
        ("+44 (0)20 7946 0958", "020 7946 0958", 1),
    ],
)
def test_numbers_of_two_countries_are_two(one: str, other: str, people_found: int) -> None:
    rows = people(100, 10, copies=2)
    for row in rows:
        row["given"] = None  # nothing but the number and the surname would tell
    surname = {"given": None, "family": "ostervald", "birthday": None, "mail": None, "town": None}
    rows += [
        {"row_id": name, "person": name, "mobile": number, **surname} for name, number in (("a", one), ("b", other))
    ]
    groups = partition(resolve(rows))
    assert sum(bool(group & {"a", "b"}) for group in groups) == people_found


def test_no_person_outgrows_the_limit_and_what_was_not_joined_is_told() -> None:
    one = {"given": "ann", "family": "ostervald", "birthday": "1980-01-02", "mail": "ann@home.example"}
    rows = [{"row_id": f"a{number}", "mobile": None, "town": None, "person": "x", **one} for number in range(30)]
    found = resolve(rows + people(100, 8), largest=10)
    assert found.answer.largest_cluster <= 10
    assert found.answer.bridged > 0
    assert any("more than 10" in bridge.why for bridge in found.answer.bridges)


@pytest.mark.parametrize("rows", [[], [{"mail": "a@b.example"}], [{"mail": None}, {"mail": " "}]])
def test_tables_with_next_to_nothing(rows: list[dict[str, Any]]) -> None:
    table = columns(rows) if rows else [{"mail": []}]
    assert resolve_table(table).answer.clusters == len(rows)


def test_what_cannot_be_used_is_a_sentence() -> None:
    rows = people(3, 9)
    with pytest.raises(InputError, match="Did you mean 'person'"):
        resolve(rows, truth="persons")
    with pytest.raises(InputError, match="no column 'x'"):
        resolve(rows, told={"x": "email"})
    with pytest.raises(InputError, match="cannot be 'mails'"):
        resolve(rows, told={"mail": "mails"})
    with pytest.raises(InputError, match="says who somebody is"):
        resolve([{"colour": "red"}])
    with pytest.raises(UsageError, match="not between 0 and 1"):
        resolve(rows, threshold=1.0)


def test_hostile_text_is_text() -> None:
    rows = [
        {"row_id": str(number), "name": text, "mail": text}
        for number, text in enumerate(["=cmd()", "\x00", "[red]a[/]", "' OR 1=1", "💥" * 300, "a@" * 200, "\ud800"])
    ]
    assert resolve(rows).answer.records == len(rows)


@pytest.mark.parametrize(
    ("names", "kinds"),
    [
        ("Vorname,Nachname,Hausnr,Straße,Ort,PLZ,Geburtsdatum,Telefon,E-Mail", ""),
        ("prénom,nom,numéro de rue,rue,ville,code postal,date de naissance,téléphone,courriel", ""),
        ("Nombre,Apellidos,Número de casa,Dirección,Población,Código postal,Fecha de nacimiento,Teléfono,Correo", ""),
        ("Nome,Cognome,Numero civico,Indirizzo,Città,CAP,Data di nascita,Cellulare,Posta elettronica", ""),
        ("Voornaam,Achternaam,Huisnummer,Straat,Woonplaats,Postcode,Geboortedatum,Telefoonnummer,E-mailadres", ""),
        ("VORNAME,NAME,HAUS-NR.,STRASSE,WOHNORT,POSTLEITZAHL,GEB.DATUM,HANDY,E-MAIL-ADRESSE", ""),
        ("Name,Geburtstag", "full_name dob"),
        ("Nombre,Ciudad", "full_name city"),
        ("Nome,Comune", "full_name city"),
        ("first_name,name", "first_name full_name"),
        ("Naam,Geslacht,Provincie", "full_name gender state"),
    ],
)
def test_columns_are_known_in_six_languages(names: str, kinds: str) -> None:
    kinds = kinds or "first_name surname house_number street city postcode dob phone email"
    layout = recognise(names.split(","))
    assert {name: kind for kind, name in layout.columns.items()} == dict(
        zip(names.split(","), kinds.split(), strict=True)
    )
    assert layout.ignored == ()


def test_a_table_without_names_and_birthdays_warns() -> None:
    rows = [{"kol_a": f"x{n}", "PLZ": "10115", "E-Mail": f"a{n}@home.example"} for n in range(3)]
    answer = resolve(rows, truth="kol_a").answer
    assert (answer.columns, answer.ignored) == ({"PLZ": "postcode", "E-Mail": "email"}, [])
    assert "Neither a name nor a date of birth" in answer.warnings[0]
    told = resolve(rows, told={"kol_a": "surname"}).answer
    assert told.warnings == []
    assert "'kol_a' nothing is known" in resolve(rows).answer.warnings[0]
