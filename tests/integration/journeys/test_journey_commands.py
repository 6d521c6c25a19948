"""`journeygraph journey` and `journeygraph identity explain`, as a person and as a program call them."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

import pytest

from journeygraph.graph import Graph
from journeygraph.schema import EPOCH, Touchpoint
from journeygraph_cli.main import main
from journeygraph_loaders import pipeline

pytestmark = pytest.mark.graph
NAME = '<script>alert("x")</script> [red]ann[/red]'


@pytest.fixture
def shop(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> Graph:
    """One customer with a hostile name, a device and a purchase; the commands are told where the graph is."""
    pipeline.store(
        graph,
        [
            Touchpoint(
                touchpoint_id=f"t{number}",
                step=step,
                channel="web",
                occurred_at=EPOCH + timedelta(hours=number),
                source="shop",
                customer_id=NAME if number else None,
                anonymous_id="device",
                value=9.5 if number else None,
            )
            for number, step in enumerate(("view", "purchase"))
        ],
    )
    monkeypatch.setenv("NEO4J_URI", graph.connection.uri)
    monkeypatch.setenv("NEO4J_USERNAME", graph.connection.username)
    monkeypatch.setenv("NEO4J_PASSWORD", graph.connection.password)
    return graph


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["journeygraph", *arguments])
    with pytest.raises(SystemExit) as exit_:
        main()
    return int(exit_.value.code or 0)


def answered(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_journey_as_json_can_be_run_again(
    shop: Graph, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "journey", "device", "--json") == 0
    answer = answered(capsys)
    assert answer["customer_id"] == NAME
    [journey] = answer["journeys"]
    assert (journey["journey_id"], journey["outcome"], journey["value"]) == ("j:t0", "converted", 9.5)
    assert [t["touchpoint_id"] for t in journey["touchpoints"]] == ["t0", "t1"]
    again = shop.run(answer["cypher"], answer["parameters"])
    assert [row["touchpoint_id"] for row in again] == ["t0", "t1"]


def test_a_person_sees_names_as_they_are(
    shop: Graph, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "journey", NAME) == 0
    assert "[red]ann[/red]" in capsys.readouterr().out.replace("\n", "")


def test_who_is_not_there_is_a_sentence_and_status_2(
    shop: Graph, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "journey", "nobody", "--json") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "no customer 'nobody'" in printed.err.replace("\n", " ")


def test_identity_is_explained(
    shop: Graph, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "identity", "explain", NAME, "--json") == 0
    answer = answered(capsys)
    assert [(i["kind"], i["value"], i["touchpoints_given"]) for i in answer["identifiers"]] == [
        ("anonymous_id", "device", 1)
    ]
