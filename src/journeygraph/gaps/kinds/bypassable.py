"""Journeys that skip a touchpoint, on the same way from the same step to the same step, convert better."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from journeygraph.gaps import group_search
from journeygraph.gaps.clustered import Rows
from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, mask, percent
from journeygraph.gaps.trials import Members, Trials, Wording, all_lost
from journeygraph.gaps.visits import DEPTHS, Integers, Mask, Visits, first_of_each, split_by
from journeygraph.journeys.table import LOST
from journeygraph.statistics import Strata, excess_p

NAME = "bypassable"
#: What is left of a finding, without the part that shows most, must be evidence of its own.
_REMAINS = 0.001
_LOOKS_LIKE_IT = 0.05


@dataclass(frozen=True)
class _Ways:
    """How closed journeys came from one step to another: directly, or through one touchpoint between them.

    A way is known by its first and last step and by the depth at which it ends.  Rows are visits that end a way, chosen
    by their own instant and by what followed, which favours neither the direct ways nor the others.
    """

    visits: Visits

    @cached_property
    def ends(self) -> Mask:
        """Visits of closed journeys that may end a way: at risk, with a touchpoint before them (N)."""
        visits = self.visits
        return np.asarray(visits.at_risk & visits.closed[visits.path] & (visits.previous >= 0))

    @cached_property
    def direct(self) -> Integers:
        """Visits that end a direct way to another step, the first of its kind in the journey (D)."""
        rows = np.flatnonzero(self.ends & (self.visits.previous != self.visits.steps))
        return rows[first_of_each(self.visits.path[rows], self.visits.previous[rows], self.visits.steps[rows])]

    @cached_property
    def _places(self) -> tuple[Integers, Integers]:
        return np.unique(self.key(self.visits.previous[self.direct], self.direct), return_inverse=True)

    def key(self, first: Integers, ends: Integers) -> Integers:
        """Number of a way: first step, last step, depth."""
        visits = self.visits
        return (first * len(visits.table.steps) + visits.steps[ends]) * (len(DEPTHS) + 1) + visits.bucket[ends]

    @cached_property
    def through(self) -> tuple[Integers, Integers, Integers]:
        """Touchpoint, end and place of each journey's first way through a touchpoint (T); -1 where nobody skips it."""
        visits = self.visits
        rows = np.flatnonzero(self.ends & (visits.position >= 2))
        between, first = visits.steps[rows - 1], visits.steps[rows - 2]
        kept = (first != visits.steps[rows]) & (between != first) & (between != visits.steps[rows])
        rows, between, first = rows[kept], between[kept], first[kept]
        own = first_of_each(visits.path[rows], between)
        known, key = self._places[0], self.key(first, rows)[own]
        place = np.minimum(np.searchsorted(known, key), max(len(known) - 1, 0))
        skipped = known[place] == key if len(known) else np.zeros(len(key), dtype=bool)
        return between[own], rows[own], np.where(skipped, place, -1)

    def compared(self, rows: Integers, place: Integers) -> tuple[Rows, Integers]:
        """Losses after these ways through a touchpoint against those after the direct ones, and what ends each way."""
        rows, place = rows[place >= 0], place[place >= 0]
        used = np.zeros(len(self._places[0]), dtype=bool)
        used[place] = True
        others = np.flatnonzero(used[self._places[1]])
        ends = np.concatenate([rows, self.direct[others]])
        path = self.visits.path[ends]
        number = np.cumsum(used) - 1
        stratum = number[np.concatenate([place, self._places[1][others]])]
        subject = np.arange(len(ends)) < len(rows)
        customer = self.visits.table.customers.astype(np.int64)[path]
        return Rows(self.visits.table.outcomes[path] == LOST, subject, stratum, customer), ends


def tests(visits: Visits) -> list[Test]:
    """A test for every touchpoint that enough journeys went through where others went directly.  Then in groups."""
    ways = _Ways(visits)
    between, ends, place = ways.through
    result: list[Test] = []
    searched: list[tuple[int, Integers, Rows, Integers]] = []
    for step, here in split_by(between, np.arange(len(between))):
        if len(here) < visits.minimum_journeys:
            continue
        rows, compared = ways.compared(ends[here], place[here])
        if _comparable(visits, rows):
            result.append(_test(visits, step, ends[here], rows, compared))
            searched.append((step, ends[here], rows, compared))
    return result + group_search.tests(visits, (_trials(ways, *one) for one in searched))


def _comparable(visits: Visits, rows: Rows) -> bool:
    return min(int(rows.subject.sum()), int((~rows.subject).sum())) >= visits.minimum_journeys


