"""A gap that only the customers of one segment have: from the file of its members to the finding and its Cypher."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString, cast

import numpy as np
import pytest
from typer.testing import CliRunner

from journeygraph.gaps import GapReport
from journeygraph.generator import simulate
from journeygraph.graph import Connection, Graph
from journeygraph.schema import Touchpoint
from journeygraph_cli.main import app
from journeygraph_loaders import pipeline

pytestmark = [pytest.mark.graph, pytest.mark.slow]

NAME = "club | 'gold'"


def _edited(touchpoints: list[Touchpoint], members: set[str]) -> Iterator[Touchpoint]:
    """Of the members every other one who comes to the cart never comes back after it."""
    rng, gone = np.random.default_rng(1), set[str]()
    for one in sorted(touchpoints, key=lambda one: (one.occurred_at, one.touchpoint_id)):
        customer = one.customer_id or ""
        if customer in gone:
            continue
        if customer in members and one.step == "cart" and rng.random() < 0.5:
            gone.add(customer)
        yield one


def test_a_gap_of_one_segment_is_told_of_it(
    graph: Graph, neo4j_server: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("URI", neo4j_server.uri),
        ("USERNAME", neo4j_server.username),
        ("PASSWORD", neo4j_server.password),
    ):
        monkeypatch.setenv(f"NEO4J_{name}", value)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(tmp_path))

    def command(*arguments: str) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False, standalone_mode=False)
        return json.loads(result.stdout)

    touchpoints = [one for one in simulate(1_500, seed=5, planted=False).touchpoints if one.customer_id]
    customers = sorted({str(one.customer_id) for one in touchpoints})
    members = customers[::3]
    pipeline.store(graph, list(_edited(touchpoints, set(members))))
    (tmp_path / "club.csv").write_text("\n".join(["customer_id", *members]), encoding="utf-8")
    command("segments", "define", str(tmp_path / "club.csv"), "--name", NAME)
    command("segments", "build", NAME)
    report = GapReport.model_validate(command("gaps"))
    (finding,) = (one for one in report.findings if one.group)
    assert (finding.kind, finding.subject, finding.group) == ("drop_off", "cart", f"segment={NAME}")
    assert (finding.parameters["property"], finding.parameters["value"]) == ("segment", NAME)
    (row,) = graph.run(cast(LiteralString, finding.cypher), finding.parameters)
    assert (row["affected"], row["denominator"]) == (finding.affected, finding.denominator)
    assert finding.affected > 30
    # The same journeys, chosen beforehand: there the finding is everybody's.
    own = GapReport.model_validate(command("gaps", "--segment", NAME))
    assert [(one.subject, one.affected) for one in own.findings if one.kind == "drop_off"] == [
        ("cart", finding.affected)
    ]
