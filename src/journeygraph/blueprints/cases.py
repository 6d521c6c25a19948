"""Where a declared journey applies, and what each of its rules says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journeygraph.blueprints.history import History, Integers, Mask, count_in, first_in, last_in
from journeygraph.blueprints.model import Blueprint
from journeygraph.blueprints.rules import Branching, Rule
from journeygraph.journeys.table import CONVERTED, OPEN
from journeygraph.schema import JourneyRules

MISSING, LATE, OUT_OF_ORDER = "missing", "late", "out_of_order"
WRONG_CHANNEL, REPEATED, FORBIDDEN = "wrong_channel", "repeated", "forbidden"
KINDS = (MISSING, LATE, OUT_OF_ORDER, WRONG_CHANNEL, REPEATED, FORBIDDEN)


@dataclass(frozen=True)
class Cases:
    """The C cases that a declared journey applies to; at most one a journey.

    A case's touchpoints are the places `start` to `stop` of the history: those of its journey, or, where the declared
    journey starts with a step, the customer's from the first such step of the journey on for `until_us`.
    """

    history: History
    blueprint: Blueprint
    rules: JourneyRules
    path: Integers
    start: Integers
    stop: Integers

    @property
    def across(self) -> bool:
        """Whether cases go on into later journeys."""
        return self.blueprint.across

    @property
    def until_us(self) -> int:
        """How long after its start a case is looked at (where it goes across journeys)."""
        return self.blueprint.until_us(self.rules.journey_window_us)

    @property
    def starts_us(self) -> Integers:
        """Instant at which each case starts (C)."""
        return self.history.table.occurred_at_us[self.start]

    @property
    def judged(self) -> Mask:
        """Whether all of a case has been seen: its time has passed in the data, or its journey is over (C)."""
        if self.across:
            return np.asarray(self.starts_us + self.until_us <= self.history.data_end_us)
        return np.asarray(self.history.table.outcomes[self.path] != OPEN)

    @property
    def outcome_known(self) -> Mask:
        """Whether it is known if a conversion followed (C)."""
        if not self.across:
            return self.judged
        window = self.until_us + self.rules.journey_window_us
        return np.asarray(self.starts_us + window <= self.history.data_end_us)

    @property
    def converted(self) -> Mask:
        """Whether the journey converted; across journeys, whether the customer did in the window after the case (C)."""
        if not self.across:
            return np.asarray(self.history.table.outcomes[self.path] == CONVERTED)
        later = self.history.behind(self.path, self.starts_us + self.until_us + self.rules.journey_window_us)
        return np.asarray(count_in(self.history.conversions, self.stop, later) > 0)

    def select(self, kept: Mask) -> Cases:
        """Some of the cases."""
        parts = (self.path[kept], self.start[kept], self.stop[kept])
        return Cases(self.history, self.blueprint, self.rules, *parts)


def cases(history: History, blueprint: Blueprint, rules: JourneyRules) -> Cases:
    """All cases of a declared journey, also those that cannot be judged yet."""
    table = history.table
    first, behind = table.offsets[:-1], table.offsets[1:]
    if not blueprint.across:
        return Cases(history, blueprint, rules, np.arange(table.n_paths), first, behind)
    start = first_in(history.places(blueprint.starts), first, behind)
    path = np.flatnonzero(start >= 0)
    start = start[path]
    until = table.occurred_at_us[start] + blueprint.until_us(rules.journey_window_us)
    return Cases(history, blueprint, rules, path, start, history.behind(path, until))


@dataclass(frozen=True)
class Verdicts:
    """What the rules say of C cases: a mask (C) for each deviation and step, and the figures of each case.

    `asked` counts the items that a case was held against, `broken` those that deviate.
    """

    deviations: dict[tuple[str, str], Mask]
    asked: Integers
    broken: Integers

    @property
    def fitness(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Share of the items that went as declared, 1 where nothing was asked (C)."""
        return np.asarray(1.0 - self.broken / np.maximum(self.asked, 1))


