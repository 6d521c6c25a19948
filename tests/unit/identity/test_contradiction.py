"""Two people of one household are not one person, in a table as in the graph, whatever else the table holds."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from journeygraph.identity.linkage.table import Resolved
from tests.unit.identity.people import people
from tests.unit.identity.test_linkage import partition, resolve

Rows = list[dict[str, Any]]


def couples(count: int, shop: int, *, birthdays: bool = True, twice: float = 0.0) -> Rows:
    """Couples who share all but first name and day, in a shop whose other customers gave a telephone number only."""
    rng = Random(7)
    empty = dict.fromkeys(("given", "family", "birthday", "street", "town"))
    rows: Rows = [
        {"row_id": f"s{n}", **empty, "mobile": f"0{rng.randrange(10**8, 10**9)}", "person": f"s{n}"}
        for n in range(shop)
    ]
    for n in range(count):
        home = {"family": f"Muster{n}", "street": f"Weg {n}", "town": "Berlin", "mobile": f"0305551{n:03}"}
        for place, given in enumerate(("Max", "Eva")):
            born = f"19{60 + n % 40}-{(place * 5 + n) % 12 + 1:02}-{(n * 7 + place * 11) % 28 + 1:02}"
            for copy in range(1 + (rng.random() < twice)):
                row = {"given": given, "birthday": born if birthdays else None, "person": f"{given}{n}", **home}
                rows.append({"row_id": f"{given}{n}-{copy}", **row})
    rng.shuffle(rows)
    return rows


def mixed(found: Resolved, rows: Rows) -> int:
    """How many clusters hold two people."""
    person = {row["row_id"]: row["person"] for row in rows}
    return sum(len({person[name] for name in group}) > 1 for group in partition(found))


@pytest.mark.parametrize("birthdays", [True, False])
@pytest.mark.parametrize("twice", [0.0, 0.3])
@pytest.mark.parametrize(("count", "shop"), [(8, 300), (60, 0)])
def test_couples_of_a_table_stay_two(count: int, shop: int, birthdays: bool, twice: float) -> None:
    rows = couples(count, shop, birthdays=birthdays, twice=twice)
    found = resolve(rows, truth="person")
    assert mixed(found, rows) == 0
    assert (found.answer.recall or 0) >= 0.95


def test_what_was_kept_apart_is_told() -> None:
    found = resolve(couples(8, 300))
    assert found.answer.bridged >= 8
    assert {bridge.why for bridge in found.answer.bridges} == {"much alike, but another first_name"}


def test_a_nameless_record_joins_no_two_people() -> None:
    """Whatever a couple's shared record is like, it belongs to one of them at most."""
    rows = people(150, 3)
    home = {"family": "Ostervald", "mobile": "0771234508", "town": "Harborough", "person": "x"}
    rows += [
        {"row_id": "anna", "given": "Anna", "birthday": "1980-02-13", "mail": "home@ostervald.example", **home},
        {"row_id": "bert", "given": "Bertram", "birthday": "1979-06-24", "mail": "home@ostervald.example", **home},
        {"row_id": "both", "given": None, "birthday": None, "mail": "home@ostervald.example", **home},
    ]
    groups = partition(resolve(rows))
    assert not any({"anna", "bert"} <= group for group in groups)
