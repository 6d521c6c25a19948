"""Measures -> ratings from 1 (poor) to 5 (good), by thresholds that docs/quality.md repeats.

A rating is None where there is nothing to measure it by.  Each of several measures is graded for itself; the rating is
the lowest grade, so that no good measure hides a bad one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from journeygraph.answers import Answer

#: The best value of each grade, from 5 down to 2; what is worse is 1.
AGE_DAYS: Final = (1.0, 7.0, 30.0, 90.0)
QUARANTINED: Final = (0.001, 0.01, 0.05, 0.2)
SILENT_DAYS: Final = (0.01, 0.05, 0.15, 0.4)
CONTRACT_CHANGES: Final = (0.0, 1.0, 3.0, 9.0)
#: The least value of each grade, from 5 down to 2.
CONVERTED_SHARE: Final = (0.5, 0.2, 0.05, 0.01)
PER_SESSION: Final = (5.0, 3.0, 2.0, 1.000_001)
RESOLUTIONS: Final = {"finer than a second": 5, "second": 4, "minute": 3, "quarter of an hour": 2, "day": 1}
#: So few touchpoints may lie on whole minutes by chance.
_FEWEST: Final = 20
_MOST_OF: Final = 0.99


class Measure(Answer):
    """A number that a rating rests on: `value` is `numerator` / `denominator` where there is one; `statement` names the
    Cypher that gives it."""

    name: str
    value: float | str | None
    grade: int | None
    numerator: float | None = None
    denominator: float | None = None
    statement: str


class Rating(Answer):
    """A rating from 1 to 5 with the measures it rests on; None where none could be taken."""

    name: str
    rating: int | None
    measures: tuple[Measure, ...]


def at_most(value: float | None, bounds: Sequence[float]) -> int | None:
    """The grade of a value that is better the smaller it is.

    >>> at_most(0.0, AGE_DAYS), at_most(30, AGE_DAYS), at_most(91, AGE_DAYS), at_most(None, AGE_DAYS)
    (5, 3, 1, None)
    """
    if value is None:
        return None
    return next((5 - place for place, bound in enumerate(bounds) if value <= bound), 1)


def at_least(value: float | None, bounds: Sequence[float]) -> int | None:
    """The grade of a value that is better the larger it is.

    >>> at_least(0.5, CONVERTED_SHARE), at_least(0.04, CONVERTED_SHARE), at_least(0, CONVERTED_SHARE)
    (5, 2, 1)
    """
    if value is None:
        return None
    return next((5 - place for place, bound in enumerate(bounds) if value >= bound), 1)


def resolution(touchpoints: int, times_of_day: int, on_quarters: int, on_minutes: int, on_seconds: int) -> str | None:
    """How fine a source's times are; None for too few of them.

    A source that knows only days has one time of the day in UTC, or two where its clocks are changed.

    >>> resolution(500, 2, 500, 500, 500), resolution(500, 90, 40, 500, 500), resolution(500, 499, 1, 9, 80)
    ('day', 'minute', 'finer than a second')
    >>> resolution(5, 5, 0, 0, 0)
    """
    if touchpoints < _FEWEST:
        return None
    if times_of_day <= 2:
        return "day"
    shares = (("quarter of an hour", on_quarters), ("minute", on_minutes), ("second", on_seconds))
    return next((name for name, count in shares if count >= _MOST_OF * touchpoints), "finer than a second")


def rate(name: str, measures: Sequence[Measure]) -> Rating:
    """The lowest grade of the measures that have one."""
    grades = [measure.grade for measure in measures if measure.grade is not None]
    return Rating(name=name, rating=min(grades, default=None), measures=tuple(measures))


def share(numerator: float | None, denominator: float | None) -> float | None:
    """A share; None of nothing.

    >>> share(1, 4), share(0, 0)
    (0.25, None)
    """
    return None if numerator is None or not denominator else numerator / denominator
