"""A source sent nothing for a time, a field went empty, or a source's customers are not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from journeygraph.gaps.groups import Dimension, Group
from journeygraph.gaps.kind import Course, Evidence, Figures, Kind, Statement, Test, percent
from journeygraph.gaps.quiet import LEAST_DISPERSION, WEEK, WEEKS, Quiet, emptiest, quietest
from journeygraph.gaps.sources import HOUR_US, SourceHours
from journeygraph.gaps.visits import Integers, Mask, Visits
from journeygraph.identity import ANONYMOUS
from journeygraph.schema import from_microseconds
from journeygraph.statistics import Estimate, Strata, excess_p, share, share_difference

NAME = "blind_spot"
#: A field counts as emptied where less than this share of its usual fill is left; one seldom filled is not looked at.
_LEFT, _SELDOM = 0.25, 0.2
_REFERENCE_HOURS: Final = 28 * 24
#: A difference below this (its interval's lower end) is how sources differ, however certain.
LEAST = 0.1
_CUSTOMER_FIELD = "known_customer_id"


def tests(visits: Visits) -> list[Test]:
    """A test for each source, for each field that it usually fills, and for its share of unknown customers."""
    result: list[Test] = []
    hours = visits.sources
    if hours is not None:
        for source in range(len(hours.names)):
            result += _outage(visits, hours, source)
            for place in range(len(hours.fields)):
                result += _emptied(visits, hours, source, place)
    for dimension in visits.groups:
        if dimension.key == "source":
            unknown = _Unknown.of(visits, dimension)
            for source in range(len(dimension.values)):
                result += _unknown(visits, unknown, dimension.values[source], source)
    return result


@dataclass(frozen=True)
class _Times:
    """A span of hours since 1970 as instants."""

    since_us: int
    until_us: int

    @classmethod
    def of(cls, hours: SourceHours, quiet: Quiet) -> _Times:
        return cls((hours.first_hour + quiet.start) * HOUR_US, (hours.first_hour + quiet.end) * HOUR_US)

    def __str__(self) -> str:
        since, until = (from_microseconds(at).strftime("%Y-%m-%d %H:%M UTC") for at in (self.since_us, self.until_us))
        return f"From {since} to {until}"


def _own(counts: Integers) -> Integers:
    """Hours from the source's first touchpoint on; before it there was no source."""
    return counts[int(np.argmax(counts > 0)) :]


def _outage(visits: Visits, hours: SourceHours, source: int) -> list[Test]:
    own = _own(hours.counts[source])
    quiet = quietest(own)
    if quiet is None:
        return []
    shift = hours.n_hours - len(own)
    quiet = Quiet(quiet.start + shift, quiet.end + shift, quiet.seen, quiet.expected, quiet.p_value)
    name = hours.names[source]
    return [Test(NAME, (), ("outage", name), quiet.p_value, lambda: _describe_outage(visits, hours, source, quiet))]


def _describe_outage(visits: Visits, hours: SourceHours, source: int, quiet: Quiet) -> Evidence:
    name, counts, times = hours.names[source], hours.counts[source], _Times.of(hours, quiet)
    first = int(np.argmax(counts > 0))
    weeks = [
        week
        for week in WEEKS
        if quiet.start + week * WEEK >= first
        and quiet.end + week * WEEK <= hours.n_hours
        and abs(week) * WEEK >= quiet.end - quiet.start
    ] or [min(WEEKS)]
    seen = int(counts[quiet.start : quiet.end].sum())
    usual = sum(int(counts[max(quiet.start + week * WEEK, 0) : quiet.end + week * WEEK].sum()) for week in weeks)
    effect = _missing(seen, usual, len(weeks))
    span = {"since_us": times.since_us, "until_us": times.until_us}
    end_us = (hours.first_hour + hours.n_hours) * HOUR_US
    parameters = {"source": name, **span, "end_us": end_us, "weeks": weeks, "known_until": None}
    return Evidence(
        sentence=f"{times} {name} sent {seen} touchpoints; {usual / len(weeks):.0f} are usual in these hours.",
        subject=name,
        **_nobody(visits),
        observed=effect.value,
        expected=0.0,
        effect=effect,
        effect_unit="share of the usual touchpoints that is missing",
        lost_conversions=None,
        counts={"touchpoints": seen, "in_other_weeks": usual, "other_weeks": len(weeks)},
        statement=Statement("gaps/blind_spot_outage", parameters),
        since_us=times.since_us,
        until_us=times.until_us if quiet.end < hours.n_hours else None,
        per="hour",
        figures=Figures(quiet.end - quiet.start, hours.n_hours - first, 0, 0),
        trend=_course(hours, counts, hours.counts.sum(axis=0), name, None),
    )


