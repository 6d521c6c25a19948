"""Of every kind that groups are searched for, and of every sort of group, the Cypher gives what Python counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from journeygraph import gaps, segments
from journeygraph.blueprints import parse
from journeygraph.gaps import Finding
from journeygraph.gaps.finding import _Maker
from journeygraph.gaps.kind import Test
from journeygraph.gaps.kinds import (
    bypassable,
    drop_off,
    duplicate_step,
    handoff,
    loop,
    missing_step,
    repeat,
    silence,
    unreachable,
)
from journeygraph.gaps.visits import Visits
from journeygraph.generator import follow_up, simulate
from journeygraph.graph import Graph
from journeygraph.journeys.configuration import read_rules
from journeygraph.journeys.table import read_table
from journeygraph.segments import Definition
from journeygraph_loaders import pipeline
from tests.integration.test_gaps_cypher_detours import _check
from tests.support import execute

pytestmark = [pytest.mark.graph, pytest.mark.slow]

KINDS = (bypassable, drop_off, duplicate_step, handoff, loop, missing_step, repeat, silence, unreachable)
SORTS = ("segment", "campaign", "source", "p_platform")


def _tests(found: list[Test]) -> list[Test]:
    """Of what is tested within groups: one for each sort of group, and each thing that is looked at."""
    chosen: dict[tuple[object, ...], Test] = {}
    for test in found:
        if test.group is not None and test.group.key in SORTS:
            what = test.identity[0] if test.kind == "unreachable" else None
            chosen.setdefault((test.group.key, what), test)
    return list(chosen.values())


def _findings(graph: Graph, at: datetime | None) -> list[Finding]:
    table = read_table(graph, as_of=at)
    groups = gaps.read_groups(graph, table, as_of=at)
    visits = Visits(table, read_rules(graph), 2, groups, None, parse(follow_up.BLUEPRINT))
    maker = _Maker(visits, at, 3, ("EUR",))
    result: list[Finding] = []
    for kind in KINDS:
        tests = _tests(kind.tests(visits))
        assert {test.group.key for test in tests if test.group} >= {"segment"}, kind.NAME
        result += [maker.finding(test, 1.0) for test in tests]
    return result


def test_figures_within_groups_come_from_their_cypher_now_and_as_of_then(graph: Graph) -> None:
    touchpoints = list(simulate(500, seed=3).touchpoints)
    pipeline.store(graph, touchpoints)
    segments.define(graph, [Definition(name="app | 'users'", where=("channel=app",))])
    (row,) = execute(graph, "MATCH (s:Segment) RETURN s.built_at AS at")
    found = _findings(graph, None)
    assert {finding.group for finding in found} >= {"segment=app | 'users'", "platform=android"}
    for finding in found:
        _check(graph, finding)
    then = row["at"].to_native().astimezone(UTC)
    execute(graph, "MATCH (:Customer)-[m:IN_SEGMENT]->(:Segment) SET m.until = datetime()")
    past = _findings(graph, then)
    without = {"cypher", "parameters", "inputs"}
    assert [one.model_dump(exclude=without) for one in past] == [one.model_dump(exclude=without) for one in found]
    for finding in past[:: len(past) // 4]:
        _check(graph, finding)
