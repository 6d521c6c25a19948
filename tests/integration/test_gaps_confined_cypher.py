"""Findings confined to a group or a time, and blind spots: their Cypher gives their figures, now and as of then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from journeygraph import gaps
from journeygraph.graph import Graph
from journeygraph.journeys.table import read_table
from journeygraph.schema import Touchpoint
from journeygraph_loaders import pipeline
from tests.integration.test_gaps_cypher import _check
from tests.support import execute

pytestmark = [pytest.mark.graph, pytest.mark.slow]

START = datetime(2026, 1, 1, tzinfo=UTC)
HOSTILE = "i'os\"}) DETACH DELETE t //"


def _visit(number: int, place: int, step: str, at: float, **more: object) -> Touchpoint:
    fields = {"source": "shop", "customer_id": f"c{number}", **more}
    return Touchpoint(
        touchpoint_id=f"{number}-{place}",
        step=step,
        channel="web",
        stage="consideration",
        occurred_at=START + timedelta(days=at),
        **fields,
    )


def _journeys() -> list[Touchpoint]:
    """Half on a platform with a hostile name, which loses them after `form`; an incident after `view`; campaigns."""
    rng = np.random.default_rng(4)
    result: list[Touchpoint] = []
    for number in range(1_500):
        at, platform = float(rng.random() * 110), HOSTILE if number % 2 else "web"
        incident = 50 < at < 58
        for place in range(4):
            step = ("view", "form", "search")[int(rng.integers(3))]
            campaign = "sale" if place == 0 and number % 3 == 0 else None
            result.append(_visit(number, place, step, at, properties={"platform": platform}, campaign=campaign))
            chance = 0.45 if step == "form" and platform == HOSTILE else 0.75 if step == "view" and incident else 0.08
            if rng.random() < chance:
                break
            at += 0.02
        else:
            result.append(_visit(number, 9, "purchase", at, properties={"platform": platform}))
    return result


def _tills() -> list[Touchpoint]:
    """A second source, every hour but for four days; its customers are anonymous; a field goes empty for a week."""
    result: list[Touchpoint] = []
    for hour in range(110 * 24):
        day = hour / 24
        if not 40 < day < 44:
            properties = {} if 70 < day < 77 else {"till": str(hour % 3)}
            result.append(
                _visit(
                    100_000 + hour,
                    0,
                    "search",
                    day,
                    source="tills",
                    customer_id=None,
                    anonymous_id=f"a{hour % 700}",
                    properties=properties,
                )
            )
    return result


def test_confined_findings_and_blind_spots_are_reproduced_by_their_cypher(graph: Graph) -> None:
    # More names than are looked at, all before `till`, of touchpoints that are there no more.
    execute(
        graph,
        "UNWIND range(0, 60) AS n CREATE (t:Touchpoint) SET t += {old: n} WITH t, 'p_old_' + n AS name "
        "CALL (t, name) { SET t[name] = 1 } DETACH DELETE t",
    )
    pipeline.store(graph, [*_journeys(), *_tills(), _visit(9_999, 0, "search", 145.0)])
    (row,) = execute(graph, "MATCH (t:Touchpoint) RETURN max(t.ingested_at) AS at")
    report = gaps.analyse(graph)
    found = {(finding.kind, finding.subject, finding.group) for finding in report.findings}
    assert ("drop_off", "form", f"platform={HOSTILE}") in found
    assert ("incident", "exit after view", None) in found
    assert {subject for kind, subject, _ in found if kind == "blind_spot"} >= {
        "tills",
        "till of tills",
        "customers of tills",
    }
    _check(graph, report)
    pipeline.store(graph, [_visit(20_000 + n, 0, "form", 30.0, properties={"platform": HOSTILE}) for n in range(50)])
    then = gaps.analyse(graph, as_of=row["at"].to_native().astimezone(UTC))
    without = {"cypher", "parameters", "inputs", "trend", "as_of"}
    assert [one.model_dump(exclude=without) for one in then.findings] == [
        one.model_dump(exclude=without) for one in report.findings
    ]
    _check(graph, then)


def test_campaigns_hold_on_and_other_properties_do_not(graph: Graph) -> None:
    touchpoints = [
        _visit(1, 0, "view", 0.0, properties={"platform": "ios"}, campaign="sale"),
        _visit(1, 1, "form", 0.1),
        _visit(1, 2, "search", 0.2, campaign="gift"),
        _visit(2, 0, "form", 0.3, properties={"platform": "android"}),
    ]
    pipeline.store(graph, touchpoints)
    found = gaps.read_groups(graph, read_table(graph))
    groups = {one.key: [one.values[code] if code >= 0 else None for code in one.codes] for one in found}
    assert groups["campaign"] == ["sale", "sale", "gift", None]
    assert groups["p_platform"] == ["ios", None, None, "android"]
    assert groups["source"] == ["shop"] * 4
