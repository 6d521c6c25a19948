"""What happened, held against a declared journey: fitness, and the deviations by how many customers they concern."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray

from journeygraph.answers import Reproducible
from journeygraph.blueprints.answers import Conformance, Deviation, Interval
from journeygraph.blueprints.cases import FORBIDDEN, LATE, MISSING, OUT_OF_ORDER, REPEATED, WRONG_CHANNEL, Cases, judge
from journeygraph.blueprints.cases import cases as find_cases
from journeygraph.blueprints.history import History, Integers, Mask
from journeygraph.blueprints.model import Blueprint
from journeygraph.errors import UsageError
from journeygraph.graph import Graph
from journeygraph.journeys.configuration import read_rules
from journeygraph.journeys.evidence import statement
from journeygraph.journeys.table import JourneyTable, read_table
from journeygraph.schema import Grain, JourneyRules
from journeygraph.statistics import share, share_difference

EXAMPLES = 5
_TITLES = {
    MISSING: "did not happen",
    LATE: "came late",
    OUT_OF_ORDER: "came before what should have come first",
    WRONG_CHANNEL: "came through another channel",
    REPEATED: "happened more than once",
    FORBIDDEN: "happened, though it must not",
}


def check(
    graph: Graph, blueprint: Blueprint, *, as_of: datetime | None = None, grain: Grain = "customer"
) -> Conformance:
    """How the journeys of a graph fit a declared journey, as of an instant where one is given.

    Of another grain, the journeys of households, accounts or orders: what is said of customers is said of these.
    """
    return conformance(read_table(graph, as_of=as_of, grain=grain), blueprint, rules=read_rules(graph))


def conformance(table: JourneyTable, blueprint: Blueprint, *, rules: JourneyRules | None = None) -> Conformance:
    """How journeys fit a declared journey; a pure function of the table.

    Raises `UsageError` for a table of sessions or customers.
    """
    if table.per != "journey":
        raise UsageError(f"A blueprint is about journeys; this table holds one path per {table.per}.")
    every = find_cases(History(table), blueprint, rules or JourneyRules())
    judged = every.select(every.judged)
    verdicts = judge(judged)
    maker = _Maker(judged)
    deviations = [maker.deviation(kind, step, mask) for (kind, step), mask in verdicts.deviations.items() if mask.any()]
    fitness = verdicts.fitness
    return Conformance(
        blueprint=blueprint.name,
        starts=blueprint.starts,
        cases=len(fitness),
        not_yet_judged=len(every.path) - len(judged.path),
        customers=len(np.unique(maker.customers)),
        perfect=int((verdicts.broken == 0).sum()),
        fitness=float(fitness.mean()) if len(fitness) else None,
        interval=clustered_interval(fitness, maker.customers),
        deviations=tuple(sorted(deviations, key=lambda one: (-one.customers, -one.cases, one.kind, one.step))),
        unknown_steps=_unknown(table, blueprint),
        as_of=table.as_of.isoformat() if table.as_of else None,
        grain=table.grain,
        belonging=table.belonging,
        withheld=table.withheld,
        **maker.statement("blueprints/fitness").model_dump(),
    )


def parameters(cases: Cases) -> dict[str, Any]:
    """What the Cypher of a declared journey is asked with."""
    return {
        "starts": cases.blueprint.starts if cases.across else None,
        "until_us": cases.until_us,
        "data_end_us": cases.history.data_end_us,
        "window_us": cases.rules.journey_window_us,
        **cases.blueprint.rules.parameters(),
    }


class _Maker:
    """Turns masks over the judged cases into deviations."""

    def __init__(self, cases: Cases) -> None:
        self.cases, self.parameters = cases, parameters(cases)
        self.customers = cases.history.table.customers[cases.path].astype(np.int64)
        self.known, self.converted = cases.outcome_known, cases.converted

    def statement(self, query: str, **more: str) -> Reproducible:
        """A query of the declared journey, as it was asked."""
        return Reproducible(**statement(query, self.cases.history.table, {**self.parameters, **more}))

    def deviation(self, kind: str, step: str, mask: Mask) -> Deviation:
        """One way to deviate, with what it goes with."""
        count, total = int(mask.sum()), len(mask)
        concerned = np.unique(self.customers[mask])
        estimate = share(count, total)
        ids = self.cases.history.table.customer_ids
        return Deviation(
            kind=kind,
            step=step,
            title=f"{step} {_TITLES[kind]}: {count} of {total} cases ({100 * estimate.value:.1f} %)",
            cases=count,
            denominator=total,
            customers=len(concerned),
            denominator_customers=len(np.unique(self.customers)),
            share=estimate.value,
            interval=(estimate.low, estimate.high),
            examples=tuple(ids[int(customer)] for customer in concerned[:EXAMPLES]),
            listed=self.statement("blueprints/customers", kind=kind, step=step),
            **self._outcomes(mask),
            **self.statement("blueprints/deviation", kind=kind, step=step).model_dump(),
        )

    def _outcomes(self, mask: Mask) -> dict[str, Any]:
        counts = {}
        for name, side in (("with", mask), ("without", ~mask)):
            counts[f"known_{name}"] = int((self.known & side).sum())
            counts[f"converted_{name}"] = int((self.known & side & self.converted).sum())
        if not counts["known_with"] or not counts["known_without"]:
            return {**counts, "conversion_difference": None, "conversion_interval": None}
        names = ("converted_with", "known_with", "converted_without", "known_without")
        found = share_difference(*(counts[name] for name in names))
        return {**counts, "conversion_difference": found.value, "conversion_interval": (found.low, found.high)}


def clustered_interval(values: NDArray[np.float64], clusters: Integers) -> Interval | None:
    """95 % interval of a mean whose values come in clusters (several cases of a customer); None for fewer than two.

    >>> clustered_interval(np.array([1.0, 1.0]), np.array([0, 0]))
    """
    if len(np.unique(clusters)) < 2:
        return None
    fitted = sm.OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True)
    low, high = fitted.conf_int()[0]
    return float(max(low, 0.0)), float(min(high, 1.0))


def _unknown(table: JourneyTable, blueprint: Blueprint) -> tuple[str, ...]:
    """Declared steps that the table does not know: a misspelt name looks like a step that everybody misses."""
    declared = [rule.step for rule in blueprint.rules.rules] + list(blueprint.forbidden)
    if blueprint.across:
        declared.insert(0, blueprint.starts)
    return tuple(step for step in dict.fromkeys(declared) if table.code(step) < 0)
