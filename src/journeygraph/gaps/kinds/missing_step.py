"""A step that the declared journey requires did not happen in time, and who missed it converts less."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from journeygraph.blueprints.cases import Cases, cases
from journeygraph.blueprints.history import History
from journeygraph.blueprints.landmarks import DEPTHS, OTHERS, Landmark, landmark, later
from journeygraph.blueprints.rules import Rule
from journeygraph.gaps import group_search
from journeygraph.gaps.kind import Evidence, Kind, Statement, Test, mask, percent
from journeygraph.gaps.trials import EVERYBODY, Hit, Members, Trials, Wording
from journeygraph.gaps.visits import Integers, Mask, Visits
from journeygraph.gaps.waits import duration
from journeygraph.statistics import Estimate, Strata, excess_p, risk_difference

NAME = "missing_step"


@dataclass(frozen=True)
class _Required:
    """A required step with what became of the journeys that it was due in."""

    cases: Cases
    rule: Rule
    mark: Landmark

    @property
    def since(self) -> str | None:
        """The step that its time counts from; None for a journey's first touchpoint."""
        return self.rule.since or (self.cases.blueprint.starts if self.cases.across else None)

    @property
    def steps(self) -> tuple[str, ...]:
        """The step that the time counts from, where there is one, and the required step."""
        return (*([self.since] if self.since else []), self.rule.step)

    @cached_property
    def known(self) -> Integers:
        """The cases that are compared (M)."""
        return np.flatnonzero(self.mark.compared)

    @cached_property
    def alike(self) -> Integers:
        """Stratum of the cases that are compared (M)."""
        return self.mark.alike[self.known]

    def strata(self, members: Members = EVERYBODY) -> Strata:
        """Who did not convert, of those without the step and of those with it who were alike."""
        kept = members(self.cases.start[self.known])
        case, alike = self.known[kept], self.alike[kept]
        missing, not_converted = self.mark.missing[case], ~self.mark.converted[case]
        size = int(alike.max(initial=-1)) + 1

        def count(kept: Mask) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
            return np.bincount(alike[kept], minlength=size)

        return Strata(count(missing & not_converted), count(missing), count(~missing & not_converted), count(~missing))


def tests(visits: Visits) -> list[Test]:
    """A test for every required step of the declared journey, if enough journeys were with and without it.

    Then in groups.  The steps of branches are left out: which way a journey takes is its own choice.
    """
    if visits.blueprint is None:
        return []
    every = cases(History(visits.table), visits.blueprint, visits.rules)
    result: list[Test] = []
    searched: list[Trials] = []
    for rule in visits.blueprint.rules.rules:
        if not rule.required or rule.branching is not None or rule.step == visits.blueprint.starts:
            continue
        required = _Required(every, rule, landmark(every, rule))
        strata = required.strata().informative()
        if _comparable(visits, strata):
            result.append(_test(visits, required, strata))
            searched.append(_trials(visits, required))
    return result + group_search.tests(visits, searched)


def _comparable(visits: Visits, strata: Strata) -> bool:
    return bool(3 * min(strata.trials.sum(), strata.reference_trials.sum()) >= visits.minimum_journeys)


def _own(visits: Visits, required: _Required, members: Members) -> float:
    """P-value of "who is without it converts no less" among some visits, 1 where too few were with it, or without."""
    strata = required.strata(members).informative()
    return excess_p(strata) if _comparable(visits, strata) else 1.0


def _trials(visits: Visits, required: _Required) -> Trials:
    """Of the cases that are compared: who was without the step and did not convert.  A case's start says its groups."""
    names, known, mark = required.steps, required.known, required.mark
    return Trials(
        NAME,
        tuple(visits.table.code(step) for step in names),
        identity=names,
        row=required.cases.start[known],
        event=mark.missing[known] & ~mark.converted[known],
        stratum=required.alike,
        own=lambda members: _own(visits, required, members),
        wording=Wording(
            subject=" → ".join(names),
            did=f"had no {required.rule.step} {_when(required)} and did not convert in the time after",
            alike="alike",
            parameters=_parameters(required),
            strata=_alike(required),
            lost=lambda hit: _excess(required, hit),
        ),
    )


def _excess(required: _Required, hit: Hit) -> Estimate:
    """Conversions that those without the step have less than those with it."""
    strata = required.strata(hit.members)
    return risk_difference(strata).times(int(strata.trials.sum()))


def _test(visits: Visits, required: _Required, strata: Strata) -> Test:
    return Test(
        NAME,
        tuple(visits.table.code(step) for step in required.steps),
        identity=required.steps,
        p_value=excess_p(strata),
        describe=lambda: _describe(visits, required, strata),
        without=lambda left_out: _own(visits, required, Members.without(left_out)),
    )


def _describe(visits: Visits, required: _Required, strata: Strata) -> Evidence:
    mark, path, n_paths = required.mark, required.cases.path, visits.table.n_paths
    counts = _counts(mark)
    without = counts["compared_without"]
    effect = risk_difference(strata)
    observed = 1 - counts["converted_without"] / without
    parameters = _parameters(required)
    n_missing, n_due = int(mark.missing.sum()), int(mark.due.sum())
    return Evidence(
        sentence=f"{n_missing} of {n_due} journeys ({percent(n_missing / n_due)}) had no {required.rule.step} "
        f"{_when(required)}; {percent(1 - observed)} of those known converted in the time after, "
        f"{percent(1 - observed + effect.value)} of those alike who had it.",
        subject=" → ".join(required.steps),
        affected=mask(n_paths, path[mark.missing]),
        denominator=mask(n_paths, path[mark.due]),
        visits=mark.since[mark.due],
        observed=observed,
        expected=max(observed - effect.value, 0.0),
        effect=effect,
        effect_unit="share of the journeys without the step",
        lost_conversions=effect.times(without),
        counts=counts,
        statement=Statement("gaps/missing_step", parameters),
        inputs=Statement("gaps/missing_step_strata", {**parameters, **_alike(required)}),
    )


def _counts(mark: Landmark) -> dict[str, int]:
    sides = {"without": mark.compared & mark.missing, "with": mark.compared & ~mark.missing}
    counts: dict[str, int] = {}
    for name, side in sides.items():
        counts[f"compared_{name}"] = int(side.sum())
        counts[f"converted_{name}"] = int((side & mark.converted).sum())
    return counts


def _when(required: _Required) -> str:
    since = required.since or "the start"
    if required.rule.within_us is None:
        return f"between {since} and the step declared after it"
    return f"within {duration(required.rule.within_us / 1e6)} of {since}"


def _alike(required: _Required) -> dict[str, Any]:
    return {"by_customer": required.rule.by_customer, "depths": list(DEPTHS), "others": list(OTHERS)}


def _parameters(required: _Required) -> dict[str, Any]:
    every, rule = required.cases, required.rule
    return {
        "starts": every.blueprint.starts if every.across else None,
        "since": rule.since,
        "steps": list(required.steps),
        "within_us": rule.within_us,
        "later": list(later(every, rule)),
        "until_us": every.until_us,
        "data_end_us": every.history.data_end_us,
        "window_us": every.rules.journey_window_us,
    }


KIND = Kind(
    name=NAME,
    title="A declared step is missing",
    expected_against="journeys that had the step in time, at the same depth and as active",
    queries=(
        "gaps/missing_step",
        "gaps/missing_step_strata",
        "gaps/missing_step_in_group",
        "gaps/missing_step_in_group_strata",
    ),
    tests=tests,
)
