"""How the paths of two segments or two periods differ, with every test corrected together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact, mannwhitneyu

from journeygraph.answers import Answer, Reproducible
from journeygraph.errors import UsageError
from journeygraph.journeys.grain import counted
from journeygraph.journeys.step_graph import Tallies, distinct, tally
from journeygraph.journeys.table import CONVERTED, OPEN, JourneyTable
from journeygraph.paths.about import AboutPaths, about
from journeygraph.paths.evidence import evidence
from journeygraph.paths.figures import quantile, ratio
from journeygraph.statistics import q_values, share_difference

Kind = Literal["conversion", "step", "transition", "wait"]
MINIMUM_PATHS = 10


class Side(Reproducible):
    """One of the two: its paths, and the statements for its transitions, steps and outcomes (same parameters)."""

    label: str
    denominator: int
    customers: int
    converted: int
    closed: int
    steps_cypher: str
    outcomes_cypher: str


class Difference(Answer):
    """One figure on both sides.

    `conversion` is the share of the paths with a known outcome that converted, `step` and `transition` the share of all
    paths that hold it (`first_count` of them); `interval` is Newcombe's 95 % interval of second minus first, and the
    test Fisher's.  `wait` is the median of the seconds in a transition (of `first_count`) without an interval, and the
    test Mann and Whitney's.
    """

    kind: Kind
    subject: list[str]
    first_count: int
    second_count: int
    first: float | None
    second: float | None
    difference: float | None
    interval: tuple[float, float] | None
    p_value: float
    q_value: float


class PathComparison(AboutPaths):
    """Differences by q-value; `tested` of them are corrected together by Benjamini-Hochberg.

    `shared_customers` have paths on both sides.
    """

    first: Side
    second: Side
    shared_customers: int
    tested: int
    corrected_by: str = "Benjamini-Hochberg"
    differences: list[Difference]


@dataclass(frozen=True)
class _Counted:
    """A difference before its correction."""

    kind: Kind
    subject: tuple[str, ...]
    counts: tuple[int, int]
    figures: tuple[float | None, float | None]
    interval: tuple[float, float] | None
    p_value: float


def compare(
    first: JourneyTable,
    second: JourneyTable,
    *,
    labels: tuple[str, str] | None = None,
    minimum: int = MINIMUM_PATHS,
) -> PathComparison:
    """Conversion, reach of every step, share of paths with every transition, and its waits, second against first.

    Only steps and transitions that at least `minimum` paths of both sides together hold are tested: a limit that does
    not look at the difference.  Paths count as independent, so the grain should be the customer where customers have
    many journeys.  Customers on both sides make the tests cautious; `shared_customers` says how many there are.

    Raises `UsageError` where the tables have different grains.
    """
    counts = [counted(table.grain, table.per) for table in (first, second)]
    if counts[0] != counts[1]:
        raise UsageError(f"Paths of {counts[0]} cannot be compared with paths of {counts[1]}.")
    found = [*_conversion(first, second), *_steps(first, second, minimum), *_transitions(first, second, minimum)]
    corrected = q_values(np.array([row.p_value for row in found])).tolist()
    names = labels or (str(first.selection) or "all", str(second.selection) or "all")
    owners = [{table.customer_ids[code] for code in np.unique(table.customers)} for table in (first, second)]
    differences = [_difference(row, q) for row, q in zip(found, corrected, strict=True)]
    return PathComparison(
        **about(first),
        first=_side(first, names[0]),
        second=_side(second, names[1]),
        shared_customers=len(owners[0] & owners[1]),
        tested=len(found),
        differences=sorted(differences, key=lambda row: (row.q_value, row.p_value, row.kind, row.subject)),
    )


def _conversion(first: JourneyTable, second: JourneyTable) -> Iterator[_Counted]:
    parts, wholes = zip(*(_closed(table) for table in (first, second)), strict=True)
    if all(wholes):
        yield _shares("conversion", (), parts, wholes)


def _closed(table: JourneyTable) -> tuple[int, int]:
    """Paths that converted, and paths whose outcome is known."""
    return int((table.outcomes == CONVERTED).sum()), int((table.outcomes != OPEN).sum())


def _steps(first: JourneyTable, second: JourneyTable, minimum: int) -> Iterator[_Counted]:
    reach = [_reach(table) for table in (first, second)]
    for step in sorted({*reach[0], *reach[1]}):
        counts = (reach[0].get(step, 0), reach[1].get(step, 0))
        if sum(counts) >= minimum and first.n_paths and second.n_paths:
            yield _shares("step", (step,), counts, (first.n_paths, second.n_paths))


def _reach(table: JourneyTable) -> dict[str, int]:
    counts = distinct(table.step_codes, table.path_of, len(table.steps))
    return {step: int(count) for step, count in zip(table.steps, counts, strict=True) if count}


def _transitions(first: JourneyTable, second: JourneyTable, minimum: int) -> Iterator[_Counted]:
    if not (first.n_paths and second.n_paths):
        return
    tallies = tally(first), tally(second)
    for pair in sorted({*tallies[0], *tallies[1]}):
        counts = _journeys(tallies[0], pair), _journeys(tallies[1], pair)
        if sum(counts) >= minimum:
            yield _shares("transition", pair, counts, (first.n_paths, second.n_paths))
            waits = _seconds(tallies[0], pair), _seconds(tallies[1], pair)
            if len(waits[0]) and len(waits[1]):
                yield _wait(pair, *waits)


def _journeys(tallies: Tallies, pair: tuple[str, str]) -> int:
    return tallies[pair].journeys if pair in tallies else 0


def _seconds(tallies: Tallies, pair: tuple[str, str]) -> NDArray[np.float64]:
    parts = tallies[pair].seconds if pair in tallies else []
    return np.concatenate(parts) if parts else np.zeros(0)


def _shares(kind: Kind, subject: tuple[str, ...], parts: tuple[int, ...], wholes: tuple[int, ...]) -> _Counted:
    counts = np.array([[parts[0], wholes[0] - parts[0]], [parts[1], wholes[1] - parts[1]]])
    difference = share_difference(parts[1], wholes[1], parts[0], wholes[0])
    return _Counted(
        kind,
        subject,
        (parts[0], parts[1]),
        (ratio(parts[0], wholes[0]), ratio(parts[1], wholes[1])),
        (difference.low, difference.high),
        float(fisher_exact(counts)[1]),
    )


def _wait(pair: tuple[str, str], first: NDArray[np.float64], second: NDArray[np.float64]) -> _Counted:
    same = len({*first[:1].tolist(), *second[:1].tolist()}) == 1 and np.ptp(first) == np.ptp(second) == 0
    p_value = 1.0 if same else float(mannwhitneyu(first, second).pvalue)
    return _Counted(
        "wait", pair, (len(first), len(second)), (quantile(first, 0.5), quantile(second, 0.5)), None, p_value
    )


def _difference(row: _Counted, q_value: float) -> Difference:
    first, second = row.figures
    return Difference(
        kind=row.kind,
        subject=list(row.subject),
        first_count=row.counts[0],
        second_count=row.counts[1],
        first=first,
        second=second,
        difference=None if first is None or second is None else second - first,
        interval=row.interval,
        p_value=row.p_value,
        q_value=q_value,
    )


def _side(table: JourneyTable, label: str) -> Side:
    converted, closed = _closed(table)
    return Side(
        label=label,
        denominator=table.n_paths,
        customers=len(np.unique(table.customers)),
        converted=converted,
        closed=closed,
        steps_cypher=evidence("paths/nodes", table)["cypher"],
        outcomes_cypher=evidence("paths/outcomes", table)["cypher"],
        **evidence("paths/transitions", table),
    )