def judge(cases: Cases) -> Verdicts:
    """Hold cases against every rule."""
    flat, size = cases.blueprint.rules, len(cases.path)
    seen = {rule.step: _Seen.of(cases, rule.step) for rule in flat.rules}
    taken = [_taken(branching, seen, size) for branching in flat.branchings]
    inside = {rule.step: _inside(rule, flat.branchings, taken, size) for rule in flat.rules}
    deviations: dict[tuple[str, str], Mask] = {}
    asked, broken = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for branching, way in zip(flat.branchings, taken, strict=True):
        if branching.required:
            deviations[MISSING, branching.name] = way < 0
            asked, broken = asked + 1, broken + (way < 0)
    for rule in flat.rules:
        found = _deviations(cases, rule, seen, inside)
        deviations |= {(kind, rule.step): mask for kind, mask in found.items()}
        asked = asked + (inside[rule.step] & (seen[rule.step].here | rule.required))
        broken = broken + np.logical_or.reduce([np.zeros(size, dtype=bool), *found.values()])
    for step in flat.forbidden:
        here = _Seen.of(cases, step).here
        deviations[FORBIDDEN, step] = here
        asked, broken = asked + here, broken + here
    return Verdicts(deviations, asked, broken)


@dataclass(frozen=True)
class _Seen:
    """Where a step happened in each case (C): first and last place, -1 for nowhere, and how often."""

    first: Integers
    last: Integers
    count: Integers

    @classmethod
    def of(cls, cases: Cases, step: str) -> _Seen:
        places = cases.history.places(step)
        return cls(
            first_in(places, cases.start, cases.stop),
            last_in(places, cases.start, cases.stop),
            count_in(places, cases.start, cases.stop),
        )

    @property
    def here(self) -> Mask:
        return np.asarray(self.count > 0)


def _taken(branching: Branching, seen: dict[str, _Seen], size: int) -> Integers:
    """The way that each case took, -1 for none: the one of which it has the most steps, the first of several."""
    steps = np.array([sum((seen[step].here.astype(np.int64) for step in way), np.zeros(size, np.int64))
                      for way in branching.ways])  # fmt: skip
    return np.where(steps.max(axis=0) > 0, steps.argmax(axis=0), -1)


def _inside(rule: Rule, branchings: Sequence[Branching], taken: Sequence[Integers], size: int) -> Mask:
    """Whether a step belongs to the way that each case took."""
    if rule.branching is None:
        return np.ones(size, dtype=bool)
    way = next(n for n, steps in enumerate(branchings[rule.branching].ways) if rule.step in steps)
    return np.asarray(taken[rule.branching] == way)


def _deviations(cases: Cases, rule: Rule, seen: dict[str, _Seen], inside: dict[str, Mask]) -> dict[str, Mask]:
    """Each way to deviate from a rule that it leaves possible."""
    step, found = seen[rule.step], {}
    if rule.required:
        found[MISSING] = ~step.here
    if rule.within_us is not None:
        found[LATE] = _late(cases, rule, rule.within_us)
    if rule.before:
        after = np.full(len(step.first), -1, dtype=np.int64)
        for other in rule.before:
            after = np.where(seen[other].here & inside[other], seen[other].first, after)
        found[OUT_OF_ORDER] = step.here & (step.last < after)
    if rule.channels is not None:
        allowed = cases.history.places(rule.step, rule.channels)
        found[WRONG_CHANNEL] = step.here & (first_in(allowed, cases.start, cases.stop) < 0)
    if not rule.repeats:
        found[REPEATED] = step.count > 1
    return {kind: mask & inside[rule.step] for kind, mask in found.items()}


def _late(cases: Cases, rule: Rule, within_us: int) -> Mask:
    """Whether the first time after the reference is later than the limit."""
    times = cases.history.table.occurred_at_us
    since = cases.start if rule.since is None else first_in(cases.history.places(rule.since), cases.start, cases.stop)
    first = first_in(cases.history.places(rule.step), np.maximum(since, 0), cases.stop)
    return np.asarray((since >= 0) & (first >= 0) & (times[first] - times[since] > within_us))
