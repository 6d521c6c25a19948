"""What a kind of finding is: a frozen value in a file of its own, checked when it is made."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from journeygraph.errors import JourneyGraphError
from journeygraph.gaps.groups import Group
from journeygraph.gaps.visits import Integers, Mask, Visits
from journeygraph.statistics import Estimate


@dataclass(frozen=True)
class Statement:
    """A named query with the parameters it is asked with."""

    query: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What a finding rests on: masks over the P journeys, the visits concerned, and the estimates made of them.

    `effect` estimates `observed - expected`, three shares of what `effect_unit` names.  `since_us` and `until_us` say
    when, where the finding is confined to a time.  Where something else than journeys is counted, `per` names it, and
    `figures` takes the place of what the masks would give.
    """

    sentence: str
    subject: str
    affected: Mask
    denominator: Mask
    visits: Integers | Mask
    observed: float
    expected: float
    effect: Estimate
    effect_unit: str
    lost_conversions: Estimate | None
    counts: dict[str, int]
    statement: Statement
    inputs: Statement | None = None
    since_us: int | None = None
    until_us: int | None = None
    per: str = "journey"
    figures: Figures | None = None
    trend: Course | None = None


@dataclass(frozen=True)
class Figures:
    """Counts of a finding that is not about journeys."""

    affected: int
    denominator: int
    affected_customers: int
    denominator_customers: int


@dataclass(frozen=True)
class Course:
    """How a finding's figure went over time: D days (microseconds since 1970, UTC) with events and trials."""

    days_us: Integers
    events: Integers
    trials: Integers
    unit: str
    statement: Statement


@dataclass(frozen=True)
class Test:
    """One test that was made: its subject, its one-sided p-value, and how to describe it should it become a finding.

    `steps` are the subject's codes; `identity` says which gap it is, whatever its size, so that it keeps its id.
    `group` is the group that it is confined to.  `without` gives the p-value that the same test has where some visits
    (N) are left out: it tells whether a finding is explained by a group.
    """

    __test__ = False  # not a pytest class

    kind: str
    steps: tuple[int, ...]
    identity: tuple[str, ...]
    p_value: float
    describe: Callable[[], Evidence] = field(repr=False)
    group: Group | None = None
    without: Callable[[Mask], float] | None = field(default=None, repr=False)


def _all(visits: Visits, tests: Sequence[Test]) -> list[Test]:  # noqa: ARG001
    return list(tests)


@dataclass(frozen=True)
class Kind:
    """A kind of finding.

    `tests` makes every test of the kind, of subjects for everybody and of subjects within groups (told apart by
    `confined.once`); which subjects are tested must not depend on what the test looks at.
    `once` takes the significant ones and leaves out those that merely repeat another.  `above` is what the lower end of
    the effect's interval must exceed.
    """

    name: str
    title: str
    expected_against: str
    queries: tuple[str, ...]
    tests: Callable[[Visits], list[Test]]
    once: Callable[[Visits, Sequence[Test]], list[Test]] = _all
    above: float = 0.0

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or not self.queries:
            raise JourneyGraphError(f"A kind of finding needs a name and a query, unlike {self.name!r}.")


def strongest(tests: Sequence[Test], of: Callable[[Test], Hashable]) -> list[Test]:
    """Of the tests that have the same `of` the one with the most evidence, the first of equals."""
    best: dict[Hashable, Test] = {}
    for test in tests:
        if of(test) not in best or test.p_value < best[of(test)].p_value:
            best[of(test)] = test
    return list(best.values())


def mask(length: int, members: Integers) -> Mask:
    """Mask with True at these indexes.

    >>> mask(3, np.array([0, 2])).tolist()
    [True, False, True]
    """
    result = np.zeros(length, dtype=bool)
    result[members] = True
    return result


def percent(value: float) -> str:
    """A share as people write it.

    >>> percent(0.1234), percent(0.005)
    ('12.3 %', '0.5 %')
    """
    return f"{100 * value:.1f} %"
