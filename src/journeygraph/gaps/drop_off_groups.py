"""Drop-offs within groups: steps that a group leaves more than others do, and more than it leaves other steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journeygraph.gaps.exits import Exits
from journeygraph.gaps.groups import Dimension, Group
from journeygraph.gaps.kind import Evidence, Statement, Test, percent
from journeygraph.gaps.visits import DEPTHS, Integers, Mask, Visits
from journeygraph.statistics import Strata, excess_p

NAME = "drop_off"
#: Visits of a group at a subject, in multiples of the minimum number of journeys, from which on it is tested.
_VISITS = 2
_UNDECIDED = 0.1


@dataclass(frozen=True)
class _Cells:
    """Visits at risk and losses by subject, value of a dimension (the last column: none) and stratum."""

    subjects: Integers
    trials: Integers  # G x (V + 1) x S
    losses: Integers

    def against_others(self, row: int, code: int) -> Strata:
        """A subject within the group against the same subject outside it."""
        trials, losses = self.trials[row], self.losses[row]
        return Strata(losses[code], trials[code], losses.sum(axis=0) - losses[code], trials.sum(axis=0) - trials[code])


def tests(visits: Visits, subjects: Integers, kept: Integers, *, transitions: bool) -> list[Test]:
    """A test for each kept subject (a number for each visit: a step or a transition) within each group large enough.

    Two things must hold: the group leaves more than others do at the same subject and depth, and more than the group
    itself leaves other steps of the same stage and depth.  The larger p-value counts, so that neither a bad step, nor a
    group that leaves more everywhere, is told as a gap of the two together.
    """
    return [
        test
        for dimension in visits.groups
        for test in _of_dimension(visits, dimension, _count(visits, dimension, subjects, kept), transitions)
    ]


def _of_dimension(visits: Visits, dimension: Dimension, cells: _Cells, transitions: bool) -> list[Test]:
    own = _own(visits, dimension)
    result: list[Test] = []
    size = len(visits.table.steps)
    n_visits = cells.trials.sum(axis=2)
    for row, code in np.argwhere(n_visits[:, :-1] >= _VISITS * visits.minimum_journeys).tolist():
        others = cells.against_others(row, code)
        if others.informative().reference_trials.sum() < visits.minimum_journeys:
            continue
        subject = int(cells.subjects[row])
        steps = divmod(subject, size) if transitions else (subject,)
        trials, losses = cells.trials[row, code], cells.losses[row, code]
        elsewhere = Strata(losses, trials, own[1][code] - losses, own[0][code] - trials)
        p_value = excess_p(others)
        if p_value < _UNDECIDED:  # a larger one decides nothing, whatever the other says
            p_value = max(p_value, excess_p(elsewhere))
        result.append(_test(visits, dimension.group(code), steps, others, p_value))
    return result


def _count(visits: Visits, dimension: Dimension, subjects: Integers, kept: Integers) -> _Cells:
    rows = np.flatnonzero(visits.at_risk & np.isin(subjects, kept))
    width, depth = len(dimension.values) + 1, visits.n_strata
    place = np.searchsorted(kept, subjects[rows])
    code = dimension.codes[rows].astype(np.int64) % width  # -1 becomes the last column
    cell = (place * width + code) * depth + visits.stratum[rows]
    shape = (len(kept), width, depth)

    def count(which: Integers) -> Integers:
        return np.bincount(which, minlength=len(kept) * width * depth).reshape(shape)

    return _Cells(kept, count(cell), count(cell[visits.lost_here[rows]]))


def _own(visits: Visits, dimension: Dimension) -> tuple[Integers, Integers]:
    """Visits at risk and losses of each value (the last row: none) in each stratum, at all steps."""
    rows = np.flatnonzero(visits.at_risk)
    width, depth = len(dimension.values) + 1, visits.n_strata
    cell = (dimension.codes[rows].astype(np.int64) % width) * depth + visits.stratum[rows]
    trials = np.bincount(cell, minlength=width * depth).reshape(width, depth)
    losses = np.bincount(cell[visits.lost_here[rows]], minlength=width * depth).reshape(width, depth)
    return trials, losses


def _test(visits: Visits, group: Group, steps: tuple[int, ...], strata: Strata, p_value: float) -> Test:
    return Test(
        NAME,
        steps,
        identity=visits.names(steps),
        p_value=p_value,
        describe=lambda: _describe(visits, group, steps, strata),
        group=group,
        without=lambda left_out: _without(visits, group, steps, left_out),
    )


def _without(visits: Visits, group: Group, steps: tuple[int, ...], left_out: Mask) -> float:
    there = visits.at(steps) & ~left_out
    members = visits.groups.mask(group)

    def count(kept: Mask) -> Integers:
        return np.bincount(visits.stratum[kept], minlength=visits.n_strata)

    inside, outside = there & members, there & ~members
    lost = visits.lost_here
    return excess_p(Strata(count(inside & lost), count(inside), count(outside & lost), count(outside)))


def _describe(visits: Visits, group: Group, steps: tuple[int, ...], strata: Strata) -> Evidence:
    there = visits.at(steps) & visits.groups.mask(group)
    exits = Exits(visits, visits.path[there], visits.path[there & visits.lost_here], strata)
    names = visits.names(steps)
    parameters = {"steps": list(names), "known_until_us": visits.known_until_us, **group.parameters}
    return Evidence(
        sentence=f"{exits.n_lost} of {exits.n_reached} journeys ({percent(exits.observed)}) of {group.name} were lost "
        f"right after {' → '.join(names)}; of others at the same depth {percent(exits.expected)} are.",
        subject=" → ".join(names),
        affected=exits.lost,
        denominator=exits.reached,
        visits=there,
        observed=exits.observed,
        expected=exits.expected,
        effect=exits.effect,
        effect_unit="share of the group's journeys that reached it",
        lost_conversions=exits.lost_conversions,
        counts={"visits": len(exits.came), "went_on": exits.n_went_on, "converted": exits.n_converted},
        statement=Statement("gaps/drop_off_in_group", parameters),
        inputs=Statement("gaps/drop_off_in_group_strata", {**parameters, "depths": list(DEPTHS)}),
    )
