"""What each sequence counts, where it does not count one: exact, as whole numbers of the smallest decimal place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeygraph.errors import InputError, UsageError

#: Decimal places of a weight, and what all weights together may come to in units of the last one: sums stay exact.
MOST_DECIMALS, MOST = 6, 2**53


class Weights(NamedTuple):
    """Weights of S sequences as whole numbers: `units[s] / 10**decimals`."""

    units: NDArray[np.int64]
    decimals: int

    @classmethod
    def of(cls, values: ArrayLike, sequences: int) -> Weights:
        """Weights as they are given: zero or above, with six decimal places at most.

        Raises `UsageError` for any other, and for another number of them than there are sequences.

        >>> Weights.of([19.99, 5], 2)
        Weights(units=array([1999,  500]), decimals=2)
        """
        weights = np.asarray(values, dtype=np.float64)
        if weights.shape != (sequences,):
            raise UsageError(f"There are {weights.size:,} weights for {sequences:,} sequences; each has one.")
        wrong = ~(np.isfinite(weights) & (weights >= 0))
        if wrong.any():
            raise UsageError(f"A weight of {weights[wrong][0]:g} is no number of zero or above.")
        for decimals in range(MOST_DECIMALS + 1):
            units = np.rint(weights * 10**decimals)
            if units.sum() > MOST:
                raise UsageError(f"The weights add up to more than {MOST / 10**decimals:g}: use a larger unit.")
            if np.array_equal(units / 10**decimals, weights):
                return cls(units.astype(np.int64), decimals)
        odd = weights[units / 10**MOST_DECIMALS != weights][0]
        raise UsageError(f"A weight of {odd!r} has more than {MOST_DECIMALS} decimal places: round the weights.")

    @property
    def total(self) -> int:
        """Of all sequences, in units."""
        return int(np.sum(self.units))

    def least(self, wanted: int | float) -> int:
        """The units that a minimum support asks for: an integer is a weight, a float a share of all, rounded up.

        >>> Weights.of([19.99, 5], 2).least(5), Weights.of([19.99, 5], 2).least(0.5)
        (500, 1250)
        """
        if isinstance(wanted, int):
            if wanted < 1:
                raise UsageError(f"A minimum support of {wanted} is below one.")
            return wanted * int(10**self.decimals)
        if not 0 < wanted <= 1:
            raise UsageError(
                f"A minimum support of {wanted} is neither a whole number nor a share above 0 and up to 1."
            )
        return max(1, math.ceil(Fraction(str(wanted)) * self.total))


def told(units: int, decimals: int) -> float | int:
    """Units as the number that they are.

    >>> told(1999, 2), told(7, 0)
    (19.99, 7)
    """
    return units / 10**decimals if decimals else units


def read(path: Path) -> list[float]:
    """The weights of a file: a number a line, for the sequences in their order; blank lines and # lines are skipped.

    Raises `InputError`, with file, line and what is wrong there.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise InputError(f"There is no file {str(path)!r}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{str(path)!r} is no text with a weight on each line: {error}.") from error
    found = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            found.append(float(text))
        except ValueError:
            raise InputError(f"{path}, line {number}: {text!r} is no number; each line has one weight.") from None
    return found


def exact(values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers that were added up, rounded to what weights may have: 19.990000000000002 is 19.99."""
    return np.asarray(np.round(values, MOST_DECIMALS), dtype=np.float64)
