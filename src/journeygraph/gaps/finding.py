"""Journeys in, findings out: every kind's tests, corrected together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from journeygraph import queries
from journeygraph.answers import Reproducible
from journeygraph.blueprints import Blueprint
from journeygraph.errors import UsageError
from journeygraph.gaps import compiled, confined
from journeygraph.gaps.answers import Finding, GapReport, Interval, Trend, TrendPoint
from journeygraph.gaps.groups import Group, Groups
from journeygraph.gaps.kind import Course, Evidence, Figures, Kind, Statement, Test
from journeygraph.gaps.kinds import KINDS
from journeygraph.gaps.sources import SourceHours
from journeygraph.gaps.visits import Mask, Visits
from journeygraph.journeys.table import CONVERTED, LOST, OPEN, JourneyTable
from journeygraph.paths.evidence import statement as stated
from journeygraph.schema import JourneyRules, from_microseconds
from journeygraph.statistics import Estimate, mean, product, q_values

MINIMUM_JOURNEYS = 30
MAXIMUM_Q = 0.05


def find(
    table: JourneyTable,
    *,
    minimum_journeys: int = MINIMUM_JOURNEYS,
    kinds: Collection[str] | None = None,
    as_of: datetime | None = None,
    examples: int = 5,
    rules: JourneyRules | None = None,
    currencies: Sequence[str] = (),
    groups: Groups | None = None,
    sources: SourceHours | None = None,
    blueprint: Blueprint | None = None,
) -> GapReport:
    """The gaps and redundancies of a table of journeys; the same table gives the same report.

    A finding needs a q-value of at most 0.05, with the two-sided tests of all kinds corrected together whichever
    `kinds` are asked for, and `minimum_journeys` in its denominator.  `rules` are those that made the journeys.
    `lost_value` is told in the one currency of `currencies`, and not at all where there are several.  `groups` are
    those of the table's touchpoints, `sources` what each source sent; without them neither is searched.
    `blueprint` is the declared journey that missing steps are missing from.

    Raises `UsageError` for an unknown kind, a table of sessions or customers, or a minimum below 2.

    >>> find(JourneyTable.from_rows([])).findings
    ()
    """
    _check(table, minimum_journeys, kinds)
    visits = Visits(table, rules or JourneyRules(), minimum_journeys, groups or Groups(()), sources, blueprint)
    tests = _tests(visits) if table.n_paths else []
    corrected = q_values(np.array([two_sided(test) for test in tests]))
    q_of = {id(test): float(q) for test, q in zip(tests, corrected, strict=True)}
    maker = _Maker(visits, as_of or table.as_of, examples, tuple(currencies))
    findings: list[Finding] = []
    for kind in KINDS:
        if kinds is None or kind.name in kinds:
            significant = [test for test in tests if test.kind == kind.name and q_of[id(test)] <= MAXIMUM_Q]
            findings += [
                finding
                for test in _once(visits, kind, significant)
                if _large_enough(finding := maker.finding(test, q_of[id(test)]), kind, minimum_journeys)
            ]
    return maker.report(sorted(findings, key=_rank), len(tests))


def _tests(visits: Visits) -> list[Test]:
    """Every kind's tests, in the order of the kinds; those of a large table side by side."""
    with compiled.threads(visits.table.n_touchpoints) as pool:
        return [test for tests in pool.map(lambda kind: kind.tests(visits), KINDS) for test in tests]


def _once(visits: Visits, kind: Kind, significant: Sequence[Test]) -> list[Test]:
    by_group: dict[Group | None, list[Test]] = {None: []}
    for test in significant:
        by_group.setdefault(test.group, []).append(test)
    everybody, *grouped = (kind.once(visits, tests) for tests in by_group.values())
    return confined.once(visits, everybody, [test for tests in grouped for test in tests])


def _large_enough(finding: Finding, kind: Kind, minimum_journeys: int) -> bool:
    enough = finding.denominator >= minimum_journeys or finding.per != "journey"
    return enough and finding.interval[0] > kind.above


def _check(table: JourneyTable, minimum_journeys: int, kinds: Collection[str] | None) -> None:
    if table.per != "journey":
        raise UsageError(f"Gaps are found in journeys; this table holds one path per {table.per}.")
    if minimum_journeys < 2:
        raise UsageError(f"The minimum number of journeys is {minimum_journeys}; it must be at least 2.")
    names = [kind.name for kind in KINDS]
    for name in kinds or ():
        if name not in names:
            raise UsageError(f"There is no kind of finding named {name!r}; there are: {', '.join(names)}.")


def _rank(finding: Finding) -> tuple[float, float, float, str]:
    """Costliest first; then by effect; the id makes the order complete."""
    return (-(finding.lost_value or 0.0), -(finding.lost_conversions or 0.0), -finding.effect, finding.id)


def finding_id(kind: str, identity: Sequence[str], group: str | None = None) -> str:
    """Id of a gap, made of what it is and not of how large it is.

    >>> finding_id("drop_off", ["cart"])
    'drop_off-45f9c279dbbf'
    """
    text = json.dumps([kind, list(identity), group], ensure_ascii=False, separators=(",", ":"))
    return f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def two_sided(test: Test) -> float:
    """Twice the tail that a test looked at: what is told agrees with the two-sided 95 % interval beside it."""
    return min(1.0, 2 * test.p_value)


