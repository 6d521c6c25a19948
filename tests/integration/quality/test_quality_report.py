"""The quality report's figures are those of the rows, its statements give its tables, and the API answers alike."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from journeygraph.graph import Connection, Graph
from journeygraph.report.quality import QualityReport, collect
from journeygraph.settings import Settings
from journeygraph_cli.serve import application
from journeygraph_loaders import pipeline
from tests.unit.loaders.helpers import as_jsonl

pytestmark = pytest.mark.graph

AT = datetime(2026, 3, 1, tzinfo=UTC)
_WHO = {"customer_id": "anna", "source": "shop"}
#: A value without currency, a purchase without value, a repeated step, a row without time; and one in ten years.
ROWS = [
    {**_WHO, "step": "view", "occurred_at": "2026-01-01T10:00:00Z", "touchpoint_id": "1"},
    {**_WHO, "step": "view", "occurred_at": "2026-01-01T10:00:00Z", "touchpoint_id": "2"},
    {**_WHO, "step": "purchase", "occurred_at": "2026-01-08T10:00:00Z", "value": 5},
    {**_WHO, "step": "purchase", "occurred_at": "2026-02-25T10:00:00Z"},
    {"anonymous_id": "v", "source": "ads", "step": "click", "occurred_at": "2026-01-02T10:00:00Z", "value": 1,
     "currency": "EUR", "product_id": "p", "product_category": "a"},
    {"anonymous_id": "v", "source": "ads", "step": "click", "occurred_at": "2026-01-03T10:00:00Z", "product_id": "p",
     "product_category": "b"},
    {"customer_id": "x", "source": "ads", "step": "click"},
]  # fmt: skip


@pytest.fixture
def loaded(graph: Graph, tmp_path: Path) -> Graph:
    for source in ("shop", "ads"):
        path = tmp_path / f"{source}.jsonl"
        path.write_bytes(as_jsonl([row for row in ROWS if row["source"] == source]))
        pipeline.load(graph, [path], home=tmp_path)
    return graph


def test_scores_are_those_of_the_rows(loaded: Graph, tmp_path: Path) -> None:
    found = collect(loaded, tmp_path, at=AT)
    scores = {(score.source, score.dimension): (score.good, score.of) for score in found.scores}
    assert scores == {
        ("shop", "completeness"): (5, 8), ("ads", "completeness"): (6, 8),
        ("shop", "uniqueness"): (3, 4), ("ads", "uniqueness"): (2, 2),
        ("shop", "validity"): (4, 4), ("ads", "validity"): (2, 3),
        ("shop", "timeliness"): (0, 4), ("ads", "timeliness"): (0, 2),
        # shop: 4 in time + 1 with value + 2 purchases, of which a currency and a value are missing.
        ("shop", "consistency"): (5, 7), ("ads", "consistency"): (3, 3),
        ("shop", "trend"): (3, 0), ("ads", "trend"): (2, 0),
    }  # fmt: skip
    assert [(row["check"], row["found"], row["of"]) for row in found.table("shared").dicts()] == [
        ("products in several categories", 1, 1),
        ("products without a name", 1, 1),
    ]
    assert [(row["file"], row["column"], row["rows"]) for row in found.table("reasons").dicts()] == [
        ("ads.jsonl", "occurred_at", 1)
    ]
    assert found.stages.agrees


def test_its_statements_give_its_tables(loaded: Graph, tmp_path: Path) -> None:
    found = collect(loaded, tmp_path, at=AT)
    for name in ("checks", "repeats", "shared", "trend"):
        table = found.table(name)
        rows = loaded.run(table.browser_text.rstrip(";"), {})  # type: ignore[arg-type]
        assert [tuple(row.values()) for row in rows] == list(table.rows)
    for statement in (*found.stages.statements.values(), *found.dictionary.statements.values()):
        assert loaded.run(statement.browser_text.rstrip(";"), {})  # type: ignore[arg-type]


def test_over_http(loaded: Graph, neo4j_server: Connection, tmp_path: Path) -> None:
    settings = Settings(
        JOURNEYGRAPH_HOME=tmp_path, NEO4J_URI=neo4j_server.uri, NEO4J_USERNAME=neo4j_server.username,
        NEO4J_PASSWORD=neo4j_server.password,
    )  # fmt: skip
    with TestClient(application(settings), base_url="http://localhost") as api:
        asked = api.get("/v1/quality", params={"at": AT.isoformat()})
        assert QualityReport.model_validate(asked.json()) == collect(loaded, tmp_path, at=AT)
        page = api.get("/v1/quality/page")
        assert page.headers["content-type"].startswith("text/html")
        assert "2 sources, 6 touchpoints; the counts agree between every two stages" in page.text
        late = api.get("/v1/quality/late", params={"at": AT.isoformat()}).json()
        assert [(one["source"], one["state"], one["behind_hours"]) for one in late["sources"]] == [
            ("ads", "too few pauses to tell", 53 * 24), ("shop", "too few pauses to tell", 0),
        ]  # fmt: skip
        assert "Late sources and anomalies" in page.text
        assert api.get("/v1/quality/stages").json()["agrees"] is True
        stated = {"totals": [{"source": "shop", "rows": 4}, {"source": "ads", "rows": 3}]}
        compared = api.post("/v1/quality/reconcile", json=stated).json()
        assert [(line["source"], line["within"]) for line in compared["lines"]] == [("shop", True), ("ads", False)]
        assert api.post("/v1/quality/reconcile", json={"totals": []}).status_code == 422
        entries = api.get("/v1/dictionary").json()["entries"]
        assert {"Touchpoint", "Customer", "File", "LEADS_TO"} <= {entry["kind"] for entry in entries}
