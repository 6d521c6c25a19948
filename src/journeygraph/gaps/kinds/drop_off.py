"""Journeys end lost after a step, or after a transition, more than at the same stage and depth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from journeygraph.gaps import drop_off_groups
from journeygraph.gaps.exits import Exits
from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, percent, strongest
from journeygraph.gaps.visits import DEPTHS, Integers, Mask, Visits, first_of_each
from journeygraph.statistics import Strata, excess_p, q_values

NAME = "drop_off"
#: Between two findings that overlap, evidence below this says that one is more than the other.
_MORE_THAN = 0.01
_STILL = 0.05


@dataclass(frozen=True)
class _Counts:
    """Visits at risk and losses of G groups (steps or transitions) in S strata, and of everything together."""

    groups: Integers  # G: group number, see `_groups`
    trials: Integers  # G x S
    losses: Integers  # G x S
    all_trials: Integers  # S
    all_losses: Integers  # S

    def strata(self, row: int) -> Strata:
        """A group against everything else in its strata."""
        trials, losses = self.trials[row], self.losses[row]
        return Strata(losses, trials, self.all_losses - losses, self.all_trials - trials)


def _groups(visits: Visits, *, transitions: bool) -> Integers:
    """Group of each visit (N): its step, or its transition as previous * K + step; -1 where there is none."""
    if not transitions:
        return visits.steps
    size = len(visits.table.steps)
    return np.where(visits.previous < 0, -1, visits.previous * size + visits.steps)


def _count(visits: Visits, groups: Integers) -> _Counts:
    """Count the groups that enough journeys were at risk in."""
    at_risk = visits.at_risk
    group, stratum = groups[at_risk], visits.stratum[at_risk]
    lost, path = visits.lost_here[at_risk], visits.path[at_risk]
    all_trials = np.bincount(stratum, minlength=visits.n_strata)
    all_losses = np.bincount(stratum[lost], minlength=visits.n_strata)
    known = group >= 0
    group, stratum, lost, path = group[known], stratum[known], lost[known], path[known]
    kept, journeys = np.unique(group[first_of_each(path, group)], return_counts=True)
    kept = kept[journeys >= visits.minimum_journeys]
    place = np.full(int(group.max(initial=-1)) + 1, -1)
    place[kept] = np.arange(len(kept))
    member = place[group] >= 0
    row = place[group][member]
    cell, size = row * visits.n_strata + stratum[member], len(kept) * visits.n_strata
    shape = (len(kept), visits.n_strata)
    trials = np.bincount(cell, minlength=size).reshape(shape)
    losses = np.bincount(cell[lost[member]], minlength=size).reshape(shape)
    return _Counts(kept, trials, losses, all_trials, all_losses)


def tests(visits: Visits) -> list[Test]:
    """A test for every step and every transition that enough journeys and comparable visits allow; then in groups."""
    result: list[Test] = []
    grouped: list[Test] = []
    for transitions in (False, True):
        groups = _groups(visits, transitions=transitions)
        counts = _count(visits, groups)
        for row, group in enumerate(counts.groups.tolist()):
            strata = counts.strata(row).informative()
            if min(strata.trials.sum(), strata.reference_trials.sum()) < visits.minimum_journeys:
                continue
            steps = divmod(group, len(visits.table.steps)) if transitions else (group,)
            result.append(_test(visits, steps, strata))
        grouped += drop_off_groups.tests(visits, groups, counts.groups, transitions=transitions)
    return result + grouped


def _test(visits: Visits, steps: tuple[int, ...], strata: Strata) -> Test:
    return Test(
        NAME,
        steps,
        identity=visits.names(steps),
        p_value=excess_p(strata),
        describe=lambda: _describe(visits, steps, strata),
        without=lambda left_out: _without(visits, steps, left_out),
    )


def _without(visits: Visits, steps: tuple[int, ...], left_out: Mask) -> float:
    there = visits.at(steps)
    return excess_p(_compare(visits, there & ~left_out, visits.at_risk & ~(there & left_out)))


def _describe(visits: Visits, steps: tuple[int, ...], strata: Strata) -> Evidence:
    there = visits.at(steps)
    exits = Exits(visits, visits.path[there], visits.path[there & visits.lost_here], strata)
    names = visits.names(steps)
    parameters = {"steps": list(names), "known_until_us": visits.known_until_us}
    same_stage = visits.same_stage(steps[-1])
    return Evidence(
        sentence=f"{exits.n_lost} of {exits.n_reached} journeys ({percent(exits.observed)}) were lost right after "
        f"{' → '.join(names)}; at the same stage and depth {percent(exits.expected)} would have been.",
        subject=" → ".join(names),
        affected=exits.lost,
        denominator=exits.reached,
        visits=there,
        observed=exits.observed,
        expected=exits.expected,
        effect=exits.effect,
        effect_unit="share of the journeys that reached it",
        lost_conversions=exits.lost_conversions,
        counts={"visits": len(exits.came), "went_on": exits.n_went_on, "converted": exits.n_converted},
        statement=Statement("gaps/drop_off", parameters),
        inputs=Statement("gaps/drop_off_strata", {**parameters, "same_stage": same_stage, "depths": list(DEPTHS)}),
    )


def once(visits: Visits, significant: Sequence[Test]) -> list[Test]:
    """Of a step and the transitions into it, keep what the others do not explain.

    A transition is left out where its step is a finding too, unless it loses more than the other ways into the
    step; a step is left out where, without the transitions kept, it loses no more than others do.  Within a group the
    one with the most evidence is kept.
    """
    if any(test.group for test in significant):
        return strongest(significant, lambda test: test.steps[-1])
    steps = [test for test in significant if len(test.steps) == 1]
    flagged = {test.steps[0] for test in steps}
    transitions = [test for test in significant if len(test.steps) == 2]
    kept = [test for test in transitions if test.steps[1] not in flagged]
    kept += _worse_than_other_ways(visits, [test for test in transitions if test.steps[1] in flagged])
    by_step: dict[int, list[int]] = {}
    for test in kept:
        by_step.setdefault(test.steps[1], []).append(test.steps[0])
    return kept + [test for test in steps if _remains(visits, test.steps[0], by_step.get(test.steps[0], []))]


def _worse_than_other_ways(visits: Visits, transitions: Sequence[Test]) -> list[Test]:
    """The transitions that lose more than the other ways into the same step, corrected for how many are asked."""
    p_values: list[float] = []
    for test in transitions:
        at_step = visits.at_risk & (visits.steps == test.steps[1])
        p_values.append(excess_p(_compare(visits, at_step & (visits.previous == test.steps[0]), at_step)))
    corrected = q_values(np.array(p_values))
    return [test for test, q in zip(transitions, corrected, strict=True) if q <= _MORE_THAN]


def _remains(visits: Visits, step: int, explained: Sequence[int]) -> bool:
    """Whether a step still loses more than others where it is not reached from `explained`."""
    if not explained:
        return True
    rest = visits.at_risk & (visits.steps == step) & ~np.isin(visits.previous, explained)
    others = visits.at_risk & (visits.steps != step)
    return excess_p(_compare(visits, rest, others | rest)) <= _STILL


def _compare(visits: Visits, subject: Mask, everything: Mask) -> Strata:
    def count(kept: Mask) -> Integers:
        return np.bincount(visits.stratum[kept], minlength=visits.n_strata)

    events, trials = count(subject & visits.lost_here), count(subject)
    return Strata(events, trials, count(everything & visits.lost_here) - events, count(everything) - trials)


KIND = Kind(
    name=NAME,
    title="Journeys end lost here",
    expected_against="the exit hazard of journeys at the same stage and depth",
    queries=(
        "gaps/drop_off",
        "gaps/drop_off_strata",
        "gaps/drop_off_in_group",
        "gaps/drop_off_in_group_strata",
    ),
    tests=tests,
    once=once,
)
