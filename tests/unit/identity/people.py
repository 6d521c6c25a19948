"""People and damaged copies of their records, by a seed: what the model never saw."""

from __future__ import annotations

from random import Random
from string import ascii_lowercase
from typing import Any

_SYLLABLES = (
    "an",
    "ber",
    "co",
    "da",
    "el",
    "fin",
    "gar",
    "hol",
    "is",
    "jo",
    "ka",
    "lu",
    "mar",
    "nor",
    "ol",
    "per",
    "qui",
)


def people(count: int, seed: int, *, copies: int = 3, damage: float = 0.15) -> list[dict[str, Any]]:
    """Rows of `count` people, one to `copies` each, with slips, blanks and moves; `person` is the truth."""
    rng = Random(seed)
    first_names = [_word(rng, 2) for _ in range(150)]
    surnames = [_word(rng, 3) for _ in range(300)]
    cities = [_word(rng, 3) for _ in range(25)]
    rows = []
    for person in range(count):
        first, last = rng.choice(first_names), rng.choice(surnames)
        born = f"{rng.randrange(1940, 2005)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        record = {
            "given": first,
            "family": last,
            "birthday": born,
            "mail": f"{first[0]}.{last}{rng.randrange(100)}@{_word(rng, 2)}.example",
            "mobile": f"0{rng.randrange(10**8, 10**9)}",
            "town": rng.choice(cities),
        }
        for _ in range(rng.randrange(1, copies + 1)):
            damaged = {name: _damaged(value, damage, rng) for name, value in record.items()}
            rows.append({**damaged, "person": str(person)})
    rng.shuffle(rows)
    return [{"row_id": f"r{number}", **row} for number, row in enumerate(rows)]


def columns(rows: list[dict[str, Any]]) -> list[dict[str, list[Any]]]:
    """The rows as one chunk of columns."""
    return [{name: [row[name] for row in rows] for name in rows[0]}]


def _word(rng: Random, syllables: int) -> str:
    return "".join(rng.choice(_SYLLABLES) for _ in range(syllables))


def _damaged(value: str, damage: float, rng: Random) -> str | None:
    if rng.random() < damage:
        return None
    if rng.random() > damage:
        return value
    place = rng.randrange(len(value) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return value[:place] + value[place + 1] + value[place] + value[place + 2 :]
    letter = rng.choice("0123456789" if value[place].isdigit() else ascii_lowercase)
    return value[:place] + letter + value[place + (kind == 1) :]


def families(count: int, seed: int, *, damage: float = 0.05) -> list[dict[str, Any]]:
    """Rows of that many households of one to four people, one or two rows each; `person`, `household` are the truth."""
    rng = Random(seed)
    first_names, surnames = [_word(rng, 2) for _ in range(150)], [_word(rng, 3) for _ in range(200)]
    streets, cities = [_word(rng, 3) for _ in range(80)], [_word(rng, 3) for _ in range(15)]
    rows: list[dict[str, Any]] = []
    person = 0
    for household in range(count):
        home = {
            "family": rng.choice(surnames),
            "street": f"{rng.choice(streets)} {rng.randrange(1, 90)}",
            "town": rng.choice(cities),
            "mobile": f"0{rng.randrange(10**8, 10**9)}",
        }
        for _ in range(rng.randrange(1, 5)):
            born = f"{rng.randrange(1940, 2005)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
            own = {} if rng.random() < 0.5 else {"mobile": f"0{rng.randrange(10**8, 10**9)}"}
            record = {"given": rng.choice(first_names), "birthday": born, **home, **own}
            for _ in range(rng.randrange(1, 3)):
                damaged = {name: _damaged(value, damage, rng) for name, value in record.items()}
                rows.append({**damaged, "person": str(person), "household": str(household)})
            person += 1
    rng.shuffle(rows)
    return [{"row_id": f"r{number}", **row} for number, row in enumerate(rows)]
