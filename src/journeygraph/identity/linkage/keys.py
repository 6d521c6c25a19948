"""What two records must share to be compared: the keys of a table, the most telling ones first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from journeygraph.identity.linkage.normalise import soundex
from journeygraph.identity.linkage.records import Column, Ints, numbered, same_numbers, together


@dataclass(frozen=True)
class Key:
    """One or more ways to form a key's value, each of one or two columns; any of them may agree with any.

    Thus a first name in the place of the surname still meets its like.  `crossed`: the two columns in either order.
    """

    name: str
    ways: tuple[tuple[Column, ...], ...]
    crossed: bool = False

    def codes(self) -> Ints:
        """Block numbers, ways x rows; -1 where a value is missing."""
        parts = [same_numbers(columns)[1] for columns in zip(*self.ways, strict=True)]
        if self.crossed:
            first, second = same_numbers(self.ways[0])[1]
            there = (first >= 0) & (second >= 0)
            parts = [
                [np.where(there, np.minimum(first, second), -1)],
                [np.where(there, np.maximum(first, second), -1)],
            ]
        rows = len(parts[0][0])
        found = np.concatenate(parts[0]).astype(np.int64)
        if len(parts) > 1:
            found = together(np.concatenate(parts[0]), np.concatenate(parts[1]))
        return numbered(found).reshape(len(parts[0]), rows)

    def value(self, way: int, row: int) -> str:
        """A row's value as text, for people."""
        return " ".join(column.values[column.codes[row]] for column in self.ways[way])


def keys(fields: Mapping[str, Column]) -> list[Key]:
    """The keys that a table's fields give."""
    people = [fields[name] for name in ("first_name", "surname") if name in fields]
    places = [fields[name] for name in ("postcode", "city") if name in fields]
    found = [Key(name, ((column,),)) for name, column in fields.items() if name.startswith("id:")]
    found += [Key(name, ((fields[name],),)) for name in ("email", "phone") if name in fields]
    if "email" in fields:
        found.append(Key("email's local part", ((fields["email"].derived(lambda text: text.rpartition("@")[0]),),)))
    if len(people) == 2:
        found.append(Key("name", (tuple(people),), crossed=True))
    if "street" in fields and "house_number" in fields:
        found.append(Key("house", ((fields["street"], fields["house_number"]),)))
    found += _of_birth(fields, people, places)
    for name in ("street", "postcode", "city"):
        if name in fields and people:
            found.append(Key(f"name and {name}", tuple((column, fields[name]) for column in people)))
    return found + _broad(fields, people, places)


def _of_birth(fields: Mapping[str, Column], people: list[Column], places: list[Column]) -> list[Key]:
    if "dob" not in fields:
        return []
    born = fields["dob"]
    year = born.derived(lambda text: text[:4] if len(text) == 8 else "")
    birthday = born.derived(lambda text: text[4:] if len(text) == 8 else "")
    found = [Key("dob", ((born,),))]
    if people:
        sounds = [column.derived(soundex) for column in people]
        found += [
            Key("name and year of birth", tuple((column, year) for column in people)),
            Key("sound and birthday", tuple((column, birthday) for column in sounds)),
            Key("sound and year of birth", tuple((column, year) for column in sounds)),
        ]
    found += [Key("place and year of birth", ((place, year),)) for place in places]
    return found


def _broad(fields: Mapping[str, Column], people: list[Column], places: list[Column]) -> list[Key]:
    """Keys that small tables can afford: a slip elsewhere doesn't hide a pair."""
    found = []
    if len(people) == 2:
        found.append(Key("sound of the name", (tuple(column.derived(soundex) for column in people),), crossed=True))
    if "street" in fields:
        found.append(Key("street", ((fields["street"],),)))
    if people:
        found.append(Key("a name", tuple((column,) for column in people)))
        found.append(Key("sound of a name", tuple((column.derived(soundex),) for column in people)))
    if "dob" in fields:
        found.append(Key("year of birth", ((fields["dob"].derived(lambda text: text[:4] if len(text) == 8 else ""),),)))
        found.append(Key("birthday", ((fields["dob"].derived(lambda text: text[4:] if len(text) == 8 else ""),),)))
    return found + [Key("place", ((place,),)) for place in places]
