"""The Cypher of handoffs, repeats, bypassable and duplicate steps gives what Python counts, finding or not."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import LiteralString, cast

import numpy as np
import pytest

from journeygraph.gaps import Finding
from journeygraph.gaps.finding import _Maker
from journeygraph.gaps.groups import Groups
from journeygraph.gaps.kinds import bypassable, duplicate_step, handoff, repeat
from journeygraph.gaps.overlap import overlap
from journeygraph.gaps.visits import Visits
from journeygraph.generator import simulate
from journeygraph.graph import Graph
from journeygraph.journeys.configuration import read_rules
from journeygraph.journeys.table import read_table
from journeygraph.statistics import Strata, excess_p, risk_difference
from journeygraph_loaders import pipeline
from tests.support import execute

pytestmark = [pytest.mark.graph, pytest.mark.slow]

_WHEN = ("before", "after")
MOST = 6  # subjects of each kind: the first and the last of those tested


def _findings(graph: Graph, at: datetime | None) -> list[Finding]:
    """What is tested, as findings, whether it is one or not."""
    visits = Visits(read_table(graph, as_of=at), read_rules(graph), 5, Groups(()), None)
    maker = _Maker(visits, at, 3, ("EUR",))
    found: list[Finding] = []
    for kind in (handoff, repeat, bypassable, duplicate_step):
        tests = kind.tests(visits)
        assert tests, kind.NAME
        found += [maker.finding(test, 1.0) for test in (*tests[: MOST // 2], *tests[-MOST // 2 :])]
    return found


def _rows(graph: Graph, cypher: str, parameters: dict[str, object]) -> list[dict[str, object]]:
    return graph.run(cast(LiteralString, cypher), parameters)


def _check(graph: Graph, finding: Finding) -> None:
    (row,) = _rows(graph, finding.cypher, finding.parameters)
    for name, value in row.items():
        told = getattr(finding, name)
        assert value == (list(told) if isinstance(told, tuple) else told), (finding.title, name)
    assert finding.inputs is not None
    rows = _rows(graph, finding.inputs.cypher, finding.inputs.parameters)
    if finding.kind == "duplicate_step":
        assert math.isclose(finding.observed, min(_overlap(rows, "first", "second"), 1.0), rel_tol=1e-9)
        both = [
            {**row, **{f"both_{when}": _int(row, f"first_{when}") + _int(row, f"second_{when}") for when in _WHEN}}
            for row in rows
        ]
        assert math.isclose(finding.expected, _overlap(both, "both", "others"), rel_tol=1e-9)
        return
    names = ("events", "trials", "reference_events", "reference_trials")
    strata = Strata(*(np.array([row[name] for row in rows]) for name in names))
    visits = finding.counts.get("visits") or finding.counts.get("moves")
    scale = visits / finding.denominator if visits else 1.0
    assert math.isclose(finding.effect, risk_difference(strata).value * scale, rel_tol=1e-9, abs_tol=1e-12)
    assert finding.p_value >= min(1.0, 2 * excess_p(strata)) * (1 - 1e-6)


def _int(row: dict[str, object], name: str) -> int:
    return cast(int, row[name])


def _overlap(rows: list[dict[str, object]], one: str, other: str) -> float:
    values = []
    for when in _WHEN:
        sides = (np.array([_int(row, f"{side}_{when}") for row in rows]) for side in (one, other))
        values.append(overlap(*sides)[0])
    return sum(values) / 2


def test_the_figures_are_those_of_the_cypher_now_and_as_of_an_instant(graph: Graph) -> None:
    pipeline.store(graph, simulate(250, seed=3).touchpoints)
    now = _findings(graph, None)
    for finding in now:
        _check(graph, finding)
    (row,) = execute(graph, "MATCH (t:Touchpoint) RETURN max(t.ingested_at) AS at")
    late = [t.model_copy(update={"touchpoint_id": f"late-{t.touchpoint_id}"}) for t in simulate(40, seed=9).touchpoints]
    pipeline.store(graph, late)
    then = _findings(graph, row["at"].to_native().astimezone(UTC))
    without = {"cypher", "parameters", "inputs"}
    assert [one.model_dump(exclude=without) for one in then] == [one.model_dump(exclude=without) for one in now]
    for finding in then[:: MOST + 1]:
        _check(graph, finding)
