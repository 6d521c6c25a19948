"""The search over groups, the same for every kind: where is a gap confined to a platform, a campaign, a store, ...?

Two things must hold, and the larger p-value counts: the group's trials have more events than those of all others in the
same strata, and within the group alone the kind's own question is answered with yes.  So neither a gap that everybody
has, nor a group that does worse everywhere, is told as a gap of the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from journeygraph.gaps.clustered import Rows
from journeygraph.gaps.group_evidence import describe
from journeygraph.gaps.groups import Dimension, Group
from journeygraph.gaps.kind import Test
from journeygraph.gaps.trials import Members, Trials
from journeygraph.gaps.visits import Integers, Mask, Visits
from journeygraph.statistics import Strata, excess_p

#: Trials of a group, in multiples of the minimum number of journeys, from which on it is tested.
TRIALS = 2
_UNDECIDED = 0.1


@dataclass(frozen=True)
class _Candidate:
    """A subject within a group, with the p-value of "no more events than others"."""

    trials: Trials
    group: Group
    p_value: float


def tests(visits: Visits, subjects: Iterable[Trials]) -> list[Test]:
    """A test for every subject within every group that is large enough, whatever happened there.

    Where there are no groups, the subjects are not even made.
    """
    if not tuple(visits.groups):
        return []
    found = [
        candidate
        for one in map(_compacted, subjects)
        for dimension in visits.groups
        for candidate in _of_dimension(visits, dimension, one)
    ]
    return [_test(visits, candidate) for candidate in _decided(visits, found)]


def _compacted(trials: Trials) -> Trials:
    return replace(trials, stratum=np.unique(trials.stratum, return_inverse=True)[1].reshape(-1))


def _of_dimension(visits: Visits, dimension: Dimension, trials: Trials) -> Iterator[_Candidate]:
    """The values of a dimension with enough trials inside, and outside in the same strata."""
    width, depth = len(dimension.values) + 1, int(trials.stratum.max(initial=0)) + 1
    code = dimension.codes[trials.row].astype(np.int64) % width  # -1 becomes the last column
    large = np.flatnonzero(np.bincount(code, minlength=width)[:-1] >= TRIALS * visits.minimum_journeys)
    if not len(large):
        return
    cell = code * depth + trials.stratum
    n, events = (_table(cell[kept], width, depth) for kept in (slice(None), trials.event))
    all_n, all_events = n.sum(axis=0), events.sum(axis=0)
    for value in large.tolist():
        strata = Strata(events[value], n[value], all_events - events[value], all_n - n[value])
        if strata.informative().reference_trials.sum() >= visits.minimum_journeys:
            yield _Candidate(trials, dimension.group(value), excess_p(strata))


def _table(cell: Integers, width: int, depth: int) -> Integers:
    return np.asarray(np.bincount(cell, minlength=width * depth).reshape(width, depth))


def _decided(visits: Visits, found: Sequence[_Candidate]) -> list[_Candidate]:
    """The candidates with the larger p-value of both questions, group by group: what a group needs is made once.

    A p-value that decides nothing stays as it is, whatever the other question says.
    """
    result = list(found)
    open_ = [place for place, one in enumerate(found) if one.p_value < _UNDECIDED]
    by_group: dict[Group, list[int]] = {}
    for place in open_:
        by_group.setdefault(found[place].group, []).append(place)
    for group, places in by_group.items():
        members = members_of(visits, group)
        for place in places:
            trials = found[place].trials
            clustered = rows_of(visits, trials, members).excess_p()
            own = trials.own(members) if clustered < _UNDECIDED else 0.0
            result[place] = replace(found[place], p_value=max(found[place].p_value, clustered, own))
    return result


def members_of(visits: Visits, group: Group) -> Members:
    """The visits of a group."""
    return Members(partial(visits.groups.mask, group))


def rows_of(visits: Visits, trials: Trials, members: Members) -> Rows:
    """The trials of some visits against the others, one customer a cluster."""
    customer = visits.table.customers.astype(np.int64)[visits.path[trials.row]]
    return Rows(trials.event, members(trials.row), trials.stratum, customer)


def _test(visits: Visits, candidate: _Candidate) -> Test:
    trials, group = candidate.trials, candidate.group
    return Test(
        trials.kind,
        trials.steps,
        trials.identity,
        candidate.p_value,
        describe=lambda: describe(visits, trials, group, members_of(visits, group)),
        group=group,
        without=lambda left_out: _without(visits, candidate, left_out),
    )


def _without(visits: Visits, candidate: _Candidate, left_out: Mask) -> float:
    trials = candidate.trials
    rows, kept = rows_of(visits, trials, members_of(visits, candidate.group)), ~left_out[trials.row]
    return Rows(rows.event[kept], rows.subject[kept], rows.stratum[kept], rows.cluster[kept]).excess_p()
