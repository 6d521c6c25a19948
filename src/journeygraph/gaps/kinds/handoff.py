"""Moving from one channel to another loses journeys that staying would not have lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from journeygraph.gaps import group_search
from journeygraph.gaps.arrivals import Arrivals
from journeygraph.gaps.exits import Exits
from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, percent, strongest
from journeygraph.gaps.trials import Hit, Members, Trials, Wording
from journeygraph.gaps.visits import DEPTHS, Integers, Mask, Visits, compact, split_by
from journeygraph.journeys.table import CONVERTED
from journeygraph.statistics import Estimate, Strata, excess_p, product, q_values, share

NAME = "handoff"
#: Between two findings that overlap, evidence below this says that one is more than the other.
_MORE_THAN = 0.01
#: What is left of a finding, without the part that shows most, must be evidence of its own.
_REMAINS = 0.001
_LOOKS_LIKE_IT = 0.05


def tests(visits: Visits) -> list[Test]:
    """A test for every pair of channels, and for every pair after one step, if enough journeys moved and stayed.

    Then in groups.
    """
    arrivals = Arrivals(visits)
    own = _own(arrivals)
    searched: list[Trials] = []
    moves = np.flatnonzero(~arrivals.stays)
    n_channels, n_steps = len(visits.table.channels), len(visits.table.steps)
    pair = arrivals.left[moves] * n_channels + arrivals.entered[moves]
    result: list[Test] = []
    for group, size in ((pair, 1), (pair * n_steps + arrivals.prior[moves], n_steps)):
        for key, here in split_by(group, moves):
            code, prior = divmod(key, size)
            if len(np.unique(arrivals.path[here])) < visits.minimum_journeys:
                continue
            steps = () if size == 1 else (prior,)
            if test := _test(arrivals, divmod(code, n_channels), steps, here, own):
                result += test
                searched.append(_trials(arrivals, divmod(code, n_channels), steps, here, own))
    return result + group_search.tests(visits, searched)


Own = Callable[[Members, Integers], float]


def _own(arrivals: Arrivals) -> Own:
    """The question of a handoff among some visits only: its p-value, 1 where too few of them moved, or stayed."""

    @lru_cache(maxsize=1)
    def within(members: Members) -> tuple[Mask, Integers, Arrivals]:
        kept = members(arrivals.row)
        return kept, np.cumsum(kept) - 1, arrivals.within(kept)

    def own(members: Members, here: Integers) -> float:
        kept, place, some = within(members)
        moved = place[here[kept[here]]]
        strata = some.against_staying(moved)
        return _p_value(some, moved, strata) if _comparable(arrivals, strata) else 1.0

    return own


def _comparable(arrivals: Arrivals, strata: Strata) -> bool:
    return bool(min(strata.trials.sum(), strata.reference_trials.sum()) >= arrivals.visits.minimum_journeys)


def _trials(arrivals: Arrivals, pair: tuple[int, int], steps: tuple[int, ...], here: Integers, own: Own) -> Trials:
    """Of the moves: who was lost on arrival."""
    visits = arrivals.visits
    names = tuple(visits.table.channels[channel] for channel in pair)
    after = _after(visits, steps)
    return Trials(
        NAME,
        steps,
        identity=(*names, *visits.names(steps)),
        row=arrivals.row[here],
        event=arrivals.lost[here],
        stratum=arrivals.alike[here],
        own=lambda members: own(members, here),
        wording=Wording(
            subject=f"{names[0]} → {names[1]}{after}",
            did=f"were lost on moving from {names[0]} to {names[1]}{after}",
            alike="after the same step, at the same depth",
            parameters=_parameters(visits, names, steps),
            strata={"stages": _stages(visits), "depths": list(DEPTHS)},
            lost=lambda hit: _lost(visits, hit),
        ),
    )


def _lost(visits: Visits, hit: Hit) -> Estimate:
    """The excess, times the share of conversions among the journeys that went on."""
    went_on = hit.reached & ~hit.affected & visits.closed
    return product(hit.excess, share(int((went_on & (visits.table.outcomes == CONVERTED)).sum()), int(went_on.sum())))


def _after(visits: Visits, steps: tuple[int, ...]) -> str:
    return f" after {visits.table.steps[steps[0]]}" if steps else ""


def _parameters(visits: Visits, pair: Sequence[str], steps: tuple[int, ...]) -> dict[str, object]:
    return {
        "steps": list(visits.names(steps)),
        "from_channel": pair[0],
        "to_channel": pair[1],
        "goals": list(visits.names(np.flatnonzero(visits.is_goal).tolist())),
        "known_until_us": visits.known_until_us,
    }


def _test(arrivals: Arrivals, pair: tuple[int, int], steps: tuple[int, ...], here: Integers, own: Own) -> list[Test]:
    visits = arrivals.visits
    strata = arrivals.against_staying(here)
    if not _comparable(arrivals, strata):
        return []
    names = tuple(visits.table.channels[channel] for channel in pair)
    return [
        Test(
            NAME,
            steps,
            identity=(*names, *visits.names(steps)),
            p_value=_p_value(arrivals, here, strata),
            describe=lambda: _describe(arrivals, pair, steps, here, strata),
            without=lambda left_out: own(Members.without(left_out), here),
        )
    ]


def _p_value(arrivals: Arrivals, here: Integers, strata: Strata) -> float:
    """The handoff loses more than staying does, and more than the steps it leads to lose in any case.

    The second part keeps out a step that loses journeys however it is reached (the larger p-value of the two is that of
    "both": Berger, Technometrics 1982).  What a single transition explains is a drop-off there, so the evidence
    must last without the transition that loses most, unless it is the only way from its step into that channel.
    """
    p_value = _both(arrivals, here, strata)
    if p_value > _LOOKS_LIKE_IT:
        return p_value
    rest = _without_worst_transition(arrivals, here)
    remaining = 1.0 if rest is None else excess_p(arrivals.against_staying(rest))
    return p_value if rest is None or remaining <= _REMAINS else max(p_value, remaining)


def _both(arrivals: Arrivals, here: Integers, strata: Strata) -> float:
    """The larger p-value of "no more than staying" and, where there are any, "no more than other ways there"."""
    p_value, other_ways = excess_p(strata), arrivals.against_other_ways(here)
    if other_ways.trials.sum() < arrivals.visits.minimum_journeys:
        return p_value
    return max(p_value, excess_p(other_ways))


def _without_worst_transition(arrivals: Arrivals, here: Integers) -> Integers | None:
    """The arrivals without the transition of the largest excess; None where its step has no other way there."""
    trials, losses = arrivals.staying
    stratum = arrivals.alike[here]
    own = arrivals.count(arrivals.alike, here)
    rate = (losses + own[1]) / np.maximum(trials + own[0], 1)
    transition = compact(arrivals.prior[here], arrivals.step[here])
    worst = transition == np.argmax(np.bincount(transition, weights=arrivals.lost[here] - rate[stratum]))
    same_prior = arrivals.prior[here] == arrivals.prior[here][worst][0]
    if 3 * int((same_prior & ~worst).sum()) < arrivals.visits.minimum_journeys:
        return None
    return np.asarray(here[~worst])


def _describe(
    arrivals: Arrivals, pair: tuple[int, int], steps: tuple[int, ...], here: Integers, strata: Strata
) -> Evidence:
    visits = arrivals.visits
    exits = Exits(visits, arrivals.path[here], arrivals.path[here][arrivals.lost[here]], strata)
    left, entered = (visits.table.channels[channel] for channel in pair)
    after = _after(visits, steps)
    parameters = _parameters(visits, (left, entered), steps)
    return Evidence(
        sentence=f"{exits.n_lost} of {exits.n_reached} journeys ({percent(exits.observed)}) were lost on moving from "
        f"{left} to {entered}{after}; had they stayed in {left}, {percent(exits.expected)} would have been.",
        subject=f"{left} → {entered}{after}",
        affected=exits.lost,
        denominator=exits.reached,
        visits=np.concatenate([arrivals.row[here] - 1, arrivals.row[here]]),
        observed=exits.observed,
        expected=exits.expected,
        effect=exits.effect,
        effect_unit="share of the journeys that moved",
        lost_conversions=exits.lost_conversions,
        counts={"moves": len(here), "went_on": exits.n_went_on, "converted": exits.n_converted},
        statement=Statement("gaps/handoff", parameters),
        inputs=Statement("gaps/handoff_strata", {**parameters, "stages": _stages(visits), "depths": list(DEPTHS)}),
    )


def _stages(visits: Visits) -> dict[str, str]:
    """Stage of every step."""
    return {step: visits.stage_name(step) for step in visits.table.steps}


def once(visits: Visits, significant: Sequence[Test]) -> list[Test]:
    """Of a pair of channels and the steps before it, keep what the others do not explain.

    A step is left out where its pair is a finding too, unless the pair loses more after it than after other steps; the
    pair is left out where nothing remains of it without the steps told.  Within a group the one with the most evidence
    is kept.
    """
    if any(test.group for test in significant):
        return strongest(significant, lambda test: test.identity[:2])
    arrivals = Arrivals(visits)
    pairs = [test for test in significant if not test.steps]
    flagged = {test.identity for test in pairs}
    after_step = [test for test in significant if test.steps]
    kept = [test for test in after_step if test.identity[:2] not in flagged]
    kept += _worse_than_other_steps(arrivals, [test for test in after_step if test.identity[:2] in flagged])
    return kept + [test for test in pairs if _remains(arrivals, test, kept)]


def _of_pair(arrivals: Arrivals, test: Test) -> Mask:
    left, entered = (list(arrivals.visits.table.channels).index(name) for name in test.identity[:2])
    return np.asarray((arrivals.left == left) & (arrivals.entered == entered))


def _worse_than_other_steps(arrivals: Arrivals, after_step: Sequence[Test]) -> list[Test]:
    stratum = arrivals.visits.stratum[arrivals.row]
    p_values: list[float] = []
    for test in after_step:
        pair = _of_pair(arrivals, test)
        subject = pair & (arrivals.prior == test.steps[0])
        own, others = arrivals.count(stratum, subject), arrivals.count(stratum, pair & ~subject)
        p_values.append(excess_p(Strata(own[1], own[0], others[1], others[0])))
    corrected = q_values(np.array(p_values))
    return [test for test, q in zip(after_step, corrected, strict=True) if q <= _MORE_THAN]


def _remains(arrivals: Arrivals, test: Test, kept: Sequence[Test]) -> bool:
    """Whether a pair still loses more than it should, without what is told of single steps."""
    told = [one.steps[0] for one in kept if one.identity[:2] == test.identity]
    rest = np.flatnonzero(_of_pair(arrivals, test) & ~np.isin(arrivals.prior, told))
    return not told or _both(arrivals, rest, arrivals.against_staying(rest)) <= _REMAINS


KIND = Kind(
    name=NAME,
    title="Moving to another channel loses journeys",
    expected_against="the same prior step, same channel",
    queries=("gaps/handoff", "gaps/handoff_strata", "gaps/handoff_in_group", "gaps/handoff_in_group_strata"),
    tests=tests,
    once=once,
)
