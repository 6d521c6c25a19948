"""Two steps that lead from and to the same places with the same outcome, and are like no other step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeygraph.gaps.groups import Group
from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, mask, percent
from journeygraph.gaps.overlap import Counts, beyond_p, equal_shares_p, equivalence_p, interval, overlap
from journeygraph.gaps.trials import EVERYBODY, Members
from journeygraph.gaps.visits import Integers, Mask, Visits, first_of_each
from journeygraph.journeys.table import CONVERTED

NAME = "duplicate_step"
#: Outcomes count as the same where the shares of conversions differ by less than this.
OUTCOME_MARGIN: Final = 0.15
#: What two steps may differ in: the steps before, the steps after, the outcome.
_ASPECTS = 3
_UNDECIDED = 0.1
#: A step with fewer journeys than this share of the pair's rarer one is too rare to be told apart from it.
_COMPARABLE = 1 / 3


@dataclass(frozen=True)
class _Neighbours:
    """What comes before and after each of K steps, counted at the first visit of each journey whose fate is known.

    With `members` only first visits that are some of these count.
    """

    visits: Visits
    members: Members = EVERYBODY

    @cached_property
    def first(self) -> Integers:
        """The visits that are counted."""
        rows = np.flatnonzero(self.visits.at_risk)
        first = rows[first_of_each(self.visits.path[rows], self.visits.steps[rows])]
        return first[self.members(first)]

    def within(self, members: Members) -> _Neighbours:
        """The same where only some of its first visits count."""
        result = _Neighbours(self.visits, members)
        result.__dict__["first"] = self.first[members(self.first)]
        return result

    @property
    def size(self) -> int:
        """Number of steps (K)."""
        return len(self.visits.table.steps)

    def _matrix(self, neighbour: Integers) -> Counts:
        cell = self.visits.steps[self.first] * (self.size + 1) + np.where(neighbour < 0, self.size, neighbour)
        counts = np.bincount(cell, minlength=self.size * (self.size + 1))
        return np.asarray(counts.reshape(self.size, self.size + 1))

    @cached_property
    def before(self) -> Counts:
        """Steps before each step (K x K + 1); the last column is the start of the journey."""
        return self._matrix(self.visits.previous[self.first])

    @cached_property
    def after(self) -> Counts:
        """Steps after each step (K x K + 1); the last column is the end of a lost journey."""
        following = np.append(self.visits.steps[1:], -1)
        return self._matrix(np.where(self.visits.is_last, -1, following)[self.first])

    @cached_property
    def outcome(self) -> Counts:
        """Conversions and losses of the closed journeys of each step (K x 2)."""
        path = self.visits.path[self.first]
        closed = self.visits.closed[path]
        lost = self.visits.table.outcomes[path] != CONVERTED
        cell = self.visits.steps[self.first] * 2 + lost
        return np.asarray(np.bincount(cell[closed], minlength=2 * self.size).reshape(self.size, 2))

    @cached_property
    def frequent(self) -> Integers:
        """Steps that enough journeys visited, goals aside."""
        return np.flatnonzero((self.before.sum(axis=1) >= self.visits.minimum_journeys) & ~self.visits.is_goal)

    def others(self, one: int, other: int) -> Integers:
        """The steps that a pair is told apart from: those of its stage that are frequent too, or all where none are."""
        journeys = self.before.sum(axis=1)
        rest = self.frequent[journeys[self.frequent] >= _COMPARABLE * min(journeys[one], journeys[other])]
        rest = rest[(rest != one) & (rest != other)]
        at_stage = rest[self.visits.stage_of[rest] == self.visits.stage_of[one]]
        return np.asarray(at_stage if len(at_stage) else rest)

    @cached_property
    def differs(self) -> NDArray[np.float64]:
        """P-value of "the two steps differ by no more than the margins", of every two steps (K x K).

        Bonferroni over the three aspects: to be another step it is enough to differ in one of them.  It must differ by
        more than the margin: with much data every two steps differ by something.

        Moves between the two, and repeats, say nothing about their places and are left out.
        """
        result = np.ones((self.size, self.size))
        for step in self.frequent.tolist():
            aspects = [self.outcome_p(step)]
            for counts in (self.before, self.after):
                own, rest = np.tile(counts[step], (self.size, 1)), counts.copy()
                for table in (own, rest):
                    np.fill_diagonal(table, 0)
                    table[:, step] = 0
                aspects.append(beyond_p(own, rest))
            result[step] = np.minimum(_ASPECTS * np.min(aspects, axis=0), 1.0)
        return result

    def outcome_p(self, step: int) -> NDArray[np.float64]:
        """P-value of "the same outcome", within the margin, of a step and each other (K)."""
        return beyond_p(np.tile(self.outcome[step], (self.size, 1)), self.outcome, OUTCOME_MARGIN)

    def pair(self, counts: Counts, one: int, other: int) -> tuple[Counts, Counts]:
        """Neighbours of two steps, themselves left out."""
        return np.delete(counts[one], (one, other)), np.delete(counts[other], (one, other))

    def pooled(self, counts: Counts, one: int, other: int) -> tuple[Counts, Counts]:
        """Neighbours of the pair, and of the others together; moves to the pair and repeats left out."""
        rest = counts.copy()
        np.fill_diagonal(rest, 0)
        rest = rest[self.others(one, other)].sum(axis=0)
        both = counts[one] + counts[other]
        return np.delete(both, (one, other)), np.delete(rest, (one, other))


def tests(visits: Visits) -> list[Test]:
    """A test for every two steps of a stage that enough journeys visited, if there are others to compare with.

    Then in groups.
    """
    near = _Neighbours(visits)
    everybody = [_test(near, pair, None, _p_value(near, *pair)) for pair in _pairs(near)]
    return everybody + [
        test
        for dimension in visits.groups
        for code in range(len(dimension.values))
        for test in _in_group(near, dimension.group(code))
    ]


def _pairs(near: _Neighbours) -> list[tuple[int, int]]:
    """Every two frequent steps of a stage that has others."""
    stage = near.visits.stage_of
    return [
        (one, other)
        for one, other in combinations(near.frequent.tolist(), 2)
        if stage[one] == stage[other] and len(near.others(one, other))
    ]


def _in_group(everybody: _Neighbours, group: Group) -> list[Test]:
    """A test for every two steps that are frequent both within the group and outside it.

    Two things must hold, and the larger p-value counts: within the group the two are for one purpose, and outside they
    are not.
    """
    inside = partial(everybody.visits.groups.mask, group)
    near = everybody.within(Members(inside))
    if not len(near.first):
        return []
    outside = everybody.within(Members(lambda rows: ~inside(rows)))
    frequent = set(outside.frequent.tolist())
    result: list[Test] = []
    for one, other in _pairs(near):
        if not {one, other} <= frequent:
            continue
        p_value = _p_value(near, one, other)
        if p_value < _UNDECIDED:  # a larger one decides nothing, whatever the other says
            p_value = max(p_value, float(outside.differs[one, other]))
        result.append(_test(near, (one, other), group, p_value))
    return result


def _test(near: _Neighbours, pair: tuple[int, int], group: Group | None, p_value: float) -> Test:
    return Test(
        NAME,
        pair,
        identity=near.visits.names(pair),
        p_value=p_value,
        describe=lambda: _describe(near, pair, group),
        group=group,
        without=lambda left_out: _without(near, pair, left_out),
    )


def _without(near: _Neighbours, pair: tuple[int, int], left_out: Mask) -> float:
    """The p-value without some visits; 1 where too few are left."""
    rest = near.within(Members.without(left_out))
    return _p_value(rest, *pair) if pair in _pairs(rest) else 1.0


def _p_value(near: _Neighbours, one: int, other: int) -> float:
    """The pair is equivalent in all aspects, and each of the two differs from every other step by more than that.

    Where all steps are exchangeable every pair is equivalent, and none stands out.  The largest p-value is that of
    "all of this" (intersection-union test; Berger, Technometrics 1982).
    """
    others = near.others(one, other)
    alone = max(float(near.differs[step, others].max()) for step in (one, other))
    alike = [equivalence_p(*near.pair(counts, one, other)) for counts in (near.before, near.after)]
    (converted, lost), (other_converted, other_lost) = near.outcome[one].tolist(), near.outcome[other].tolist()
    trials, other_trials = converted + lost, other_converted + other_lost
    return max(alone, *alike, equal_shares_p(converted, trials, other_converted, other_trials, OUTCOME_MARGIN))


def _visited(near: _Neighbours, pair: tuple[int, int], group: Group | None) -> Integers:
    visits = near.visits
    rows = near.first if group else np.flatnonzero(visits.at_risk)
    return rows[np.isin(visits.steps[rows], pair)]


def _describe(near: _Neighbours, pair: tuple[int, int], group: Group | None) -> Evidence:
    one, other = pair
    visits, names = near.visits, near.visits.names((one, other))
    counted = {step: visits.path[near.first[visits.steps[near.first] == step]] for step in (one, other)}
    rare = min((one, other), key=lambda step: (len(counted[step]), step))
    matrices = (near.before, near.after)
    shared = [overlap(*near.pair(counts, one, other)) for counts in matrices]
    usual = [overlap(*near.pooled(counts, one, other)) for counts in matrices]
    observed, expected = (sum(value for value, _ in both) / 2 for both in (shared, usual))
    observed = min(observed, 1.0)  # the estimate of two equal distributions may be a little above 1
    variance = sum(variance for _, variance in (*shared, *usual)) / 4
    parameters = {"steps": list(names), "known_until_us": visits.known_until_us, **(group.parameters if group else {})}
    queries = ("gaps/duplicate_step_in_group", "gaps/duplicate_step_in_group_neighbours") if group else KIND.queries
    (converted, lost), (other_converted, other_lost) = near.outcome[one].tolist(), near.outcome[other].tolist()
    whose = f"In {group.name} " if group else ""
    either = mask(visits.table.n_paths, np.concatenate(list(counted.values())))
    return Evidence(
        sentence=f"{whose}{names[0]} and {names[1]} lead from and to the same places ({percent(observed)} overlap, "
        f"{percent(expected)} with the other steps), and {percent(converted / max(converted + lost, 1))} and "
        f"{percent(other_converted / max(other_converted + other_lost, 1))} of their journeys convert.",
        subject=" and ".join(names),
        affected=mask(visits.table.n_paths, counted[rare]),
        denominator=either,
        visits=_visited(near, pair, group),
        observed=observed,
        expected=expected,
        effect=interval(observed - expected, variance),
        effect_unit="overlap of the steps before and after",
        lost_conversions=None,  # two steps for one purpose cost care, and no conversion
        counts={
            "first": len(counted[one]),
            "second": len(counted[other]),
            "first_converted": converted,
            "second_converted": other_converted,
        },
        statement=Statement(queries[0], {**parameters, "rarer": visits.table.steps[rare]}),
        inputs=Statement(
            queries[1],
            {**parameters, "others": list(visits.names(near.others(one, other).tolist()))},
        ),
    )


KIND = Kind(
    name=NAME,
    title="Two steps for one purpose",
    expected_against="neighbours and outcomes in the step graph",
    queries=(
        "gaps/duplicate_step",
        "gaps/duplicate_step_neighbours",
        "gaps/duplicate_step_in_group",
        "gaps/duplicate_step_in_group_neighbours",
    ),
    tests=tests,
)
