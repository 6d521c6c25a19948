"""Customers' touchpoints as columns, and instants at which to ask what was known: the ground of intent features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from journeygraph.intent.features.traits import TRAITS, Trait, TraitName, Traits
from journeygraph.journeys.table import CONVERTED, JourneyTable
from journeygraph.schema import JourneyRules, Touchpoint, to_microseconds

Indices = NDArray[np.int64]
US_PER_SECOND = 1_000_000
#: The field of a touchpoint that holds a trait.
_FIELDS: Mapping[TraitName, str] = {"product": "product_id", "category": "product_category", "campaign": "campaign"}


@dataclass(frozen=True)
class Timeline:
    """N touchpoints, customer after customer, each customer's in time order.

    Customer c's touchpoints are `offsets[c]:offsets[c + 1]`.  `journey_starts[i]` is the index of the first touchpoint
    of the journey that touchpoint i belongs to, `visit_starts[i]` of its visit: touchpoints with no idle time above
    the session idle time between them.  `cents` are hundredths of a conversion's value.
    """

    customer_ids: Sequence[str]
    offsets: Indices  # C + 1
    step_codes: NDArray[np.int32]  # N
    channel_codes: NDArray[np.int32]  # N
    times_us: Indices  # N: microseconds since 1970, UTC
    goals: NDArray[np.bool_]  # N: the touchpoint is a conversion
    journey_starts: Indices  # N
    visit_starts: Indices  # N
    steps: Sequence[str]
    channels: Sequence[str]
    rules: JourneyRules
    stages: Mapping[str, str] = field(default_factory=dict)
    traits: Traits = field(default_factory=dict)
    values: NDArray[np.float64] | None = None  # N: of conversions, 0 elsewhere

    @property
    def n_touchpoints(self) -> int:
        """Number of touchpoints."""
        return len(self.times_us)

    def step_code(self, step: str) -> int:
        """Code of a step, -1 for one that never occurred."""
        return self._step_index.get(step, -1)

    @cached_property
    def _step_index(self) -> Mapping[str, int]:
        return {step: code for code, step in enumerate(self.steps)}

    @cached_property
    def cents(self) -> Indices:
        """The values in whole hundredths (N), so that sums are exact; none below zero."""
        if self.values is None:
            return np.zeros(self.n_touchpoints, dtype=np.int64)
        return np.round(np.maximum(self.values, 0.0) * 100).astype(np.int64)

    def part(self, start: int, stop: int) -> Timeline:
        """Only the customers `start` to `stop` (left out itself), numbered anew."""
        return self._slice(int(self.offsets[start]), int(self.offsets[stop]), self.offsets[start : stop + 1], start)

    def alone(self, customer: int, end: int) -> Timeline:
        """One customer's touchpoints before index `end`, split into journeys anew: all that was known of them then."""
        first = int(self.offsets[customer])
        known = self._slice(first, end, np.array([first, end], dtype=np.int64), customer)
        goals = np.isin(known.step_codes, [known.step_code(goal) for goal in self.rules.goals])
        opened = np.concatenate([[True], goals[:-1] | (np.diff(known.times_us) > self.rules.journey_window_us)])
        return replace(known, goals=goals, journey_starts=_last_true(opened))

    def _slice(self, first: int, end: int, offsets: Indices, customer: int) -> Timeline:
        kept = slice(first, end)
        return replace(
            self,
            customer_ids=self.customer_ids[customer : customer + len(offsets) - 1],
            offsets=offsets - first,
            step_codes=self.step_codes[kept],
            channel_codes=self.channel_codes[kept],
            times_us=self.times_us[kept],
            goals=self.goals[kept],
            journey_starts=self.journey_starts[kept] - first,
            visit_starts=self.visit_starts[kept] - first,
            traits={name: Trait(trait.codes[kept], trait.names) for name, trait in self.traits.items()},
            values=None if self.values is None else self.values[kept],
        )

    @cached_property
    def owners(self) -> Indices:
        """The customer of each touchpoint (N)."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @cached_property
    def _keys(self) -> tuple[Indices, Indices]:
        """The distinct instants, and for each touchpoint a number that sorts by customer, then instant."""
        distinct = np.unique(self.times_us)
        return distinct, self.owners * (len(distinct) + 1) + np.searchsorted(distinct, self.times_us) + 1

    def ends(self, customers: Indices, at_us: Indices) -> Indices:
        """For each customer and instant (both K): one past the index of the last touchpoint up to that instant."""
        distinct, keys = self._keys
        wanted = customers * (len(distinct) + 1) + np.searchsorted(distinct, at_us, side="right")
        return np.searchsorted(keys, wanted, side="right").astype(np.int64)

    @classmethod
    def from_table(cls, table: JourneyTable, rules: JourneyRules, traits: Traits | None = None) -> Self:
        """The touchpoints of a table of journeys (not of sessions), with what they were about where that was read."""
        goals, values = np.zeros(table.n_touchpoints, dtype=np.bool_), np.zeros(table.n_touchpoints)
        last = table.offsets[1:][table.outcomes == CONVERTED] - 1
        goals[last], values[last] = True, table.values[table.outcomes == CONVERTED]
        owners = table.customers[table.path_of]
        offsets = np.searchsorted(owners, np.arange(len(table.customer_ids) + 1)).astype(np.int64)
        return cls(
            customer_ids=table.customer_ids,
            offsets=offsets,
            step_codes=table.step_codes,
            channel_codes=table.channel_codes,
            times_us=table.occurred_at_us,
            goals=goals,
            journey_starts=np.repeat(table.offsets[:-1], table.lengths),
            visit_starts=_visit_starts(table.occurred_at_us, offsets, rules),
            steps=table.steps,
            channels=table.channels,
            rules=rules,
            stages=table.stages,
            traits=traits or {},
            values=values,
        )

    @classmethod
    def from_touchpoints(cls, touchpoints: Sequence[Touchpoint], rules: JourneyRules) -> Self:
        """The touchpoints of one visitor, in any order; journeys are split by the rules."""
        ordered = in_order(touchpoints)
        times = np.array([to_microseconds(touchpoint.occurred_at) for touchpoint in ordered], dtype=np.int64)
        steps = sorted({touchpoint.step for touchpoint in ordered})
        channels = sorted({touchpoint.channel for touchpoint in ordered})
        goals = np.array([touchpoint.step in rules.goals for touchpoint in ordered], dtype=np.bool_)
        offsets = np.array([0, len(ordered)], dtype=np.int64)
        opened = np.concatenate([[True], goals[:-1] | (np.diff(times) > rules.journey_window_us)])
        return cls(
            customer_ids=[""],
            offsets=offsets,
            step_codes=np.array([steps.index(touchpoint.step) for touchpoint in ordered], dtype=np.int32),
            channel_codes=np.array([channels.index(touchpoint.channel) for touchpoint in ordered], dtype=np.int32),
            times_us=times,
            goals=goals,
            journey_starts=_last_true(opened[: len(ordered)]),
            visit_starts=_visit_starts(times, offsets, rules),
            steps=steps,
            channels=channels,
            rules=rules,
            stages={touchpoint.step: touchpoint.stage for touchpoint in ordered if touchpoint.stage},
            traits={name: Trait.of([getattr(touchpoint, _FIELDS[name]) for touchpoint in ordered]) for name in TRAITS},
            values=np.where(goals, [touchpoint.value or 0.0 for touchpoint in ordered], 0.0),
        )


@dataclass(frozen=True)
class Cuts:
    """K instants, each of one customer who had at least one touchpoint by then; nothing after `end` was known.

    `first:end` are the customer's touchpoints up to and including the instant, `journey:end` those of the journey
    that is still running then: none where it ended in a conversion or its window has passed.
    """

    customers: Indices  # K
    at_us: Indices  # K
    first: Indices  # K
    end: Indices  # K
    journey: Indices  # K

    def __len__(self) -> int:
        return len(self.at_us)

    def select(self, kept: Any) -> Cuts:
        """Only the cuts of a mask or of indices."""
        return Cuts(self.customers[kept], self.at_us[kept], self.first[kept], self.end[kept], self.journey[kept])


def place(timeline: Timeline, customers: Indices, at_us: Indices) -> Cuts:
    """Cuts of those customers at those instants (both K); those before a customer's first touchpoint are left out."""
    end = timeline.ends(customers, at_us)
    first = timeline.offsets[customers]
    known = end > first
    customers, at_us, first, end = customers[known], at_us[known], first[known], end[known]
    last = end - 1
    idle_us = at_us - timeline.times_us[last]
    over = timeline.goals[last] | (idle_us > timeline.rules.journey_window_us)
    return Cuts(customers, at_us, first, end, np.where(over, end, timeline.journey_starts[last]))


def in_order(touchpoints: Sequence[Touchpoint]) -> list[Touchpoint]:
    """By instant, then id: the order of the whole product."""
    return sorted(touchpoints, key=lambda touchpoint: (touchpoint.occurred_at, touchpoint.touchpoint_id))


def _visit_starts(times_us: Indices, offsets: Indices, rules: JourneyRules) -> Indices:
    opened = np.zeros(len(times_us), dtype=np.bool_)
    opened[1:] = np.diff(times_us) > rules.session_idle_us
    opened[offsets[:-1][offsets[:-1] < len(times_us)]] = True
    return _last_true(opened)


def _last_true(mask: NDArray[np.bool_]) -> Indices:
    """Index of the last true value up to each position."""
    return np.maximum.accumulate(np.where(mask, np.arange(len(mask)), 0)).astype(np.int64)
