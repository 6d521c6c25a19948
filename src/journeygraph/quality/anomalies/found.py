"""All tests under one correction, and what was found as spans of sources with their Cypher."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from journeygraph import queries
from journeygraph.graph import Graph
from journeygraph.quality.anomalies import values, volume
from journeygraph.quality.anomalies.answers import Anomalies, Anomaly, Kind
from journeygraph.schema import from_microseconds

LEVEL: Final = 0.05
_HOUR_US: Final = 3_600_000_000
_DAY_HOURS: Final = 24
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Candidate:
    """One test: a span of hours, what was observed and expected, and its chance."""

    kind: Kind
    source: str
    first_hour: int
    hours: int
    observed: float
    expected: float
    p_value: float
    step: str | None = None
    currency: str | None = None


def anomalies(graph: Graph, *, level: float = LEVEL, as_of: datetime | None = None) -> Anomalies:
    """Spans in which a source's volume or values are not what they usually are, with any false alarm
    at a chance of `level` at most; `as_of`: of what was known then."""
    query = queries.get("quality/volume")
    whole: dict[str, Any] = {"source": None, "since_us": 0, "until_us": 2**62}
    known: dict[str, Any] = {"known_at": as_of.isoformat() if as_of else None}
    whole |= known
    counted = list(graph.stream(query.name, **whole))
    sized = list(graph.stream("quality/values", **whole))
    spread = graph.read("quality/value_spread", **known)
    tests, untested = _tests(counted, sized, spread)
    found = [_anomaly(candidate, chance, known) for candidate, chance in corrected(tests, level)]
    return Anomalies(
        anomalies=found, tested=len(tests), level=level, untested=untested, cypher=query.cypher, parameters=whole
    )


def _tests(counted: Rows, sized: Rows, spread: Rows) -> tuple[list[Candidate], list[str]]:
    tests, untested = [], []
    for source, first_hour, counts in hourly(counted):
        own = list(_volume_tests(source, counts, first_hour))
        tests += own
        if not own:
            untested.append(f"{source}: fewer than {volume.LEAST_WEEKS} weeks")
    spreads = {_key(row): row for row in spread}
    for key, rows in groupby(sized, key=_key):
        hours = values.Hours.of(list(rows))
        if values.enough(hours):
            tests += _value_tests(key, hours, values.Spread.of(spreads[key]))
    return tests, untested


def _key(row: Mapping[str, Any]) -> tuple[str, str | None, str]:
    return row["source"], row["currency"], row["step"]


def hourly(rows: Rows) -> Iterator[tuple[str, int, NDArray[np.int64]]]:
    """Each source with its counts hour by hour: whole days (UTC), from its first to the last of all sources.

    The first day of a source and the last of all are not whole, and are left out.
    """
    if not rows:
        return
    last_day = max(row["hour"] for row in rows) // _DAY_HOURS
    for source, own in groupby(rows, key=lambda row: row["source"]):
        listed = list(own)
        first_hour = (listed[0]["hour"] // _DAY_HOURS + 1) * _DAY_HOURS
        counts = np.zeros(max(last_day * _DAY_HOURS - first_hour, 0), dtype=np.int64)
        for row in listed:
            if 0 <= row["hour"] - first_hour < len(counts):
                counts[row["hour"] - first_hour] = row["touchpoints"]
        yield source, first_hour, counts


def _volume_tests(source: str, counts: NDArray[np.int64], first_hour: int) -> Iterator[Candidate]:
    for spans in volume.spans(counts, first_hour):
        columns = (spans.first_hours, spans.observed, spans.expected, spans.p_values)
        for first, observed, expected, p_value in zip(*(column.tolist() for column in columns), strict=True):
            kind: Kind = "more touchpoints" if observed > expected else "fewer touchpoints"
            yield Candidate(kind, source, first, spans.hours, observed, expected, p_value)


def _value_tests(key: tuple[str, str | None, str], hours: values.Hours, spread: values.Spread) -> Iterator[Candidate]:
    source, currency, step = key
    means, alone = values.tested(hours, spread)
    for one in (*means, alone):
        columns = (one.first_hours, np.exp(one.observed), np.exp(one.expected), one.p_values)
        for first, observed, expected, chance in zip(*(column.tolist() for column in columns), strict=True):
            larger: Kind = "larger values" if observed > expected else "smaller values"
            kind: Kind = "a value apart" if one is alone else larger
            yield Candidate(kind, source, first, one.hours, observed, expected, chance, step, currency)


def corrected(tests: Sequence[Candidate], level: float) -> list[tuple[Candidate, float]]:
    """What holds under one correction over all tests, with corrected chances, the surest first.

    Of one source and kind, spans of touchpoints that overlap or touch are one; of spans of values that overlap the
    surest stands.
    """
    if not tests:
        return []
    hits, chances, *_ = multipletests([test.p_value for test in tests], alpha=level, method="holm")
    found = [(test, float(p)) for test, hit, p in zip(tests, hits, chances, strict=True) if hit]

    def alike(pair: tuple[Candidate, float]) -> tuple[str, ...]:
        return pair[0].kind, pair[0].source, pair[0].step or "", pair[0].currency or ""

    joined: list[tuple[Candidate, float]] = []
    for _, own in groupby(sorted(found, key=lambda pair: (alike(pair), pair[0].first_hour)), key=alike):
        joined += _joined(list(own))
    return sorted(joined, key=lambda pair: (pair[1], pair[0].source, pair[0].first_hour))


def _joined(found: Sequence[tuple[Candidate, float]]) -> Iterator[tuple[Candidate, float]]:
    """Spans that touch as one, with the smallest chance; of values, each that overlaps no surer one."""
    if found[0][0].step is not None:
        yield from _surest(found)
        return
    group: list[tuple[Candidate, float]] = []
    end = -1
    for test, chance in found:
        if group and test.first_hour > end:
            yield _one(group)
            group, end = [], -1
        group.append((test, chance))
        end = max(end, test.first_hour + test.hours)
    if group:
        yield _one(group)


def _surest(found: Sequence[tuple[Candidate, float]]) -> Iterator[tuple[Candidate, float]]:
    covered: set[int] = set()
    for test, chance in sorted(found, key=lambda pair: (pair[0].p_value, -pair[0].hours, pair[0].first_hour)):
        own = set(range(test.first_hour, test.first_hour + test.hours))
        if not own & covered:
            covered |= own
            yield test, chance


def _one(group: Sequence[tuple[Candidate, float]]) -> tuple[Candidate, float]:
    """Spans of the finest length that cover the group, added up."""
    if len(group) == 1:
        return group[0]
    longest = max(test.hours for test, _ in group)
    chosen = [test for test, _ in group if test.hours == longest]
    covered = {hour for test in chosen for hour in range(test.first_hour, test.first_hour + test.hours)}
    for test in sorted((test for test, _ in group), key=lambda test: -test.hours):
        own = set(range(test.first_hour, test.first_hour + test.hours))
        if not own & covered:
            chosen.append(test)
            covered |= own
    first = min(covered)
    whole = Candidate(
        chosen[0].kind, chosen[0].source, first, max(covered) + 1 - first,
        sum(test.observed for test in chosen), sum(test.expected for test in chosen), min(t.p_value for t in chosen),
    )  # fmt: skip
    return whole, min(chance for _, chance in group)


def _anomaly(found: Candidate, chance: float, known: Mapping[str, Any]) -> Anomaly:
    since, until = found.first_hour * _HOUR_US, (found.first_hour + found.hours) * _HOUR_US
    query = queries.get("quality/volume" if found.step is None else "quality/values")
    return Anomaly(
        kind=found.kind,
        source=found.source,
        step=found.step,
        currency=found.currency,
        since=from_microseconds(since),
        until=from_microseconds(until),
        observed=found.observed,
        expected=round(found.expected, 6),
        p_corrected=chance,
        cypher=query.cypher,
        parameters={"source": found.source, "since_us": since, "until_us": until, **known},
    )