class _Maker:
    """Turns tests into findings: what all of them share is worked out once."""

    def __init__(self, visits: Visits, as_of: datetime | None, examples: int, currencies: tuple[str, ...]) -> None:
        self.visits, self.as_of, self.examples = visits, as_of, examples
        values = visits.table.values[visits.table.outcomes == CONVERTED]
        self.worth = mean(values) if values.any() and len(currencies) <= 1 else None
        self.currency = currencies[0] if len(currencies) == 1 else None

    def finding(self, test: Test, q_value: float) -> Finding:
        """The finding that a significant test stands for."""
        evidence = test.describe()
        lost = evidence.lost_conversions.at_least_zero() if evidence.lost_conversions else None
        value = product(lost, self.worth).at_least_zero() if lost and self.worth else None
        statement = self._reproducible(evidence.statement, examples=self.examples)
        figures = evidence.figures or self._figures(evidence)
        return Finding(
            id=finding_id(test.kind, test.identity, test.group.name if test.group else None),
            kind=test.kind,
            title=evidence.sentence,
            subject=evidence.subject,
            steps=tuple(evidence.statement.parameters.get("steps", ())),
            group=test.group.name if test.group else None,
            since=_instant(evidence.since_us),
            until=_instant(evidence.until_us),
            channels=self.visits.channels(evidence.visits),
            per=evidence.per,
            affected=figures.affected,
            denominator=figures.denominator,
            affected_customers=figures.affected_customers,
            denominator_customers=figures.denominator_customers,
            p_value=two_sided(test),
            q_value=q_value,
            lost_conversions=lost.value if lost else None,
            lost_conversions_interval=_interval(lost),
            lost_value=value.value if value else None,
            lost_value_interval=_interval(value),
            currency=self.currency if value else None,
            examples=self._latest(evidence.affected),
            inputs=self._reproducible(evidence.inputs) if evidence.inputs else None,
            trend=self._trend(evidence.trend) if evidence.trend else None,
            **_effect(evidence),
            **statement.model_dump(),
        )

    def report(self, findings: Sequence[Finding], tested: int) -> GapReport:
        """The report of these findings."""
        outcomes = self.visits.table.outcomes
        return GapReport(
            findings=tuple(findings),
            tested=tested,
            minimum_journeys=self.visits.minimum_journeys,
            journeys=self.visits.table.n_paths,
            converted=int((outcomes == CONVERTED).sum()),
            lost=int((outcomes == LOST).sum()),
            open=int((outcomes == OPEN).sum()),
            as_of=self.as_of.isoformat() if self.as_of else None,
            grain=self.visits.table.grain,
            belonging=self.visits.table.belonging,
            withheld=self.visits.table.withheld,
            selection=str(self.visits.table.selection),
            **self._reproducible(Statement("gaps/journeys", {})).model_dump(),
        )

    def _figures(self, evidence: Evidence) -> Figures:
        return Figures(
            int(evidence.affected.sum()),
            int(evidence.denominator.sum()),
            self._customers(evidence.affected),
            self._customers(evidence.denominator),
        )

    def _trend(self, course: Course) -> Trend:
        days = np.datetime_as_string(course.days_us.astype("datetime64[us]"), unit="D").tolist()
        rows = zip(days, course.events.tolist(), course.trials.tolist(), strict=True)
        return Trend(
            unit=course.unit,
            points=tuple(TrendPoint(day=day, events=events, trials=trials) for day, events, trials in rows),
            **self._reproducible(course.statement).model_dump(),
        )

    def _customers(self, journeys: Mask) -> int:
        counted = np.zeros(len(self.visits.table.customer_ids), dtype=bool)
        counted[self.visits.table.customers[journeys]] = True
        return int(np.count_nonzero(counted))

    def _latest(self, journeys: Mask) -> tuple[str, ...]:
        """Ids of the journeys that ended last, ties by id."""
        rows, ended = np.flatnonzero(journeys), self.visits.ended_at_us
        if len(rows) > self.examples > 0:  # an id tie at the edge must not be cut by position
            edge = np.partition(ended[rows], len(rows) - self.examples)[len(rows) - self.examples]
            rows = rows[ended[rows] >= edge]
        ids = self.visits.table.ids
        ordered = sorted((-int(ended[row]), ids[int(row)]) for row in rows)
        return tuple(journey_id for _, journey_id in ordered[: self.examples])

    def _reproducible(self, statement: Statement, **more: int) -> Reproducible:
        asked = {**statement.parameters, **more}
        if queries.get(statement.query).reads_journeys:
            return Reproducible(**stated(statement.query, replace(self.visits.table, as_of=self.as_of), asked))
        # Others are asked what was known by then.
        instant = {"known_until": self.as_of.isoformat()} if self.as_of else {}
        return Reproducible(cypher=queries.get(statement.query).cypher, parameters={**asked, **instant})


def _effect(evidence: Evidence) -> dict[str, object]:
    return {
        "observed": evidence.observed,
        "expected": evidence.expected,
        "effect": evidence.effect.value,
        "effect_unit": evidence.effect_unit,
        "interval": _interval(evidence.effect),
        "counts": evidence.counts,
    }


def _instant(at_us: int | None) -> str | None:
    return None if at_us is None else from_microseconds(at_us).isoformat()


def _interval(estimate: Estimate | None) -> Interval | None:
    return (float(estimate.low), float(estimate.high)) if estimate else None