def _missing(seen: int, usual: int, weeks: int) -> Estimate:
    """Share of the usual count that is missing: Wilson's interval of counts that the weeks' dispersion makes fewer."""
    if usual == 0:
        return Estimate(0.0, 0.0, 1.0)
    thinned = 1 + LEAST_DISPERSION * usual / weeks
    part = share(round(seen / thinned), max(round((seen + usual) / thinned), 1))
    low, high = (bound / max(1 - bound, 1e-9) * weeks for bound in (part.low, part.high))
    value = 1 - seen / usual * weeks
    return Estimate(value, min(1 - high, value), min(max(1 - low, value), 1.0))


def _emptied(visits: Visits, hours: SourceHours, source: int, place: int) -> list[Test]:
    counts, filled = hours.counts[source], hours.filled[place, source]
    if filled.sum() < _SELDOM * counts.sum():
        return []
    quiet = emptiest(filled, counts, _REFERENCE_HOURS, visits.minimum_journeys, _LEFT)
    if quiet is None:
        return []
    identity = ("field", hours.names[source], hours.fields[place])
    return [Test(NAME, (), identity, quiet.p_value, lambda: _describe_emptied(visits, hours, source, place, quiet))]


def _describe_emptied(visits: Visits, hours: SourceHours, source: int, place: int, quiet: Quiet) -> Evidence:
    name, field, times = hours.names[source], hours.fields[place], _Times.of(hours, quiet)
    counts, filled = hours.counts[source], hours.filled[place, source]
    start = max(quiet.start - _REFERENCE_HOURS, 0)
    trials, before = int(counts[quiet.start : quiet.end].sum()), int(counts[start : quiet.start].sum())
    empty = trials - int(filled[quiet.start : quiet.end].sum())
    filled_before = int(filled[start : quiet.start].sum())
    effect = share_difference(empty, trials, before - filled_before, before)
    span = {"since_us": times.since_us, "until_us": times.until_us}
    parameters = {
        "source": name,
        "field": field,
        **span,
        "reference_since_us": (hours.first_hour + start) * HOUR_US,
        "known_until": None,
    }
    shown = "customer" if field == _CUSTOMER_FIELD else field.removeprefix("p_")
    return Evidence(
        sentence=f"{times} {empty} of {trials} touchpoints of {name} ({percent(empty / trials)}) have no {shown}; "
        f"in the four weeks before {percent(1 - filled_before / before)} had none.",
        subject=f"{shown} of {name}",
        **_nobody(visits),
        observed=empty / trials,
        expected=1 - filled_before / before,
        effect=effect,
        effect_unit="share of the source's touchpoints that leave it empty",
        lost_conversions=None,
        counts={"before": before, "filled_before": filled_before},
        statement=Statement("gaps/blind_spot_field", parameters),
        since_us=times.since_us,
        until_us=times.until_us if quiet.end < hours.n_hours else None,
        per="touchpoint",
        figures=Figures(empty, trials, 0, 0),
        trend=_course(hours, counts - filled, counts, name, field),
    )