def _test(visits: Visits, step: int, through: Integers, rows: Rows, ends: Integers) -> Test:
    return Test(
        NAME,
        (step,),
        visits.names((step,)),
        _p_value(visits, rows, ends),
        describe=lambda: _describe(visits, step, through, rows),
        without=lambda left_out: _own(visits, rows, ends, Members.without(left_out)),
    )


def _p_value(visits: Visits, rows: Rows, ends: Integers) -> float:
    """Skipping does no better: the larger p-value of the comparison, and of what is left without its neighbours."""
    p_value = excess_p(rows.strata())
    if p_value > _LOOKS_LIKE_IT:
        return p_value
    columns = _columns(visits, rows, ends)
    return max(rows.excess_p(), *(_without_worst(visits, rows, column) for column in columns))


def _own(visits: Visits, rows: Rows, ends: Integers, members: Members) -> float:
    """The same among some visits (those that end the ways), 1 where too few went through, or directly."""
    kept = members(ends)
    some = Rows(rows.event[kept], rows.subject[kept], rows.stratum[kept], rows.cluster[kept])
    return _p_value(visits, some, ends[kept]) if _comparable(visits, some) else 1.0


def _trials(ways: _Ways, step: int, through: Integers, rows: Rows, ends: Integers) -> Trials:
    """Of the journeys that passed the touchpoint: who was lost."""
    visits, names = ways.visits, ways.visits.names((step,))
    return Trials(
        NAME,
        (step,),
        identity=names,
        row=through,
        event=visits.table.outcomes[visits.path[through]] == LOST,
        stratum=ways.key(visits.steps[through - 2], through),
        own=lambda members: _own(visits, rows, ends, members),
        wording=Wording(
            subject=names[0],
            did=f"that passed {names[0]} were lost later",
            alike="who passed it on the same way",
            parameters=_parameters(visits, step),
            strata={"depths": list(DEPTHS)},
            lost=all_lost,
        ),
    )


def _parameters(visits: Visits, step: int) -> dict[str, object]:
    return {
        "steps": list(visits.names((step,))),
        "goals": list(visits.names(np.flatnonzero(visits.is_goal).tolist())),
        "known_until_us": visits.known_until_us,
    }


def _columns(visits: Visits, rows: Rows, ends: Integers) -> tuple[Integers, Integers]:
    """First and last step of each row's way."""
    return visits.steps[ends - 1 - rows.subject], visits.steps[ends]


def _without_worst(visits: Visits, rows: Rows, column: Integers) -> float:
    """P-value without the first (or last) step whose ways exceed the expectation most, 0 where that decides nothing.

    A long wait, a circle or a drop-off before or behind the touchpoint shows on one way through it, and is another kind
    of finding; so the evidence must last without the strongest one where enough journeys went other ways.
    """
    strata = rows.strata()
    rate = (strata.events + strata.reference_events) / np.maximum(strata.trials + strata.reference_trials, 1)
    excess = np.bincount(column, weights=rows.subject * (rows.event - rate[rows.stratum]))
    rest = column != np.argmax(excess)
    if int((rows.subject & rest).sum()) < visits.minimum_journeys:
        return 0.0
    remaining = excess_p(_kept(rows, rest))
    return 0.0 if remaining <= _REMAINS else remaining


def _kept(rows: Rows, kept: Mask) -> Strata:
    return Rows(rows.event[kept], rows.subject[kept], rows.stratum[kept], rows.cluster[kept]).strata()


def _describe(visits: Visits, step: int, through: Integers, rows: Rows) -> Evidence:
    n_paths, name = visits.table.n_paths, visits.table.steps[step]
    path = visits.path[through]
    lost = visits.table.outcomes[path] == LOST
    n, n_lost = len(through), int(lost.sum())
    effect = rows.difference()
    expected = max(n_lost / n - effect.value, 0.0)
    parameters = _parameters(visits, step)
    return Evidence(
        sentence=f"{n_lost} of {n} journeys ({percent(n_lost / n)}) that passed {name} were lost later; on the "
        f"same way without it {percent(expected)} would have been.",
        subject=name,
        affected=mask(n_paths, path[lost]),
        denominator=mask(n_paths, path),
        visits=through - 1,
        observed=n_lost / n,
        expected=expected,
        effect=effect,
        effect_unit="share of the journeys that passed it",
        lost_conversions=effect.times(n),
        counts={"converted": n - n_lost},
        statement=Statement("gaps/bypassable", parameters),
        inputs=Statement("gaps/bypassable_strata", {**parameters, "depths": list(DEPTHS)}),
    )


KIND = Kind(
    name=NAME,
    title="Journeys do better without it",
    expected_against="matched journeys: the same steps before and after it, at the same depth",
    queries=(
        "gaps/bypassable",
        "gaps/bypassable_strata",
        "gaps/bypassable_in_group",
        "gaps/bypassable_in_group_strata",
    ),
    tests=tests,
)
