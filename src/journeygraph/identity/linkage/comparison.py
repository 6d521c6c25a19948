"""How alike two records are, aspect by aspect: one of a few grades each, and how common the value is that they share.

An equal rare name says more than an equal common one (Winkler, "Frequency-based matching in Fellegi-Sunter model of
record linkage", 1989): `rarity` is by how many bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from journeygraph.identity.linkage import grades as grading
from journeygraph.identity.linkage.grades import Grades
from journeygraph.identity.linkage.normalise import ordinal
from journeygraph.identity.linkage.records import Column, Flags, Ints, Rows, same_numbers

Bits = np.ndarray[Any, np.dtype[np.float32]]
Grade = Callable[[Sequence[str], Sequence[str]], Grades]
#: Aspects that the people of a household often have in common; only the order of magnitude matters.
SHARED: Final = {"surname": 0.8, "address": 0.95, "phone": 0.6, "email": 0.1, "state": 0.95}


@dataclass(frozen=True)
class Aspect:
    """What is compared: its name and the names of its grades, the first of which is that a value is missing.

    `shared` is how often two people of one household have it in common, as one person's records do.  In a `joint`
    aspect, of several columns, the last grade isn't what one person's records have as a rule.
    """

    name: str
    grades: tuple[str, ...]
    shared: float = 0.0
    joint: bool = False


@dataclass(frozen=True)
class Compared:
    """Grades of some pairs in one aspect, and the bits by which the value they share is rarer than usual."""

    grades: Grades
    rarity: Bits

    def __getitem__(self, chosen: Flags) -> Compared:
        return Compared(self.grades[chosen], self.rarity[chosen])


class Comparison(Protocol):
    """Aspects that are compared together."""

    aspects: tuple[Aspect, ...]

    def __call__(self, left: Rows, right: Rows) -> list[Compared]:
        """Compare rows, pair by pair: one answer for each aspect."""


def comparisons(fields: Mapping[str, Column]) -> list[Comparison]:
    """What a table's fields allow to compare."""
    from journeygraph.identity.linkage.address import Address

    found: list[Comparison] = []
    if "first_name" in fields and "surname" in fields:
        found.append(Names(fields["first_name"], fields["surname"]))
    found += [Single(name, fields[name], grading.TEXT, grading.text) for name in _alone(fields)]
    if "dob" in fields:
        found.append(Single("dob", fields["dob"], grading.DAY, _days))
    if "email" in fields:
        found.append(Single("email", fields["email"], grading.EMAIL, _emails))
    for name, column in fields.items():
        if name == "phone" or name.startswith("id:"):
            grade = grading.phone if name == "phone" else grading.number
            found.append(Single(name, column, grading.NUMBER, grade))
    if {"street", "postcode", "city"} & fields.keys():
        found.append(Address(fields))
    elif "state" in fields:
        found.append(Single("state", fields["state"], grading.SAME, grading.same))
    if "gender" in fields:
        found.append(Single("gender", fields["gender"], grading.SAME, grading.same))
    return found


def _alone(fields: Mapping[str, Column]) -> list[str]:
    names = [name for name in ("first_name", "surname") if name in fields]
    return names if len(names) == 1 else []


class Single:
    """One column by itself."""

    def __init__(self, name: str, column: Column, names: tuple[str, ...], grade: Grade) -> None:
        self.aspects: tuple[Aspect, ...] = (Aspect(name, names, SHARED.get(name, 0.0)),)
        self._column, self._grade, self._equal = column, grade, len(names) - 1
        self._rarity = rarity(column.codes, len(column.values))

    def __call__(self, left: Rows, right: Rows) -> list[Compared]:
        """The aspect of the column."""
        one, other = self._column.codes[left], self._column.codes[right]
        found = graded(self._column.values, one, other, self._grade, self._equal)
        return [Compared(found, only(found == self._equal, self._rarity[one]))]


class Names:
    """First name and surname, in the order given or crossed where that is more alike, and which of the two it was."""

    _EQUAL: Final = len(grading.TEXT) - 1

    def __init__(self, first: Column, last: Column) -> None:
        self.aspects: tuple[Aspect, ...] = (
            Aspect("first_name", grading.TEXT),
            Aspect("surname", grading.TEXT, SHARED["surname"]),
            Aspect("order of names", ("none", "crossed", "as given")),
        )
        self._values, (self._first, self._last) = same_numbers([first, last])
        self._rarities = [rarity(codes, len(self._values)) for codes in (self._first, self._last)]

    def __call__(self, left: Rows, right: Rows) -> list[Compared]:
        """Three aspects: the first names, the surnames, their order."""
        first = self._graded(self._first[left], self._first[right])
        last = self._graded(self._last[left], self._last[right])
        doubtful = np.flatnonzero((first < self._EQUAL) & (last < self._EQUAL))
        a, b = left[doubtful], right[doubtful]
        one, other = self._graded(self._first[a], self._last[b]), self._graded(self._last[a], self._first[b])
        straight = np.maximum(first[doubtful], 1) + np.maximum(last[doubtful], 1)
        better = (np.maximum(one, 1) + np.maximum(other, 1) > straight) & (np.maximum(one, other) >= self._EQUAL - 1)
        places = doubtful[better]
        first[places], last[places] = one[better], other[better]
        order = np.where((first > 1) | (last > 1), 2, 0).astype(np.int8)
        order[places] = 1
        nothing = np.zeros(len(left), np.float32)
        return [
            Compared(first, only(first == self._EQUAL, self._rarities[0][self._first[left]])),
            Compared(last, only(last == self._EQUAL, self._rarities[1][self._last[left]])),
            Compared(order, nothing),
        ]

    def _graded(self, one: Ints, other: Ints) -> Grades:
        return graded(self._values, one, other, grading.text, self._EQUAL)


