"""The wait between two steps is long, and a long wait goes with losing the customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journeygraph.gaps import group_search
from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, mask, percent
from journeygraph.gaps.trials import Members, Trials, Wording
from journeygraph.gaps.visits import DEPTHS, Integers, Mask, Visits, first_of_each, split_by
from journeygraph.gaps.waits import duration, split_us
from journeygraph.journeys.table import LOST
from journeygraph.statistics import Estimate, Strata, excess_p, risk_difference

NAME = "silence"


@dataclass(frozen=True)
class _Waits:
    """The first time that each journey went along a transition (M rows), of closed journeys only."""

    arrival: Integers  # M: the visit that ended the wait
    path: Integers  # M
    wait_us: Integers  # M
    long: Mask  # M
    longer_than_us: int

    def within(self, kept: Mask) -> _Waits:
        """Those of some journeys only (M)."""
        return _Waits(self.arrival[kept], self.path[kept], self.wait_us[kept], self.long[kept], self.longer_than_us)


def tests(visits: Visits) -> list[Test]:
    """A test for every transition that enough journeys went along, if a third of the minimum waited long, and short.

    Then in groups.
    """
    size = len(visits.table.steps)
    result: list[Test] = []
    searched: list[tuple[tuple[int, int], _Waits]] = []
    arrivals = _first_arrivals(visits)
    transition = visits.previous[arrivals] * size + visits.steps[arrivals]
    for number, here in split_by(transition, arrivals):
        if len(here) < visits.minimum_journeys:
            continue
        waits = _waits(visits, here)
        if _comparable(visits, waits):
            result.append(_test(visits, divmod(number, size), waits))
            searched.append((divmod(number, size), waits))
    return result + group_search.tests(visits, (_trials(visits, *one) for one in searched))


def _comparable(visits: Visits, waits: _Waits) -> bool:
    return 3 * min(int(waits.long.sum()), int((~waits.long).sum())) >= visits.minimum_journeys


def _first_arrivals(visits: Visits) -> Integers:
    """The visits that end the first occurrence of a transition in a closed journey, early enough to know what follows.

    Selecting by the moment at which the wait ended, and by what happened after it, favours neither long nor
    short waits, where selecting by the moment at which it began would.
    """
    rows = np.flatnonzero((visits.previous >= 0) & visits.closed[visits.path] & ~visits.is_goal[visits.steps])
    first = rows[first_of_each(visits.path[rows], visits.previous[rows], visits.steps[rows])]
    return first[visits.at_risk[first]]


def _waits(visits: Visits, arrivals: Integers) -> _Waits:
    times = visits.table.occurred_at_us
    wait = times[arrivals] - times[arrivals - 1]
    longer_than = max(split_us(wait), round(visits.rules.session_idle_seconds * 1_000_000))
    return _Waits(arrivals, visits.path[arrivals], wait, wait > longer_than, longer_than)


def _test(visits: Visits, steps: tuple[int, int], waits: _Waits) -> Test:
    strata = _strata(visits, waits)
    return Test(
        NAME,
        steps,
        identity=visits.names(steps),
        p_value=excess_p(strata),
        describe=lambda: _describe(visits, steps, waits, strata),
        without=lambda left_out: _own(visits, waits, Members.without(left_out)),
    )


def _own(visits: Visits, waits: _Waits, members: Members) -> float:
    """P-value of "no more losses after long waits" among some visits, 1 where too few waited long, or short."""
    kept = waits.within(members(waits.arrival))
    return excess_p(_strata(visits, kept)) if _comparable(visits, kept) else 1.0


def _trials(visits: Visits, steps: tuple[int, int], waits: _Waits) -> Trials:
    """Of the journeys along the transition: who waited long and was lost."""
    names = visits.names(steps)
    return Trials(
        NAME,
        steps,
        identity=names,
        row=waits.arrival,
        event=waits.long & (visits.table.outcomes[waits.path] == LOST),
        stratum=visits.bucket[waits.arrival],
        own=lambda members: _own(visits, waits, members),
        wording=Wording(
            subject=" → ".join(names),
            did=f"waited more than {duration(waits.longer_than_us / 1e6)} between {names[0]} and {names[1]} and "
            "were lost",
            parameters=_parameters(visits, names, waits),
            strata={"depths": list(DEPTHS)},
            lost=lambda hit: _excess(visits, waits.within(hit.members(waits.arrival))),
        ),
    )


def _excess(visits: Visits, waits: _Waits) -> Estimate:
    """Losses after long waits beyond those after short ones."""
    return risk_difference(_strata(visits, waits)).times(int(waits.long.sum()))


def _parameters(visits: Visits, names: tuple[str, ...], waits: _Waits) -> dict[str, object]:
    return {
        "steps": list(names),
        "longer_than_us": waits.longer_than_us,
        "known_until_us": visits.known_until_us,
    }


def _strata(visits: Visits, waits: _Waits) -> Strata:
    """Losses after long waits against losses after short ones, by the depth at which the wait ended."""
    side = 2 * waits.long + (visits.table.outcomes[waits.path] == LOST)
    counts = np.bincount(4 * visits.bucket[waits.arrival] + side, minlength=4 * (len(DEPTHS) + 1)).reshape(-1, 4)
    short_kept, short_lost, long_kept, long_lost = counts.T
    return Strata(long_lost, long_lost + long_kept, short_lost, short_lost + short_kept)


def _describe(visits: Visits, steps: tuple[int, int], waits: _Waits, strata: Strata) -> Evidence:
    names, n_paths = visits.names(steps), visits.table.n_paths
    lost = visits.table.outcomes[waits.path] == LOST
    n_long, n_short = int(waits.long.sum()), int((~waits.long).sum())
    lost_long, lost_short = int((waits.long & lost).sum()), int((~waits.long & lost).sum())
    effect = risk_difference(strata)
    median_us = int(np.quantile(waits.wait_us[waits.long], 0.5, method="inverted_cdf"))
    parameters = _parameters(visits, names, waits)
    expected = max(lost_long / n_long - effect.value, 0.0)
    return Evidence(
        sentence=f"{n_long} of {n_long + n_short} journeys waited more than {duration(waits.longer_than_us / 1e6)} "
        f"between {names[0]} and {names[1]}; {percent(lost_long / n_long)} of them were lost, "
        f"{percent(expected)} would have been after a shorter wait.",
        subject=" → ".join(names),
        affected=mask(n_paths, waits.path[waits.long]),
        denominator=mask(n_paths, waits.path),
        visits=waits.arrival[waits.long],
        observed=lost_long / n_long,
        expected=expected,
        effect=effect,
        effect_unit="share of the journeys that waited long",
        lost_conversions=effect.times(n_long),
        counts={"lost_after_long": lost_long, "lost_after_short": lost_short, "median_long_wait_us": median_us},
        statement=Statement("gaps/silence", parameters),
        inputs=Statement("gaps/silence_strata", {**parameters, "depths": list(DEPTHS)}),
    )


KIND = Kind(
    name=NAME,
    title="A long wait loses customers",
    expected_against="conversion of the same transition with short waits",
    queries=("gaps/silence", "gaps/silence_strata", "gaps/silence_in_group", "gaps/silence_in_group_strata"),
    tests=tests,
)
