"""From an instant on (and perhaps until another) something happened more often, and journeys were lost by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from scipy import stats

from journeygraph.durations import DAY_US
from journeygraph.gaps import compiled
from journeygraph.gaps.changes import EXIT, NAMES, WAIT, Change, Changes
from journeygraph.gaps.exits import Exits
from journeygraph.gaps.groups import Group
from journeygraph.gaps.kind import Course, Evidence, Kind, Statement, Test, mask, percent, strongest
from journeygraph.gaps.scan import BIN_US, Span, best_of, most_unusual, windows
from journeygraph.gaps.visits import Integers, Mask, Visits
from journeygraph.gaps.waits import duration
from journeygraph.journeys.table import CONVERTED, LOST
from journeygraph.schema import from_microseconds
from journeygraph.statistics import Estimate, Strata, excess_p, risk_difference

NAME = "incident"
#: Upper ends of the depth buckets that an incident is compared within, coarser than `DEPTHS`: its spans are short.
DEPTHS: Final = (1, 2, 3, 5, 8, 15)
_WEEKDAYS = 7
#: Older incidents are history; and one wrong date of 1970 must not make a time line of fifty years to search.
SEARCHED_DAYS: Final = 3 * 366
#: A change below this (its interval's lower end) is drift or season, however certain.
LEAST = 0.05
#: A likelihood ratio that no correction can leave standing needs no exact test.
_HOPELESS = 20.0
_UNDECIDED = 0.1
_MOST_KEPT = 100


@dataclass(frozen=True)
class _Found:
    """A change with the span that stands out, and the visits of the span and of its reference (M each)."""

    change: Change
    span: Span
    origin_us: int
    inside: Mask
    around: Mask
    strata: Strata
    end_us: int

    @property
    def since_us(self) -> int:
        return self.origin_us + self.span.start * BIN_US

    @property
    def until_us(self) -> int:
        return self.origin_us + self.span.end * BIN_US


def tests(visits: Visits) -> list[Test]:
    """A test for each exit, way and wait that enough journeys met, over all spans of time together; then in groups."""
    every, line = Changes(visits), _TimeLine(visits)
    changes = list(every)
    with compiled.threads(visits.table.n_touchpoints) as pool:
        everybody = list(pool.map(lambda change: _test(line, change, None), changes))
        return everybody + list(pool.map(lambda one: _test(line, *one), _in_groups(visits, changes, every.least)))


@dataclass(frozen=True)
class _TimeLine:
    """The bins of time that are searched, and where each visit lies in them."""

    visits: Visits

    @cached_property
    def origin_us(self) -> int:
        """Midnight (UTC) before the first touchpoint, but at most `SEARCHED_DAYS` before the end."""
        first, end = (at // DAY_US for at in (self.visits.known_since_us, self.visits.known_until_us))
        return max(first, end - SEARCHED_DAYS) * DAY_US

    @cached_property
    def n_bins(self) -> int:
        return max((self.visits.known_until_us - self.origin_us) // BIN_US, 0)

    @cached_property
    def bins(self) -> Integers:
        """Bin of each visit; -1 and `n_bins` for those before and after (N)."""
        bins = (self.visits.table.occurred_at_us - self.origin_us) // BIN_US
        return np.clip(bins, -1, self.n_bins).astype(np.int32)

    @cached_property
    def strata(self) -> Integers:
        """Depth and weekday (UTC) of each visit as one number (N)."""
        depth = np.searchsorted(DEPTHS, self.visits.position + 1)
        return (depth * _WEEKDAYS + self.visits.weekday).astype(np.int16)

    def most_unusual(self, change: Change) -> Span | None:
        """The span that stands out most for a change."""
        least, every = self.visits.minimum_journeys, windows(self.n_bins)
        if (kernels := self._kernels) is None:
            bins = self.bins[change.rows]
            kept = (bins >= 0) & (bins < self.n_bins)
            bins, strata, happened = bins[kept], self.strata[change.rows[kept]], change.happened[kept]
            return most_unusual(bins, happened, _expected(strata, happened), self.n_bins, least)
        sums = kernels.sums(change.happened, *self._places(change.rows), self.n_bins, len(DEPTHS) + 1, _WEEKDAYS)
        looks, ratio, near = kernels.promising(sums, every.before, every.start, every.end, every.after, least)
        return best_of(sums, every, near, least, looks) if _promising(ratio, looks) else None

    def _places(self, rows: Integers) -> tuple[Integers, Integers]:
        """Bins and strata of some visits; many ways begin at the same ones, so those first asked for are kept."""
        kept = self._kept.get(id(rows))
        if kept is None:
            kept = (rows, self.bins[rows], self.strata[rows])
            if len(self._kept) < _MOST_KEPT:
                self._kept[id(rows)] = kept  # with the rows themselves, so that no others get their id
        return kept[1:]

    @cached_property
    def _kept(self) -> dict[int, tuple[Integers, Integers, Integers]]:
        return {}

    @property
    def _kernels(self) -> Any:
        """Compiled loops for large tables."""
        return compiled.timeline() if self.visits.table.n_touchpoints >= compiled.FROM_TOUCHPOINTS else None


def _promising(log_ratio: float, looks: int) -> bool:
    """Whether a likelihood ratio may stand the correction for so many looks; a little less counts as well."""
    return looks > 0 and log_ratio >= np.log(looks) - np.log(_HOPELESS) - 1e-6


def _in_groups(visits: Visits, changes: Sequence[Change], least: int) -> Iterator[tuple[Change, Group]]:
    """The same exits and ways within each group."""
    for change in changes:
        if change.what == WAIT or len(change.steps) > 2:
            continue
        for dimension in visits.groups:
            codes = dimension.codes[change.rows]
            for code in np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(dimension.values)) >= least):
                yield change, dimension.group(int(code))


def _test(line: _TimeLine, everywhere: Change, group: Group | None) -> Test:
    visits = line.visits
    change = _members(visits, everywhere, group)
    found = _find(line, change)
    p_value = 1.0
    if found is not None:
        p_value = min(1.0, excess_p(found.strata) * found.span.looks)
        if p_value < _UNDECIDED:  # a larger one decides nothing, whatever the rest says
            p_value = max(p_value, _outcome_p(visits, found))
        if group is not None and p_value < _UNDECIDED:
            p_value = max(p_value, _more_than_the_rest(visits, everywhere, found, group))
    return Test(
        NAME,
        change.steps,
        identity=(change.what, *visits.names(change.steps)),
        p_value=p_value,
        describe=lambda: _describe(visits, found, group),
        group=group,
        without=lambda left_out: _without(visits, found, left_out),
    )


def _members(visits: Visits, change: Change, group: Group | None) -> Change:
    return change if group is None else change.within(visits.groups.mask(group, change.rows))


def _times(visits: Visits, change: Change) -> Integers:
    return visits.table.occurred_at_us[change.rows]


def strata_of(visits: Visits, change: Change) -> Integers:
    """Depth and weekday (UTC) of each trial as one number."""
    depth = np.searchsorted(DEPTHS, visits.position[change.rows] + 1)
    return np.asarray(depth * _WEEKDAYS + visits.weekday[change.rows])


def _find(line: _TimeLine, change: Change) -> _Found | None:
    span = line.most_unusual(change)
    if span is None or span.log_ratio < np.log(span.looks) - np.log(_HOPELESS):
        return None
    bins = line.bins[change.rows]
    kept = (bins >= 0) & (bins < line.n_bins)
    change, bins = change.within(kept), bins[kept]
    inside = (bins >= span.start) & (bins < span.end)
    around = (bins >= span.before) & (bins < span.after) & ~inside
    strata = compare(line.strata[change.rows], change.happened, inside, around)
    return _Found(change, span, line.origin_us, inside, around, strata, line.origin_us + line.n_bins * BIN_US)


def _expected(strata: Integers, happened: Mask) -> np.ndarray:
    """Chance of each trial by its depth, times the factor of its weekday: indirect standardisation."""
    depth, weekday = np.divmod(strata, _WEEKDAYS)
    by_depth = np.bincount(depth, happened) / np.maximum(np.bincount(depth), 1)
    chance = by_depth[depth]
    factor = np.bincount(weekday, happened) / np.maximum(np.bincount(weekday, chance), 1e-12)
    return np.asarray(chance * factor[weekday])


def compare(strata: Integers, happened: Mask, inside: Mask, around: Mask) -> Strata:
    size = (len(DEPTHS) + 1) * _WEEKDAYS

    def count(kept: Mask) -> Integers:
        return np.bincount(strata[kept], minlength=size)

    return Strata(count(inside & happened), count(inside), count(around & happened), count(around))


def _outcomes(visits: Visits, found: _Found) -> Strata:
    """Journeys that were lost, of the closed ones, within the span and around it."""
    path = visits.path[found.change.rows]
    closed = visits.closed[path]
    lost = visits.table.outcomes[path] == LOST
    return compare(strata_of(visits, found.change), lost, found.inside & closed, found.around & closed)


def _outcome_p(visits: Visits, found: _Found) -> float:
    """Whether more journeys were lost as well; an exit is a loss itself."""
    return 0.0 if found.change.what == EXIT else excess_p(_outcomes(visits, found))


def _more_than_the_rest(visits: Visits, everywhere: Change, found: _Found, group: Group) -> float:
    """Whether the group's rate rose by a larger factor than that of everybody else in the same span (Woolf's test)."""
    rest = everywhere.within(~visits.groups.mask(group, everywhere.rows))
    bins = (_times(visits, rest) - found.origin_us) // BIN_US
    span = found.span
    inside = (bins >= span.start) & (bins < span.end)
    around = (bins >= span.before) & (bins < span.after) & ~inside
    cells = [
        (int((change.happened & side).sum()), int(side.sum()))
        for change, sides in ((found.change, (found.inside, found.around)), (rest, (inside, around)))
        for side in sides
    ]
    if min(trials for _, trials in cells) == 0:
        return 1.0  # a group that is everybody there, or nobody, is no group
    logs = [np.log((events + 0.5) / (trials - events + 0.5)) for events, trials in cells]
    variance = sum(1 / (events + 0.5) + 1 / (trials - events + 0.5) for events, trials in cells)
    return float(stats.norm.sf((logs[0] - logs[1] - logs[2] + logs[3]) / np.sqrt(variance)))


def _without(visits: Visits, found: _Found | None, left_out: Mask) -> float:
    if found is None:
        return 1.0
    kept = ~left_out[found.change.rows]
    strata = strata_of(visits, found.change)
    return excess_p(compare(strata, found.change.happened, found.inside & kept, found.around & kept))


def _describe(visits: Visits, found: _Found | None, group: Group | None) -> Evidence:
    assert found is not None, "what does not stand out is no finding"  # noqa: S101
    change, names = found.change, visits.names(found.change.steps)
    rows = change.rows[found.inside]
    met = mask(visits.table.n_paths, visits.path[rows])
    hit = mask(visits.table.n_paths, visits.path[rows[change.happened[found.inside]]])
    n_met, n_hit = int(met.sum()), int(hit.sum())
    effect = risk_difference(found.strata).times(len(rows) / n_met)
    expected = max(n_hit / n_met - effect.value, 0.0)
    subject = NAMES[change.what].format(" → ".join(names))
    where = {"steps": list(names), **change.parameters, **_group_parameters(group)}
    span = {"since_us": found.since_us, "until_us": found.until_us}
    return Evidence(
        sentence=_sentence(found, names, group, n_hit, n_met, expected),
        subject=subject,
        affected=hit,
        denominator=met,
        visits=rows,
        observed=n_hit / n_met,
        expected=expected,
        effect=effect,
        effect_unit="share of the journeys that were there in that time",
        lost_conversions=_lost_conversions(visits, found, met),
        counts={
            "visits": len(rows),
            "lost": int((visits.table.outcomes[met] == LOST).sum()),
            "converted": int((visits.table.outcomes[met] == CONVERTED).sum()),
        },
        statement=Statement("gaps/incident", {**where, **span}),
        inputs=Statement("gaps/incident_strata", {**where, **span, **_reference(found)}),
        since_us=found.since_us,
        until_us=None if found.span.for_good else found.until_us,
        trend=_trend(visits, found, where),
    )


def _group_parameters(group: Group | None) -> dict[str, object]:
    return group.parameters if group else {"property": None, "value": None, "carried": False, "members_at": None}


def _reference(found: _Found) -> dict[str, object]:
    return {
        "reference_since_us": found.origin_us + found.span.before * BIN_US,
        "reference_until_us": found.origin_us + found.span.after * BIN_US,
        "depths": list(DEPTHS),
    }


def _sentence(found: _Found, names: Sequence[str], group: Group | None, n_hit: int, n_met: int, expected: float) -> str:
    since, until = (_day(at) for at in (found.since_us, found.until_us))
    when = f"Since {since}" if found.span.for_good else f"From {since} to {until}"
    whose = f"journeys of {group.name}" if group else "journeys"
    did = {
        EXIT: f"were lost right after {names[0]}",
        WAIT: f"waited more than {duration(found.change.longer_than_us / 1e6)} between {' and '.join(names[:2])}",
    }.get(found.change.what, f"went {' → '.join(names)}")
    compared = "before" if found.span.for_good else "before and after"
    share_of = f"{n_hit} of {n_met} {whose} ({percent(n_hit / n_met)})"
    return f"{when} {share_of} {did}; {compared} it was {percent(expected)}."


def _day(at_us: int) -> str:
    return from_microseconds(at_us).strftime("%Y-%m-%d %H:%M UTC")


def _lost_conversions(visits: Visits, found: _Found, met: Mask) -> Estimate | None:
    """Conversions that the span would have had more: for exits the excess times the share of those who went on."""
    if found.change.what != EXIT:
        closed = int((met & visits.closed).sum())
        return risk_difference(_outcomes(visits, found)).times(closed)
    rows = found.change.rows[found.inside]
    left = rows[found.change.happened[found.inside]]
    return Exits(visits, visits.path[rows], visits.path[left], found.strata).lost_conversions


def _trend(visits: Visits, found: _Found, where: dict[str, object]) -> Course:
    days = _times(visits, found.change) // DAY_US
    every, place = np.unique(days, return_inverse=True)
    statement = Statement("gaps/incident_trend", {**where, "known_until_us": found.end_us})
    events = np.bincount(place, found.change.happened).astype(np.int64)
    return Course(every * DAY_US, events, np.bincount(place), "visits at which it happened", statement)


def once(visits: Visits, significant: Sequence[Test]) -> list[Test]:  # noqa: ARG001
    """Of a way and the loop that begins with it, and of the wait along it, the one with the most evidence."""
    return strongest(significant, lambda test: test.steps if test.identity[0] == EXIT else test.steps[:2])


KIND = Kind(
    name=NAME,
    title="Something changed at an instant",
    expected_against="the same at the same depth and weekday, before and after",
    queries=("gaps/incident", "gaps/incident_strata", "gaps/incident_trend"),
    tests=tests,
    once=once,
    above=LEAST,
)