def _course(hours: SourceHours, events: Integers, trials: Integers, source: str, field: str | None) -> Course:
    """Counts by day (UTC), of the days that have any trials."""
    day = (hours.first_hour + np.arange(hours.n_hours)) // 24
    place = day - day[0]
    by_day = [np.bincount(place, part).astype(np.int64) for part in (events, trials)]
    kept = by_day[1] > 0
    unit = "touchpoints of the source, of those of all" if field is None else "touchpoints of the source that lack it"
    statement = Statement("gaps/blind_spot_trend", {"source": source, "field": field, "known_until": None})
    days_us = (day[0] + np.flatnonzero(kept)) * 24 * HOUR_US
    return Course(days_us, by_day[0][kept], by_day[1][kept], unit, statement)


def _nobody(visits: Visits) -> dict[str, Any]:
    """Masks of a finding that is not about journeys."""
    nothing = np.zeros(visits.table.n_paths, dtype=bool)
    return {"affected": nothing, "denominator": nothing, "visits": np.zeros(visits.table.n_touchpoints, dtype=bool)}


@dataclass(frozen=True)
class _Unknown:
    """Customers (C) seen in each source (V) and elsewhere, and whether they are unknown."""

    here: Mask  # V x C
    elsewhere: Mask  # V x C
    unknown: Mask  # C

    @classmethod
    def of(cls, visits: Visits, dimension: Dimension) -> _Unknown:
        customers, width = len(visits.table.customer_ids), len(dimension.values)
        owner = visits.table.customers[visits.path].astype(np.int64)
        cell = owner * (width + 1) + dimension.codes.astype(np.int64) % (width + 1)
        seen = np.bincount(cell, minlength=customers * (width + 1)).reshape(customers, width + 1)
        here = seen[:, :width].T
        unknown = np.array([name.startswith(ANONYMOUS) for name in visits.table.customer_ids], dtype=bool)
        return cls(here > 0, seen[:, :width].sum(axis=1) - here > 0, unknown)

    def cells(self, source: int) -> tuple[int, int, int, int]:
        """Unknown customers of the source, all of it, unknown ones of other sources, all of those."""
        here, elsewhere = self.here[source], self.elsewhere[source]
        return (
            int((here & self.unknown).sum()),
            int(here.sum()),
            int((elsewhere & self.unknown).sum()),
            int(elsewhere.sum()),
        )


def _unknown(visits: Visits, unknown: _Unknown, name: str, source: int) -> list[Test]:
    cells = unknown.cells(source)
    if min(cells[1], cells[3]) < visits.minimum_journeys:
        return []
    p_value = excess_p(Strata(*(np.array([cell]) for cell in cells)))
    return [
        Test(NAME, (), ("customers", name), p_value, lambda: _describe_unknown(visits, unknown, name, source, cells))
    ]


def _describe_unknown(
    visits: Visits, unknown: _Unknown, name: str, source: int, cells: tuple[int, int, int, int]
) -> Evidence:
    events, trials, others, other_trials = cells
    rows = visits.groups.mask(Group("source", name))
    theirs = (unknown.here[source] & unknown.unknown)[visits.table.customers]
    there = np.zeros(visits.table.n_paths, dtype=bool)
    there[visits.path[rows]] = True
    return Evidence(
        sentence=f"{events} of {trials} customers seen in {name} ({percent(events / trials)}) are not known; "
        f"elsewhere {percent(others / other_trials)} are not.",
        subject=f"customers of {name}",
        affected=there & theirs,
        denominator=there,
        visits=rows,
        observed=events / trials,
        expected=others / other_trials,
        effect=share_difference(*cells),
        effect_unit="share of the source's customers who are not known",
        lost_conversions=None,
        counts={"unknown_elsewhere": others, "elsewhere": other_trials},
        statement=Statement("gaps/blind_spot_customers", {"source": name}),
        per="customer",
        figures=Figures(events, trials, events, trials),
    )


KIND = Kind(
    name=NAME,
    title="Something was not recorded",
    expected_against="the source's own rhythm by hour and weekday, its fields before, and other sources",
    queries=(
        "gaps/blind_spot_outage",
        "gaps/blind_spot_field",
        "gaps/blind_spot_customers",
        "gaps/blind_spot_trend",
    ),
    tests=tests,
    above=LEAST,
)
