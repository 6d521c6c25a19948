"""A table of people and their damaged copies, some of them in one household, of any size by a seed.

Names are of Zipf's frequencies; a fifth of the values has a slip or is missing.  `person` and `household` are the
truth.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from random import Random

COLUMNS = ("record_id", "first_name", "surname", "dob", "email", "phone", "street", "house_number", "city", "postcode")
TRUTH = ("person", "household")
_SYLLABLES = tuple(re.findall("..", "anbercodaelfigaholisjokalumanorolpequirastetoulvewiyrzabredu"))
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DAMAGE = 0.1


def write(path: Path, records: int, seed: int = 7) -> int:
    """About that many rows as CSV, shuffled within windows as a table grows; the number of people."""
    people = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*COLUMNS, *TRUTH))
        for row in _rows(records, seed):
            writer.writerow(row)
            people = max(people, int(row[-2]) + 1)
    return people


def _rows(records: int, seed: int) -> Iterator[tuple[str, ...]]:
    rng = Random(seed)
    firsts, surnames = _pool(rng, 2_000, 2), _pool(rng, 20_000, 3)
    streets, cities = _pool(rng, 3_000, 3), _pool(rng, 400, 3)
    waiting: list[tuple[str, ...]] = []
    made, person, household = 0, 0, 0
    while made < records:
        surname, street, city = (
            rng.choices(surnames[0], cum_weights=surnames[1])[0],
            *(rng.choices(pool[0], cum_weights=pool[1])[0] for pool in (streets, cities)),
        )
        home = (street, str(rng.randrange(1, 120)), city, f"{cities[0].index(city) + 10_000}")
        landline = f"030{rng.randrange(10**6, 10**7)}"
        for _ in range(rng.choices((1, 2, 3, 4), (70, 18, 7, 5))[0]):
            first = rng.choices(firsts[0], cum_weights=firsts[1])[0]
            born = f"{rng.randrange(1940, 2008)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
            mail = f"{first}.{surname}{rng.randrange(100)}@{rng.choice(cities[0])}.example"
            phone = landline if rng.random() < 0.3 else f"0170{rng.randrange(10**6, 10**7)}"
            person_record = (first, surname, born, mail, phone, *home)
            for _ in range(rng.choices((1, 2, 3, 4), (50, 30, 15, 5))[0]):
                damaged = (_damaged(value, rng) for value in person_record)
                waiting.append((f"r{made}", *damaged, str(person), str(household)))
                made += 1
            person += 1
        household += 1
        if len(waiting) > 20_000:
            rng.shuffle(waiting)
            yield from waiting
            waiting = []
    yield from waiting


def _pool(rng: Random, size: int, syllables: int) -> tuple[list[str], list[float]]:
    """Distinct names and the sums of their frequencies, which fall with the rank."""
    names: dict[str, None] = {}
    while len(names) < size:
        names["".join(rng.choice(_SYLLABLES) for _ in range(syllables)) + rng.choice(_LETTERS)] = None
    return list(names), list(accumulate(1 / (rank + 10) for rank in range(size)))


def _damaged(value: str, rng: Random) -> str:
    chance = rng.random()
    if chance >= 2 * _DAMAGE:
        return value
    if chance < _DAMAGE or len(value) < 2:
        return ""
    place = rng.randrange(len(value) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return value[:place] + value[place + 1] + value[place] + value[place + 2 :]
    letter = rng.choice("0123456789" if value[place].isdigit() else _LETTERS)
    return value[:place] + letter + value[place + (kind == 1) :]
