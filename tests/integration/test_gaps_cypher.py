"""Every finding's Cypher, run as the finding carries it, gives the finding's figures: of now and as of an instant."""

from __future__ import annotations

import dataclasses
import math
from datetime import UTC, datetime, timedelta
from typing import LiteralString, cast

import numpy as np
import pytest

from journeygraph import gaps, queries
from journeygraph.errors import UsageError
from journeygraph.gaps import KINDS, GapReport
from journeygraph.generator import simulate
from journeygraph.graph import Graph
from journeygraph.journeys.configuration import read_rules
from journeygraph.journeys.threading import build_rows
from journeygraph.schema import Touchpoint
from journeygraph.statistics import Strata, excess_p, risk_difference
from journeygraph_loaders import pipeline
from tests.support import execute

pytestmark = [pytest.mark.graph, pytest.mark.slow]


_JOURNEYS: LiteralString = """
    UNWIND $rows AS row
    CREATE (j:Journey {journey_id: row.id})
    SET j += row {.customer_id, .outcome, .value, .steps, .channels, .occurred_at_us}
"""
_STEPS: LiteralString = "UNWIND $rows AS row CREATE (:Step {name: row[0], stage: row[1]})"


@pytest.fixture
def shop(graph: Graph) -> Graph:
    """The planted shop's journeys as threading leaves them, without the touchpoints that they were made of."""
    touchpoints = list(simulate(2_500, seed=3).touchpoints)
    execute(graph, _JOURNEYS, rows=build_rows(touchpoints))
    execute(graph, _STEPS, rows=sorted({(touchpoint.step, str(touchpoint.stage)) for touchpoint in touchpoints}))
    read_rules(graph)
    return graph


def _rows(graph: Graph, cypher: str, parameters: dict[str, object]) -> list[dict[str, object]]:
    return graph.run(cast(LiteralString, cypher), parameters)


def _check(graph: Graph, report: GapReport) -> None:
    for finding in report.findings:
        (row,) = _rows(graph, finding.cypher, finding.parameters)
        for name, value in row.items():
            told = getattr(finding, name)
            assert value == (list(told) if isinstance(told, tuple) else told), (finding.title, name)
        _check_inputs(graph, finding)
        if finding.trend:
            rows = _rows(graph, finding.trend.cypher, finding.trend.parameters)
            assert rows == [point.model_dump() for point in finding.trend.points], finding.title
    (row,) = _rows(graph, report.cypher, report.parameters)
    assert row == {name: getattr(report, name) for name in ("journeys", "converted", "lost", "open")}


def _check_inputs(graph: Graph, finding: gaps.Finding) -> None:
    """The counts by stratum give the p-value and the effect; where a kind asks for more, the p-value is larger."""
    if finding.inputs is None or finding.kind == "duplicate_step":
        return
    rows = _rows(graph, finding.inputs.cypher, finding.inputs.parameters)
    names = ("events", "trials", "reference_events", "reference_trials")
    strata = Strata(*(np.array([row[name] for row in rows]) for name in names))
    looks = 3 if finding.kind == "unreachable" else 1
    least = 2 * looks * excess_p(strata)
    clustered = ("handoff", "repeat", "bypassable", "incident", "unreachable")
    asks = finding.kind in clustered or finding.group is not None
    asks_for_more = asks and finding.p_value > least
    assert asks_for_more or math.isclose(finding.p_value, least, rel_tol=1e-6)
    visits = finding.counts.get("visits") or finding.counts.get("moves")
    scale = visits / finding.denominator if visits else 1.0
    assert math.isclose(finding.effect, risk_difference(strata).value * scale, rel_tol=1e-9)


def test_every_figure_is_reproduced_by_its_cypher(shop: Graph) -> None:
    report = gaps.analyse(shop)
    elsewhere = {"blind_spot", "missing_step"}  # they need touchpoints, and a blueprint: tests of their own
    assert {finding.kind for finding in report.findings} == {kind.name for kind in KINDS} - elsewhere
    _check(shop, report)


