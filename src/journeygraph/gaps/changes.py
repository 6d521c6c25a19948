"""What may change at an instant: exits after a step, ways on from it, waits; each as trials that have a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from journeygraph.gaps.visits import Integers, Mask, Visits, first_of_each, split_by
from journeygraph.gaps.waits import split_us

EXIT, WAY, WAIT = "exit", "way", "wait"
#: Trials of a subject, in multiples of the minimum number of journeys, from which on it is tested.
_TRIALS = 4
#: It must have happened this often at all: how often is no matter of when.
_EVENTS = 10
#: Ways looked at: those most often gone, transitions and loops each.
_MOST_WAYS = 300


@dataclass(frozen=True)
class Change:
    """Something that may happen at a step: M visits to it in order of the table, and whether it did."""

    what: str
    steps: tuple[int, ...]
    rows: Integers  # M: visits
    happened: Mask  # M
    longer_than_us: int = 0

    def within(self, kept: Mask) -> Change:
        """The same at some of the visits only (M)."""
        return replace(self, rows=self.rows[kept], happened=self.happened[kept])

    @property
    def parameters(self) -> dict[str, Any]:
        """The change as parameters of a query, but for the names of its steps."""
        return {
            "change": self.what,
            "together": 2 if self.what == WAIT else 1,
            "longer_than_us": self.longer_than_us,
        }


@dataclass(frozen=True)
class Changes:
    """All changes of a table that enough journeys could have met."""

    visits: Visits

    def __iter__(self) -> Iterator[Change]:
        yield from self._exits()
        yield from self._ways()
        yield from self._waits()

    @property
    def least(self) -> int:
        """Trials that a change needs."""
        return _TRIALS * self.visits.minimum_journeys

    def _exits(self) -> Iterator[Change]:
        """Every visit at risk counts: each is a chance to leave."""
        rows = np.flatnonzero(self.visits.at_risk)
        for step, here in split_by(self.visits.steps[rows], rows):
            yield from self._large(Change(EXIT, (step,), here, self.visits.lost_here[here]))

    def _ways(self) -> Iterator[Change]:
        """Of the transitions and the loops of two steps: a journey's first visit to where they begin."""
        size, steps = len(self.visits.table.steps), self.visits.steps
        first = self._first_visits
        following, second = self._after(first, 1), self._after(first, 2)
        begin = steps[first]
        transition = np.where(following >= 0, begin * size + following, -1)
        loop = np.where((second == begin) & (following != begin), transition, -1)
        shared = {step: first[here] for step, here in split_by(begin, np.arange(len(begin)))}
        for numbers, closed in ((transition, False), (loop, True)):
            found, counts = np.unique(numbers[numbers >= 0], return_counts=True)
            for number in found[np.argsort(-counts, kind="stable")][:_MOST_WAYS].tolist():
                one, other = divmod(number, size)
                mine = slice(*np.searchsorted(begin, [one, one + 1]))
                way = (one, other, one) if closed else (one, other)
                yield from self._large(Change(WAY, way, shared[one], numbers[mine] == number))

    def _waits(self) -> Iterator[Change]:
        """The first time that a journey went along a transition, and whether it took long."""
        visits, size = self.visits, len(self.visits.table.steps)
        before = np.flatnonzero(visits.previous >= 0) - 1
        number = visits.steps[before] * size + visits.steps[before + 1]
        first = before[first_of_each(visits.path[before], number)]
        first = first[visits.at_risk[first]]
        for transition, here in split_by(visits.steps[first] * size + visits.steps[first + 1], first):
            waits = visits.table.occurred_at_us[here + 1] - visits.table.occurred_at_us[here]
            if len(here) >= self.least:
                longer = max(split_us(waits), round(visits.rules.session_idle_seconds * 1_000_000))
                yield from self._large(Change(WAIT, divmod(transition, size), here, waits > longer, longer))

    @cached_property
    def _first_visits(self) -> Integers:
        """The first visit of each journey to each step, at risk, sorted by step."""
        rows = first_of_each(self.visits.path, self.visits.steps)
        rows = rows[self.visits.at_risk[rows]]
        return rows[np.argsort(self.visits.steps[rows], kind="stable")]

    def _after(self, rows: Integers, places: int) -> Integers:
        """Step so many places after these visits in the same journey, -1 where it has ended."""
        later = np.minimum(rows + places, self.visits.table.n_touchpoints - 1)
        same = (rows + places == later) & (self.visits.path[later] == self.visits.path[rows])
        return np.where(same, self.visits.steps[later], -1)

    def _large(self, change: Change) -> Iterator[Change]:
        if len(change.rows) >= self.least and change.happened.sum() >= _EVENTS:
            yield change


NAMES: Final = {EXIT: "exit after {}", WAY: "{}", WAIT: "wait {}"}
