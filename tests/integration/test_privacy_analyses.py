"""Every analysis of a graph in which somebody withdrew consent to analytics is that of a graph without the person."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from journeygraph.graph import Connection, Graph
from journeygraph.privacy import consent
from journeygraph.report.collect import collect
from journeygraph.segments.build import build, define
from journeygraph.segments.definition import Definition
from journeygraph.settings import Settings
from journeygraph_cli.serve import application
from journeygraph_loaders import pipeline
from tests.privacy_sample import DORA, HEADER, HERS, KIOSK
from tests.support import empty

pytestmark = pytest.mark.graph
#: What is asked of each analysis; a new route has to be named here or below.
ASKED: dict[str, list[dict[str, Any]]] = {
    "/v1/paths": [{}, {"per": "session"}, {"per": "customer"}, {"per": "session", "as_of": "2100-01-01T00:00:00Z"}],
    "/v1/paths/variants": [{}],
    "/v1/paths/step-matrix": [{}],
    "/v1/paths/transitions": [{}, {"as_of": "2100-01-01T00:00:00Z"}, {"grain": "order"}],
    "/v1/paths/waits": [{"source": "view", "target": "cart"}],
    "/v1/paths/compare": [{"first": "step=cart", "second": "step!=cart"}],
    "/v1/paths/to": [{"goal": "purchase", "min_journeys": 1}],
    "/v1/paths/step-graph": [{}],
    "/v1/funnels": [{"step": ["view", "cart", "purchase"]}],
    "/v1/funnels/dropped": [{"step": ["view", "cart", "purchase"]}],
    "/v1/gaps": [{}],
    "/v1/blueprints/suggest": [{}],
    "/v1/attribution": [
        {},
        {"by": "source"},
        {"as_of": "2100-01-01T00:00:00Z"},
        {"as_of": "2100-01-01T00:00:00Z", "grain": "order"},
    ],
    "/v1/attribution/removal": [{"value": "web"}],
    "/v1/patterns": [{"min_support": 1}],
    "/v1/patterns/contrast": [{"before": "2026-01-20T00:00:00Z"}],
    "/v1/segments": [{}],
    "/v1/segments/{name}/members": [{}],
}
#: About one person who was named, about rows and their sources, or about nobody.
OTHERS = (
    "/v1/journeys", "/v1/customers", "/v1/identity", "/v1/intent", "/v1/next", "/v1/recommendations", "/v1/privacy",
    "/v1/set-aside", "/v1/quality", "/v1/quarantine", "/v1/pulls", "/v1/sources", "/v1/contracts", "/v1/dictionary",
    "/v1/lineage", "/v1/reports", "/v1/gaps/{finding_id}", "/browser", "/healthz", "/readyz", "/metrics",
)  # fmt: skip
#: Tables of the report that count rows, whosesoever they are, as its anomalies do.
_ABOUT_SOURCES = ("withheld", "loads", "sources", "silences")
_STEPS = ("view", "view", "cart", "compare", "cart", "purchase")


def _shop(customers: int = 24) -> str:
    """Some who buy, some who don't; the last touchpoint of all is Dora's."""
    rows = []
    for n in range(customers):
        day = date(2026, 1, 1) + timedelta(days=3 * n)
        for k, step in enumerate(_STEPS[n % 3 : 3 + n % 4]):
            value = f"o{n},20" if step == "purchase" else ","
            rows.append(f"t{n:02}{k},c{n:02},,,,{step},{day}T10:{7 * k:02}:00Z,p{n % 3},{value},\n")
    return "".join(rows)


def _load(graph: Graph, home: Path, rows: str) -> None:
    home.mkdir(exist_ok=True)
    file = home / "touchpoints.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    pipeline.load(graph, [file], home=home)
    define(graph, [Definition(name="carts", where=("step=cart",)), Definition(name="list", customers=(DORA, "c01"))])


def _answers(graph: Graph, home: Path, api: TestClient) -> tuple[dict[str, Any], dict[str, Any]]:
    """How many customers each analysis leaves out, and what else it says; the report, too."""
    told: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for route, questions in ASKED.items():
        for asked in questions:
            response = api.get(route.format(name="carts"), params=asked)
            assert response.status_code == 200, (route, asked, response.text)
            if "withheld" in response.json():
                told[route] = response.json()["withheld"]
            found[f"{route} {asked}"] = _without(response.json())
    report = collect(graph, Settings(JOURNEYGRAPH_HOME=home)).model_dump(mode="json")
    tables = [table for table in report["tables"] if table["name"] not in _ABOUT_SOURCES]
    return told, {**found, "report": _without({**report, "tables": tables, "anomalies": None})}


_ASIDE = ("withheld", "built_at", "since")


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner) for key, inner in value.items() if key not in _ASIDE}
    return [_without(inner) for inner in value] if isinstance(value, list) else value


def test_every_analysis_leaves_out_who_withdrew_and_says_so(
    graph: Graph, tmp_path: Path, neo4j_server: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in vars(neo4j_server).items():
        monkeypatch.setenv(f"NEO4J_{name.upper()}", value)
    monkeypatch.setenv("JOURNEYGRAPH_HOME", str(tmp_path / "home"))
    # Whose a shared device is is decided by all who used it, so it is none here.
    hers = HERS.replace(KIOSK, "dora-phone")
    _load(graph, tmp_path / "home", _shop() + hers)
    consent.note(graph, tmp_path / "home", DORA, "analytics", "withdrawn")
    with TestClient(application(Settings())) as api:
        routes = {path for path, methods in api.get("/openapi.json").json()["paths"].items() if "get" in methods}
        assert not [path for path in routes if path not in ASKED and not path.startswith(OTHERS)], "name the new route"
        told, withheld = _answers(graph, tmp_path / "home", api)
    for one in told.values():
        assert (one["customers"], graph.run(one["cypher"], one["parameters"])) == (1, [{"customers": 1}])
    assert ASKED.keys() == told.keys(), "every answer says how many"
    empty(graph)
    _load(graph, tmp_path / "fresh", _shop())
    with TestClient(application(Settings())) as api:
        _, without = _answers(graph, tmp_path / "fresh", api)
    for question, answer in without.items():
        assert withheld[question] == answer, question


def test_a_segment_that_was_built_before_shows_nobody_who_withdrew_since(graph: Graph, tmp_path: Path) -> None:
    _load(graph, tmp_path / "home", _shop() + HERS)
    before = {one.name: one.size for one in build(graph).segments}
    consent.note(graph, tmp_path / "home", DORA, "analytics", "withdrawn")
    with_her = execute_overview(graph)
    assert with_her == {"carts": before["carts"] - 1, "list": before["list"] - 1}


def execute_overview(graph: Graph) -> dict[str, int]:
    """Sizes of the segments as they are told now."""
    return {row["name"]: row["size"] for row in graph.read("segments/overview")}


def test_the_only_customer_may_withdraw(graph: Graph, tmp_path: Path) -> None:
    _load(graph, tmp_path / "home", HERS)
    consent.note(graph, tmp_path / "home", DORA, "analytics", "withdrawn")
    assert graph.read("report/outcomes") == []
    assert graph.read("journeys/rules")[0]["data_end_us"] is None
    consent.note(graph, tmp_path / "home", DORA, "analytics", "granted")
    assert sum(row["journeys"] for row in graph.read("report/outcomes")) == 3
