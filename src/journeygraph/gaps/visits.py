"""The journey table as visits: each touchpoint with its stage, its depth, and what became of the journey there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.blueprints import Blueprint
from journeygraph.durations import DAY_US
from journeygraph.gaps.groups import Groups
from journeygraph.gaps.sources import SourceHours
from journeygraph.journeys.table import CONVERTED, LOST, OPEN, JourneyTable
from journeygraph.schema import JourneyRules, Stage

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Upper ends of the depth buckets: exact up to the tenth touchpoint, then wider, the last one open.
DEPTHS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 19, 24, 30, 40, 60, 100)
UNKNOWN_STAGE: Final = Stage.CONSIDERATION.value


@dataclass(frozen=True)
class Visits:
    """A journey table (P journeys, N touchpoints, K steps) with what the kinds of findings ask of it.

    A visit's fate (the journey went on, or was lost there) is known where it happened more than a journey window
    before the end of the data.  Later visits are censored, also those that did go on: to count only them would
    make every step of the last weeks look safe.
    """

    table: JourneyTable
    rules: JourneyRules
    minimum_journeys: int
    groups: Groups = field(default_factory=lambda: Groups(()))
    sources: SourceHours | None = None
    blueprint: Blueprint | None = None

    @cached_property
    def path(self) -> Integers:
        """Journey of each visit (N)."""
        return self.table.path_of

    @cached_property
    def steps(self) -> Integers:
        """Step code of each visit (N)."""
        return self.table.step_codes.astype(np.int64)

    @cached_property
    def _by_step(self) -> dict[int, Integers]:
        return dict(split_by(self.steps, np.arange(len(self.steps))))

    def of_step(self, step: int) -> Integers:
        """The visits to a step, in order."""
        return self._by_step.get(step, np.zeros(0, dtype=np.int64))

    @cached_property
    def position(self) -> Integers:
        """Place in the journey of each visit, from 0 (N)."""
        return np.arange(self.table.n_touchpoints) - np.repeat(self.table.offsets[:-1], self.table.lengths)

    @cached_property
    def bucket(self) -> Integers:
        """Depth bucket of each visit, an index into `DEPTHS` or one above (N)."""
        return np.searchsorted(DEPTHS, self.position + 1).astype(np.int64)

    @cached_property
    def stage_names(self) -> tuple[str, ...]:
        """The stages that occur, sorted."""
        return tuple(sorted({self.stage_name(step) for step in self.table.steps}))

    def stage_name(self, step: str) -> str:
        """Stage of a step, consideration where none is known."""
        return self.table.stages.get(step) or UNKNOWN_STAGE

    @cached_property
    def stage_of(self) -> Integers:
        """Stage code of each step (K)."""
        return np.array([self.stage_names.index(self.stage_name(step)) for step in self.table.steps], dtype=np.int64)

    def same_stage(self, step: int) -> list[str]:
        """Names of the steps at the stage of this one that are no goals, itself included."""
        kept = np.flatnonzero((self.stage_of == self.stage_of[step]) & ~self.is_goal)
        return [self.table.steps[int(code)] for code in kept]

    @cached_property
    def stratum(self) -> Integers:
        """Stage and depth bucket of each visit as one number below `n_strata` (N)."""
        return self.stage_of[self.steps] * (len(DEPTHS) + 1) + self.bucket

    @property
    def n_strata(self) -> int:
        """Number of combinations of stage and depth bucket."""
        return len(self.stage_names) * (len(DEPTHS) + 1)

    @cached_property
    def is_last(self) -> Mask:
        """Whether a visit is its journey's last (N)."""
        last = np.zeros(self.table.n_touchpoints, dtype=bool)
        last[self.table.offsets[1:] - 1] = True
        return last

    @cached_property
    def is_goal(self) -> Mask:
        """Whether a step ended a conversion (K)."""
        goal = np.zeros(len(self.table.steps), dtype=bool)
        goal[self.steps[self.is_last & (self.table.outcomes == CONVERTED)[self.path]]] = True
        return goal

    @cached_property
    def previous(self) -> Integers:
        """Step code of the touchpoint before in the journey, -1 at its start (N)."""
        before = np.full(self.table.n_touchpoints, -1, dtype=np.int64)
        before[1:] = self.steps[:-1]
        before[self.table.offsets[:-1]] = -1
        return before

    @cached_property
    def outcome(self) -> Integers:
        """Outcome of the journey of each visit (N)."""
        return self.table.outcomes.astype(np.int64)[self.path]

    @cached_property
    def lost_here(self) -> Mask:
        """Whether the journey ended lost at this visit (N)."""
        return np.asarray(self.is_last & (self.outcome == LOST))

    @cached_property
    def weekday(self) -> Integers:
        """Day of the week of each visit, UTC, Monday is 0 (N)."""
        return (self.table.occurred_at_us // DAY_US + 3) % 7

    @cached_property
    def known_since_us(self) -> int:
        """Instant of the first visit."""
        return int(self.table.occurred_at_us.min())

    @cached_property
    def known_until_us(self) -> int:
        """Instant before which the fate of a visit is known: one journey window before the end of the data."""
        if not self.table.n_touchpoints:
            return 0
        return int(self.table.occurred_at_us.max()) - round(self.rules.journey_window_seconds * 1_000_000)

    @cached_property
    def at_risk(self) -> Mask:
        """Whether the journey could end lost at this visit, and it is known whether it did (N)."""
        return (self.table.occurred_at_us < self.known_until_us) & ~self.is_goal[self.steps]

    def at(self, steps: Sequence[int]) -> Mask:
        """The visits at risk of a step, or of a transition (N)."""
        there = self.at_risk & (self.steps == steps[-1])
        return np.asarray(there & (self.previous == steps[0])) if len(steps) == 2 else there

    @cached_property
    def closed(self) -> Mask:
        """Whether a journey is converted or lost (P)."""
        return np.asarray(self.table.outcomes != OPEN)

    @cached_property
    def ended_at_us(self) -> Integers:
        """Instant of each journey's last touchpoint (P)."""
        return self.table.occurred_at_us[self.table.offsets[1:] - 1]

    def names(self, codes: Sequence[int]) -> tuple[str, ...]:
        """Names of these steps."""
        return tuple(self.table.steps[int(code)] for code in codes)

    def channels(self, visits: Integers | Mask) -> tuple[str, ...]:
        """Channels of these visits, the commonest first, then by name."""
        counted = np.bincount(self.table.channel_codes[visits], minlength=len(self.table.channels))
        order = sorted(np.flatnonzero(counted).tolist(), key=lambda code: (-counted[code], self.table.channels[code]))
        return tuple(self.table.channels[code] for code in order)


def first_of_each(*columns: Integers) -> Integers:
    """Index of the first row of each distinct combination of these columns, in rising order.

    >>> first_of_each(np.array([1, 1, 0, 1]), np.array([5, 5, 5, 6])).tolist()
    [0, 2, 3]
    """
    key = _key(columns)
    order = ordered(key)
    first = np.zeros(len(key), dtype=bool)
    first[order[np.diff(key[order], prepend=-1) != 0]] = True
    return np.flatnonzero(first)


def compact(*columns: Integers) -> Integers:
    """One small number for each combination of these columns."""
    return np.unique(_key(columns), return_inverse=True)[1]


def _key(columns: Sequence[Integers]) -> Integers:
    key = columns[0]
    for column in columns[1:]:
        key = key * (int(column.max(initial=0)) + 1) + column
    return key


def ordered(numbers: Integers) -> Integers:
    """Order of these numbers, which are not negative, equals in their order: a stable `argsort`.

    Number and place are sorted as one integer, which takes a quarter of the time.

    >>> ordered(np.array([7, 2, 7, 0])).tolist()
    [3, 1, 0, 2]
    """
    bits = max(len(numbers) - 1, 1).bit_length()
    if int(numbers.max(initial=0)) >= 1 << (63 - bits):
        return np.argsort(numbers, kind="stable")
    packed = np.sort((numbers.astype(np.int64) << bits) | np.arange(len(numbers)))
    return np.asarray(packed & ((1 << bits) - 1))


def split_by(numbers: Integers, rows: Integers) -> Iterator[tuple[int, Integers]]:
    """The rows of each number, in rising order of the numbers, which are not negative.

    >>> [(number, rows.tolist()) for number, rows in split_by(np.array([7, 2, 7]), np.array([10, 11, 12]))]
    [(2, [11]), (7, [10, 12])]
    """
    if not len(rows):
        return
    order = ordered(numbers)
    starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    yield from zip(numbers[order][starts].tolist(), np.split(rows[order], starts[1:]), strict=True)
