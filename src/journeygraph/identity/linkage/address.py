"""Street, number, postcode and city as one aspect: people of one house share them all, so they count once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from journeygraph.identity.linkage import grades as grading
from journeygraph.identity.linkage.comparison import SHARED, Aspect, Bits, Compared, graded, only, rarity
from journeygraph.identity.linkage.grades import Grades
from journeygraph.identity.linkage.records import Column, Ints, Rows, numbered, together

_STREETS: Final = ("no street", "another street", "street alike", "same street", "same house")
_PLACES: Final = ("no place", "another place", "place partly", "same place")
_NAMES: Final = tuple(f"{street}, {place}" for street in _STREETS for place in _PLACES)


class Address:
    """Of fields by kind, among them a street, a postcode or a city."""

    def __init__(self, fields: Mapping[str, Column]) -> None:
        self.aspects: tuple[Aspect, ...] = (Aspect("address", ("none", *_NAMES[1:]), SHARED["address"], joint=True),)
        self._street, self._number = fields.get("street"), fields.get("house_number")
        self._places = [
            (fields[name], grading.text if name == "city" else grading.number, equal)
            for name, equal in (("city", len(grading.TEXT) - 1), ("postcode", len(grading.NUMBER) - 1))
            if name in fields
        ]
        self._rarities = [rarity(column.codes, len(column.values)) for column, _, _ in self._places]
        if self._street is not None:
            self._street_rarity = rarity(self._street.codes, len(self._street.values))
            self._houses = _houses(self._street, self._number)
            self._house_rarity = rarity(self._houses, int(self._houses.max(initial=0)) + 1)

    def __call__(self, left: Rows, right: Rows) -> list[Compared]:
        """One aspect: how alike the streets are, and how alike the places."""
        places, place_bits = self._place(left, right)
        streets, street_bits = self._of_street(left, right)
        bits = np.where(streets >= 3, street_bits, only(streets < 2, place_bits))
        return [Compared((len(_PLACES) * streets + places).astype(np.int8), bits.astype(np.float32))]

    def _of_street(self, left: Rows, right: Rows) -> tuple[Grades, Bits]:
        if self._street is None:
            return np.zeros(len(left), np.int8), np.zeros(len(left), np.float32)
        one, other = self._street.codes[left], self._street.codes[right]
        equal = len(grading.TEXT) - 1
        text = graded(self._street.values, one, other, grading.text, equal)
        found = np.array([0, 1, 1, 2, 3], np.int8)[text]
        if self._number is not None:
            number = self._number.codes[left]
            found[(text >= equal - 1) & (number >= 0) & (number == self._number.codes[right])] += 1
        house = self._houses[left]
        bits = np.where(house == self._houses[right], self._house_rarity[house], self._street_rarity[one])
        return found, only(text == equal, bits)

    def _place(self, left: Rows, right: Rows) -> tuple[Grades, Bits]:
        points, known = np.zeros(len(left), np.int8), np.zeros(len(left), np.int8)
        bits = np.full(len(left), -np.inf, np.float32)
        for (column, grade, equal), rare in zip(self._places, self._rarities, strict=True):
            one = column.codes[left]
            found = graded(column.values, one, column.codes[right], grade, equal)
            known += found > 0
            points += np.where(found == equal, 2, found == equal - 1).astype(np.int8)
            bits = np.where(found == equal, np.maximum(bits, rare[one]), bits)
        grades = np.select([known == 0, points == 0, points == 2 * known], [0, 1, 3], 2)
        return grades.astype(np.int8), only(np.isfinite(bits), bits)


def _houses(street: Column, number: Column | None) -> Ints:
    return street.codes if number is None else numbered(together(street.codes, number.codes))
