"""The source inventory and lineage against figures counted in Python."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from journeygraph.errors import NotFound
from journeygraph.graph import Connection, Graph
from journeygraph.quality.inventory import Inventory, inventory
from journeygraph.quality.lineage import lineage
from journeygraph.report.quality.collect import collect
from journeygraph.report.quality.view import view
from journeygraph.settings import Settings
from journeygraph_cli.serve import application
from journeygraph_loaders import pipeline
from tests.unit.loaders.helpers import as_jsonl

pytestmark = pytest.mark.graph

AT = datetime(2026, 3, 1, tzinfo=UTC)
_START = datetime(2026, 1, 1, 10, tzinfo=UTC)


def rows() -> list[dict[str, Any]]:
    """A shop that is silent for ten days, and a till that knows only days; every third customer buys."""
    found: list[dict[str, Any]] = []
    for number in range(40):
        day = number if number < 20 else number + 10
        at = _START + timedelta(days=day, seconds=number * 7)
        customer = f"c{number % 10}"
        step = "purchase" if number % 3 == 0 else "view"
        found.append({"customer_id": customer, "step": step, "occurred_at": at.isoformat(), "source": "shop"}
                     | ({"value": number, "currency": "EUR"} if step == "purchase" else {})
                     | ({"shade": "red"} if number % 4 == 0 else {}))  # fmt: skip
        if number % 2 == 0:
            midnight = at.replace(hour=0, minute=0, second=0)
            found.append({"customer_id": customer, "step": "visit", "occurred_at": midnight.isoformat(),
                          "source": "ti'll", "channel": "store"})  # fmt: skip
    return found


@pytest.fixture
def loaded(graph: Graph, tmp_path: Path) -> Graph:
    path = tmp_path / "all.jsonl"
    path.write_bytes(as_jsonl([*rows(), {"customer_id": "x", "step": "view", "source": "shop"}]))
    pipeline.load(graph, [path], home=tmp_path, goals=["purchase"])
    return graph


def test_every_figure_is_that_of_the_rows(loaded: Graph, tmp_path: Path) -> None:
    found = inventory(loaded, tmp_path, at=AT)
    by_source: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows():
        by_source[row["source"]].append(row)
    assert [card.source for card in found.sources] == ["shop", "ti'll"]
    for card in found.sources:
        own = by_source[card.source]
        newest = max(datetime.fromisoformat(row["occurred_at"]) for row in own)
        assert (card.touchpoints, card.customers) == (len(own), len({row["customer_id"] for row in own}))
        assert card.age_days == pytest.approx((AT - newest).total_seconds() / 86_400)
        optional = {"known_customer_id": "customer_id", "value": "value", "currency": "currency", "p_shade": "shade"}
        filled = {field: sum(column in row for row in own) for field, column in optional.items()}
        assert {field.field: field.filled for field in card.fields} == {k: v for k, v in filled.items() if v}
        assert (card.received, card.quarantined) == (61, 1), "a file's rows count for each of its sources"
    shop, till = found.sources
    assert (shop.resolution, till.resolution) == ("second", "day")
    assert (shop.usual_gap_days, shop.longest_gap_days, shop.rating("freshness")) == (1, 11, 3)
    assert (shop.rating("granularity"), till.rating("granularity")) == (1, 1)
    reliability = next(one for one in shop.ratings if one.name == "reliability")
    assert [(one.numerator, one.denominator, one.grade) for one in reliability.measures] == [
        (1, 61, 3), (9, 50, 2), (None, None, None),
    ]  # fmt: skip
    assert reliability.rating == 2
    converted = loaded.read("report/totals")
    assert shop.converted == 14
    assert converted[0]["touchpoints"] == 60


def test_its_statements_run_by_themselves_and_one_source_has_the_same_figures(loaded: Graph, tmp_path: Path) -> None:
    whole, one = inventory(loaded, tmp_path, at=AT), inventory(loaded, tmp_path, source="ti'll", at=AT)
    assert one.sources[0] == whole.sources[1]
    for statement in (*whole.statements.values(), *one.statements.values()):
        assert loaded.run(statement.cypher, statement.parameters)  # type: ignore[arg-type]
        assert loaded.run(statement.browser_text.rstrip(";"), {})  # type: ignore[arg-type]
    with pytest.raises(NotFound, match="no source 'shap'"):
        inventory(loaded, tmp_path, source="shap")


def test_a_source_of_which_nothing_could_be_stored_is_told(loaded: Graph, tmp_path: Path) -> None:
    bad = [{"customer_id": "c", "step": "view", "occurred_at": "never"}] * 3
    (tmp_path / "bad.jsonl").write_bytes(as_jsonl(bad))
    pipeline.load(loaded, [tmp_path / "bad.jsonl"], home=tmp_path, source="crm")
    pipeline.load(loaded, [tmp_path / "bad.jsonl"], home=tmp_path)  # the other files' rows all name a source
    found = [(one.source, one.deliveries, one.received, one.quarantined) for one in inventory(loaded, tmp_path).refused]
    assert found == [("crm", 1, 3, 3), ("file", 1, 3, 3)]
    report = collect(loaded, tmp_path, at=AT)
    [score] = [one for one in report.scores if one.source == "crm" and one.dimension == "validity"]
    assert (score.good, score.of, score.share) == (0, 3, 0.0)
    validity = [one for one in report.scores if one.dimension == "validity"]
    assert sum(one.of for one in validity) == sum(row["received"] for row in report.table("deliveries").dicts())
    assert "Of crm nothing could be stored (3 rows)." in view(report).headline


def test_over_http(loaded: Graph, neo4j_server: Connection, tmp_path: Path) -> None:
    settings = Settings(
        JOURNEYGRAPH_HOME=tmp_path, NEO4J_URI=neo4j_server.uri, NEO4J_USERNAME=neo4j_server.username,
        NEO4J_PASSWORD=neo4j_server.password,
    )  # fmt: skip
    with TestClient(application(settings), base_url="http://localhost") as api:
        asked = api.get("/v1/sources", params={"at": AT.isoformat()})
        assert Inventory.model_validate(asked.json()) == inventory(loaded, tmp_path, at=AT)
        assert api.get("/v1/sources/ti'll").json()["sources"][0]["source"] == "ti'll"
        assert api.get("/v1/sources/none").status_code == 404
        assert api.put("/v1/contracts/shop", json={"mode": "freeze", "new": True}).json()["mode"] == "freeze"
        assert api.put("/v1/contracts/shopp", json={"mode": "freeze"}).status_code == 404
        assert api.get("/v1/contracts").json()["contracts"][0]["mode"] == "freeze"
        assert api.get("/v1/contracts/shop/diff").json()["columns"] == []
        touchpoint = loaded.run("MATCH (t:Touchpoint {line: 3}) RETURN t.touchpoint_id AS id", {})[0]["id"]
        told = api.get(f"/v1/lineage/{touchpoint}").json()
        assert (told["file"], told["line"], told["format"]) == ("all.jsonl", 3, "jsonl")
        assert api.get("/v1/lineage/none").status_code == 404
    assert lineage(loaded, touchpoint).sha256 == told["sha256"]