def graded(values: Sequence[str], one: Ints, other: Ints, grade: Grade, equal: int) -> Grades:
    """Grades of pairs of value numbers; every two unequal values are compared once, however often they meet."""
    found = np.zeros(len(one), np.int8)
    there = (one >= 0) & (other >= 0)
    found[there & (one == other)] = equal
    places = np.flatnonzero(there & (one != other))
    if len(places):
        low, high = np.minimum(one[places], other[places]), np.maximum(one[places], other[places])
        pairs, back = np.unique(low.astype(np.int64) * len(values) + high, return_inverse=True)
        a, b = np.divmod(pairs, len(values))
        met = grade([values[number] for number in a.tolist()], [values[number] for number in b.tolist()])
        found[places] = met[back]
    return found


def rarity(codes: Ints, values: int) -> Bits:
    """Bits by which each value is rarer than a value that two random rows share; a last 0 stands for no value.

    >>> [round(bits, 2) for bits in rarity(np.array([0, 0, 0, 1, -1], np.int32), 2).tolist()]
    [-0.26, 1.32, 0.0]
    """
    counts = np.bincount(codes[codes >= 0], minlength=values)
    share = np.maximum(counts, 1) / max(int(counts.sum()), 1)
    average = float((share**2).sum()) or 1.0
    return np.append(np.log2(average / share), 0).astype(np.float32)


def only(where: Flags, bits: Bits) -> Bits:
    """The bits there, elsewhere 0."""
    return np.where(where, bits, 0).astype(np.float32)


def _days(left: Sequence[str], right: Sequence[str]) -> Grades:
    """1 unlike, 2 less than 400 days apart, 3 two of year, month and day equal, 4 one slip, or day and month swapped.

    >>> _days(["19711224", "19710604", "19800101"], ["19711225", "19710406", "19801105"]).tolist()
    [4, 4, 2]
    """
    pairs = list(zip(left, right, strict=True))
    swapped = np.array([a[:4] + a[6:8] + a[4:6] == b for a, b in pairs])
    parts = np.array([(a[:4] == b[:4]) + (a[4:6] == b[4:6]) + (a[6:8] == b[6:8]) for a, b in pairs])
    number = {text: ordinal(text) for text in {*left, *right}}
    days = np.array([number[a] - number[b] if number[a] and number[b] else 10**6 for a, b in pairs])
    found = np.where(parts >= 2, 3, np.where(np.abs(days) < 400, 2, 1))
    return np.where((grading.slips(left, right) <= 1) | swapped, 4, found).astype(np.int8)


def _emails(left: Sequence[str], right: Sequence[str]) -> Grades:
    """1 unlike, 2 same domain, 3 same before the @, 4 alike: two slips, or one letter in seven of a long one.

    No looser grade: addresses are made of names, so that two people of one name have somewhat the same.  What the names
    don't say already are the digits, which tell namesakes apart: where these differ, addresses aren't alike.

    >>> _emails(["ann@a.com", "ann@a.com", "ann@a.com"], ["ann@b.org", "bob@a.com", "anm@a.co"]).tolist()
    [3, 2, 4]
    >>> _emails(["ann.lee178@a.com"] * 2, ["ann.lee291@a.com", "anne.lee178@a.com"]).tolist()
    [2, 4]
    """
    parts = [(a.rpartition("@"), b.rpartition("@")) for a, b in zip(left, right, strict=True)]
    local = np.array([a[0] == b[0] for a, b in parts])
    domain = np.array([a[2] == b[2] for a, b in parts])
    apart, longer = grading.slips(left, right), np.maximum(grading.lengths(left), grading.lengths(right))
    digits = np.array([_digits(a[0]) == _digits(b[0]) for a, b in parts])
    alike = digits & (((apart <= 2) & (apart <= 0.25 * longer)) | (apart <= 0.15 * longer))
    found = np.where(local, 3, np.where(domain, 2, 1))
    return np.where(alike, 4, found).astype(np.int8)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
