"""How alike two values are, as grades: 0 one is missing, 1 they have nothing in common, the last one they are equal.

Functions on two lists of texts that are not equal.  Jaro-Winkler as in Winkler (1990); slips are the fewest letters put
in, left out, replaced or swapped with their neighbour (optimal string alignment).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from journeygraph.identity.linkage.records import Rows

Grades = np.ndarray[Any, np.dtype[np.int8]]
TEXT: Final = ("none", "unlike", "somewhat alike", "alike", "equal")
NUMBER: Final = ("none", "unlike", "one slip", "equal")
DAY: Final = ("none", "unlike", "less than 400 days apart", "two parts equal", "one slip", "equal")
EMAIL: Final = ("none", "unlike", "same domain", "same local part", "alike", "equal")
SAME: Final = ("none", "unlike", "equal")


def text(left: Sequence[str], right: Sequence[str]) -> Grades:
    """1 unlike, 2 somewhat alike (Jaro-Winkler .80, or two slips), 3 alike (Jaro-Winkler .92, or one slip).

    >>> text(["martha", "ann", "davis"], ["marhta", "bob", "advs"]).tolist()
    [3, 1, 2]
    """
    alike = cpdist(left, right, scorer=JaroWinkler.similarity, dtype=np.float32)
    apart, shorter = slips(left, right), np.minimum(lengths(left), lengths(right))
    strong = (alike >= 0.92) | ((apart <= 1) & (shorter >= 3)) | ((apart <= 2) & (shorter >= 8))
    weak = strong | (alike >= 0.80) | ((apart <= 2) & (shorter >= 4)) | ((apart <= 3) & (shorter >= 6))
    return (1 + weak.astype(np.int8) + strong).astype(np.int8)


def number(left: Sequence[str], right: Sequence[str]) -> Grades:
    """1 unlike, 2 one slip in four digits or more.

    >>> number(["6988048", "12"], ["6980848", "13"]).tolist()
    [2, 1]
    """
    long = np.minimum(lengths(left), lengths(right)) >= 4
    return (1 + ((slips(left, right) <= 1) & long)).astype(np.int8)


def phone(left: Sequence[str], right: Sequence[str]) -> Grades:
    """The same of telephone numbers: one without its country's code is compared with the end of the other.

    >>> phone(["+493079460958", "+493079460958"], ["+442079460958", "+493079460951"]).tolist()
    [1, 2]
    >>> phone(["+493079460958", "079460958"], ["079460951", "+442079460951"]).tolist()
    [2, 2]
    """
    pairs = [
        (a, b) if a[:1] == b[:1] == "+" else (a[-len(b) :], b[-len(a) :]) for a, b in zip(left, right, strict=True)
    ]
    return number([a for a, _ in pairs], [b for _, b in pairs])


def same(left: Sequence[str], right: Sequence[str]) -> Grades:
    """1: they aren't equal."""
    return np.ones(min(len(left), len(right)), np.int8)


def slips(left: Sequence[str], right: Sequence[str]) -> Rows:
    """The least number of slips that makes one text of the other, pair by pair.

    >>> slips(["london", "hull"], ["lnodon", "hul"]).tolist()
    [1, 1]
    """
    return np.asarray(cpdist(left, right, scorer=OSA.distance, dtype=np.int32), np.int64)


def lengths(texts: Sequence[str]) -> Rows:
    """How long each text is."""
    return np.fromiter(map(len, texts), np.int64, len(texts))
