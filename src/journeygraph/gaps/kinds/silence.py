"""The wait between two steps is long, and a long wait goes with losing the customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, mask, percent
from journeygraph.gaps.visits import DEPTHS, Integers, Mask, Visits, first_of_each, split_by
from journeygraph.gaps.waits import duration, split_us
from journeygraph.journeys.table import LOST
from journeygraph.statistics import Counts, Strata, excess_p, risk_difference

NAME = "silence"


@dataclass(frozen=True)
class _Waits:
    """The first time that each journey went along a transition (M rows), of closed journeys only."""

    arrival: Integers  # M: the visit that ended the wait
    path: Integers  # M
    wait_us: Integers  # M
    long: Mask  # M
    longer_than_us: int


def tests(visits: Visits) -> list[Test]:
    """A test for every transition that enough journeys went along, if a third of the minimum waited long, and short."""
    size = len(visits.table.steps)
    result: list[Test] = []
    arrivals = _first_arrivals(visits)
    transition = visits.previous[arrivals] * size + visits.steps[arrivals]
    for number, here in split_by(transition, arrivals):
        if len(here) < visits.minimum_journeys:
            continue
        waits = _waits(visits, here)
        if 3 * min(int(waits.long.sum()), int((~waits.long).sum())) >= visits.minimum_journeys:
            result.append(_test(visits, divmod(number, size), waits))
    return result


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
    )


def _strata(visits: Visits, waits: _Waits) -> Strata:
    """Losses after long waits against losses after short ones, by the depth at which the wait ended."""
    depth = visits.bucket[waits.arrival]
    lost = visits.table.outcomes[waits.path] == LOST

    def count(kept: Mask) -> Counts:
        return np.bincount(depth[kept], minlength=len(DEPTHS) + 1)

    return Strata(count(waits.long & lost), count(waits.long), count(~waits.long & lost), count(~waits.long))


def _describe(visits: Visits, steps: tuple[int, int], waits: _Waits, strata: Strata) -> Evidence:
    names, n_paths = visits.names(steps), visits.table.n_paths
    lost = visits.table.outcomes[waits.path] == LOST
    n_long, n_short = int(waits.long.sum()), int((~waits.long).sum())
    lost_long, lost_short = int((waits.long & lost).sum()), int((~waits.long & lost).sum())
    effect = risk_difference(strata)
    median_us = int(np.quantile(waits.wait_us[waits.long], 0.5, method="inverted_cdf"))
    parameters = {
        "steps": list(names),
        "longer_than_us": waits.longer_than_us,
        "known_until_us": visits.known_until_us,
    }
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
    queries=("gaps/silence", "gaps/silence_strata"),
    tests=tests,
)