def test_as_of_an_instant_the_figures_are_those_that_were_known_then(graph: Graph) -> None:
    def analyse(at: datetime | None = None) -> GapReport:
        return gaps.analyse(graph, minimum_journeys=10, as_of=at)

    pipeline.store(graph, simulate(400, seed=3).touchpoints)
    known = analyse()
    assert len(known.findings) > 1
    assert known.findings[0].currency == "EUR"
    (row,) = execute(graph, "MATCH (t:Touchpoint) RETURN max(t.ingested_at) AS at")
    late = [
        touchpoint.model_copy(update={"touchpoint_id": f"late-{touchpoint.touchpoint_id}", "currency": "USD"})
        for touchpoint in simulate(100, seed=9).touchpoints
    ]
    pipeline.store(graph, late)
    then = analyse(row["at"].to_native().astimezone(UTC))
    assert then.as_of
    without = {"cypher", "parameters", "inputs", "as_of"}
    assert [finding.model_dump(exclude=without) for finding in then.findings] == [
        finding.model_dump(exclude=without) for finding in known.findings
    ]
    _check(graph, then)
    now = analyse()
    assert now.journeys > then.journeys
    assert all(finding.lost_value is None and finding.currency is None for finding in now.findings), "two currencies"


def test_no_path_from_an_entry_has_its_cypher(graph: Graph) -> None:
    """An island: journeys that begin at one of many rare steps and go on to a step that nobody else reaches."""
    start = datetime(2026, 1, 1, tzinfo=UTC)

    def journey(number: int, steps: list[str]) -> list[Touchpoint]:
        return [
            Touchpoint(
                touchpoint_id=f"{number}-{place}",
                step=step,
                channel="web",
                occurred_at=start + timedelta(days=number % 60, minutes=place),
                source="test",
                customer_id=f"c{number}",
                stage="consideration",
            )
            for place, step in enumerate(steps)
        ]

    ordinary = [journey(number, ["home", "search", "view"] + ["purchase"] * (number % 2)) for number in range(200)]
    island = [journey(1_000 + number, [f"rare {number % 10}", "island", "view"]) for number in range(60)]
    end = [journey(5_000, ["home"])[0].model_copy(update={"occurred_at": start + timedelta(days=120)})]
    pipeline.store(graph, [t for part in [*ordinary, *island, end] for t in part])
    report = gaps.analyse(graph)
    found = [finding for finding in report.findings if "entries" in finding.parameters]
    assert [finding.subject for finding in found] == ["island"]
    assert found[0].parameters["entries"] == ["home"]
    _check(graph, report)


def test_findings_are_kept_beside_their_steps_and_replaced(shop: Graph) -> None:
    report = gaps.analyse(shop)
    for _ in range(2):
        assert gaps.store(shop, report) == len(report.findings)
    kept = execute(
        shop, "MATCH (f:Finding) OPTIONAL MATCH (f)-[:CONCERNS]->(s) RETURN f.id AS id, collect(s.name) AS steps"
    )
    assert {row["id"]: sorted(row["steps"]) for row in kept} == {
        finding.id: sorted(finding.steps) for finding in report.findings
    }
    gaps.store(shop, report.model_copy(update={"findings": report.findings[:1]}))
    assert [row["id"] for row in execute(shop, "MATCH (f:Finding) RETURN f.id AS id")] == [report.findings[0].id]


def test_an_empty_graph_has_no_findings(graph: Graph) -> None:
    report = gaps.analyse(graph)
    assert (report.findings, report.tested, report.journeys) == ((), 0, 0)
    _check(graph, report)


def test_an_unknown_kind_is_refused(graph: Graph) -> None:
    with pytest.raises(UsageError, match="no kind of finding named 'gap'"):
        gaps.analyse(graph, kinds=["gap"])


def test_every_query_of_a_kind_exists() -> None:
    for kind in KINDS:
        for query in kind.queries:
            text = queries.get(query)
            assert text.reads_journeys or "known_until" in text.parameters, "so that it can be asked as of an instant"
    assert dataclasses.is_dataclass(KINDS[0])
